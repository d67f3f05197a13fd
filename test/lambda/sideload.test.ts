import assert from 'node:assert/strict'
import {chmod, mkdir, readFile, stat, symlink, utimes, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {SideloadError} from '../../lambda/sideload/errors.ts'
import {nodeFiles} from '../../lambda/sideload/files.ts'
import {sideload} from '../../lambda/sideload/operations/sideload.ts'
import {bundle, expected, request, runAll, stage, storeManifest, treeOf, withFiles, type Tree} from './bundle.ts'
import {systemError, withRoot} from './sandbox.ts'

const deep = Array.from({length: 10}, (_, index) => `level ${index}`).join('/')

/** Names that break whoever decodes, splits, sorts or folds them. */
export const hardTree: Tree = {
  'themes/piBerry Wider Tables/theme.css': 'body {}',
  'themes/piBerry Wider Tables/img/a b.png': Buffer.from([0, 255, 10, 13]),
  'images/1+1=2.png': 'plus',
  'images/100%.png': 'percent',
  'images/%41%2F%2e%2e': 'no escape',
  'images/#hash?query&x=y;z': 'hash',
  'images/it\'s "quoted" `so`': 'quotes',
  'images/back\\slash': 'backslash',
  'images/line\nbreak\ttab': 'control',
  'images/caf\u00e9': 'NFC',
  'images/cafe\u0301': 'NFD',
  'images/\u{1f642} \u{1f469}\u200d\u{1f680}.png': 'emoji',
  'images/\uffee and \u{10ffff}': 'order of bytes',
  'images/Twin': 'upper',
  'images/twin': 'lower',
  'images/.hidden': 'dot',
  'images/-rf': 'dash',
  'images/~': 'tilde',
  'images/ leading and trailing ': 'blanks',
  [`images/${'x'.repeat(255)}`]: '255 bytes',
  [`images/${'\u00e9'.repeat(127)}`]: '254 bytes',
  'images/a': 'a file',
  'images/a b/c': 'between a and a/',
  'images/a-/c': 'between',
  [`svg/${deep}/end.svg`]: 'deep',
  'excel-data/empty.xlsx': '',
  'excel-data/empty folder': null,
  'custom_jdbc/driver.jar': Buffer.alloc(100_000, 7),
  'locale/de/folder/inner': null,
}

describe('sideload', () => {
  it('brings every hard name, empty file and empty folder over byte by byte, and the second time reads no body', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const manifest = bundle(room.store, hardTree)
      const first = await runAll(sideload, request(manifest), room)
      assert.deepEqual(treeOf(room.tree), expected(hardTree))
      const files = Object.values(hardTree).filter((content) => content !== null)
      const bytes = files.reduce((sum, content) => sum + Buffer.from(content).byteLength, 0)
      assert.deepEqual(first.counts, {copied: Object.keys(hardTree).length, skipped: 0, removed: 0, failed: 0, bytes})
      assert.equal(first.slices[0]?.state, 'complete')
      assert.equal(room.store.assetReads.length, files.length - 1, 'one read for each file, none for the empty one')

      room.store.reads.length = 0
      const rehashed: string[] = []
      const watching = {
        ...nodeFiles,
        openToRead: async (path: string) => {
          if (!path.includes('/.pi/')) rehashed.push(path)
          return nodeFiles.openToRead(path)
        },
      }
      const second = await runAll(sideload, request(manifest), withFiles(room, watching))
      assert.deepEqual(second.counts, {
        copied: 0,
        skipped: Object.keys(hardTree).length,
        removed: 0,
        failed: 0,
        bytes: 0,
      })
      assert.deepEqual(room.store.assetReads, [])
      assert.deepEqual(rehashed, [])
    }))

  it('gives files and folders the owner and the mode that they are to have', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const tree = {'themes/a/run.sh': '#!', 'themes/plain': 'x', 'themes/secret': null, 'themes/secret/y': 'y'}
      const manifest = bundle(room.store, tree, {
        'themes/a/run.sh': {mode: 0o4777},
        'themes/plain': {mode: 0o400},
        'themes/secret': {mode: 0o750},
      })
      await runAll(sideload, request(manifest), room)
      const modes = []
      for (const path of ['themes/a', 'themes/a/run.sh', 'themes/plain', 'themes/secret', 'themes/secret/y']) {
        const found = await stat(join(room.tree, path))
        modes.push((found.mode & 0o7777).toString(8))
        assert.deepEqual([found.uid, found.gid], [room.settings.dataUid, room.settings.dataGid])
      }
      assert.deepEqual(modes, ['775', '775', '600', '750', '644'])
      await chmod(join(room.tree, 'themes/plain'), 0o444)
      await runAll(sideload, request(manifest), room)
      assert.equal((await stat(join(room.tree, 'themes/plain'))).mode & 0o777, 0o600)
    }))

  it('asks the file system for the owner when that sees us as root', () =>
    withRoot(async (root) => {
      const owners = new Set<string>()
      const asRoot = {
        ...nodeFiles,
        look: async (path: string) => ({...(await nodeFiles.look(path)), uid: 0, gid: 0}),
        setOwner: async (_path: string, uid: number, gid: number) => void owners.add(`folder ${uid}:${gid}`),
        create: async (path: string) => {
          const file = await nodeFiles.create(path)
          return {
            ...file,
            look: async () => ({...(await file.look()), uid: 0, gid: 0}),
            setOwner: async (uid: number, gid: number) => void owners.add(`file ${uid}:${gid}`),
          }
        },
      }
      const room = await stage(root)
      const settings = {...room.settings, dataUid: 1500, dataGid: 1501}
      await runAll(sideload, request(bundle(room.store, {'themes/a/b': 'x'})), {...room, files: asRoot, settings})
      assert.deepEqual([...owners].sort(), ['file 1500:1501', 'folder 1500:1501'])
    }))

  it('loads what changed and nothing else, and hashes what was only touched', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const before = {'themes/a': 'one', 'themes/b': 'two', 'themes/c': 'three'}
      await runAll(sideload, request(bundle(room.store, before)), room)
      await utimes(join(room.tree, 'themes/a'), 1, 1)
      const after = {...before, 'themes/b': 'TWO'}
      const manifest = bundle(room.store, after)
      room.store.reads.length = 0
      const {counts} = await runAll(sideload, request(manifest), room)
      assert.deepEqual([counts['copied'], counts['skipped']], [1, 2])
      assert.deepEqual(room.store.assetReads, ['objects/themes/b@0'])
      assert.deepEqual(treeOf(room.tree), expected(after))
    }))

  it('repairs what was damaged on the file system, and keeps the foreign file that it replaces', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const tree = {'themes/a': 'good', 'themes/b': 'good'}
      const manifest = bundle(room.store, tree)
      await runAll(sideload, request(manifest), room)
      await writeFile(join(room.tree, 'themes/a'), 'BAD!')
      await writeFile(join(room.tree, 'themes/b'), 'of another length')
      const {lines} = await runAll(sideload, request(manifest), room)
      assert.deepEqual(treeOf(room.tree), expected(tree))
      const kept = lines.map((line) => (line as {replaced?: string}).replaced ?? '')
      const contents = await Promise.all(kept.map(async (path) => readFile(join(room.tree, path), 'utf8')))
      assert.deepEqual(contents.sort(), ['BAD!', 'of another length'])
    }))

  it('takes a file that stands there with the same bytes for what it is, without reading the object', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      await writeFile(join(room.tree, 'themes/a'), 'same')
      const {counts} = await runAll(sideload, request(bundle(room.store, {'themes/a': 'same'})), room)
      assert.deepEqual([counts['copied'], counts['skipped']], [0, 1])
      assert.deepEqual(room.store.assetReads, [])
    }))

  it('never touches keys, files and what else lies there', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const mine: Record<string, string> = {'keys/pi.key': 'secret', 'files/report.pdf': 'mine', 'themes/own/x': 'mine'}
      for (const [path, content] of Object.entries(mine)) {
        await mkdir(join(room.tree, path, '..'), {recursive: true})
        await writeFile(join(room.tree, path), content)
      }
      const before = await stat(join(room.tree, 'keys/pi.key'), {bigint: true})
      const tree = {
        'themes/a': 'x',
        'keys/pi.key': 'stolen',
        'files/report.pdf': 'lost',
        'other/x': 'x',
        '.pi/state/x': 'x',
      }
      const {counts, lines} = await runAll(sideload, request(bundle(room.store, tree)), room)
      assert.deepEqual([counts['copied'], counts['failed']], [1, 4])
      assert.ok(lines.filter(({result}) => result === 'failed').every(({code}) => code === 'CATEGORY_REFUSED'))
      assert.deepEqual(treeOf(room.tree), expected({...mine, 'themes/a': 'x'}))
      const after = await stat(join(room.tree, 'keys/pi.key'), {bigint: true})
      assert.deepEqual([after.ino, after.ctimeNs, after.mtimeNs], [before.ino, before.ctimeNs, before.mtimeNs])
    }))

  for (const path of [
    'themes/../keys/x',
    '../../etc/x',
    '/etc/x',
    'themes//x',
    'themes/./x',
    'themes/a\0b',
    `themes/${'y'.repeat(256)}`,
    `themes/${'d/'.repeat(995)}x`,
    'themes/.pi-part-x',
    'themes',
  ]) {
    it(`refuses ${JSON.stringify(path.slice(0, 30))} and loads the others`, () =>
      withRoot(async (root) => {
        const room = await stage(root)
        const {counts, lines, slices} = await runAll(
          sideload,
          request(bundle(room.store, {[path]: 'x', 'images/ok': 'ok'})),
          room,
        )
        assert.deepEqual([counts['copied'], counts['failed']], [1, 1])
        assert.equal(slices.at(-1)?.state, 'failed')
        const failure = lines.find(({result}) => result === 'failed')
        assert.equal(failure?.path, path)
        assert.match(failure.code ?? '', /BAD_PATH|CATEGORY_REFUSED/)
        assert.deepEqual(treeOf(room.tree), expected({'images/ok': 'ok'}))
      }))
  }

  it('follows no link: neither on the way nor at the end', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      await symlink('../keys', join(room.tree, 'themes/way'))
      await symlink('../keys/x', join(room.tree, 'themes/end'))
      const tree = {'themes/way/x': 'x', 'themes/end': 'x', 'themes/way': null}
      const {lines} = await runAll(sideload, request(bundle(room.store, tree)), room)
      assert.deepEqual(
        lines.map(({result}) => result),
        ['failed', 'failed', 'failed'],
      )
      assert.deepEqual(treeOf(join(room.tree, 'keys')), {})
    }))

  it('names what stands in the way', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      await mkdir(join(room.tree, 'themes/folder'))
      await writeFile(join(room.tree, 'themes/file'), 'mine')
      const tree = {'themes/folder': 'x', 'themes/file/below': 'x', 'themes/ok': 'x'}
      const {lines} = await runAll(sideload, request(bundle(room.store, tree)), room)
      const codes = Object.fromEntries(lines.map(({path, code}) => [path, code]))
      assert.deepEqual(codes, {
        'themes/folder': 'NOT_A_FILE',
        'themes/file/below': 'NOT_A_DIRECTORY',
        'themes/ok': undefined,
      })
    }))

  it('tells a wrong checksum, a wrong size and an object that is gone, and loads the others', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const tree = {
        'themes/sum': 'x',
        'themes/short': 'xy',
        'themes/long': 'xyz',
        'themes/gone': 'x',
        'themes/ok': 'ok',
      }
      const manifest = bundle(room.store, tree, {
        'themes/sum': {sha256: '0'.repeat(64)},
        'themes/short': {size: 3},
        'themes/long': {size: 2},
      })
      room.store.remove('assets', 'objects/themes/gone')
      const {lines, slices} = await runAll(sideload, request(manifest), room)
      const codes = Object.fromEntries(lines.map(({path, code}) => [path.slice(7), code]))
      assert.deepEqual(codes, {
        sum: 'CHECKSUM_WRONG',
        short: 'SIZE_DIFFERS',
        long: 'SIZE_DIFFERS',
        gone: 'VERSION_GONE',
        ok: undefined,
      })
      assert.equal(slices[0]?.failures.length, 4)
      assert.deepEqual(treeOf(room.tree), expected({'themes/ok': 'ok'}))
    }))

  it('says of a pinned version that has expired which file it was and what to do, and loads no other one', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const manifest = bundle(room.store, {'themes/a': 'pinned', 'themes/b': 'b'})
      room.store.remove('assets', 'objects/themes/a')
      room.store.put('assets', 'objects/themes/a', 'by hand')
      const {counts, lines, slices} = await runAll(sideload, request(manifest), room)
      assert.deepEqual([counts['copied'], counts['failed'], slices.at(-1)?.state], [1, 1, 'failed'])
      const failed = lines.find(({path}) => path === 'themes/a')
      assert.equal(failed?.code, 'VERSION_GONE')
      assert.deepEqual(treeOf(room.tree), expected({'themes/b': 'b'}))
    }))

  it('loads the pinned version when a newer one was stored since', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const manifest = bundle(room.store, {'themes/a': 'pinned'})
      room.store.put('assets', 'objects/themes/a', 'newer')
      await runAll(sideload, request(manifest), room)
      assert.deepEqual(treeOf(room.tree), expected({'themes/a': 'pinned'}))
    }))

  it('removes what it wrote of a file when the disk is full, and says how many bytes are needed', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const full = {
        ...nodeFiles,
        freeBytes: async () => Promise.resolve(12),
        create: async (path: string) => {
          const file = await nodeFiles.create(path)
          const isState = path.includes('/.pi/')
          return {
            ...file,
            write: async (bytes: Uint8Array, position: number) => {
              if (isState || bytes.byteLength < 100) return file.write(bytes, position)
              await file.write(bytes.subarray(0, 50), position)
              throw systemError('ENOSPC')
            },
          }
        },
      }
      const tree = {'themes/big': 'b'.repeat(1234), 'themes/small': 's'}
      const {lines} = await runAll(sideload, request(bundle(room.store, tree)), withFiles(room, full))
      const failure = lines.find(({result}) => result === 'failed')
      assert.deepEqual([failure?.path, failure?.code], ['themes/big', 'DISK_FULL'])
      assert.match(failure?.reason ?? '', /1234 bytes are needed, 12 bytes are free/)
      assert.deepEqual(treeOf(room.tree), expected({'themes/small': 's'}))
    }))

  it('gives up a whole slice, and not one file after the other, on an error that nobody foresaw', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const manifest = bundle(room.store, {'themes/a': 'x'})
      room.store.onRead = ({key}) => {
        if (key.startsWith('objects/')) throw new TypeError('a bug')
      }
      await assert.rejects(sideload(request(manifest), room), TypeError)
    }))

  it('answers a repeated slice from the records and does nothing', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const asked = request(bundle(room.store, {'themes/a': 'x'}))
      const first = await sideload(asked, room)
      await writeFile(join(room.tree, 'themes/a'), 'changed since')
      assert.deepEqual(await sideload(asked, room), first)
      assert.equal(await readFile(join(room.tree, 'themes/a'), 'utf8'), 'changed since')
      const other = await sideload({...asked, sliceId: '2'}, room)
      assert.equal(other.counts['copied'], 1)
    }))

  it('refuses a generation that was never prepared, and a manifest that is none', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const manifest = bundle(room.store, {'themes/a': 'x'})
      await assert.rejects(sideload(request(manifest, {generation: 2}), room), {code: 'GENERATION_MISSING'})
      await assert.rejects(sideload(request({key: 'bundles/none'}), room), {code: 'OBJECT_GONE'})
      for (const text of ['', '{}\n', 'no json\n', '{"schemaVersion":2,"id":"x","count":0}\n']) {
        room.store.put('assets', 'bundles/bad', `${text} `)
        await assert.rejects(sideload(request({key: 'bundles/bad'}), room), {code: 'MANIFEST_BROKEN'})
      }
      const head = '{"schemaVersion":1,"id":"x","createdAt":"","count":2}'
      for (const lines of ['{"path":"themes/b"}', 'nonsense', '{"path":"themes/a","kind":"file","size":-1}', '{"pa']) {
        room.store.put('assets', 'bundles/bad', `${head}\n${lines}${lines === '{"pa' ? '' : '\n'}`)
        await assert.rejects(sideload(request({key: 'bundles/bad'}), room), {code: 'MANIFEST_BROKEN'})
      }
      const unsorted = storeManifest(room.store, [
        {path: 'themes/a', kind: 'directory'} as {path: string},
        {path: 'themes/a', kind: 'directory'} as {path: string},
      ])
      await assert.rejects(sideload(request(unsorted), room), {code: 'MANIFEST_BROKEN'})
      await assert.rejects(sideload(request(manifest, {cursor: 'nonsense'}), room), {code: 'BAD_CURSOR'})
    }))

  it('notices that the manifest was replaced between two slices', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const {key} = bundle(room.store, {'themes/a': 'x', 'themes/b': 'x'})
      let time = 0
      const hasty = {...room, now: () => (time += 10_000)}
      const {cursor = ''} = await sideload(request({key}, {deadlineMs: 1}), hasty)
      assert.notEqual(cursor, '')
      room.store.put('assets', key, room.store.text('assets', key))
      await assert.rejects(sideload(request({key}, {cursor}), room), {code: 'MANIFEST_CHANGED'})
    }))

  it('goes on with the others when the bucket refuses one object', () =>
    withRoot(async (root) => {
      const room = await stage(root)
      const manifest = bundle(room.store, {'themes/a': 'x', 'themes/b': 'x'})
      room.store.onRead = ({key}) => {
        if (key === 'objects/themes/a') throw new SideloadError('ACCESS_DENIED', 'no')
      }
      const {counts} = await runAll(sideload, request(manifest), room)
      assert.deepEqual([counts['copied'], counts['failed']], [1, 1])
    }))
})
