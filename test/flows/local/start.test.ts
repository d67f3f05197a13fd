import assert from 'node:assert/strict'
import {CancelledError, FailedError, LockedError, RefusedError, UsageError} from '../../../src/domain/errors.ts'
import {parseRegion} from '../../../src/domain/names.ts'
import {type StartOptions, startLocal} from '../../../src/flows/local/start.ts'
import type {LocalPorts} from '../../../src/flows/local/ports.ts'
import {FakeWorld, healthy, notes} from './fakes.ts'

const start = (world: FakeWorld, options: StartOptions = {}) => startLocal(world.localPorts, options, world.run)

function failure(code: string, kind: new (...args: never[]) => Error, message?: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof kind, String(error))
    assert.equal((error as Error & {code?: string}).code, code)
    if (message !== undefined) assert.match(error.message, message)
    return true
  }
}

describe('local start', () => {
  let world: FakeWorld
  beforeEach(() => {
    world = new FakeWorld()
  })

  it('starts a server on the usual port, waits for its answer and records it', async () => {
    const result = await start(world)
    assert.deepEqual(result, {
      running: true,
      changed: true,
      endpoint: 'http://127.0.0.1:4566',
      region: 'eu-west-1',
      accountId: '000000000000',
      stateDir: '/state/local',
      pid: 100,
      port: 4566,
      pace: 0,
      version: '1.0.0',
    })
    assert.deepEqual(world.record, {
      pid: 100,
      port: 4566,
      instanceId: 'id-1',
      region: 'eu-west-1',
      startedAt: '2026-01-02T03:04:06.500Z',
      version: '0.1.0',
    })
    assert.deepEqual(world.memory, {instanceId: 'id-1', port: 4566, region: 'eu-west-1'})
    assert.equal(world.spawned[0]?.python, '/cache/python/bin/python')
    assert.equal(world.locked, false)
    assert.deepEqual(
      world.events.map(({type}) => type),
      ['step.started', 'step.finished'],
    )
  })

  it('takes port, pace and region that were asked for', async () => {
    const result = await start(world, {port: 5000, pace: 0.5, region: parseRegion('us-east-1')})
    assert.deepEqual([result.port, result.pace, result.region], [5000, 0.5, 'us-east-1'])
    assert.equal(world.spawned[0]?.pace, 0.5)
  })

  it('comes back on the remembered port and in the remembered region', async () => {
    world.memory = {instanceId: 'id-1', port: 5123, region: 'eu-central-1'}
    const result = await start(world)
    assert.deepEqual([result.port, result.region], [5123, 'eu-central-1'])
  })

  it('takes the usual port when a foreign program has the remembered one, and says so', async () => {
    world.memory = {instanceId: 'id-1', port: 5123}
    world.ports.set(5123, {kind: 'foreign'})
    assert.equal((await start(world)).port, 4566)
    assert.match(notes(world).join(), /Port 5123 is used by another program/)
    assert.deepEqual(world.ports.get(5123), {kind: 'foreign'})
  })

  it('waits a moment for the remembered port when its last holder is just going', async () => {
    world.memory = {instanceId: 'id-1', port: 5123}
    world.ports.set(5123, {kind: 'silent'})
    world.due.push({at: world.time + 300, act: () => world.ports.delete(5123)})
    const result = await start(world)
    assert.deepEqual([result.port, notes(world)], [5123, []])
  })

  it("takes a free port when others have both, be it another folder's embedded AWS", async () => {
    world.memory = {instanceId: 'id-1', port: 5123}
    world.ports.set(5123, healthy(7, 'id-of-another'))
    world.ports.set(4566, {kind: 'silent'})
    world.processes.set(7, 'id-of-another')
    assert.equal((await start(world)).port, 40_000)
    assert.ok(world.processes.has(7))
  })

  it('refuses a taken port that was asked for, by number, before anything is installed or made', async () => {
    world.ports.set(5000, {kind: 'foreign'})
    world.environment = undefined
    await assert.rejects(start(world, {port: 5000}), failure('LOCAL_PORT_TAKEN', RefusedError, /Port 5000 is used/))
    assert.deepEqual([world.calls, world.folder], [[], false])
  })

  it('finds a running server and changes nothing', async () => {
    const pid = world.running()
    const result = await start(world)
    assert.deepEqual([result.changed, result.pid, result.port], [false, pid, 4566])
    assert.deepEqual([world.spawned, world.calls], [[], []])
  })

  it('sets a different pace on a running server, and only then', async () => {
    world.running(4566, 0.5)
    assert.equal((await start(world, {pace: 0.5})).changed, false)
    const result = await start(world, {pace: 0})
    assert.deepEqual([result.changed, result.pace], [true, 0])
    assert.deepEqual(world.calls, ['pace 4566 0'])
  })

  it('refuses another port or region while it runs', async () => {
    world.running()
    await assert.rejects(start(world, {port: 5000}), failure('LOCAL_ALREADY_RUNNING', RefusedError, /port 4566/))
    const region = parseRegion('us-east-1')
    await assert.rejects(start(world, {region}), failure('LOCAL_ALREADY_RUNNING', RefusedError, /eu-west-1/))
    assert.equal((await start(world, {port: 4566, region: parseRegion('eu-west-1')})).changed, false)
  })

  it('warns when the running server was started by another version', async () => {
    world.running()
    world.record = {...world.record!, version: '0.0.9'}
    await start(world)
    assert.deepEqual(
      world.events.map((event) => (event.type === 'warning' ? event.code : event.type)),
      ['LOCAL_OTHER_VERSION'],
    )
  })

  it('is not misled by a stale record whose process id and port now belong to others', async () => {
    world.running()
    world.processes.set(100, 'an editor')
    world.ports.set(4566, {kind: 'foreign'})
    const result = await start(world)
    assert.equal(result.port, 40_000)
    assert.ok(world.processes.has(100))
    assert.deepEqual(world.killed, [])
  })

  it('starts again after kill -9 on the same port', async () => {
    world.end(world.running(5001))
    const result = await start(world)
    assert.deepEqual([result.changed, result.port], [true, 5001])
  })

  it('waits for a server that is still ending before it starts another', async () => {
    const pid = world.running()
    world.ports.delete(4566)
    world.after(2000, () => world.end(pid))
    const result = await start(world)
    assert.notEqual(result.pid, pid)
    assert.equal(world.spawned.length, 1)
  })

  it('leaves a server alone that is there and does not answer', async () => {
    world.running()
    world.ports.set(4566, {kind: 'silent'})
    await assert.rejects(start(world), failure('LOCAL_NOT_ANSWERING', FailedError, /process 100, port 4566/))
    assert.deepEqual([world.spawned, world.killed, world.calls], [[], [], []])
    assert.equal(world.locked, false)
  })

  it('gives one server to two starts at once', async () => {
    const [first, second] = await Promise.all([start(world), start(world)])
    assert.equal(world.spawned.length, 1)
    assert.equal(first.pid, second.pid)
    assert.deepEqual([first.changed, second.changed].sort(), [false, true])
  })

  /** Ports through which nothing is seen of a server, and of which the first question for a port lets another start end. */
  function overtaken(by: StartOptions): LocalPorts {
    const ports = world.localPorts
    let first = true
    const isFree = async (port: number): Promise<boolean> => {
      if (first) {
        first = false
        await start(world, by)
      }
      return ports.server.isFree(port)
    }
    return {...ports, server: {...ports.server, isFree}}
  }

  it('gives one server to a start that saw none, and then its port taken by another start', async () => {
    const result = await startLocal(overtaken({port: 5000}), {port: 5000}, world.run)
    assert.deepEqual([result.changed, result.pid, result.port], [false, 100, 5000])
    assert.equal(world.spawned.length, 1)
  })

  it('is not misled by another start that tries the same port at the same moment', async () => {
    const {server, ...ports} = world.localPorts
    let tried = 0
    const isFree = async (port: number): Promise<boolean> => ++tried > 2 && server.isFree(port)
    const result = await startLocal({...ports, server: {...server, isFree}}, {port: 5000}, world.run)
    assert.deepEqual([result.changed, result.port], [true, 5000])
  })

  it('refuses a port that another program took meanwhile, though the folder remembers it', async () => {
    world.memory = {instanceId: 'id-1', port: 5000}
    world.ports.set(5000, {kind: 'foreign'})
    await assert.rejects(start(world, {port: 5000}), failure('LOCAL_PORT_TAKEN', RefusedError, /Port 5000/))
    assert.deepEqual([world.spawned, world.locked], [[], false])
  })

  it("adopts the server of an interrupted start that won the port, by the folder's instance id", async () => {
    world.boot = (request, pid) => {
      world.ports.set(request.port, healthy(77, request.instanceId))
      world.processes.set(77, request.instanceId)
      world.end(pid, 'exit code 1')
    }
    assert.equal((await start(world)).pid, 77)
    assert.equal(world.record?.pid, 77)
  })

  it('finds the server of a start that died before it could record it', async () => {
    const pid = world.running()
    world.record = undefined
    const result = await start(world)
    assert.deepEqual([result.changed, result.pid], [false, pid])
  })

  it('takes another port when a foreign program was faster, and refuses when the port was asked for', async () => {
    const {boot} = world
    world.boot = (request, pid) => {
      if (request.port !== 4566) {
        boot(request, pid)
        return
      }
      world.ports.set(4566, {kind: 'foreign'})
      world.end(pid, 'exit code 1')
    }
    assert.equal((await start(world)).port, 40_001)

    world = new FakeWorld()
    world.boot = (request, pid) => {
      world.ports.set(request.port, {kind: 'foreign'})
      world.end(pid, 'exit code 1')
    }
    await assert.rejects(start(world, {port: 4566}), failure('LOCAL_PORT_TAKEN', RefusedError))
    await assert.rejects(start(world), failure('LOCAL_START_FAILED', FailedError, /No port could be kept/))
  })

  it('shows the end of the log when the server ends early', async () => {
    world.log = Array.from({length: 40}, (_, index) => `line ${index}`)
    world.boot = (_request, pid) => world.after(200, () => world.end(pid, 'exit code 3'))
    await assert.rejects(
      start(world),
      failure('LOCAL_START_FAILED', FailedError, /exit code 3[^]*line 25\n[^]*line 39$/),
    )
    assert.equal(world.record, undefined)
    assert.equal(world.locked, false)
  })

  it('gives up after a minute without an answer and leaves no process behind', async () => {
    world.boot = () => undefined
    const begun = world.time
    await assert.rejects(start(world), failure('LOCAL_START_FAILED', FailedError, /60 seconds. Its log is empty/))
    assert.deepEqual(world.killed, [100])
    assert.ok(world.time - begun >= 60_000 && world.time - begun < 61_000)
  })

  it('ends its own half-started server at Ctrl-C', async () => {
    world.boot = () => world.after(500, () => world.abort.abort())
    await assert.rejects(start(world), failure('CANCELLED', CancelledError))
    assert.deepEqual(world.killed, [100])
    assert.equal(world.locked, false)
  })

  it('names who is at work when the lock does not come free', async () => {
    world.lockHolder = {host: 'here', pid: 4321, user: 'me'}
    await assert.rejects(start(world), failure('LOCAL_BUSY', LockedError, /process 4321 of me on here/))
  })

  it('starts under the lock when the server that ran at first has gone meanwhile', async () => {
    const pid = world.running()
    world.locked = true
    world.after(300, () => {
      world.end(pid)
      world.locked = false
    })
    const result = await start(world)
    assert.deepEqual([result.changed, result.pid], [true, pid + 1])
  })

  it('refuses the port that was asked for when it was lost while the lock was waited for', async () => {
    const pid = world.running()
    world.locked = true
    world.after(300, () => {
      world.end(pid)
      world.ports.set(4566, {kind: 'foreign'})
      world.locked = false
    })
    await assert.rejects(start(world, {port: 4566}), failure('LOCAL_PORT_TAKEN', RefusedError))
    assert.deepEqual([world.spawned, world.locked], [[], false])
  })

  it('tells size and place of the Python packages before it installs them', async () => {
    world.environment = undefined
    await start(world)
    assert.match(notes(world)[0] ?? '', /49 of them, about 215 MB, installed by pip for Python 3.12.1 into \/cache/)
    assert.deepEqual(
      world.events.map(({type}) => type),
      ['note', 'step.started', 'note', 'step.finished', 'step.started', 'step.finished'],
    )
    assert.equal(world.spawned[0]?.python, '/cache/python/key/bin/python')
  })

  it('starts nothing and makes no folder when the packages cannot be installed or Ctrl-C comes', async () => {
    world.environment = undefined
    world.makeError = new FailedError('no network', {code: 'PYTHON_ENVIRONMENT_FAILED'})
    await assert.rejects(start(world), failure('PYTHON_ENVIRONMENT_FAILED', FailedError))
    world.abort.abort()
    await assert.rejects(start(world), failure('CANCELLED', CancelledError))
    assert.deepEqual([world.spawned, world.folder], [[], false])
  })

  it('refuses a folder that is not ours before anything is installed', async () => {
    world.environment = undefined
    world.folderError = new RefusedError('not ours', {code: 'LOCAL_FOLDER_NOT_OURS'})
    await assert.rejects(start(world), failure('LOCAL_FOLDER_NOT_OURS', RefusedError))
    assert.deepEqual(world.calls, [])
  })

  for (const port of [0, 80, 1023, 65_536, 4566.5, Number.NaN]) {
    it(`refuses port ${port}`, () => assert.rejects(start(world, {port}), failure('INVALID_PORT', UsageError)))
  }

  for (const pace of [-0.1, 10.1, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`refuses pace ${pace}`, () => assert.rejects(start(world, {pace}), failure('INVALID_PACE', UsageError)))
  }
})
