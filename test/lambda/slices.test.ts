import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {readdir, rm, truncate, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import fc from 'fast-check'
import {SideloadError} from '../../lambda/sideload/errors.ts'
import {nodeFiles, type Files} from '../../lambda/sideload/files.ts'
import {prune} from '../../lambda/sideload/operations/prune.ts'
import {sideload} from '../../lambda/sideload/operations/sideload.ts'
import {
  bundle,
  expected,
  request,
  runAll,
  stage,
  storeManifest,
  treeOf,
  withFiles,
  type Stage,
  type Tree,
} from './bundle.ts'
import {mayDie, mortal, withRoot} from './sandbox.ts'

const small: Tree = {
  'themes/a/one': '1',
  'themes/a/two': '22',
  'themes/b c': 'three',
  'themes/empty': '',
  'themes/nothing': null,
  'images/x/y/z': 'deep',
}

const changed: Tree = {...small, 'themes/a/two': '2+2', 'themes/new': 'new'}

/** A clock that goes on by so many milliseconds whenever it is looked at. */
function ticking(ms: number): () => number {
  let time = Date.now()
  return () => (time += ms)
}

/** Asserts that whatever stands under a final name is whole: of one bundle or the other. */
function mustBeWhole(folder: string, ...trees: readonly Tree[]): void {
  const allowed = trees.map((tree) => expected(tree))
  for (const [path, content] of Object.entries(treeOf(folder))) {
    if (/(^|\/)\.pi-part-/.test(path)) continue
    assert.ok(
      allowed.some((tree) => path in tree && tree[path] === content),
      `${path} is half-written`,
    )
  }
}

describe('slices', () => {
  it('end in the same state wherever time runs out', async () => {
    const names = fc.uniqueArray(fc.constantFrom('a', 'a b', 'a-', 'a/x', 'b/y/z', 'c', '\u{1f642}', '\uffee', 'd/e'), {
      minLength: 1,
      maxLength: 8,
    })
    await fc.assert(
      fc.asyncProperty(
        names,
        fc.integer({min: 1, max: 400}),
        fc.integer({min: 1, max: 300}),
        (paths, tick, deadlineMs) =>
          withRoot(async (root) => {
            // A name is either a file or a folder.
            const files = paths.filter((path) => !paths.some((other) => other.startsWith(`${path}/`)))
            const tree = Object.fromEntries(files.map((path) => [`themes/${path}`, path]))
            const room = await stage(root, {now: ticking(tick)})
            const {counts, lines} = await runAll(sideload, request(bundle(room.store, tree), {deadlineMs}), room)
            assert.deepEqual(treeOf(room.tree), expected(tree))
            assert.equal(counts['copied'], files.length)
            assert.equal(counts['skipped'], 0)
            assert.deepEqual(lines.map(({path}) => path).sort(), Object.keys(tree).sort())
            assert.equal(room.store.assetReads.length, files.length)
          }),
      ),
      {numRuns: 40},
    )
  }).timeout(60_000)

  it('get further each time, however short', () =>
    withRoot(async (root) => {
      const room = await stage(root, {now: ticking(1000)})
      const {slices} = await runAll(sideload, request(bundle(room.store, small), {deadlineMs: 1}), room)
      assert.equal(slices.length, Object.keys(small).length)
      assert.ok(slices.slice(0, -1).every(({state}) => state === 'continues'))
      assert.deepEqual(treeOf(room.tree), expected(small))
    }))

  it('end early when the invocation itself has little time left', () =>
    withRoot(async (root) => {
      const room = await stage(root, {now: ticking(1000), remainingMs: () => 15_001})
      const answer = await sideload(request(bundle(room.store, small)), room)
      assert.equal(answer.state, 'continues')
    }))

  it('leave files that wait to be hashed when the time is up to the next one', () =>
    withRoot(async (root) => {
      let [hashed, looked, time] = [0, 0, Date.now()]
      const {promise: timeIsUp, resolve: end} = Promise.withResolvers<undefined>()
      const isOne = (path: string): boolean => /\/themes\/\d+$/.test(path)
      const files: Files = {
        ...nodeFiles,
        async look(path) {
          // When all have begun, the time is up.
          if (isOne(path) && ++looked === 90) {
            time += 1000
            end(undefined)
          }
          return nodeFiles.look(path)
        },
        async openToRead(path) {
          if (isOne(path)) {
            hashed += 1
            await timeIsUp
          }
          return nodeFiles.openToRead(path)
        },
      }
      const room = await stage(root, {now: () => time, files})
      const tree = Object.fromEntries(Array.from({length: 90}, (_, index) => [`themes/${100 + index}`, `${index}`]))
      for (const [path, text] of Object.entries(tree)) await writeFile(join(room.tree, path), text)
      const {slices, counts} = await runAll(sideload, request(bundle(room.store, tree), {deadlineMs: 500}), room)
      assert.deepEqual(
        slices.map(({counts: {skipped}}) => skipped),
        [32, 58],
      )
      assert.equal(hashed, 90, 'each was hashed once')
      assert.equal(counts['copied'], 0)
      assert.equal(room.store.assetReads.length, 0)
    }))

  it('share a manifest by ranges of paths, side by side', async () => {
    const files = Array.from({length: 60}, (_, index) => `themes/${String.fromCodePoint(0x61 + (index % 26))}/${index}`)
    const tree = Object.fromEntries(files.map((path) => [path, path]))
    const bound = fc.constantFrom('themes/', 'themes/c', 'themes/c/2', 'themes/m/12', 'themes/q', 'zzz')
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(bound, {maxLength: 3}), (bounds) =>
        withRoot(async (root) => {
          const room = await stage(root)
          const manifest = bundle(room.store, tree)
          const cuts = ['', ...bounds.sort(), '']
          const runs = await Promise.all(
            cuts
              .slice(0, -1)
              .map(async (from, index) =>
                runAll(sideload, request(manifest, {sliceId: `r${index}`, from, to: cuts[index + 1] ?? ''}), room),
              ),
          )
          const copied = runs.reduce((sum, {counts}) => sum + (counts['copied'] ?? 0), 0)
          assert.equal(copied, files.length)
          assert.equal(room.store.assetReads.length, files.length)
          assert.deepEqual(treeOf(room.tree), expected(tree))
          const again = await runAll(sideload, request(manifest), room)
          assert.equal(again.counts['skipped'], files.length)
        }),
      ),
      {numRuns: 15},
    )
  }).timeout(60_000)

  it('may run twice at once', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const asked = request(bundle(room.store, small))
      const [first, second] = await Promise.all([sideload(asked, room), sideload(asked, room)])
      assert.deepEqual(first, second, 'the answer on record is the answer of both')
      await Promise.all([1, 2, 3].map(async () => runAll(sideload, request(bundle(room.store, changed)), room)))
      assert.deepEqual(treeOf(room.tree), expected(changed))
      await runAll(sideload, request(bundle(room.store, changed)), room)
      assert.deepEqual(treeOf(room.tree), expected(changed))
    }))
})

describe('slices, killed', () => {
  it('leave nothing half-written under a final name after any call, and the next one ends right', async () => {
    const prepareRoom = async (root: string): Promise<Stage> => {
      const room = await stage(root)
      await runAll(sideload, request(bundle(room.store, small)), room)
      return room
    }
    const whole = await withRoot(async (root) => {
      const room = await prepareRoom(root)
      const {files, used} = mortal(Number.POSITIVE_INFINITY)
      await sideload(request(bundle(room.store, changed)), withFiles(room, files))
      return used()
    })
    assert.ok(whole > 15, `only ${whole} calls`)
    for (let calls = 0; calls < whole; calls++) {
      await withRoot(async (root) => {
        const room = await prepareRoom(root)
        const asked = request(bundle(room.store, changed))
        await mayDie(sideload(asked, withFiles(room, mortal(calls).files)))
        mustBeWhole(room.tree, small, changed)
        const answer = await sideload(asked, room)
        assert.equal(answer.state, 'complete')
        assert.deepEqual(treeOf(room.tree), expected(changed), `after ${calls} calls`)
        room.store.reads.length = 0
        const again = await runAll(sideload, request(asked.manifest), room)
        assert.equal(again.counts['copied'], 0)
        assert.deepEqual(room.store.assetReads, [])
      })
    }
  }).timeout(60_000)

  it('end right on a fresh generation too, also when another operation goes on later', async () => {
    const whole = await withRoot(async (root) => {
      const {files, used} = mortal(Number.POSITIVE_INFINITY)
      const room = await stage(root)
      await sideload(request(bundle(room.store, small)), withFiles(room, files))
      return used()
    })
    for (let calls = 0; calls < whole; calls++) {
      await withRoot(async (root) => {
        const room = await stage(root)
        const manifest = bundle(room.store, small)
        await mayDie(sideload(request(manifest), withFiles(room, mortal(calls).files)))
        mustBeWhole(room.tree, small)
        const later = {...room, now: () => Date.now() + 3_600_000}
        await runAll(sideload, request(manifest), later)
        assert.deepEqual(treeOf(room.tree), expected(small), `after ${calls} calls`)
        // Whatever was put there is known to be ours, however it came there.
        const other = {'svg/other': 'x'}
        await runAll(prune, {...request(bundle(room.store, other)), dryRun: false}, later)
        assert.deepEqual(treeOf(room.tree), expected(), `after ${calls} calls`)
      })
    }
  }).timeout(60_000)
})

const part = 4096
const sizes = {part, rehash: 3 * part}

/** Bytes that follow from their place, so that a wrong piece shows. */
function piece(from: number, to: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(to - from)
  for (let at = 0; at < bytes.byteLength; at++) bytes[at] = ((from + at) * 31 + ((from + at) >> 8)) & 0xff
  return bytes
}

function storeLarge(room: Stage, size: number): ReturnType<typeof storeManifest> {
  const sha256 = createHash('sha256').update(piece(0, size)).digest('hex')
  const versionId = room.store.putLazily('assets', 'objects/big', {size, sha256: undefined, read: piece})
  const entry = {path: 'images/big', key: 'objects/big', versionId, size, sha256, mode: 0o644, kind: 'file'}
  const other = room.store.put('assets', 'objects/other', 'x')
  const beside = {...entry, path: 'images/other', key: 'objects/other', versionId: other, size: 1}
  return storeManifest(room.store, [entry, {...beside, sha256: createHash('sha256').update('x').digest('hex')}])
}

/** Files of which one is looked at after the other: a disk answers in any order, and who is first here must be known. */
function lookedAtInOrder(): Files {
  let last: Promise<unknown> = Promise.resolve()
  const look: Files['look'] = (path) => {
    const mine = last.then(() => nodeFiles.look(path))
    last = mine.catch(() => undefined)
    return mine
  }
  return {...nodeFiles, look}
}

describe('files larger than a part, many of them', () => {
  it('are left to the next slice while they wait for the first, and nothing of them is read', () =>
    withRoot(async (root) => {
      let time = Date.now()
      const passing = (from: number, to: number): Uint8Array => {
        time += 1000
        return piece(from, to)
      }
      const room = withFiles(await stage(root, {now: () => time, sizes}), lookedAtInOrder())
      const [size, sha256] = [
        part + 1,
        createHash('sha256')
          .update(piece(0, part + 1))
          .digest('hex'),
      ]
      const entries = Array.from({length: 5}, (_, index) => {
        const key = `objects/${index}`
        const versionId = room.store.putLazily('assets', key, {size, sha256: undefined, read: passing})
        return {path: `images/${index}`, key, versionId, size, sha256, mode: 0o644, kind: 'file'}
      })
      const manifest = storeManifest(room.store, entries)
      assert.equal((await sideload(request(manifest, {deadlineMs: 500}), room)).state, 'continues')
      const read = new Set(room.store.assetReads.map((one) => one.split('@')[0]))
      assert.deepEqual([...read], ['objects/0'])
      const {counts} = await runAll(sideload, request(manifest, {deadlineMs: 500}), room)
      assert.deepEqual([counts['copied'], counts['bytes']], [5, 5 * size])
    }))
})

for (const [what, size] of [
  ['whose hash can be begun anew', 2 * part + 123],
  ['whose hash must be saved', 4 * part + 123],
] as const) {
  describe(`files larger than a part, ${what}`, () => {
    it('go over several slices, part by part, without reading a part twice', () =>
      withRoot(async (root) => {
        const room = await stage(root, {now: ticking(1000), sizes})
        const manifest = storeLarge(room, size)
        const {slices, counts} = await runAll(sideload, request(manifest, {deadlineMs: 1}), room)
        assert.ok(slices.length > size / part, `only ${slices.length} slices`)
        assert.deepEqual([counts['copied'], counts['bytes']], [2, size + 1])
        const content = treeOf(room.tree)['images/big'] ?? ''
        assert.ok(Buffer.from(content, 'latin1').equals(piece(0, size)))
        assert.deepEqual(await readdir(join(room.tree, '.pi/parts')), [])
      }))

    it('end right after a death in any call', async () => {
      const lay = async (root: string): Promise<[Stage, ReturnType<typeof storeManifest>]> => {
        const room = await stage(root, {now: ticking(1000), sizes})
        return [room, storeLarge(room, size)]
      }
      const hash = createHash('sha256').update(piece(0, size)).digest('hex')
      const run = async (room: Stage, asked: ReturnType<typeof request>, files: Files): Promise<void> => {
        await runAll(sideload, asked, withFiles(room, files))
      }
      const whole = await withRoot(async (root) => {
        const [room, manifest] = await lay(root)
        const {files, used} = mortal(Number.POSITIVE_INFINITY)
        await run(room, request(manifest, {deadlineMs: 1}), files)
        return used()
      })
      for (let calls = 0; calls < whole; calls++) {
        await withRoot(async (root) => {
          const [room, manifest] = await lay(root)
          const asked = request(manifest, {deadlineMs: 1})
          await mayDie(run(room, asked, mortal(calls).files))
          await run(room, asked, nodeFiles)
          const {['images/big']: big = '', ...rest} = treeOf(room.tree)
          assert.equal(
            createHash('sha256')
              .update(Buffer.from(big ?? '', 'latin1'))
              .digest('hex'),
            hash,
          )
          assert.deepEqual(rest, expected({'images/other': 'x'}), `after ${calls} calls`)
        })
      }
    }).timeout(60_000)

    it('begin anew when what was there of them is gone, or shorter than it should be', () =>
      withRoot(async (root) => {
        for (const harm of [rm, truncate]) {
          const room = await stage(root, {now: ticking(1000), sizes})
          const manifest = storeLarge(room, size)
          const {cursor = ''} = await sideload(request(manifest, {deadlineMs: 1}), room)
          const draft = Object.keys(treeOf(room.tree)).find((path) => path.includes('.pi-part-large-')) ?? ''
          await harm(join(room.tree, draft))
          await runAll(sideload, request(manifest, {cursor}), room)
          assert.ok(Buffer.from(treeOf(room.tree)['images/big'] ?? '', 'latin1').equals(piece(0, size)))
          await rm(join(room.tree, 'images/big'))
        }
      }))

    it('begin anew when another version of them is to be loaded, and leave nothing of the old one', () =>
      withRoot(async (root) => {
        const room = await stage(root, {now: ticking(1000), sizes})
        await sideload(request(storeLarge(room, size), {deadlineMs: 1}), room)
        assert.ok(Object.keys(treeOf(room.tree)).some((path) => path.includes('.pi-part-large-')))
        await runAll(sideload, request(bundle(room.store, {'images/big': 'small now'})), room)
        assert.deepEqual(treeOf(room.tree), expected({'images/big': 'small now'}))
      }))

    it('keep what they have when the bucket fails, and throw it away when the bytes are wrong', () =>
      withRoot(async (root) => {
        const room = await stage(root, {sizes})
        const manifest = storeLarge(room, size)
        room.store.onRead = ({key}, from) => {
          if (key === 'objects/big' && from === 2 * part) throw new SideloadError('STORE_FAILED', 'reset')
        }
        const broken = await runAll(sideload, request(manifest), room)
        assert.equal(broken.counts['failed'], 1)
        room.store.onRead = () => undefined
        await sideload(request(manifest, {deadlineMs: 1}), {...room, now: ticking(1000)})
        assert.ok(treeOf(room.tree)['images/big'] === undefined)
        await runAll(sideload, request(manifest), room)
        assert.ok(Buffer.from(treeOf(room.tree)['images/big'] ?? '', 'latin1').equals(piece(0, size)))
      }))
  })
}
