import assert from 'node:assert/strict'
import {deleteSnapshot} from '../../../src/flows/snapshot/delete.ts'
import {chance} from '../../helpers/chance.ts'
import {checkedBySums, runExport, type Target} from '../../helpers/fake-aws/exporting.ts'
import {demo, type Ended, must, runFlow, runGc} from '../../helpers/fake-aws/scenario.ts'
import {settled} from '../../helpers/fake-aws/settled.ts'
import {faulty, seed} from '../../helpers/fake-aws/survival.ts'
import {two} from '../../helpers/fake-aws/two-environments.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

/** Of the runs among faults, this is the share of exports. */
const runs = Math.ceil(Number(process.env['PI_AWS_FAULT_RUNS'] ?? 1050) * 0.1)
/** Calls in a thousand that fail: an export makes few. */
const rates = [8, 20, 60]
const races = 100

/** Names and contents, to compare with. */
const contents = (target: Target): readonly string[] =>
  [...target].map(([path, bytes]) => `${path} ${Buffer.from(bytes).toString('base64')}`).sort()

describe(`exports among faults, ${runs} runs from seed ${seed}`, function () {
  this.timeout(240_000)

  it('have a list of hashes only when everything that it names is there, change nothing at AWS, and end when run again', async () => {
    const start = await two()
    const [before, wanted]: [unknown, Target] = [settled(start), new Map<string, Uint8Array>()]
    must(await runExport(start.copy(), wanted))
    assert.deepEqual(checkedBySums(wanted), [])
    let failed = 0
    for (let run = 0; run < runs; run++) {
      const [world, target]: [World, Target] = [start.copy(), new Map<string, Uint8Array>()]
      const what = `seed ${seed + run}`
      const ended = await runExport(world, target, faulty(chance(seed + run), rates[run % rates.length] ?? 0))
      if (ended.error === undefined) assert.deepEqual(contents(target), contents(wanted), what)
      else {
        failed += 1
        assert.notEqual(ended.exitCode, -1, `${what}: ${ended.message}`)
        assert.equal(checkedBySums(target), undefined, `${what}: a list of what is not whole`)
      }
      for (const [path, bytes] of target) assert.deepEqual(bytes, wanted.get(path), `${what}: ${path}`)
      assert.deepEqual(settled(world), before, what)
      must(await runExport(world, target))
      assert.deepEqual(contents(target), contents(wanted), what)
    }
    assert.ok(failed > runs / 4, `only ${failed} of ${runs} runs met a fault that they could not bear`)
  })
})

/** Deletes the set, and what it alone named. */
async function removeLatest(world: World): Promise<Ended<unknown>> {
  const asked = {environment: demo, account: undefined, resume: undefined, confirm: 'demo', confirmed: false}
  const removed = await runFlow(
    world,
    (ports, run) => deleteSnapshot({...asked, ref: {kind: 'latest'}, last: true}, ports, run),
    {pid: 900},
  )
  must(removed)
  return runGc(world, {pid: 901})
}

describe('an export while somebody deletes the set', function () {
  this.timeout(240_000)

  it(`is whole or is none, in ${races} races; the deletion wins each time`, async () => {
    const start = await two()
    const wanted: Target = new Map()
    let assets = 0
    must(await runExport(start.copy(), wanted, {}, async () => void (assets += 1)))
    const ends = {whole: 0, none: 0}
    for (let race = 0; race < races; race++) {
      const [world, target]: [World, Target] = [start.copy(), new Map<string, Uint8Array>()]
      let left = Math.floor(chance(seed + race)() * (assets + 1))
      let deletion: Promise<Ended<unknown>> | undefined
      const ended = await runExport(world, target, {}, async () => {
        if (left-- === 0) deletion = removeLatest(world)
        await deletion
      })
      must(await (deletion ?? removeLatest(world)))
      const isWhole = ended.error === undefined
      ends[isWhole ? 'whole' : 'none'] += 1
      assert.deepEqual(checkedBySums(target), isWhole ? [] : undefined, `seed ${seed + race}: ${ended.message}`)
      if (isWhole) assert.deepEqual(contents(target), contents(wanted))
      else assert.equal(ended.code, 'OBJECT_GONE')
    }
    assert.ok(ends.whole > 0 && ends.none > 0, JSON.stringify(ends))
  })
})
