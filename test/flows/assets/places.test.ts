import assert from 'node:assert/strict'
import {mkdtemp, readFile, rm, utimes, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {answer} from '../../../lambda/sideload/handler.ts'
import {SideloadError} from '../../../lambda/sideload/errors.ts'
import {nodeFiles} from '../../../lambda/sideload/files.ts'
import type {ObjectStore} from '../../../lambda/sideload/store.ts'
import {pointerKey, pointerSchema} from '../../../src/domain/assets/bundle.ts'
import {assetsDiff, assetsList, assetsStatus, type PlacesPorts} from '../../../src/flows/assets/places.ts'
import {recentOperations} from '../../../src/flows/ledger/read.ts'
import type {StackDescription} from '../../../src/flows/ports.ts'
import {environment, FakeWorld} from './fakes.ts'

/** The function's view of the buckets. */
function storeOf(fake: FakeWorld): ObjectStore {
  return {
    head: async () => undefined,
    async read({bucket, key, versionId}, from, to) {
      const versions = fake.buckets.get(bucket)!.get(key) ?? []
      const found = versionId === undefined ? versions.at(-1) : versions.find((one) => one.versionId === versionId)
      if (found === undefined) throw new SideloadError('OBJECT_GONE', `${key} is gone`)
      return {bytes: found.body.slice(from, to), total: found.body.byteLength, etag: found.etag}
    },
    async putResults(bucket, key, body) {
      if (fake.stored(bucket, key) !== undefined) return false
      fake.store(bucket, key, new TextEncoder().encode(body))
      return true
    },
  }
}

const stacks = ['foundation', 'files'].map((part) => ({
  name: `pi-demo-${part}`,
  status: 'CREATE_COMPLETE',
  parameters: {},
  outputs: part === 'files' ? {SideloadFunctionName: 'f'} : {AssetsBucket: 'assets', RecordsBucket: 'records'},
})) as unknown as readonly StackDescription[]

const options = {
  environment,
  account: undefined,
  folder: '/f',
  categories: [],
  followSymlinks: false,
  efs: true,
}

describe('assets in three places', () => {
  let root = ''
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'pi-aws-places-'))
  })
  afterEach(() => rm(root, {recursive: true, force: true}))

  /** The function itself, on a folder of this machine. */
  function invoke(fake: FakeWorld, event: object): Promise<unknown> {
    const owner = {DATA_UID: String(process.getuid?.() ?? 0), DATA_GID: String(process.getgid?.() ?? 0)}
    return answer(event, {
      environment: {FILES_ROOT: root, ASSETS_BUCKET: 'assets', RECORDS_BUCKET: 'records', ...owner},
      files: nodeFiles,
      store: async () => storeOf(fake),
      now: Date.now,
      pause: async () => undefined,
      remainingMs: () => 900_000,
      log: () => undefined,
    })
  }

  function ports(fake: FakeWorld, own = stacks): PlacesPorts {
    const functions = {
      invoke: (_name: string, event: object) => invoke(fake, event),
    } as unknown as PlacesPorts['functions']
    return {...fake.ports, functions, stacks: {...fake.ports.stacks, list: async () => own}}
  }

  async function loaded(): Promise<FakeWorld> {
    const fake = new FakeWorld()
    fake.put('images/a.png', 'aaa')
    fake.put('images/b.png', 'bbb')
    fake.put('locale/c', '')
    await fake.upload()
    const {key} = pointerSchema.parse(
      JSON.parse(new TextDecoder().decode(fake.stored('assets', pointerKey(environment))!.body)),
    )
    await invoke(fake, {operation: 'prepare', generation: 1})
    const request = {operation: 'sideload', generation: 1, opId: 'op', sliceId: '1', manifest: {key}, cursor: ''}
    const {state} = (await invoke(fake, request)) as {state?: string}
    assert.equal(state, 'complete')
    return fake
  }

  const at = (path: string): string => join(root, 'gen/1', path)

  it('are the same once they are loaded', async () => {
    const fake = await loaded()
    const {same, onlyFolder, onlyBucket, onlyEfs, changed} = await assetsDiff(options, ports(fake), fake.run)
    assert.deepEqual(
      {same, onlyFolder, onlyBucket, onlyEfs, changed},
      {
        same: 3,
        onlyFolder: [],
        onlyBucket: [],
        onlyEfs: [],
        changed: [],
      },
    )
    const status = await assetsStatus(options, ports(fake), fake.run)
    assert.deepEqual([status.same, status.different], [3, 0])
  })

  it('differ by content where sizes are equal, in EFS too', async () => {
    const fake = await loaded()
    await writeFile(at('images/a.png'), 'AAA')
    await writeFile(at('images/extra'), 'x')
    await rm(at('locale/c'))
    fake.put('images/new', 'n')
    const found = await assetsDiff(options, ports(fake), fake.run)
    assert.deepEqual(
      [found.onlyFolder, found.onlyEfs, found.changed],
      [
        ['images/new'],
        ['images/extra'],
        [
          {path: 'images/a.png', reason: 'content', in: ['folder', 'bucket', 'efs']},
          {path: 'locale/c', reason: 'missing', in: ['folder', 'bucket']},
        ],
      ],
    )
    assert.equal((await assetsStatus(options, ports(fake), fake.run)).different, 4)
    assert.equal(await readFile(at('images/a.png'), 'utf8'), 'AAA', 'nothing is changed by looking')
  })

  it('are the same when a file was only touched', async () => {
    const fake = await loaded()
    await utimes(at('images/a.png'), 1, 1)
    assert.deepEqual((await assetsDiff(options, ports(fake), fake.run)).changed, [])
  })

  it('leave nothing behind in the ledger, and results without a journal are no operation', async () => {
    const fake = await loaded()
    await assetsDiff(options, ports(fake), fake.run)
    const left = [...fake.buckets.get('records')!.keys()].filter((key) => key.includes('-diff-'))
    assert.deepEqual(left, [])
    fake.store('records', 'ops/20260102T030405Z-diff-abcdef/result-0.ndjson', new Uint8Array())
    const kinds = (await recentOperations(fake.ports, 'records', 9)).map(({kind}) => kind)
    assert.deepEqual(kinds, ['upload'])
  })

  it('are listed with the places that have them', async () => {
    const fake = await loaded()
    await writeFile(at('images/extra'), 'x')
    const {assets} = await assetsList({...options, folder: undefined}, ports(fake), fake.run)
    const files = assets.filter(({kind}) => kind === 'file').map(({path, in: where}) => `${path} ${where.join('+')}`)
    assert.deepEqual(files, [
      'images/a.png bucket+efs',
      'images/b.png bucket+efs',
      'images/extra efs',
      'locale/c bucket+efs',
    ])
  })

  it('say what cannot be compared, and never call it the same', async () => {
    const fake = await loaded()
    const real = ports(fake)
    const blind = {
      ...real.functions,
      invoke: async (name: string, event: object) => {
        const answered = (await real.functions.invoke(name, event)) as {operation?: string; resultKey?: string}
        if (answered.operation === 'diff') {
          const line = JSON.stringify({path: 'images/a.png', result: 'failed', reason: 'EIO'})
          fake.store('records', answered.resultKey!, new TextEncoder().encode(`{}\n${line}\n`))
        }
        return answered
      },
    } as PlacesPorts['functions']
    const {changed} = await assetsDiff(options, {...real, functions: blind}, fake.run)
    assert.deepEqual(
      changed.map(({path}) => path),
      ['images/a.png'],
    )
    const warned = fake.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))
    assert.deepEqual(warned, ['"images/a.png" in EFS: EIO'])
  })

  it('end with the reason when the function refuses, its results are gone, or there is none', async () => {
    const fake = await loaded()
    const real = ports(fake)
    const instead = (answered: object): PlacesPorts => ({
      ...real,
      functions: {
        ...real.functions,
        invoke: async (name: string, event: {operation?: string}) =>
          event.operation === 'diff' ? answered : real.functions.invoke(name, event),
      },
    })
    const refusal = {ok: false, error: {code: 'GENERATION_MISSING', message: 'not prepared'}}
    for (const [ports, code, message] of [
      [instead(refusal), 'DIFF_FAILED', /cannot be compared: not prepared/],
      [instead({ok: false}), 'DIFF_FAILED', /gave no reason/],
      [instead({ok: true, resultKey: 'ops/x/result-0.ndjson'}), 'DIFF_FAILED', /are not there/],
      [
        {...real, stacks: {...real.stacks, list: async () => stacks.slice(0, 1)}},
        'NO_FUNCTION',
        /no side-load function/,
      ],
    ] as const) {
      await assert.rejects(assetsDiff(options, ports, fake.run), {code, message})
    }
  })

  it('are compared by names alone before the first upload', async () => {
    const fake = new FakeWorld()
    fake.put('images/a', 'a')
    await invoke(fake, {operation: 'prepare', generation: 1})
    const found = await assetsDiff(options, ports(fake), fake.run)
    assert.deepEqual([found.onlyFolder, found.onlyEfs, found.changed], [['images/a'], [], []])
  })
})
