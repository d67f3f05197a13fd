import assert from 'node:assert/strict'
import {CancelledError, type FailedError, PendingError, RefusedError} from '../../../src/domain/errors.ts'
import {localEndpoint, requireLocalEndpoint} from '../../../src/flows/local/endpoint.ts'
import {purgeLocal} from '../../../src/flows/local/purge.ts'
import {resetLocal} from '../../../src/flows/local/reset.ts'
import {localStatus} from '../../../src/flows/local/status.ts'
import {stopLocal} from '../../../src/flows/local/stop.ts'
import {FakeWorld, healthy} from './fakes.ts'

let world: FakeWorld
beforeEach(() => {
  world = new FakeWorld()
})

const nothing = {
  running: false,
  endpoint: null,
  region: 'eu-west-1',
  accountId: '000000000000',
  stateDir: '/state/local',
}

describe('local status', () => {
  it('says that nothing runs where nothing ever did', async () => {
    assert.deepEqual(await localStatus(world.localPorts), nothing)
  })

  it('says where it runs', async () => {
    const pid = world.running(5001, 0.02)
    assert.deepEqual(await localStatus(world.localPorts), {
      ...nothing,
      running: true,
      endpoint: 'http://127.0.0.1:5001',
      pid,
      port: 5001,
      pace: 0.02,
      version: '1.0.0',
    })
  })

  it('keeps the region of one that does not run', async () => {
    world.memory = {instanceId: 'id-1', port: 5001, region: 'us-east-1'}
    assert.equal((await localStatus(world.localPorts)).region, 'us-east-1')
  })

  for (const kind of ['foreign', 'refused'] as const) {
    it(`does not take a stale record for a server (${kind})`, async () => {
      world.end(world.running())
      world.ports.set(4566, {kind})
      assert.equal((await localStatus(world.localPorts)).running, false)
    })
  }

  it("does not take another folder's embedded AWS for its own", async () => {
    world.running()
    world.ports.set(4566, healthy(100, 'id-2'))
    world.processes.set(100, 'id-2')
    assert.equal((await localStatus(world.localPorts)).running, false)
  })

  it('does not say "not running" of a server that is there and does not answer', async () => {
    world.running()
    world.ports.set(4566, {kind: 'silent'})
    await assert.rejects(localStatus(world.localPorts), (error: FailedError) => error.code === 'LOCAL_NOT_ANSWERING')
  })

  it('waits for a busy server', async () => {
    const pid = world.running()
    world.ports.set(4566, {kind: 'silent'})
    world.after(3000, () => world.ports.set(4566, healthy(pid, 'id-1')))
    assert.equal((await localStatus(world.localPorts)).running, true)
  })
})

describe('the endpoint for --local', () => {
  it('is that of the running server', async () => {
    world.running(5001)
    assert.equal(await requireLocalEndpoint(world.localPorts), 'http://127.0.0.1:5001')
  })

  it('is missing when nothing runs, and the error names the command to run', async () => {
    assert.equal(await localEndpoint(world.localPorts), undefined)
    await assert.rejects(requireLocalEndpoint(world.localPorts), (error: FailedError) => {
      assert.deepEqual(
        [error.code, error.exitCode, error.suggestions],
        ['LOCAL_NOT_RUNNING', 1, ['pi-aws local start']],
      )
      return true
    })
  })
})

describe('local stop', () => {
  it('ends the server that answered and waits until it is gone', async () => {
    const pid = world.running()
    const result = await stopLocal(world.localPorts, world.run)
    assert.deepEqual(result, {...nothing, changed: true})
    assert.deepEqual(world.calls, [`terminate ${pid}`])
    assert.deepEqual([world.record, world.processes.size, world.locked], [undefined, 0, false])
    assert.equal(world.memory?.port, 4566)
  })

  it('changes nothing where nothing runs', async () => {
    assert.deepEqual(await stopLocal(world.localPorts, world.run), {...nothing, changed: false})
    assert.equal(world.folder, false)
  })

  it('never signals the process id of a stale record', async () => {
    world.running()
    world.processes.set(100, 'an editor')
    world.ports.set(4566, {kind: 'foreign'})
    assert.equal((await stopLocal(world.localPorts, world.run)).changed, false)
    assert.deepEqual(world.calls, [])
    assert.equal(world.record, undefined)
  })

  it('signals the process that answers, whatever the record says', async () => {
    world.running()
    world.ports.set(4566, healthy(555, 'id-1'))
    world.processes.set(555, 'id-1')
    await stopLocal(world.localPorts, world.run)
    assert.deepEqual(world.calls, ['terminate 555'])
  })

  it('does not signal a server that does not answer', async () => {
    world.running()
    world.ports.set(4566, {kind: 'silent'})
    await assert.rejects(
      stopLocal(world.localPorts, world.run),
      (error: FailedError) => error.code === 'LOCAL_NOT_ANSWERING',
    )
    assert.deepEqual(world.calls, [])
  })

  it('says so when the server does not end, and keeps its record', async () => {
    world.running()
    world.term = () => undefined
    await assert.rejects(stopLocal(world.localPorts, world.run), (error: unknown) => {
      assert.ok(error instanceof PendingError)
      assert.equal(error.code, 'LOCAL_STILL_STOPPING')
      assert.match(error.message, /process 100/)
      return true
    })
    assert.equal(world.record?.pid, 100)
    assert.equal(world.locked, false)
  })

  it('can be cancelled while it waits', async () => {
    world.running()
    world.term = () => world.after(200, () => world.abort.abort())
    await assert.rejects(stopLocal(world.localPorts, world.run), CancelledError)
  })
})

describe('local reset', () => {
  it('empties a running server and keeps it running: records first, then files', async () => {
    const pid = world.running()
    const result = await resetLocal(world.localPorts, world.run)
    assert.deepEqual([result.changed, result.running, result.pid], [true, true, pid])
    assert.deepEqual(world.calls, ['reset 4566', 'clearFileSystems'])
  })

  for (const data of [true, false]) {
    it(`clears the folder of one that does not run (data: ${data})`, async () => {
      world.end(world.running())
      world.data = data
      const result = await resetLocal(world.localPorts, world.run)
      assert.deepEqual([result.changed, result.running, world.calls], [data, false, ['clearData']])
    })
  }

  it('changes nothing where there is none', async () => {
    assert.deepEqual(await resetLocal(world.localPorts, world.run), {...nothing, changed: false})
    assert.deepEqual(world.calls, [])
  })
})

describe('local purge', () => {
  const purge = (environments = false) => purgeLocal(world.localPorts, {environments}, world.run)

  it('stops the server, then removes the folder', async () => {
    const pid = world.running()
    world.environments = ['/cache/python/a']
    assert.deepEqual(await purge(), {changed: true, stateDir: '/state/local', removed: ['/state/local']})
    assert.deepEqual(world.calls, [`terminate ${pid}`, 'remove'])
    assert.deepEqual(world.environments, ['/cache/python/a'])
  })

  it('removes the Python environments when asked', async () => {
    world.environments = ['/cache/python/a', '/cache/python/b']
    assert.deepEqual((await purge(true)).removed, ['/cache/python/a', '/cache/python/b'])
  })

  it('changes nothing where there is nothing', async () => {
    assert.deepEqual(await purge(true), {changed: false, stateDir: '/state/local', removed: []})
  })

  it('removes nothing while the server runs on', async () => {
    world.running()
    world.term = () => undefined
    await assert.rejects(purge(true), PendingError)
    assert.equal(world.folder, true)
  })

  it('refuses a folder that is not ours', async () => {
    world.folder = true
    world.folderError = new RefusedError('not ours', {code: 'LOCAL_FOLDER_NOT_OURS'})
    await assert.rejects(purge(), RefusedError)
    assert.equal(world.folder, true)
  })
})
