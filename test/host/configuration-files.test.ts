import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {refusal} from '../domain/samples.ts'
import type {Clock, Machine} from '../../src/flows/ports.ts'
import {configurationFiles, isWritable, lockFolder} from '../../src/host/configuration-files.ts'
import {FolderLock} from '../../src/host/folder-lock.ts'
import {temporaryFolder} from './temporary.ts'

const machine: Machine = {
  holder: () => ({host: 'here', pid: 7, user: 'me'}),
  mayBeAlive: () => true,
  randomHex: () => '',
}
const clock: Clock = {now: () => new Date(0), sleep: async () => undefined}

describe('files with configurations', () => {
  const folder = temporaryFolder()
  const state = () => join(folder(), 'state')
  const path = () => join(folder(), 'pi-aws.yaml')
  const files = () => configurationFiles(state(), machine, clock)

  it('are made for everybody to read, keep their mode, and leave nothing beside them', async () => {
    assert.equal(await files().read(path()), undefined)
    assert.deepEqual(await files().update(path(), (text) => `${text ?? 'none'}\n`), {changed: true, text: 'none\n'})
    assert.equal(statSync(path()).mode & 0o777, 0o644)
    chmodSync(path(), 0o640)
    await files().update(path(), () => 'two\n')
    assert.equal(statSync(path()).mode & 0o777, 0o640)
    assert.equal(await files().read(path()), 'two\n')
    assert.deepEqual(readdirSync(folder()).toSorted(), ['pi-aws.yaml', 'state'])
  })

  it('can be replaced, unless they are not there or nobody may write them', async () => {
    assert.equal(await isWritable(path()), false)
    writeFileSync(path(), 'one\n')
    assert.equal(await isWritable(path()), true)
    chmodSync(path(), 0o444)
    assert.equal(await isWritable(path()), false)
  })

  it('are not written for the same text again', async () => {
    writeFileSync(path(), 'same')
    const before = statSync(path()).ino
    assert.equal((await files().update(path(), (text) => text ?? '')).changed, false)
    assert.equal(statSync(path()).ino, before)
  })

  it('that are links stay links', async () => {
    const real = join(folder(), 'real.yaml')
    writeFileSync(real, 'a')
    symlinkSync(real, path())
    await files().update(path(), () => 'b')
    assert.ok(lstatSync(path()).isSymbolicLink())
    assert.equal(readFileSync(real, 'utf8'), 'b')
  })

  it('take the changes of many writers at once, each of them', async () => {
    const all = Array.from({length: 12}, (_, index) => index)
    let now = 0
    const patient: Clock = {now: () => new Date(now), sleep: () => new Promise((resolve) => setImmediate(resolve))}
    const writers = all.map((index) =>
      configurationFiles(state(), machine, patient).update(path(), (text) => {
        now += 1
        return `${text ?? ''}${index}\n`
      }),
    )
    const ends = await Promise.allSettled(writers)
    const written = readFileSync(path(), 'utf8').trim().split('\n')
    const well = ends.filter(({status}) => status === 'fulfilled').length
    assert.equal(new Set(written).size, well, 'no change was lost')
    assert.ok(well >= 1)
    for (const end of ends) if (end.status === 'rejected') refusal('CONFIGURATION_BUSY')(end.reason as never)
  })

  it('see what an editor saved meanwhile', async () => {
    writeFileSync(path(), 'one')
    let calls = 0
    const {text} = await files().update(path(), (present) => {
      calls += 1
      if (calls === 1) writeFileSync(path(), 'of the editor')
      return `${present ?? ''}, changed`
    })
    assert.equal(text, 'of the editor, changed')
  })

  it('name who writes them for too long', async () => {
    const taken = await new FolderLock(lockFolder(state(), path()), machine, clock).tryTake()
    assert.ok('release' in taken)
    await assert.rejects(
      files().update(path(), () => 'x'),
      refusal('CONFIGURATION_BUSY', /process 7 on here/),
    )
    await taken.release()
    assert.ok(!existsSync(path()))
  })

  it('are left alone when the change is refused, and the lock is free again', async () => {
    writeFileSync(path(), 'one')
    await assert.rejects(
      files().update(path(), () => {
        throw new RangeError('no')
      }),
      RangeError,
    )
    assert.equal((await files().update(path(), () => 'two')).changed, true)
  })

  it('that cannot be read or written say so', async () => {
    await assert.rejects(files().read(folder()), refusal('CONFIGURATION_UNREADABLE'))
    const inFile = join(folder(), 'file')
    writeFileSync(inFile, '')
    await assert.rejects(
      files().update('/proc/pi-aws.yaml', () => 'x'),
      refusal('CONFIGURATION_UNWRITABLE'),
    )
    const noState = configurationFiles(join(inFile, 'state'), machine, clock)
    await assert.rejects(
      noState.update(path(), () => 'x'),
      refusal('CONFIGURATION_UNWRITABLE'),
    )
  })
})
