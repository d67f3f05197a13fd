import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import type {TreeNode} from '../../../src/flows/assets/ports.ts'
import {Buffers} from '../../../src/flows/assets/buffers.ts'
import {assetFolder} from '../../../src/host/assets/folder.ts'
import {saying} from '../../aws/sdk.ts'
import {emptyFolders, hardFiles, writeFiles} from '../../helpers/asset-tree.ts'
import {sha256} from '../../flows/assets/fakes.ts'
import {temporaryFolder} from '../temporary.ts'

const all = {categories: [], followSymlinks: false} as const
const lease = () => new Buffers(1_000_000).lease()
const reasons = (problems: readonly {readonly path: string; readonly reason: string}[]): Record<string, string> =>
  Object.fromEntries(problems.map(({path, reason}) => [path, reason]))
const paths = (nodes: readonly TreeNode[], kind: TreeNode['kind']): readonly string[] =>
  nodes.flatMap((node) => (node.kind === kind ? [node.path] : [])).sort()

function makePipe(path: string): void {
  execFileSync('sh', ['-c', 'mkfifo "$0"', path])
}

describe('the walk through a folder', () => {
  const folder = temporaryFolder()
  let root = ''
  beforeEach(() => {
    root = folder()
  })

  it('finds every file and folder under its very name', async () => {
    writeFiles(root, hardFiles())
    for (const path of emptyFolders) mkdirSync(join(root, path), {recursive: true})
    const {nodes, problems, leftOut} = await assetFolder.walk(root, all)
    assert.deepEqual({problems, leftOut}, {problems: [], leftOut: []})
    assert.deepEqual(
      paths(nodes, 'file'),
      hardFiles()
        .map(({path}) => path)
        .sort(),
    )
    const folders = paths(nodes, 'directory')
    for (const path of emptyFolders) assert.ok(folders.includes(path), path)
    assert.ok(folders.includes(`svg/${Array.from({length: 10}, (_, level) => `level ${level}`).join('/')}`))
    const empty = nodes.find(({path}) => path === 'locale/empty.properties')
    assert.equal(empty?.size, 0)
  })

  it('tells size, permissions and when a file was touched', async () => {
    writeFiles(root, [{path: 'images/a', bytes: new Uint8Array(7)}])
    const file = join(root, 'images/a')
    chmodSync(file, 0o4640)
    utimesSync(file, 1_700_000_000, 1_700_000_000)
    const find = async () => (await assetFolder.walk(root, all)).nodes.find(({path}) => path === 'images/a')!
    const first = await find()
    assert.deepEqual([first.size, first.mode], [7, 0o640])
    // ctime moves on although mtime was set back.
    assert.equal(first.stamp.touchedMs, Math.floor(statSync(file).ctimeMs))
    assert.deepEqual((await find()).stamp, first.stamp)
    writeFileSync(`${file}2`, new Uint8Array(7))
    utimesSync(`${file}2`, 1_700_000_000, 1_700_000_000)
    renameSync(`${file}2`, file)
    assert.notEqual((await find()).stamp.mark, first.stamp.mark)
  })

  it('looks at the chosen categories only', async () => {
    writeFiles(root, [
      {path: 'images/a', bytes: new Uint8Array(1)},
      {path: 'svg/b', bytes: new Uint8Array(1)},
      {path: 'strange/c', bytes: new Uint8Array(1)},
    ])
    const {nodes, problems} = await assetFolder.walk(root, {...all, categories: ['svg']})
    assert.deepEqual([paths(nodes, 'file'), problems], [['svg/b'], []])
  })

  it('refuses strange folders, leaves strange files out and says so', async () => {
    writeFiles(root, [
      {path: 'theme/a', bytes: new Uint8Array(1)},
      {path: 'README.md', bytes: new Uint8Array(1)},
      {path: 'images', bytes: new Uint8Array(1)},
    ])
    const {nodes, problems, leftOut} = await assetFolder.walk(root, all)
    assert.deepEqual([nodes, leftOut], [[], ['README.md']])
    assert.match(reasons(problems)['theme'] ?? '', /none of themes/)
    assert.match(reasons(problems)['images'] ?? '', /a category is a folder/)
  })

  it('names every FIFO, socket and device', async () => {
    mkdirSync(join(root, 'images'))
    makePipe(join(root, 'images/pipe'))
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(join(root, 'images/socket'), resolve))
    const {problems} = await assetFolder.walk(root, all)
    await new Promise((resolve) => server.close(resolve))
    assert.deepEqual(reasons(problems), {'images/pipe': 'it is a FIFO', 'images/socket': 'it is a socket'})
  })

  it('names every link, and follows them only when told so', async () => {
    writeFiles(root, [{path: 'images/a', bytes: new Uint8Array(3)}])
    symlinkSync('a', join(root, 'images/to file'))
    symlinkSync('nowhere', join(root, 'images/broken'))
    symlinkSync('..', join(root, 'images/loop'))
    mkdirSync(join(root, 'svg'))
    symlinkSync('../images', join(root, 'svg/to folder'))
    linkSync(join(root, 'images/a'), join(root, 'images/hard link'))
    const {nodes, problems} = await assetFolder.walk(root, all)
    assert.deepEqual(Object.keys(reasons(problems)).sort(), [
      'images/broken',
      'images/loop',
      'images/to file',
      'svg/to folder',
    ])
    assert.match(problems[0]?.reason ?? '', /--follow-symlinks/)
    assert.deepEqual(paths(nodes, 'file'), ['images/a', 'images/hard link'])

    const followed = await assetFolder.walk(root, {...all, followSymlinks: true})
    const found = paths(followed.nodes, 'file')
    for (const path of ['images/a', 'images/to file', 'svg/to folder/a']) assert.ok(found.includes(path), path)
    const why = reasons(followed.problems)
    assert.match(why['images/broken'] ?? '', /it is gone/)
    assert.ok(Object.values(why).some((reason) => reason.includes('circle')))
  })

  it('names what has no UTF-8 name, by its bytes', async () => {
    mkdirSync(join(root, 'images'))
    writeFileSync(Buffer.concat([Buffer.from(join(root, 'images/')), Buffer.from([0x61, 0xe4, 0x62])]), 'x')
    writeFileSync(join(root, 'images/real \ufffd'), 'x')
    const {nodes, problems} = await assetFolder.walk(root, all)
    assert.deepEqual(paths(nodes, 'file'), ['images/real \ufffd'])
    assert.match(problems[0]?.reason ?? '', /no UTF-8: bytes 61e462/)
  })

  it('names folders that cannot be read', async () => {
    const {nodes, problems} = await assetFolder.walk(join(root, 'gone since'), all)
    assert.deepEqual([nodes, Object.values(reasons(problems))], [[], ['it cannot be read: it is gone (ENOENT)']])
  })

  it('is told apart: no folder, and no folder but a file', async () => {
    writeFileSync(join(root, 'file'), 'x')
    await assert.rejects(
      assetFolder.resolve(join(root, 'missing')),
      saying('NotFoundError', 'FOLDER_NOT_FOUND', /missing/),
    )
    await assert.rejects(assetFolder.resolve(join(root, 'file')), saying('UsageError', 'NOT_A_FOLDER'))
  })
})

describe('the content of a file', () => {
  const folder = temporaryFolder()
  let root = ''
  beforeEach(() => {
    root = folder()
    mkdirSync(join(root, 'images'))
  })

  it('is read whole, with the stamp of the walk', async () => {
    const bytes = Buffer.alloc(300_000, 'abc')
    writeFileSync(join(root, 'images/a'), bytes)
    writeFileSync(join(root, 'images/empty'), '')
    const {nodes} = await assetFolder.walk(root, all)
    const read = await assetFolder.read(root, 'images/a', lease())
    assert.equal(sha256(read.bytes), sha256(bytes))
    assert.deepEqual(read.stamp, nodes.find(({path}) => path === 'images/a')?.stamp)
    assert.equal((await assetFolder.read(root, 'images/empty', lease())).bytes.byteLength, 0)
  })

  it('of a large file is read piece by piece, and a change is noticed', async () => {
    writeFileSync(join(root, 'images/a'), 'abcdef')
    const file = await assetFolder.open(root, 'images/a')
    assert.equal(Buffer.from(await file.read(2, 3, lease())).toString(), 'cde')
    await file.confirm()
    await assert.rejects(file.read(4, 3, lease()), saying('FailedError', 'ASSET_CHANGED', /images\/a/))
    writeFileSync(join(root, 'images/a'), 'abcdefg')
    await assert.rejects(file.confirm(), saying('FailedError', 'ASSET_CHANGED'))
    await file.close()
  })

  it('that grows while it is read is read again, and then named', async () => {
    const file = join(root, 'images/a')
    writeFileSync(file, 'x'.repeat(100))
    let times = 0
    const grows = (most: number) => ({
      room: (size: number) => {
        if (times++ < most) writeFileSync(file, 'y'.repeat(100 + times))
        return new Uint8Array(size)
      },
      release: () => undefined,
    })
    assert.equal(Buffer.from((await assetFolder.read(root, 'images/a', grows(1))).bytes).toString(), 'y'.repeat(101))
    times = 0
    await assert.rejects(assetFolder.read(root, 'images/a', grows(9)), saying('FailedError', 'ASSET_CHANGED'))
  })

  it('that is gone, or a FIFO by now, is named', async () => {
    await assert.rejects(
      assetFolder.read(root, 'images/gone', lease()),
      saying('FailedError', 'ASSET_UNREADABLE', /it is gone \(ENOENT\)/),
    )
    makePipe(join(root, 'images/pipe'))
    await assert.rejects(assetFolder.read(root, 'images/pipe', lease()), saying('FailedError', 'ASSET_CHANGED'))
    await assert.rejects(assetFolder.open(root, 'images/pipe'), saying('FailedError', 'ASSET_CHANGED'))
  })
})

describe('a file that is brought', () => {
  const folder = temporaryFolder()
  let root = ''
  beforeEach(() => {
    root = folder()
  })
  const entry = (path: string, text: string) =>
    ({path, key: path, versionId: 'v', size: text.length, sha256: sha256(text), mode: 0o640, kind: 'file'}) as const
  async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
    await Promise.resolve()
    for (const text of texts) yield new TextEncoder().encode(text)
  }

  it('gets its name, its content and its permissions', async () => {
    for (const {path} of hardFiles()) await assetFolder.write(root, entry(path, 'abc'), chunks('a', 'bc'))
    for (const {path} of hardFiles()) {
      assert.equal(readFileSync(join(root, path), 'utf8'), 'abc')
      assert.equal(statSync(join(root, path)).mode & 0o777, 0o640)
    }
    await assetFolder.makeDirectory(root, {...entry('images/empty dir', ''), kind: 'directory', mode: 0o700})
    assert.equal(statSync(join(root, 'images/empty dir')).mode & 0o777, 0o700)
  })

  it('does not get its name when its hash is wrong or it breaks off, and leaves nothing behind', async () => {
    await assetFolder.write(root, entry('images/a', 'old'), chunks('old'))
    await assert.rejects(
      assetFolder.write(root, entry('images/a', 'new'), chunks('nxw')),
      saying('FailedError', 'CHECKSUM_DIFFERS'),
    )
    await assert.rejects(
      assetFolder.write(root, entry('images/a', 'new'), chunks('ne')),
      saying('FailedError', 'CHECKSUM_DIFFERS'),
    )
    const broken = (async function* () {
      yield* chunks('n')
      throw new RangeError('broke off')
    })()
    await assert.rejects(assetFolder.write(root, entry('images/a', 'new'), broken), /broke off/)
    assert.deepEqual(readdirSync(join(root, 'images')), ['a'])
    assert.equal(readFileSync(join(root, 'images/a'), 'utf8'), 'old')
  })

  it('says which file cannot be written where a file stands in the place of a folder', async () => {
    for (const place of ['images', '.']) {
      const file = join(root, place, 'file')
      mkdirSync(join(root, place), {recursive: true})
      writeFileSync(file, 'mine')
      const [folder, path] = place === '.' ? [file, 'images/a'] : [root, 'images/file/a']
      await assert.rejects(
        assetFolder.write(folder, entry(path, 'x'), chunks('x')),
        saying('FailedError', 'ASSET_UNWRITABLE', /a file stands where a folder belongs/),
      )
      assert.equal(readFileSync(file, 'utf8'), 'mine')
    }
  })

  it('leaves a folder that stands in its place alone, and says so', async () => {
    mkdirSync(join(root, 'images/a/b'), {recursive: true})
    await assert.rejects(
      assetFolder.write(root, entry('images/a', 'x'), chunks('x')),
      saying('FailedError', 'ASSET_UNWRITABLE', /a folder stands where it belongs/),
    )
    assert.deepEqual(readdirSync(join(root, 'images')), ['a'])
  })

  it('never leaves the folder', async () => {
    for (const path of ['../x', 'images/../../x', 'images/a/../../../x']) {
      await assert.rejects(
        assetFolder.write(root, entry(path, 'x'), chunks('x')),
        saying('RefusedError', 'UNFIT_ASSETS'),
      )
    }
  })
})
