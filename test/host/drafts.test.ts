import assert from 'node:assert/strict'
import {globSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Clock, Machine} from '../../src/flows/ports.ts'
import {drafts} from '../../src/host/drafts.ts'
import {refusal} from '../domain/samples.ts'
import {temporaryFolder} from './temporary.ts'

const machine: Machine = {
  holder: () => ({host: 'here', pid: 7, user: 'me'}),
  mayBeAlive: () => true,
  randomHex: () => '',
}
const clock: Clock = {now: () => new Date(0), sleep: async () => undefined}

describe('answers that are kept', () => {
  const folder = temporaryFolder()
  const shelf = () => drafts(folder(), machine, clock)
  const saved = () =>
    join(folder(), globSync('init/*/answers.json', {cwd: folder()})[0] ?? assert.fail('nothing is kept'))

  it("are their owner's alone, come back, and are forgotten at the end", async () => {
    const first = await shelf().begin('a.yaml')
    assert.equal(first.left, undefined)
    await first.save({environment: 'prod', preset: 'small'})
    await first.release()
    assert.equal(statSync(saved()).mode & 0o777, 0o600)
    const second = await shelf().begin('a.yaml')
    assert.deepEqual(second.left, {answers: {environment: 'prod', preset: 'small'}, at: '1970-01-01T00:00:00.000Z'})
    await second.finish()
    await second.release()
    const third = await shelf().begin('a.yaml')
    assert.equal(third.left, undefined)
    await third.release()
  })

  it('are of one run at a time for each file', async () => {
    const first = await shelf().begin('a.yaml')
    await assert.rejects(shelf().begin('a.yaml'), refusal('INIT_BUSY', /process 7 on here/))
    const other = await shelf().begin('b.yaml')
    await Promise.all([first.release(), other.release()])
  })

  it('hold answers and nothing else, whatever was written into them', async () => {
    const first = await shelf().begin('a.yaml')
    await first.save({environment: 'prod'})
    await first.release()
    const text = readFileSync(saved(), 'utf8')
    for (const [written, left] of [
      ['{', undefined],
      ['{"answers": {"licence": "x"}, "at": "then"}', undefined],
      [text.replace('}', ',"licence":"x","preset":3}'), {environment: 'prod'}],
    ] as const) {
      writeFileSync(saved(), written)
      const next = await shelf().begin('a.yaml')
      assert.deepEqual(next.left?.answers, left)
      await next.release()
    }
  })
})
