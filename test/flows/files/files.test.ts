import assert from 'node:assert/strict'
import {sha256} from '../../../src/domain/content.ts'
import {filesGet, filesLs} from '../../../src/flows/files/files.ts'
import {demo, must, runDeploy, runFlow} from '../../helpers/fake-aws/scenario.ts'
import {World} from '../../helpers/fake-aws/world.ts'

const encoder = new TextEncoder()

async function deployed(): Promise<World> {
  const world = new World()
  must(await runDeploy(world))
  world.log = []
  return world
}

const ls = (world: World, path: string, recursive = false) =>
  runFlow(world, (ports, run) => filesLs({environment: demo, account: undefined, path, recursive}, ports, run))

/** Gets a file, and what arrived of it. */
async function get(world: World, path: string, out?: string) {
  const written: {path: string; replace: boolean; text: string}[] = []
  const outputFiles = {
    async write(place: string, content: AsyncIterable<Uint8Array>, replace: boolean) {
      const chunks: Uint8Array[] = []
      for await (const chunk of content) chunks.push(chunk)
      const all = Buffer.concat(chunks)
      written.push({path: place, replace, text: all.toString()})
      return {path: place, bytes: all.byteLength, sha256: sha256(all)}
    },
    makeFolder: () => Promise.resolve(),
  }
  const where = {environment: demo, account: undefined, path, out}
  const ended = await runFlow(world, (ports, run) => filesGet(where, {...ports, outputFiles}, run))
  return {ended, written}
}

function piece(text: string, size: number, modifiedNs = '1') {
  const bytes = encoder.encode(text)
  return {ok: true, size, modifiedNs, content: Buffer.from(bytes).toString('base64'), sha256: sha256(bytes)}
}

describe('files ls', () => {
  it('lists below the active generation, page by page', async () => {
    const world = await deployed()
    const entry = (path: string) => ({path, kind: 'file', size: 1, modifiedAt: '2026-01-02T03:04:05.000Z'})
    const asked: unknown[] = []
    world.answer = (payload) => {
      if (payload['operation'] !== 'list') return undefined
      asked.push(payload)
      return payload['cursor'] === ''
        ? {ok: true, entries: [entry('a b')], cursor: 'a b'}
        : {ok: true, entries: [entry('c')]}
    }
    const result = must(await ls(world, '/themes/x/'))
    assert.deepEqual([result.generation, result.path], [1, 'themes/x'])
    assert.deepEqual(
      result.entries.map(({path}) => path),
      ['themes/x/a b', 'themes/x/c'],
    )
    assert.deepEqual(asked, [
      {operation: 'list', path: 'gen/1/themes/x', cursor: '', shallow: true},
      {operation: 'list', path: 'gen/1/themes/x', cursor: 'a b', shallow: true},
    ])
    const all = must(await ls(world, '', true))
    assert.deepEqual(all.entries[0]?.path, 'a b')
    assert.deepEqual(asked[2], {operation: 'list', path: 'gen/1', cursor: '', shallow: false})
  })

  for (const [code, exit, ours] of [
    ['NOT_FOUND', 5, 'FILE_NOT_FOUND'],
    ['BAD_PATH', 2, 'BAD_PATH'],
    ['NOT_A_DIRECTORY', 2, 'NOT_A_FOLDER'],
    ['NOT_A_FILE', 2, 'NOT_A_FILE'],
    ['KEYS_REFUSED', 12, 'KEYS_REFUSED'],
    ['FILES_FAILED', 1, 'SIDELOAD_FILES_FAILED'],
  ] as const) {
    it(`ends ${exit} when the function says ${code}`, async () => {
      const world = await deployed()
      world.functionAnswers.set('list', {ok: false, error: {code, message: 'a reason'}})
      const ended = await ls(world, 'x')
      assert.deepEqual([ended.exitCode, ended.code], [exit, ours])
    })
  }
})

describe('files get', () => {
  it('brings a file in pieces under its own name, or where --out says', async () => {
    const world = await deployed()
    world.answer = ({operation, offset}) => (operation === 'read' ? piece(offset === 0 ? 'one ' : 'two', 7) : undefined)
    const {ended, written} = await get(world, 'svg/a b.svg')
    assert.equal(must(ended).bytes, 7)
    assert.deepEqual(written, [{path: './a b.svg', replace: false, text: 'one two'}])
    const named = await get(world, '/svg/a b.svg', 'x.svg')
    assert.deepEqual(named.written, [{path: 'x.svg', replace: true, text: 'one two'}])
  })

  it('brings an empty file', async () => {
    const world = await deployed()
    world.answer = ({operation}) => (operation === 'read' ? piece('', 0) : undefined)
    assert.equal(must((await get(world, 'locale/empty')).ended).bytes, 0)
  })

  it('refuses keys before anybody is asked', async () => {
    const world = await deployed()
    for (const path of ['keys', 'keys/own.pem', '/keys/own.pem', '//keys/']) {
      const {ended} = await get(world, path)
      assert.deepEqual([ended.exitCode, ended.code], [12, 'KEYS_REFUSED'])
    }
    assert.deepEqual(world.log, [])
  })

  it('writes nothing of a file that changes, ends early or arrives broken', async () => {
    const world = await deployed()
    const cases = [
      ['FILE_CHANGED', (offset: unknown) => piece('one', 6, offset === 0 ? '1' : '2')],
      ['FILE_CHANGED', (offset: unknown) => piece(offset === 0 ? 'one' : '', 6)],
      ['CHECKSUM_DIFFERS', () => ({...piece('one', 3), sha256: 'x'})],
    ] as const
    for (const [code, answer] of cases) {
      world.answer = ({operation, offset}) => (operation === 'read' ? answer(offset) : undefined)
      const {ended, written} = await get(world, 'svg/a')
      assert.deepEqual([ended.code, written], [code, []])
    }
  })
})
