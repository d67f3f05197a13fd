import assert from 'node:assert/strict'
import {mkdir, rm, symlink, utimes, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {nodeFiles} from '../../lambda/sideload/files.ts'
import {diff} from '../../lambda/sideload/operations/diff.ts'
import {prune, type PruneRequest} from '../../lambda/sideload/operations/prune.ts'
import {sideload} from '../../lambda/sideload/operations/sideload.ts'
import {verify} from '../../lambda/sideload/operations/verify.ts'
import {
  bundle,
  expected,
  request,
  runAll,
  stage,
  storeManifest,
  treeOf,
  withFiles,
  type Run,
  type Stage,
  type Tree,
} from './bundle.ts'
import {mayDie, mortal, settingsFor, withRoot} from './sandbox.ts'

const tree: Tree = {
  'themes/a b/theme.css': 'body {}',
  'themes/a/theme.css': 'a',
  'themes/a-': 'between',
  'images/empty': '',
  'images/folder': null,
  'svg/one.svg': '<svg/>',
}

function ticking(ms: number): () => number {
  let time = Date.now()
  return () => (time += ms)
}

function resultsOf({lines}: Run): Record<string, string> {
  return Object.fromEntries(lines.map(({path, result}) => [path, result]))
}

/** A generation that holds the tree and was changed since in every way. */
async function damaged(root: string): Promise<[Stage, ReturnType<typeof bundle>]> {
  const room = await stage(root)
  const manifest = bundle(room.store, tree)
  await runAll(sideload, request(manifest), room)
  await writeFile(join(room.tree, 'themes/a/theme.css'), 'A')
  await utimes(join(room.tree, 'themes/a/theme.css'), 1, 1)
  await rm(join(room.tree, 'svg/one.svg'))
  await utimes(join(room.tree, 'themes/a-'), 1, 1)
  await mkdir(join(room.tree, 'themes/a!/deep'), {recursive: true})
  await writeFile(join(room.tree, 'themes/a!/mine'), 'mine')
  await writeFile(join(room.tree, 'keys/secret'), 'mine')
  room.store.reads.length = 0
  return [room, manifest]
}

describe('verify', () => {
  for (const thorough of [false, true]) {
    it(`says of every entry whether it is there${thorough ? ', reading all' : ''}, and reads nothing from the bucket`, () =>
      withRoot(async (root) => {
        const [room, manifest] = await damaged(root)
        const before = treeOf(room.tree)
        const run = await runAll(verify, {...request(manifest), thorough}, room)
        assert.deepEqual(resultsOf(run), {
          'images/empty': 'same',
          'images/folder': 'same',
          'svg/one.svg': 'missing',
          'themes/a b/theme.css': 'same',
          'themes/a-': 'same',
          'themes/a/theme.css': 'changed',
        })
        assert.deepEqual(run.counts, {same: 4, changed: 1, missing: 1, failed: 0, bytes: thorough ? 15 : 8})
        assert.deepEqual(room.store.assetReads, [])
        assert.deepEqual(treeOf(room.tree), before)
      }))
  }

  it('finds what changed behind the back of size and time only when it reads all', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const manifest = bundle(room.store, {'themes/a': 'good'})
      await runAll(sideload, request(manifest), room)
      const path = join(room.tree, 'themes/a')
      const {modifiedNs} = await nodeFiles.look(path)
      await writeFile(path, 'evil')
      const pretending = {
        ...nodeFiles,
        look: async (asked: string) => {
          const entry = await nodeFiles.look(asked)
          return asked === path ? {...entry, modifiedNs} : entry
        },
      }
      const blind = withFiles(room, pretending)
      assert.equal((await runAll(verify, {...request(manifest), thorough: false}, blind)).counts['same'], 1)
      assert.equal((await runAll(verify, {...request(manifest), thorough: true}, blind)).counts['changed'], 1)
    }))

  it('goes over as many slices as it takes, also within a large file', () =>
    withRoot(async (root) => {
      const room = await stage(root, {sizes: {part: 4096, rehash: 1024}})
      const large = {'themes/big': Buffer.alloc(5_000_000, 'x'), 'themes/c': 'c', 'themes/d': 'd'}
      const manifest = bundle(room.store, large)
      await runAll(sideload, request(manifest), room)
      for (const operation of [verify, diff] as const) {
        const asked = {...request(manifest, {deadlineMs: 1}), thorough: true}
        await utimes(join(room.tree, 'themes/big'), 1, 1)
        const run = await runAll(operation, asked, {...room, now: ticking(1000)})
        assert.ok(run.slices.length >= 4, `only ${run.slices.length} slices`)
        assert.equal(run.counts['same'], 3)
        assert.equal(run.counts['failed'], 0)
      }
    }))

  it('takes no link for what it leads to', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const manifest = bundle(room.store, {'themes/a/x': 'x', 'themes/b': 'x'})
      await writeFile(join(room.tree, 'files/x'), 'x')
      await symlink('../files', join(room.tree, 'themes/a'))
      await symlink('../files/x', join(room.tree, 'themes/b'))
      const run = await runAll(verify, {...request(manifest), thorough: true}, room)
      assert.deepEqual(resultsOf(run), {'themes/a/x': 'missing', 'themes/b': 'failed'})
    }))
})

describe('diff', () => {
  it('names what differs on either side and nothing else, wherever time runs out', () =>
    withRoot(async (root) => {
      const [room, manifest] = await damaged(root)
      for (const clock of [Date.now, ticking(1000)]) {
        const run = await runAll(diff, request(manifest, {deadlineMs: 1}), {...room, now: clock})
        assert.deepEqual(resultsOf(run), {
          'svg/one.svg': 'missing',
          'themes/a!/deep': 'extra',
          'themes/a!/mine': 'extra',
          'themes/a/theme.css': 'changed',
        })
        assert.deepEqual(run.counts, {same: 4, changed: 1, missing: 1, extra: 2, failed: 0, bytes: 0})
      }
      assert.deepEqual(room.store.assetReads, [])
    }))

  it('goes on where it was after many paths', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const many = Object.fromEntries(Array.from({length: 300}, (_, index) => [`themes/${index % 7}/${index}`, 'x']))
      const manifest = bundle(room.store, many)
      await runAll(sideload, request(manifest), room)
      await writeFile(join(room.tree, 'themes/3/extra'), '')
      const run = await runAll(diff, request(manifest, {deadlineMs: 1}), {...room, now: ticking(1000)})
      assert.ok(run.slices.length >= 4)
      assert.deepEqual(resultsOf(run), {'themes/3/extra': 'extra'})
      assert.equal(run.counts['same'], 300)
    }))

  it('can be shared by ranges of paths', () =>
    withRoot(async (root) => {
      const [room, manifest] = await damaged(root)
      const cuts = ['', 'svg/', 'themes/a!/mine', 'themes/a/', '']
      const found: Record<string, string> = {}
      for (const [index, from] of cuts.slice(0, -1).entries()) {
        const run = await runAll(diff, request(manifest, {from, to: cuts[index + 1] ?? ''}), room)
        for (const path of Object.keys(resultsOf(run))) assert.ok(!(path in found))
        Object.assign(found, resultsOf(run))
      }
      assert.equal(Object.keys(found).length, 4)
    }))
})

const pruning = (manifest: ReturnType<typeof bundle>, changes: Partial<PruneRequest> = {}): PruneRequest => ({
  ...request(manifest),
  dryRun: false,
  ...changes,
})

const later: Tree = {'themes/a b/theme.css': 'body {}', 'images/empty': ''}

describe('prune', () => {
  it('removes what an earlier manifest put there and this one does not name, and nothing else', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      await writeFile(join(room.tree, 'themes/mine'), 'mine')
      await writeFile(join(room.tree, 'keys/secret'), 'mine')
      await writeFile(join(room.tree, 'svg/found'), 'found')
      await runAll(sideload, request(bundle(room.store, {...tree, 'svg/found': 'found'})), room)
      await writeFile(join(room.tree, 'themes/a/theirs'), 'mine')
      const manifest = bundle(room.store, later)
      const mine = {'themes/mine': 'mine', 'keys/secret': 'mine', 'svg/found': 'found', 'themes/a/theirs': 'mine'}

      const dry = await runAll(prune, pruning(manifest, {dryRun: true}), room)
      assert.deepEqual(treeOf(room.tree), expected(tree, mine))
      const run = await runAll(prune, pruning(manifest), room)
      assert.deepEqual(treeOf(room.tree), expected(later, mine))
      assert.deepEqual(resultsOf(run), {
        'themes/a/theme.css': 'removed',
        'themes/a-': 'removed',
        'svg/one.svg': 'removed',
        'images/folder': 'removed',
      })
      assert.deepEqual(dry.counts['removed'], 3)
      assert.deepEqual(run.counts, {removed: 4, kept: 0, failed: 0, bytes: 14})
      const again = await runAll(prune, pruning(manifest), room)
      assert.equal(again.counts['removed'], 0)
    }))

  it('makes room where a folder became a file or a file a folder, but not where somebody else has something', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      await runAll(sideload, request(bundle(room.store, {'themes/x/y': 'y', 'svg/f': 'f', 'images/z/a': 'a'})), room)
      await writeFile(join(room.tree, 'images/z/theirs'), 'mine')
      const turned: Tree = {'themes/x': 'x', 'svg/f/g': 'g', 'images/z': 'z'}
      const manifest = bundle(room.store, turned)
      const blocked = await runAll(sideload, request(manifest), room)
      assert.deepEqual([blocked.counts['failed'], blocked.counts['inTheWay']], [3, 3])
      const removed = await runAll(prune, pruning(manifest), room)
      assert.deepEqual(resultsOf(removed), {
        'themes/x/y': 'removed',
        'themes/x': 'removed',
        'svg/f': 'removed',
        'images/z/a': 'removed',
      })
      const run = await runAll(sideload, {...request(manifest), opId: 'again'}, room)
      assert.deepEqual([run.counts['failed'], run.counts['inTheWay']], [1, 1])
      const {'images/z': _their, ...loaded} = turned
      assert.deepEqual(treeOf(room.tree), expected(loaded, {'images/z/theirs': 'mine'}))
    }))

  it('keeps what was changed since it was loaded', () =>
    withRoot(async (root) => {
      const [room] = await damaged(root)
      const run = await runAll(prune, pruning(bundle(room.store, later)), room)
      assert.equal(resultsOf(run)['themes/a/theme.css'], 'kept')
      assert.equal(resultsOf(run)['themes/a-'], 'removed', 'only its time was changed')
      assert.equal(treeOf(room.tree)['themes/a/theme.css'], 'A')
    }))

  it('removes nothing for a manifest that is empty or lacks lines', () =>
    withRoot(async (root) => {
      const [room, manifest] = await damaged(root)
      const before = treeOf(room.tree)
      const none = storeManifest(room.store, [])
      await assert.rejects(prune(pruning(none), room), {code: 'MANIFEST_BROKEN'})
      const lines = room.store.text('assets', manifest.key).split('\n')
      room.store.put('assets', 'bundles/short', `${lines.slice(0, 3).join('\n')}\n`)
      await assert.rejects(prune(pruning({key: 'bundles/short'}), room), {
        code: 'MANIFEST_BROKEN',
        message: /promises 6/,
      })
      assert.deepEqual(treeOf(room.tree), before)
    }))

  it('ends the same wherever time runs out', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      await runAll(sideload, request(bundle(room.store, tree)), room)
      const asked = pruning(bundle(room.store, later), {deadlineMs: 1})
      const run = await runAll(prune, asked, {...room, now: ticking(1000)})
      assert.ok(run.slices.length >= 4)
      assert.equal(run.counts['removed'], 5)
      assert.deepEqual(treeOf(room.tree), expected(later))
    }))

  it('ends the same after a death in any call', async () => {
    const lay = async (root: string): Promise<[Stage, PruneRequest]> => {
      const room = await stage(root)
      await runAll(sideload, request(bundle(room.store, tree)), room)
      return [room, pruning(bundle(room.store, later))]
    }
    const whole = await withRoot(async (root) => {
      const [room, asked] = await lay(root)
      const {files, used} = mortal(Number.POSITIVE_INFINITY)
      await prune(asked, withFiles(room, files))
      return used()
    })
    assert.ok(whole > 10)
    for (let calls = 0; calls < whole; calls++) {
      await withRoot(async (root) => {
        const [room, asked] = await lay(root)
        await mayDie(prune(asked, withFiles(room, mortal(calls).files)))
        await prune(asked, room)
        assert.deepEqual(treeOf(room.tree), expected(later), `after ${calls} calls`)
      })
    }
  }).timeout(60_000)

  it('keeps the owner of the records: what another generation holds is not touched', () =>
    withRoot(async (root) => {
      const [room] = await damaged(root)
      const {prepare} = await import('../../lambda/sideload/operations/prepare.ts')
      await prepare(settingsFor(root), nodeFiles, 2)
      const run = await runAll(prune, pruning(bundle(room.store, later), {generation: 2}), room)
      assert.equal(run.counts['removed'], 0)
    }))
})
