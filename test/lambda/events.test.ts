import assert from 'node:assert/strict'
import {readFile, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import fc from 'fast-check'
import {arrivalsOf} from '../../lambda/sideload/events.ts'
import {nodeFiles} from '../../lambda/sideload/files.ts'
import {answer, type Answer} from '../../lambda/sideload/handler.ts'
import {compareSequencers} from '../../lambda/sideload/operations/arrive.ts'
import {prepare} from '../../lambda/sideload/operations/prepare.ts'
import {prune} from '../../lambda/sideload/operations/prune.ts'
import {sideload} from '../../lambda/sideload/operations/sideload.ts'
import {bundle, expected, request, runAll, stage, treeOf, type Stage} from './bundle.ts'
import {mayDie, mortal, settingsFor, withRoot} from './sandbox.ts'

interface ObjectSaid {
  readonly versionId?: string
  readonly sequencer?: string
}

/** Where an asset lies in the bucket; anything else lies where it says. */
function keyOf(path: string): string {
  return path.startsWith('bundles/') || path.startsWith('outside/') ? path : `assets/${path}`
}

/** As EventBridge tells it: the key raw. */
function fromBridge(key: string, {versionId, sequencer}: ObjectSaid = {}): object {
  const object = {
    key: keyOf(key),
    size: 1,
    etag: 'e',
    ...(versionId === undefined ? {} : {'version-id': versionId}),
    sequencer,
  }
  return {
    version: '0',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    detail: {version: '0', bucket: {name: 'assets'}, object, reason: 'PutObject'},
  }
}

/** As a bucket notifies: the key encoded as a form. */
function fromBucket(key: string, {versionId, sequencer}: ObjectSaid = {}): object {
  const encoded = new URLSearchParams({key: keyOf(key)}).toString().slice('key='.length)
  const s3 = {bucket: {name: 'assets'}, object: {key: encoded, versionId, sequencer}}
  return {Records: [{eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3}]}
}

async function tell(room: Stage, event: unknown, lines: string[] = []): Promise<Answer> {
  const {files, store, now, pause, remainingMs, settings, buckets} = room
  const environment = {
    FILES_ROOT: settings.filesRoot,
    DATA_UID: String(settings.dataUid),
    DATA_GID: String(settings.dataGid),
    ASSETS_BUCKET: buckets.assets,
    RECORDS_BUCKET: buckets.records,
  }
  const log = (line: string): void => void lines.push(line)
  return answer(event, {environment, files, store: async () => store, now, pause, remainingMs, log})
}

async function resultOf(room: Stage, event: unknown): Promise<string | undefined> {
  const given = await tell(room, event)
  return given.ok ? given.arrived?.[0]?.result : undefined
}

const hardKeys = [
  'themes/piBerry Wider Tables/theme.css',
  'images/1+1=2.png',
  'images/100%.png',
  'images/%41+%20',
  'images/#?&=;"\'',
  'images/caf\u00e9',
  'images/cafe\u0301',
  'images/\u{1f642}.png',
  'images/.hidden',
  'images/-rf',
  `images/${'x'.repeat(255)}`,
  `svg/${'level/'.repeat(9)}end`,
]

for (const [shape, tellOf] of [
  ['EventBridge', fromBridge],
  ['a notification of the bucket', fromBucket],
] as const) {
  describe(`an event of ${shape}`, () => {
    it('loads the object under the name that it really has', () =>
      withRoot(async (root) => {
        const room = await stage(root)
        for (const key of hardKeys) {
          const versionId = room.store.put('assets', `assets/${key}`, `content of ${key}`)
          assert.equal(await resultOf(room, tellOf(key, {versionId})), 'copied')
        }
        const tree = Object.fromEntries(hardKeys.map((key) => [key, `content of ${key}`]))
        assert.deepEqual(treeOf(room.tree), expected(tree))
      }))

    it('tells any key as it is', () => {
      fc.assert(
        fc.property(fc.string({unit: 'grapheme', minLength: 1}), (key) => {
          fc.pre(key.isWellFormed())
          assert.equal(arrivalsOf(tellOf(key))[0]?.key, keyOf(key))
        }),
      )
    })

    it('may come twice, and in any order: the newest version stands at the end', async () => {
      const events = fc.array(fc.integer({min: 0, max: 3}), {minLength: 1, maxLength: 7})
      await fc.assert(
        fc.asyncProperty(events, fc.boolean(), fc.boolean(), (order, withSequencer, sameSecond) =>
          withRoot(async (root) => {
            const room = await stage(root)
            const versions = [0, 1, 2, 3].map((number) => {
              if (!sameSecond) room.store.now += 1000
              return room.store.put('assets', 'assets/themes/a', `version ${number}`)
            })
            for (const index of [...order, 3]) {
              const said = {versionId: versions[index]!, ...(withSequencer ? {sequencer: `0A${index}`} : {})}
              await tell(room, tellOf('themes/a', said))
            }
            for (const index of order) await tell(room, tellOf('themes/a', {versionId: versions[index]!}))
            assert.equal(await readFile(join(room.tree, 'themes/a'), 'utf8'), 'version 3')
          }),
        ),
        {numRuns: 25},
      )
    }).timeout(60_000)

    it('makes a folder of a key that ends with a slash', () =>
      withRoot(async (root) => {
        const room = await stage(root)
        room.store.put('assets', 'assets/images/new folder/', '')
        assert.equal(await resultOf(room, tellOf('images/new folder/')), 'copied')
        assert.equal(await resultOf(room, tellOf('images/new folder/')), 'skipped')
        assert.deepEqual(treeOf(room.tree), expected({'images/new folder': null}))
      }))

    for (const [key, code] of [
      ['keys/pi.key', 'CATEGORY_REFUSED'],
      ['files/x', 'CATEGORY_REFUSED'],
      ['README.md', 'CATEGORY_REFUSED'],
      ['outside/themes/x', 'CATEGORY_REFUSED'],
      ['themes/../keys/x', 'BAD_PATH'],
      ['themes//x', 'BAD_PATH'],
      ['/themes/x', 'BAD_PATH'],
    ] as const) {
      it(`fails for ${key}, so that the dead-letter queue gets it, and writes nothing`, () =>
        withRoot(async (root) => {
          const room = await stage(root)
          room.store.put('assets', `assets/${key}`, 'x')
          const lines: string[] = []
          await assert.rejects(tell(room, tellOf(key), lines), {name: 'SideloadError', code})
          assert.match(lines.join('\n'), new RegExp(code))
          assert.deepEqual(treeOf(room.tree), expected())
        }))
    }
  })
}

describe('events', () => {
  it('many at once for one object leave its newest version', () =>
    withRoot(async (root) => {
      const room = await stage(root, {pause: async () => new Promise((done) => void setImmediate(done))})
      const events = Array.from({length: 8}, (_, index) => {
        room.store.now += 1000
        const versionId = room.store.put('assets', 'assets/themes/a', `version ${index}`)
        return fromBridge('themes/a', {versionId, sequencer: `00${index}`})
      })
      await Promise.all([...events, ...events].map(async (event) => tell(room, event)))
      assert.equal(await readFile(join(room.tree, 'themes/a'), 'utf8'), 'version 7')
    }))

  it('of an object that is as it was read no body', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const versionId = room.store.put('assets', 'assets/themes/a', 'x')
      await tell(room, fromBridge('themes/a', {versionId}))
      room.store.reads.length = 0
      assert.equal(await resultOf(room, fromBridge('themes/a', {versionId})), 'skipped')
      assert.deepEqual(room.store.reads, [])
      await rm(join(room.tree, 'themes/a'))
      assert.equal(await resultOf(room, fromBridge('themes/a', {versionId})), 'copied')
    }))

  it('that die anywhere leave nothing half-written, and come again', async () => {
    const lay = async (root: string): Promise<[Stage, object]> => {
      const room = await stage(root)
      const versionId = room.store.put('assets', 'assets/themes/new/a', 'content')
      return [room, fromBridge('themes/new/a', {versionId})]
    }
    const whole = await withRoot(async (root) => {
      const [room, event] = await lay(root)
      const {files, used} = mortal(Number.POSITIVE_INFINITY)
      await tell({...room, files}, event)
      return used()
    })
    for (let calls = 0; calls < whole; calls++) {
      await withRoot(async (root) => {
        const [room, event] = await lay(root)
        const dying = tell({...room, files: mortal(calls).files}, event)
        await mayDie(dying.catch((error: unknown) => assert.ok(error instanceof Error)))
        const found = treeOf(room.tree)['themes/new/a']
        assert.ok(found === undefined || found === 'content')
        const later = {...room, now: () => Date.now() + 3_600_000}
        await tell(later, event)
        assert.deepEqual(treeOf(room.tree), expected({'themes/new/a': 'content'}), `after ${calls} calls`)
      })
    }
  }).timeout(60_000)

  it('and manifests know of each other: pruned by the next manifest, not loaded again when they are the same', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const versionId = room.store.put('assets', 'assets/themes/by event', 'x')
      await tell(room, fromBridge('themes/by event', {versionId}))
      const manifest = bundle(room.store, {'themes/by event': 'x', 'themes/b': 'b'})
      room.store.reads.length = 0
      await runAll(sideload, request(manifest), room)
      assert.deepEqual(room.store.assetReads, ['objects/themes/b@0'])
      await runAll(prune, {...request(bundle(room.store, {'themes/b': 'b'})), dryRun: false}, room)
      assert.deepEqual(treeOf(room.tree), expected({'themes/b': 'b'}))
    }))

  it('keep a foreign file that they replace', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      await writeFile(join(room.tree, 'themes/a'), 'mine')
      room.store.put('assets', 'assets/themes/a', 'new')
      await tell(room, fromBridge('themes/a'))
      const kept = await nodeFiles.names(join(room.tree, '.pi/replaced'))
      assert.equal(await readFile(join(room.tree, '.pi/replaced', kept[0]!, 'themes/a'), 'utf8'), 'mine')
    }))

  it('go into the active generation, and nowhere while nobody said which of several that is', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      await prepare(settingsFor(root), nodeFiles, 2)
      room.store.put('assets', 'assets/themes/a', 'x')
      await assert.rejects(tell(room, fromBridge('themes/a')), {code: 'GENERATION_UNKNOWN'})
      await tell(room, {operation: 'activate', generation: 2})
      await tell(room, fromBridge('themes/a'))
      assert.deepEqual(treeOf(room.tree), expected())
      assert.deepEqual(treeOf(join(root, 'gen/2')), expected({'themes/a': 'x'}))
    }))

  it('pass over manifests, what is gone since, and the message that tries out a notification', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      room.store.put('assets', 'bundles/demo/1.ndjson', 'x')
      assert.equal(await resultOf(room, fromBridge('bundles/demo/1.ndjson')), 'ignored')
      assert.equal(await resultOf(room, fromBridge('themes/gone')), 'gone')
      const tried = await tell(room, {Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'assets'})
      assert.deepEqual(tried, {ok: true, arrived: []})
    }))

  it('of another bucket or another kind fail', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const deleted = {...fromBridge('themes/a'), 'detail-type': 'Object Deleted'}
      const removed = {
        Records: [{eventName: 'ObjectRemoved:Delete', s3: {bucket: {name: 'assets'}, object: {key: 'a'}}}],
      }
      const foreign = {'detail-type': 'Object Created', detail: {bucket: {name: 'other'}, object: {key: 'themes/a'}}}
      const torn = {Records: [{s3: {bucket: {name: 'assets'}, object: {key: 'themes/%zz'}}}]}
      for (const event of [deleted, removed, foreign, torn, {Records: [null]}, {'detail-type': 'x', detail: 1}]) {
        await assert.rejects(tell(room, event), {name: 'SideloadError', code: 'BAD_REQUEST'})
      }
    }))

  it('fail when the object hashes to something else than its checksum', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      room.store.putLazily('assets', 'assets/themes/a', {size: 1, sha256: '0'.repeat(64), read: () => Buffer.from('x')})
      await assert.rejects(tell(room, fromBridge('themes/a')), {code: 'CHECKSUM_WRONG'})
      assert.deepEqual(treeOf(room.tree), expected())
    }))
})

describe('sequencers', () => {
  it('are compared as if the shorter one were filled up on the right', () => {
    assert.ok(compareSequencers('0055AED6DCD9', '0055AED6DCE0') < 0)
    assert.ok(compareSequencers('0055AED6DCD90281E5', '0055AED6DCD9') > 0)
    assert.equal(compareSequencers('00A0', '00a'), 0)
  })
})
