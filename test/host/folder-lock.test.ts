import assert from 'node:assert/strict'
import {mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Clock, Machine} from '../../src/flows/ports.ts'
import {FolderLock} from '../../src/host/folder-lock.ts'
import {createFile, replaceFile} from '../../src/host/whole-file.ts'
import {temporaryFolder} from './temporary.ts'

const minute = 60_000

describe('the lock between processes', () => {
  const folder = temporaryFolder()
  const dir = () => join(folder(), 'lock')
  let now = 0
  let dead: Set<number>
  /** Given back after the test: what is left is an open file. */
  const held = new Set<() => Promise<void>>()
  const clock: Clock = {now: () => new Date(now), sleep: async () => undefined}

  beforeEach(() => {
    now = Date.parse('2026-01-02T03:04:05Z')
    dead = new Set()
  })
  afterEach(async () => {
    for (const release of held) await release()
    held.clear()
  })

  /** The lock as process `pid` sees it. */
  function lockOf(pid: number): FolderLock {
    const machine: Machine = {
      holder: () => ({host: 'here', pid, user: 'me'}),
      mayBeAlive: (holder) => !dead.has(holder.pid),
      randomHex: () => '',
    }
    return new FolderLock(dir(), machine, clock)
  }

  async function taken(pid: number): Promise<() => Promise<void>> {
    const lock = await lockOf(pid).tryTake()
    assert.ok('release' in lock, `process ${pid} should have it`)
    held.add(lock.release)
    return async () => {
      held.delete(lock.release)
      await lock.release()
    }
  }

  async function holderSeenBy(pid: number): Promise<number> {
    const lock = await lockOf(pid).tryTake()
    assert.ok('holder' in lock, `process ${pid} should not have it`)
    return lock.holder.pid
  }

  it('has one holder, is named to others, and is free after its release', async () => {
    const release = await taken(1)
    assert.equal(await holderSeenBy(2), 1)
    assert.equal(await holderSeenBy(1), 1)
    await release()
    await (
      await taken(2)
    )()
    await taken(3)
    assert.equal(readdirSync(dir()).length, 1)
  })

  it('is taken over from a process that is gone', async () => {
    await taken(1)
    dead.add(1)
    await taken(2)
    assert.equal(await holderSeenBy(3), 2)
  })

  it('is taken over when it is older than anything under it takes, whoever has the process id now', async () => {
    await taken(1)
    now += 9 * minute
    assert.equal(await holderSeenBy(2), 1)
    now += 2 * minute
    await taken(2)
  })

  it('is free when the disk lost its text', async () => {
    for (const text of ['', '{"holder":', 'null', '5']) {
      mkdirSync(dir(), {recursive: true})
      for (const name of readdirSync(dir())) writeFileSync(join(dir(), name), text)
      writeFileSync(join(dir(), '7'), text)
      await (
        await taken(1)
      )()
    }
  })

  it('goes to one of many that come at once, also when a dead one lies in the way', async () => {
    await taken(99)
    dead.add(99)
    for (let round = 0; round < 20; round++) {
      const all = await Promise.all(Array.from({length: 8}, (_, index) => lockOf(index + 1).tryTake()))
      const winners = all.flatMap((lock) => ('release' in lock ? [lock] : []))
      assert.equal(winners.length, 1, `round ${round}`)
      await winners[0]?.release()
    }
  })

  it('leaves a new lock alone when the folder was removed and made again under it', async () => {
    const release = await taken(1)
    renameSync(dir(), `${dir()}.removed`)
    await taken(2)
    await release()
    assert.equal(await holderSeenBy(3), 2)
  })
})

describe('whole files', () => {
  const folder = temporaryFolder()
  const path = () => join(folder(), 'file')

  it('are replaced and leave nothing beside them', async () => {
    await replaceFile(path(), 'one')
    await replaceFile(path(), 'two')
    assert.equal(readFileSync(path(), 'utf8'), 'two')
    assert.deepEqual(readdirSync(folder()), ['file'])
  })

  it('are made by one of many', async () => {
    const made = await Promise.all(Array.from({length: 10}, (_, index) => createFile(path(), String(index))))
    const winners = made.flatMap((handle, index) => (handle === undefined ? [] : [String(index)]))
    for (const handle of made) await handle?.close()
    assert.deepEqual([readFileSync(path(), 'utf8')], winners)
    assert.deepEqual(readdirSync(folder()), ['file'])
  })

  it('fail without leaving anything where the place is taken by a folder or missing', async () => {
    mkdirSync(path())
    await assert.rejects(replaceFile(path(), 'text'))
    assert.deepEqual(readdirSync(folder()), ['file'])
    await assert.rejects(createFile(join(folder(), 'no', 'file'), 'text'), {code: 'ENOENT'})
  })
})
