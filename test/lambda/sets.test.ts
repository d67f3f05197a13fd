import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {chmod, mkdir, readFile, readlink, rename, rm, stat, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {answer} from '../../lambda/sideload/handler.ts'
import {nodeFiles} from '../../lambda/sideload/files.ts'
import {discard} from '../../lambda/sideload/operations/discard.ts'
import {examine} from '../../lambda/sideload/operations/examine.ts'
import {freeze, type Sealed, seal, unseal} from '../../lambda/sideload/operations/freeze.ts'
import {prepare} from '../../lambda/sideload/operations/prepare.ts'
import {promote} from '../../lambda/sideload/operations/promote.ts'
import {activate, roots} from '../../lambda/sideload/operations/roots.ts'
import {compareLists} from '../../lambda/sideload/sets/lists.ts'
import {mayDie, mortal, settingsFor, withRoot} from './sandbox.ts'

const asked = {generation: 1, snapshot: 's1', name: 's1', cursor: '', deadlineMs: 60_000}

/** A generation with what a platform may put there. */
async function lay(root: string, more = 0): Promise<void> {
  await prepare(settingsFor(root), nodeFiles, 1)
  const tree = join(root, 'gen/1')
  await mkdir(join(tree, 'themes/piBerry Wider Tables/img'), {recursive: true})
  await writeFile(join(tree, 'themes/piBerry Wider Tables/theme.css'), 'a { color: red }')
  await writeFile(join(tree, 'images/empty.png'), '')
  await writeFile(join(tree, 'keys/key'), 'secret')
  await chmod(join(tree, 'keys/key'), 0o640)
  await symlink('../themes', join(tree, 'images/link'))
  await mkdir(join(tree, '.pi/locks'), {recursive: true})
  await writeFile(join(tree, '.pi/locks/a'), '')
  for (let index = 0; index < more; index++) await writeFile(join(tree, 'files', `f${index}`), `content ${index}`)
}

async function whole(root: string, files = nodeFiles): Promise<Extract<Sealed, {state: 'complete'}>> {
  for (;;) {
    const sealed = await freeze(settingsFor(root), files, asked, Date.now)
    if (sealed.state === 'complete') return sealed
  }
}

const copy = 'gen/.frozen/s1'

describe('freeze', () => {
  it('copies a generation with modes, links and empty things, and leaves list and canary in the copy alone', () =>
    withRoot(async (root) => {
      await lay(root)
      const sealed = await whole(root)
      assert.equal(sealed.files, 4)
      assert.equal(sealed.treeHash.length, 64)
      assert.equal(
        await readFile(join(root, copy, 'themes/piBerry Wider Tables/theme.css'), 'utf8'),
        'a { color: red }',
      )
      assert.equal((await stat(join(root, copy, 'keys/key'))).mode & 0o777, 0o640)
      assert.equal((await stat(join(root, copy, 'images/empty.png'))).size, 0)
      assert.equal(await readlink(join(root, copy, 'images/link')), '../themes')
      assert.ok(existsSync(join(root, copy, 'themes/piBerry Wider Tables/img')))
      assert.ok(existsSync(join(root, copy, '.pi/canary-s1')))
      assert.equal(existsSync(join(root, copy, '.pi/locks')), false)
      assert.equal(existsSync(join(root, 'gen/1/.pi/canary-s1')), false)
      assert.deepEqual(await whole(root), sealed, 'answered from the canary')
    }))

  it('works in slices that end at the deadline, each of which gets further', () =>
    withRoot(async (root) => {
      await lay(root, 200)
      let now = 0
      const cursors: string[] = []
      for (;;) {
        const sealed = await freeze(settingsFor(root), nodeFiles, {...asked, deadlineMs: 1}, () => (now += 10))
        if (sealed.state === 'complete') break
        assert.notEqual(sealed.cursor, cursors.at(-1))
        cursors.push(sealed.cursor)
      }
      assert.ok(cursors.length >= 2)
      assert.equal((await examine(settingsFor(root), nodeFiles, {...asked, path: copy}, Date.now)).state, 'complete')
    }))

  it('ends, after a death in any call, as it would have without', async function () {
    // A tree for each call: seconds on a busy machine.
    this.timeout(60_000)
    const {calls, hash} = await withRoot(async (root) => {
      await lay(root, 3)
      const {files, used} = mortal(Number.POSITIVE_INFINITY)
      const {treeHash} = await whole(root, files)
      return {calls: used(), hash: treeHash}
    })
    assert.ok(calls > 30)
    for (let at = 0; at < calls; at++) {
      await withRoot(async (root) => {
        await lay(root, 3)
        await mayDie(whole(root, mortal(at).files))
        assert.equal((await whole(root)).treeHash, hash, `after ${at} calls`)
        const {frozen} = await roots(settingsFor(root), nodeFiles)
        assert.deepEqual(frozen, [{name: 's1', complete: true}])
        const seen = await examine(settingsFor(root), nodeFiles, {...asked, path: copy}, Date.now)
        assert.ok(seen.state === 'complete' && seen.changed + seen.missing + seen.extra === 0, `after ${at} calls`)
      })
    }
  })

  it('refuses a generation that was never prepared', () =>
    withRoot(async (root) => {
      await mkdir(join(root, 'gen/1'), {recursive: true})
      await assert.rejects(whole(root), {code: 'GENERATION_MISSING'})
    }))
})

describe('seal', () => {
  it('gives the same hash as a frozen copy, and is taken out again without a trace', () =>
    withRoot(async (root) => {
      await lay(root)
      const frozen = await whole(root)
      const sealed = await seal(settingsFor(root), nodeFiles, asked, Date.now)
      assert.deepEqual(sealed, frozen)
      assert.ok(existsSync(join(root, 'gen/1/.pi/canary-s1')))
      for (let again = 0; again < 2; again++) await unseal(settingsFor(root), nodeFiles, asked)
      assert.equal(existsSync(join(root, 'gen/1/.pi/canary-s1')), false)
      assert.equal(existsSync(join(root, 'gen/1/.pi/list-s1.ndjson')), false)
    }))
})

describe('examine', () => {
  it('names what is changed, missing and added', () =>
    withRoot(async (root) => {
      await lay(root)
      await whole(root)
      await writeFile(join(root, copy, 'keys/key'), 'other')
      await rm(join(root, copy, 'images/empty.png'))
      await writeFile(join(root, copy, 'svg/new.svg'), '')
      const seen = await examine(settingsFor(root), nodeFiles, {...asked, path: copy}, Date.now)
      assert.ok(seen.state === 'complete')
      assert.deepEqual([seen.changed, seen.missing, seen.extra], [1, 1, 1])
      assert.deepEqual(seen.differences, ['images/empty.png', 'keys/key', 'svg/new.svg'])
    }))

  it('refuses a tree without the canary of the set', () =>
    withRoot(async (root) => {
      await lay(root)
      await whole(root)
      const other = examine(settingsFor(root), nodeFiles, {...asked, path: copy, snapshot: 's2'}, Date.now)
      await assert.rejects(other, {code: 'NOT_FOUND'})
      await rm(join(root, copy, '.pi/list-s1.ndjson'))
      await assert.rejects(examine(settingsFor(root), nodeFiles, {...asked, path: copy}, Date.now), {code: 'NOT_FOUND'})
    }))
})

describe('a frozen copy that AWS Backup brought back', () => {
  it('is found by its canary, is the same to the last byte, and becomes a generation', () =>
    withRoot(async (root) => {
      await lay(root)
      const {treeHash} = await whole(root)
      const folder = join(root, 'aws-backup-restore_2026-01-02T03-04-05/gen/.frozen')
      await mkdir(folder, {recursive: true})
      await rename(join(root, copy), join(folder, 's1'))
      const {restored} = await roots(settingsFor(root), nodeFiles)
      const path = 'aws-backup-restore_2026-01-02T03-04-05/gen/.frozen/s1'
      assert.deepEqual(restored, [{path, canaries: ['s1']}])
      const seen = await examine(settingsFor(root), nodeFiles, {...asked, path}, Date.now)
      assert.ok(seen.state === 'complete' && seen.tree.treeHash === treeHash)
      const request = {from: path, generation: 2, canary: 's1', cursor: '', deadlineMs: 60_000}
      await promote(settingsFor(root), nodeFiles, request, Date.now)
      assert.equal(await readFile(join(root, 'gen/2/keys/key'), 'utf8'), 'secret')
    }))
})

describe('discard', () => {
  it('removes frozen copies, restored folders and idle generations, in slices, as often as it is asked', () =>
    withRoot(async (root) => {
      await lay(root, 30)
      await whole(root)
      await prepare(settingsFor(root), nodeFiles, 2)
      await activate(settingsFor(root), nodeFiles, 2)
      await mkdir(join(root, 'aws-backup-restore_x/gen/1'), {recursive: true})
      let now = 0
      let slices = 0
      for (const path of [copy, 'gen/1', 'aws-backup-restore_x', 'gen/1']) {
        for (let more = true; more; slices++) {
          const request = {path, cursor: '', deadlineMs: 1}
          more = (await discard(settingsFor(root), nodeFiles, request, () => (now += 10))).state === 'continues'
        }
      }
      assert.ok(slices > 40)
      assert.equal(existsSync(join(root, copy)), false)
      assert.equal(existsSync(join(root, 'gen/1')), false)
      assert.equal(existsSync(join(root, 'aws-backup-restore_x')), false)
      assert.ok(existsSync(join(root, 'gen/2/.pi-complete')))
    }))

  it('never touches what the platform runs on, nor anything that is no tree of ours', () =>
    withRoot(async (root) => {
      await lay(root)
      const cases: [string, string][] = [
        ['gen/1', 'GENERATION_ACTIVE'],
        ['gen', 'BAD_PATH'],
        ['gen/.frozen', 'BAD_PATH'],
        ['gen/.frozen/..', 'BAD_PATH'],
        ['.pi', 'BAD_PATH'],
        ['', 'BAD_PATH'],
        ['gen/1/keys', 'BAD_PATH'],
        ['/gen/1', 'BAD_PATH'],
      ]
      for (const [path, code] of cases) {
        const request = {path, cursor: '', deadlineMs: 60_000}
        await assert.rejects(discard(settingsFor(root), nodeFiles, request, Date.now), {code}, path)
      }
      await prepare(settingsFor(root), nodeFiles, 2)
      const unsaid = discard(settingsFor(root), nodeFiles, {path: 'gen/2', cursor: '', deadlineMs: 60_000}, Date.now)
      await assert.rejects(unsaid, {code: 'GENERATION_UNKNOWN'})
    }))
})

describe('lists of two trees', () => {
  it('are compared path by path, whichever ends first', () => {
    const line = (path: string, sha256 = 'a') => ({path, kind: 'file' as const, size: 1, sha256, mode: '0644'})
    const {differences, ...counts} = compareLists(
      [line('a'), line('b'), line('d')],
      [line('b', 'x'), line('c'), line('d')],
    )
    assert.deepEqual(counts, {same: 1, changed: 1, missing: 1, extra: 1})
    assert.deepEqual(differences, ['a', 'b', 'c'])
  })
})

describe('requests for whole trees', () => {
  it('are answered by the handler, and refused when they are malformed', () =>
    withRoot(async (root) => {
      await lay(root)
      const ask = (event: object) =>
        answer(event, {
          environment: {FILES_ROOT: root, DATA_UID: String(process.getuid?.()), DATA_GID: String(process.getgid?.())},
          files: nodeFiles,
          store: () => Promise.reject(new RangeError('no bucket here')),
          now: Date.now,
          pause: async () => undefined,
          remainingMs: () => 60_000,
          log: () => undefined,
        })
      const common = {generation: 1, snapshot: 's1'}
      const good = [
        {operation: 'freeze', ...common, name: 's1'},
        {operation: 'seal', ...common},
        {operation: 'examine', path: copy, snapshot: 's1'},
        {operation: 'unseal', ...common},
        {operation: 'discard', path: copy},
      ]
      for (const event of good) assert.equal((await ask(event)).ok, true, event.operation)
      const bad = [
        {operation: 'freeze', ...common},
        {operation: 'freeze', ...common, name: '../x'},
        {operation: 'seal', generation: 1},
        {operation: 'examine', path: 1, snapshot: 's1'},
      ]
      for (const event of bad) {
        const refused = await ask(event)
        assert.ok(!refused.ok && refused.error.code === 'BAD_REQUEST', event.operation)
      }
    }))
})
