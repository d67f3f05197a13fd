import assert from 'node:assert/strict'
import {existsSync} from 'node:fs'
import {chmod, mkdir, readFile, readdir, rm, stat, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {nodeFiles, type Entry, type Files} from '../../lambda/sideload/files.ts'
import {directoryModes, marker, prepare} from '../../lambda/sideload/operations/prepare.ts'
import {Killed, mortal, settingsFor, systemError, withRoot} from './sandbox.ts'

const names = Object.keys(directoryModes)

/** The file system as a test wants our process to be seen by it: each fresh directory belongs to `uid`. */
function seenAs(uid: number, processUid: number, changes: Partial<Files> = {}): Files & {owners: string[]} {
  const owners: string[] = []
  return {
    ...nodeFiles,
    owners,
    processUid: () => processUid,
    look: async (path): Promise<Entry> => ({...(await nodeFiles.look(path)), uid, gid: uid}),
    setOwner: async (path, newUid, newGid) => void owners.push(`${path.split('/').at(-1) ?? ''} ${newUid}:${newGid}`),
    ...changes,
  }
}

describe('prepare', () => {
  it('makes every directory of a generation with owner and mode, and the mark', () =>
    withRoot(async (root) => {
      const answer = await prepare(settingsFor(root), nodeFiles, 1)
      assert.deepEqual(
        answer.directories.map(({path}) => path),
        names.map((name) => `/gen/1/${name}`),
      )
      for (const directory of answer.directories) {
        const found = await stat(join(root, directory.path))
        assert.equal(directory.existed, false)
        assert.equal(directory.asExpected, true)
        assert.equal(directory.mode, `0${(found.mode & 0o7777).toString(8)}`)
        assert.deepEqual([directory.uid, directory.gid], [found.uid, found.gid])
      }
      assert.deepEqual((await readdir(join(root, 'gen/1'))).sort(), [marker, ...names].sort())
      assert.deepEqual(JSON.parse(await readFile(join(root, 'gen/1', marker), 'utf8')), names)
    }))

  it('lets nobody but owner and group see the keys, and nobody else write anywhere', () => {
    assert.equal(directoryModes.keys & 0o007, 0)
    for (const mode of Object.values(directoryModes)) assert.equal(mode & 0o002, 0)
  })

  it('changes nothing when called again', () =>
    withRoot(async (root) => {
      await prepare(settingsFor(root), nodeFiles, 1)
      const {files, used} = mortal(0)
      const answer = await prepare(settingsFor(root), files, 1)
      assert.equal(used(), 0)
      assert.ok(answer.directories.every(({existed, asExpected}) => existed && asExpected))
    }))

  it('never touches what exists: content, owner and mode stay, and are reported', () =>
    withRoot(async (root) => {
      const themes = join(root, 'gen/2/themes')
      await mkdir(themes, {recursive: true})
      await writeFile(join(themes, 'piBerry Wider Tables'), 'mine')
      await chmod(themes, 0o700)
      const answer = await prepare(settingsFor(root), nodeFiles, 2)
      const report = answer.directories.find(({path}) => path.endsWith('themes'))
      assert.deepEqual(
        {...report, uid: 0, gid: 0},
        {path: '/gen/2/themes', existed: true, uid: 0, gid: 0, mode: '0700', asExpected: false},
      )
      assert.equal(await readFile(join(themes, 'piBerry Wider Tables'), 'utf8'), 'mine')
    }))

  it('keeps generations apart', () =>
    withRoot(async (root) => {
      await prepare(settingsFor(root), nodeFiles, 1)
      await writeFile(join(root, 'gen/1/files/a'), '1')
      await prepare(settingsFor(root), nodeFiles, 2)
      assert.deepEqual(await readdir(join(root, 'gen/2/files')), [])
      assert.equal(await readFile(join(root, 'gen/1/files/a'), 'utf8'), '1')
    }))

  it('refuses a complete generation that has lost a directory', () =>
    withRoot(async (root) => {
      await prepare(settingsFor(root), nodeFiles, 1)
      await rm(join(root, 'gen/1/keys'), {recursive: true})
      await assert.rejects(prepare(settingsFor(root), nodeFiles, 1), {
        code: 'GENERATION_DAMAGED',
        message: /lost its keys/,
      })
      assert.equal(existsSync(join(root, 'gen/1/keys')), false)
    }))

  it('adds a directory that an older version did not promise, and promises it then', () =>
    withRoot(async (root) => {
      await prepare(settingsFor(root), nodeFiles, 1)
      await rm(join(root, 'gen/1/excel-data'), {recursive: true})
      await writeFile(join(root, 'gen/1', marker), JSON.stringify(names.filter((name) => name !== 'excel-data')))
      const answer = await prepare(settingsFor(root), nodeFiles, 1)
      assert.deepEqual(
        answer.directories.filter(({existed}) => !existed).map(({path}) => path),
        ['/gen/1/excel-data'],
      )
      assert.deepEqual(JSON.parse(await readFile(join(root, 'gen/1', marker), 'utf8')), names)
    }))

  for (const [what, lay] of [
    ['a file', async (path: string) => writeFile(path, '')],
    ['a link', async (path: string) => symlink('/', path)],
  ] as const) {
    it(`refuses ${what} where a directory belongs, and marks nothing`, () =>
      withRoot(async (root) => {
        await mkdir(join(root, 'gen/1'), {recursive: true})
        await lay(join(root, 'gen/1/keys'))
        await assert.rejects(prepare(settingsFor(root), nodeFiles, 1), {code: 'NOT_A_DIRECTORY'})
        assert.equal(existsSync(join(root, 'gen/1', marker)), false)
      }))
  }
})

describe('prepare, killed', () => {
  it('leaves no mark wherever it stops, and the next call ends as an undisturbed one', async () => {
    const whole = await withRoot(async (root) => {
      const {files, used} = mortal(Number.POSITIVE_INFINITY)
      await prepare(settingsFor(root), files, 1)
      return used()
    })
    assert.ok(whole > names.length * 3)
    for (let calls = 0; calls < whole; calls++) {
      await withRoot(async (root) => {
        await assert.rejects(prepare(settingsFor(root), mortal(calls).files, 1), Killed)
        // Only the call after the mark's own rename may find it: then everything before it is on the disk.
        assert.equal(existsSync(join(root, 'gen/1', marker)), calls === whole - 1, `after ${calls} calls`)
        const answer = await prepare(settingsFor(root), nodeFiles, 1)
        assert.ok(answer.directories.every(({asExpected}) => asExpected))
        assert.deepEqual(
          (await readdir(join(root, 'gen/1'))).filter((name) => name.startsWith('.')),
          [marker],
        )
      })
    }
  })

  it('gives way to a faster call whose directory is in use already', () =>
    withRoot(async (root) => {
      const files: Files = {
        ...nodeFiles,
        async rename(from, to) {
          if (to.endsWith('svg')) await mkdir(join(to, 'used'), {recursive: true})
          return nodeFiles.rename(from, to)
        },
      }
      await prepare(settingsFor(root), files, 1)
      assert.deepEqual(await readdir(join(root, 'gen/1/svg')), ['used'])
      assert.equal(existsSync(join(root, 'gen/1/.pi-preparing-svg')), false)
    }))
})

describe('prepare, ownership', () => {
  it('gives each new directory to the data user when the file system sees root, whoever the process is', () =>
    withRoot(async (root) => {
      const files = seenAs(0, 993)
      await prepare(settingsFor(root, {dataUid: 1500, dataGid: 1501}), files, 1)
      assert.deepEqual(
        files.owners,
        names.map((name) => `.pi-preparing-${name} 1500:1501`),
      )
    }))

  it('asks for no other owner as an ordinary user on a plain folder', () =>
    withRoot(async (root) => {
      const files = seenAs(1000, 1000)
      const answer = await prepare(settingsFor(root, {dataUid: 1500, dataGid: 1500}), files, 1)
      assert.deepEqual(files.owners, [])
      assert.ok(answer.directories.every(({uid, asExpected}) => uid === 1000 && !asExpected))
    }))

  it('stops without a mark when the file system squashes root', () =>
    withRoot(async (root) => {
      const attempt = prepare(settingsFor(root, {dataUid: 1500, dataGid: 1500}), seenAs(65_534, 993), 1)
      await assert.rejects(attempt, {code: 'OWNERSHIP_REFUSED', message: /65534.*ClientRootAccess/})
      assert.equal(existsSync(join(root, 'gen/1', marker)), false)
    }))

  it('stops without a mark when the owner is refused', () =>
    withRoot(async (root) => {
      const refusing = {setOwner: async () => Promise.reject(systemError('EPERM'))}
      const attempt = prepare(settingsFor(root, {dataUid: 1500, dataGid: 1500}), seenAs(0, 0, refusing), 1)
      await assert.rejects(attempt, {code: 'OWNERSHIP_REFUSED', message: /1500:1500/})
      assert.equal(existsSync(join(root, 'gen/1', marker)), false)
    }))
})
