import assert from 'node:assert/strict'
import {deleteSnapshot} from '../../../src/flows/snapshot/delete.ts'
import {verifySnapshot} from '../../../src/flows/snapshot/verify.ts'
import type {PiError} from '../../../src/domain/errors.ts'
import type {EnvironmentName} from '../../../src/domain/names.ts'
import {crashMatrix} from '../../helpers/fake-aws/crash-matrix.ts'
import {runExport, type Target} from '../../helpers/fake-aws/exporting.ts'
import {newest, runResume, runUnlock} from '../../helpers/fake-aws/in-use.ts'
import {demo, must, runFlow, runGc} from '../../helpers/fake-aws/scenario.ts'
import {settled} from '../../helpers/fake-aws/settled.ts'
import {parametersOf} from '../../helpers/fake-aws/traces.ts'
import {other, runCopy, runInto, two} from '../../helpers/fake-aws/two-environments.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

const latest = {kind: 'latest'} as const

const runGcOf = (world: World, environment: EnvironmentName) => runGc(world, {}, environment)

function bucket(world: World, name: string) {
  return [...world.state.buckets].find(([key]) => key.startsWith(name))?.[1]
}

describe('snapshot copy', () => {
  it('is a set of the other environment, under its key, with everything in it', async () => {
    const world = await two()
    const result = must(await runCopy(world))
    assert.deepEqual([result.environment, result.copied], ['other', true])
    const verified = must(
      await runFlow(world, (ports) => verifySnapshot({environment: other, ref: latest, content: true}, ports)),
    )
    assert.deepEqual(
      verified.checks.filter(({verdict}) => verdict !== 'OK'),
      [],
    )
    const names = [...world.state.snapshots.keys()]
    assert.ok(names.includes(`pi-other-${result.id}`) && names.includes(`pi-demo-${result.id}`))
    const copied = world.log.find(({method}) => method === 'copySnapshot')
    assert.match(JSON.stringify(copied?.args), /key\/other-1/)
    world.clock.pass(1000)
    assert.equal(must(await runCopy(world)).copied, false, 'a second copy is none')
  })

  it('lives without the set that it was made from, and goes without a trace', async () => {
    const world = await two()
    const {id} = must(await runCopy(world))
    const remove = (environment: EnvironmentName) =>
      runFlow(world, (ports, run) =>
        deleteSnapshot(
          {
            environment,
            account: undefined,
            resume: undefined,
            ref: latest,
            confirm: environment,
            confirmed: false,
            last: true,
          },
          ports,
          run,
        ),
      )
    world.clock.pass(1000)
    must(await remove(demo))
    const verified = must(
      await runFlow(world, (ports) => verifySnapshot({environment: other, ref: latest, content: true}, ports)),
    )
    assert.ok(verified.good)
    world.clock.pass(1000)
    must(await remove(other))
    assert.deepEqual(
      [...world.state.snapshots.keys()].filter((name) => name.endsWith(id)),
      [],
    )
    assert.equal(world.state.recoveryPoints.size, 0)
  })

  it('is made again once it was deleted, although AWS Backup knows the job of the first', async () => {
    const world = await two()
    must(await runCopy(world))
    world.clock.pass(1000)
    const asked = {environment: other, account: undefined, resume: undefined, ref: latest, confirm: 'other'} as const
    must(await runFlow(world, (ports, run) => deleteSnapshot({...asked, confirmed: false, last: true}, ports, run)))
    world.clock.pass(1000)
    assert.equal(must(await runCopy(world)).copied, true)
    const verified = must(
      await runFlow(world, (ports) => verifySnapshot({environment: other, ref: latest, content: true}, ports)),
    )
    assert.ok(verified.good)
  })

  it('is refused before anything is written where it cannot be', async () => {
    const start = await two()
    const cases: [string, (world: World) => void][] = [
      ['key', (world) => (world.keyState = 'Disabled')],
      ['vault', (world) => (world.vaultTrouble = 'the access policy denies it')],
      ['snapshots', (world) => (world.quotas.snapshots = {used: 100, max: 100})],
      ['database snapshot', (world) => world.state.snapshots.clear()],
      ['recovery point', (world) => world.state.recoveryPoints.clear()],
    ]
    for (const [what, spoil] of cases) {
      const world = start.copy()
      spoil(world)
      const ended = await runCopy(world)
      assert.equal(ended.code, 'PREFLIGHT_REFUSED', what)
      assert.ok(ended.message.includes(what), `${what}: ${ended.message}`)
      assert.equal(newest(world, 'copy').opId, '')
    }
    const same = {target: {environment: demo, account: undefined}}
    assert.equal((await runCopy(start.copy(), {}, same)).code, 'SAME_ENVIRONMENT')
  })

  it('fails where RDS, AWS Backup or S3 do, and the next one goes on from there', async () => {
    for (const broken of ['copySnapshot', 'startCopy', 'object'] as const) {
      const world = await two()
      const objects = [...(bucket(world, 'records-demo')?.entries() ?? [])].filter(([key]) =>
        key.startsWith('objects/'),
      )
      if (broken === 'object') for (const [key] of objects.slice(0, 1)) bucket(world, 'records-demo')?.delete(key)
      else world.ignores.add(broken)
      const ended = await runCopy(world)
      const codes = {copySnapshot: 'SNAPSHOT_FAILED', startCopy: 'COPY_FAILED', object: 'OBJECT_MISSING'}
      assert.equal(ended.code, codes[broken])
      const [opId = ''] = [...(bucket(world, 'records-other')?.keys() ?? [])].flatMap((key) =>
        key.includes('-copy-') ? [key.split('/')[1] ?? ''] : [],
      )
      const resumed = await runResume(world, opId, {}, other)
      assert.equal(resumed.code, 'COPY_AGAIN')
      assert.match((resumed.error as PiError).suggestions[0] ?? '', /snapshot copy \S+ --environment demo --into other/)
      world.ignores.clear()
      for (const [key, object] of objects) bucket(world, 'records-demo')?.set(key, object)
      for (const [name, {failed}] of world.state.snapshots) if (failed) world.state.snapshots.delete(name)
      world.clock.pass(1000)
      must(await runCopy(world))
      world.clock.pass(1000)
      must(await runGcOf(world, other))
      assert.equal(world.state.recoveryPoints.size, 2)
    }
  })

  it('killed at any call and run again, ends as an undisturbed one', async function () {
    this.timeout(300_000)
    const start = await two()
    const wanted = start.copy()
    must(await runCopy(wanted))
    const after = settled(wanted)
    const kills = await crashMatrix({
      start: () => start.copy(),
      killed: runCopy,
      async then(world) {
        world.clock.pass(300_000)
        const again = await runCopy(world)
        // Died behind its last entry: only the lock is left, and nobody needs it.
        if (bucket(world, 'records-other')?.has('locks/other.json') === true) must(await runUnlock(world, other))
        return again
      },
      judge(world, again) {
        must(again)
        assert.deepEqual(settled(world), after)
      },
    })
    assert.ok(kills > 60, `${kills} kills are few`)
  })

  it('killed at any call and given up, leaves nothing after gc', async function () {
    this.timeout(300_000)
    const start = await two()
    const wanted = start.copy()
    must(await runCopy(wanted))
    const [before, after] = [settled(start), settled(wanted)]
    await crashMatrix({
      start: () => start.copy(),
      killed: runCopy,
      async then(world) {
        world.clock.pass(300_000)
        return runGcOf(world, other)
      },
      judge(world, again) {
        must(again)
        const whole = [...(bucket(world, 'records-other')?.keys() ?? [])].some((key) =>
          key.startsWith('snapshots/manifests/'),
        )
        assert.deepEqual(settled(world), whole ? after : before)
      },
    })
  })
})

describe('restore run --into', () => {
  it('brings the data of one environment into another one and leaves the first as it is', async () => {
    const world = await two()
    const result = must(await runInto(world))
    assert.deepEqual(result.generations, {database: {from: 1, to: 2}, files: {from: 1, to: 2}})
    assert.equal(world.state.instances.get('pi-other-database-2-instance')?.data, 'rows of a customer')
    assert.equal(world.state.fileSystems.get('fs-other-1')?.generations.get(2), 'themes of a customer')
    assert.equal(parametersOf(world, 'pi-other-database-2')['SnapshotIdentifier'], `pi-other-${result.snapshot}`)
    assert.equal(parametersOf(world, 'pi-demo-app')['DatabaseGeneration'], '1')
  })

  it('asks for the name of the environment that changes, before anything is copied', async () => {
    const world = await two()
    assert.equal((await runInto(world, {confirm: 'demo'})).exitCode, 2)
    assert.equal((await runInto(world, {only: ['configuration']})).code, 'SCOPE_STAYS')
    assert.ok(!world.log.some(({method}) => method === 'copySnapshot'))
  })
})

describe('snapshot export', () => {
  it('brings every plain file with its hash, and stops at what is damaged', async () => {
    const world = await two()
    const target: Target = new Map()
    const written = (path: string) => new TextDecoder().decode(target.get(`out/${path}`))
    const records = bucket(world, 'records-demo')
    const run = () => runExport(world, target)
    const result = must(await run())
    assert.equal(written('assets/themes/a.css'), 'red')
    assert.ok(target.has('out/assets/themes/'))
    assert.match(written('templates/pi-demo-app.yaml'), /Parameters:/)
    assert.equal(written('SHA256SUMS').trim().split('\n').length, result.files)
    assert.match(result.notExported.database, /snapshot:pi-demo/)
    const [key = '', object] = [...(records ?? [])].find(
      ([name, {body}]) => name.startsWith('objects/') && new TextDecoder().decode(body).includes('Parameters:'),
    ) ?? ['']
    records?.set(key, {...object!, body: new Uint8Array([1])})
    assert.equal((await run()).code, 'OBJECT_DAMAGED')
    records?.delete(key)
    assert.equal((await run()).code, 'OBJECT_MISSING')
  })
})
