import assert from 'node:assert/strict'
import {CancelledError} from '../../../src/domain/errors.ts'
import {logsExport, type LogsExportOptions} from '../../../src/flows/logs/export.ts'
import type {ExportFolder} from '../../../src/flows/logs/ports.ts'
import {demo, must, runFlow, type RunOptions} from '../../helpers/fake-aws/scenario.ts'
import {World} from '../../helpers/fake-aws/world.ts'
import {deployed, stopAfter} from './fakes.ts'

const day = 86_400_000

/** A folder in memory; files are there once their content has ended. */
class FakeFolder implements ExportFolder {
  readonly path = '/exports'
  readonly files = new Map<string, string>()
  text: string | undefined
  async record() {
    return this.text
  }
  async keep(record: string) {
    this.text = record
  }
  async size(name: string) {
    return this.files.get(name)?.length
  }
  async write(name: string, content: AsyncIterable<Uint8Array>) {
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of content) text += decoder.decode(chunk)
    this.files.set(name, text)
    return {bytes: text.length, sha256: 'hash'}
  }
}

/** Three days of lines, the last of them today. */
async function written(): Promise<World> {
  const world = await deployed(['dashboard', 'renderer'])
  const today = Math.floor(world.clock.time / day) * day
  for (let index = 0; index < 3000; index++) {
    const timestamp = today - 2 * day + Math.floor((index * (2 * day + 3_600_000)) / 3000)
    const group = index % 3 === 0 ? '/demo/renderer' : '/demo/dashboard'
    const message = `#${index} "quoted"\n`
    world.logStore.put(group, [{eventId: `e${index}`, stream: 's', timestamp, ingestedAt: timestamp, message}])
  }
  world.clock.pass(today + 7_200_000 - world.clock.time)
  return world
}

function run(world: World, folder: ExportFolder, more: Partial<LogsExportOptions> = {}, options: RunOptions = {}) {
  const span = {from: Math.floor(world.clock.time / day) * day - 2 * day, to: undefined}
  return runFlow(
    world,
    (ports, own) =>
      logsExport(
        {environment: demo, services: ['dashboard', 'renderer'], span, gzip: false, ...more},
        {...ports, exportFolder: folder},
        own,
      ),
    options,
  )
}

const numbers = (folder: FakeFolder) =>
  [...folder.files.values()].flatMap((text) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => Number(/^#(\d+)/.exec((JSON.parse(line) as {message: string}).message)?.[1])),
  )
const all = Array.from({length: 3000}, (_, index) => index)

describe('logs export', () => {
  it('writes each line once, by service and day, and counts them', async () => {
    const [world, folder] = [await written(), new FakeFolder()]
    const result = must(await run(world, folder))
    assert.deepEqual(
      numbers(folder).toSorted((a, b) => a - b),
      all,
    )
    assert.equal(result.lines, 3000)
    assert.deepEqual(
      result.files.map(({file, state}) => `${file} ${state}`),
      [...folder.files.keys()].map((file) => `${file} written`),
    )
    assert.equal(folder.files.size, 6)
    for (const [name, text] of folder.files) {
      const lines = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as {timestamp: string; service: string})
      assert.ok(lines.every(({timestamp, service}) => name === `${service}-${timestamp.slice(0, 10)}.ndjson`))
      assert.deepEqual(
        lines.map(({timestamp}) => timestamp),
        lines.map(({timestamp}) => timestamp).toSorted(),
      )
    }
  })

  it('goes on where it broke off, and reads again only what was not over', async () => {
    const [world, folder] = [await written(), new FakeFolder()]
    let writes = 0
    const broken: ExportFolder = {
      ...{path: folder.path, record: () => folder.record(), keep: (text) => folder.keep(text)},
      size: (name) => folder.size(name),
      async write(name, content) {
        writes += 1
        if (writes !== 4) return folder.write(name, content)
        for await (const _ of content) break
        throw new RangeError('the disk is full')
      },
    }
    const failed = await run(world, broken)
    assert.match(failed.message, /the disk is full/)
    assert.equal(folder.files.size, 3)
    const result = must(await run(world, folder))
    assert.deepEqual(
      result.files.map(({state}) => state),
      ['there', 'there', 'there', 'written', 'written', 'written'],
    )
    assert.deepEqual(
      numbers(folder).toSorted((a, b) => a - b),
      all,
    )
    // The last day goes on; a file that somebody cut is written again.
    const [cut] = [...folder.files.keys()]
    folder.files.set(cut!, 'cut')
    const again = must(await run(world, folder))
    assert.deepEqual(
      again.files.map(({state}) => state),
      ['written', 'there', 'there', 'there', 'written', 'written'],
    )
    assert.deepEqual(
      numbers(folder).toSorted((a, b) => a - b),
      all,
    )
  })

  it('leaves no file behind of a day that Ctrl-C broke off', async () => {
    const [world, folder] = [await written(), new FakeFolder()]
    world.logStore.refuses = (call) => call > 1
    const ended = await run(world, folder, {}, {pause: stopAfter(world, 1000)})
    assert.ok(ended.error instanceof CancelledError)
    assert.equal(folder.files.size, 1)
    world.logStore.refuses = () => false
    must(await run(world, folder))
    assert.deepEqual(
      numbers(folder).toSorted((a, b) => a - b),
      all,
    )
  })

  it('takes all services unless some are named, and makes no file for a day without lines', async () => {
    const [world, folder] = [await written(), new FakeFolder()]
    const from = world.clock.time - 3_600_000
    const result = must(await run(world, folder, {services: [], span: {from, to: undefined}}))
    assert.deepEqual(
      result.files.map(({service, state}) => [service, state]),
      [
        ['dashboard', 'empty'],
        ['renderer', 'empty'],
        ['events', 'empty'],
      ],
    )
    assert.equal(folder.files.size, 0)
  })

  it('does not mix what another export left in the folder', async () => {
    const [world, folder] = [await written(), new FakeFolder()]
    must(await run(world, folder))
    const packed = await run(world, folder, {gzip: true})
    assert.deepEqual([packed.code, packed.exitCode], ['EXPORT_DIFFERS', 12])
    folder.text = folder.text!.replace('"gzip": false', '"gzip": true')
    assert.match((await run(world, folder)).message, /is packed/)
    folder.text = folder.text.replace('"demo"', '"other"')
    assert.match((await run(world, folder)).message, /is of other/)
    folder.text = '{}'
    assert.equal((await run(world, folder)).code, 'EXPORT_UNREADABLE')
    assert.equal((await run(new World(), new FakeFolder())).code, 'NO_LOG_GROUP')
  })
})
