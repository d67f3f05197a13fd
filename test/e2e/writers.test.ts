import assert from 'node:assert/strict'
import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {Embedded} from '../helpers/e2e.ts'
import {Gate} from '../helpers/e2e-gate.ts'
import {hasMariaDb, outputsOf, Platform} from '../helpers/e2e-platform.ts'
import {Writer} from '../helpers/e2e-writer.ts'

interface Created {
  readonly id: string
  readonly consistency: string
  readonly skewMs: number
}

describe('a set that is taken while users write', function () {
  this.timeout(240_000)
  let cloud: Embedded
  let gate: Gate
  let platform: Platform

  before(async function () {
    if (!hasMariaDb) this.skip()
    cloud = await Embedded.start(0.004)
    gate = await Gate.before(cloud)
    await cloud.ok('deploy', 'demo', '--local', '--yes')
    platform = new Platform(cloud, 'demo')
  })
  after(async () => {
    await gate?.close()
    await cloud?.stop()
  })

  /** Takes a set beside a writer, brings it back, and gives the numbers of the rows and of the files that are in it. */
  async function taken(consistency: 'strict' | 'live') {
    await platform.sql('CREATE OR REPLACE TABLE pairs (id INT PRIMARY KEY) ENGINE=InnoDB;')
    await platform.empty('files')
    const writer = await Writer.start(cloud, 'demo')
    // A service has no task any more only when its task has ended.
    gate.delay = async (operation) => {
      if (operation === 'UpdateService') await writer.rest()
    }
    await writer.goOn(20)
    const set = await cloud.ok<Created>('snapshot', 'create', 'demo', '--local', '--consistency', consistency)
    await writer.goOn(20)
    gate.delay = async () => undefined
    await writer.end()
    await cloud.ok('restore', 'run', set.id, '-e', 'demo', '--local', '--safety', 'none', '--confirm', 'demo')
    const rows = (await platform.sql('SELECT id FROM pairs ORDER BY id')).split('\n').filter(Boolean).map(Number)
    const {FileSystemId = '', FilesGeneration = ''} = await outputsOf(cloud, 'demo')
    const files = readdirSync(join(cloud.stateDir, 'efs', FileSystemId, 'gen', FilesGeneration, 'files')).map(Number)
    return {writer, set, rows, files: files.sort((a, b) => a - b)}
  }

  it('holds the same pairs in database and files when it is strict, though they were written until it began', async () => {
    const {writer, set, rows, files} = await taken('strict')
    assert.deepEqual([set.consistency, set.skewMs], ['strict', 0])
    assert.ok(writer.rests > 0, 'the writer was never at rest')
    assert.ok(rows.length >= 20 && rows.length < writer.pairs.size)
    assert.deepEqual(rows, files)
    console.log(`        strict: ${rows.length} of ${writer.pairs.size} pairs, all of them whole`)
  })

  it('holds halves that are no further apart than it says when it is live', async () => {
    const {writer, set, rows, files} = await taken('live')
    assert.equal(set.consistency, 'live')
    assert.equal(writer.rests, 0, 'a live set stops nobody')
    const both = new Set(rows.filter((id) => files.includes(id)))
    const apart = [...rows, ...files].filter((id) => !both.has(id))
    const times = apart.map((id) => writer.pairs.get(id)).filter((pair) => pair !== undefined)
    assert.equal(times.length, apart.length)
    const spread =
      times.length === 0 ? 0 : Math.max(...times.map(({from}) => from)) - Math.min(...times.map(({to}) => to))
    console.log(
      `        live: ${apart.length} of ${writer.pairs.size} pairs are halves, over ${Math.max(0, spread)} ms; said: ${set.skewMs} ms`,
    )
    assert.ok(spread <= set.skewMs, `halves are ${spread} ms apart, and the set says ${set.skewMs}`)
    assert.ok(rows.length >= 20 && files.length >= 20)
  })
})
