import assert from 'node:assert/strict'
import {existsSync, mkdirSync, readdirSync, renameSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {systemClock} from '../../src/host/clock.ts'
import {LocalFolder, markerName} from '../../src/host/local-aws/state.ts'
import {thisMachine} from '../../src/host/machine.ts'
import {temporaryFolder} from './temporary.ts'

describe('the folder of an embedded AWS', () => {
  const folder = temporaryFolder()
  const at = (dir: string) => new LocalFolder(dir, thisMachine, systemClock)
  const local = () => at(join(folder(), 'local'))
  const put = (name: string, text: string) => writeFileSync(join(folder(), 'local', name), text)
  const refusal = {code: 'LOCAL_FOLDER_NOT_OURS', exitCode: 12}

  it('is nothing before it is claimed, and looking at it makes nothing', async () => {
    assert.equal(await local().memory(), undefined)
    assert.equal(await local().server(), undefined)
    assert.deepEqual(await local().lastLines(3), [])
    assert.equal(await local().clearData(), false)
    assert.equal(await local().remove(), false)
    await local().clearFileSystems()
    await local().forgetServer()
    assert.deepEqual(readdirSync(folder()), [])
  })

  it('has one name, however many claim it at once, and is private', async () => {
    const claims = await Promise.all(['aa', 'bb', 'cc'].map((id) => local().claim(id)))
    assert.equal(new Set(claims.map(({instanceId}) => instanceId)).size, 1)
    assert.equal(statSync(local().dir).mode & 0o777, 0o700)
    assert.deepEqual(readdirSync(local().dir), [markerName])
  })

  it('remembers port and region', async () => {
    const {instanceId} = await local().claim('aa')
    await local().remember(5001, 'us-east-1')
    assert.deepEqual(await local().memory(), {instanceId, port: 5001, region: 'us-east-1'})
    assert.deepEqual(await local().claim('bb'), {instanceId, port: 5001, region: 'us-east-1'})
  })

  it('has another name after it was moved, and the same one through a link', async () => {
    const {instanceId} = await local().claim('aa')
    symlinkSync(local().dir, join(folder(), 'link'))
    assert.equal((await at(join(folder(), 'link')).memory())?.instanceId, instanceId)
    renameSync(local().dir, join(folder(), 'moved'))
    assert.notEqual((await at(join(folder(), 'moved')).memory())?.instanceId, instanceId)
  })

  it('takes a broken record for none', async () => {
    await local().claim('aa')
    for (const text of ['', '{"pid": 1', '{"pid": 1}', '{"pid": "1", "port": 2}', 'null']) {
      put('server.json', text)
      assert.equal(await local().server(), undefined, text)
    }
  })

  it('gives the last lines of the log that say something', async () => {
    await local().claim('aa')
    put('server.log', 'one\n\ntwo\n  \nthree\n')
    assert.deepEqual(await local().lastLines(2), ['two', 'three'])
  })

  it('is not ours with other files and no marker, or a marker of something else', async () => {
    mkdirSync(local().dir)
    assert.equal(await local().memory(), undefined)
    put('other.txt', 'x')
    for (const marker of [undefined, '', '{"service": "another", "id": "aa"}', '{"service": "pi-aws-local"}']) {
      if (marker !== undefined) put(markerName, marker)
      await assert.rejects(local().memory(), refusal)
      await assert.rejects(local().claim('aa'), refusal)
      await assert.rejects(local().remove(), refusal)
    }
    assert.ok(existsSync(join(local().dir, 'other.txt')))
  })

  it('does not remember where it was purged meanwhile', async () => {
    await assert.rejects(local().remember(1, 'eu-west-1'), refusal)
  })

  it('stays free to claim when somebody waited for the lock during a purge', async () => {
    const lock = await local().tryLock()
    assert.ok('release' in lock)
    assert.equal(await local().memory(), undefined)
    await local().claim('aa')
    await lock.release()
    assert.match((await local().memory())?.instanceId ?? '', /^aa-/)
  })

  it('is removed with what an interrupted removal left', async () => {
    await local().claim('aa')
    mkdirSync(join(folder(), 'local.removed-1-2', 'efs'), {recursive: true})
    mkdirSync(join(folder(), 'local.other'))
    assert.equal(await local().remove(), true)
    assert.deepEqual(readdirSync(folder()), ['local.other'])
  })

  it('is removed through a link, with the link', async () => {
    await local().claim('aa')
    symlinkSync(local().dir, join(folder(), 'link'))
    assert.equal(await at(join(folder(), 'link')).remove(), true)
    assert.deepEqual(readdirSync(folder()), [])
  })

  it('is claimed again when only the name of a marker that was being written is left', async () => {
    mkdirSync(local().dir)
    put(`${markerName}.0123.tmp`, '')
    assert.match((await local().claim('aa')).instanceId, /^aa-/)
  })
})
