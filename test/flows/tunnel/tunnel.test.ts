import assert from 'node:assert/strict'
import {AccessError} from '../../../src/domain/errors.ts'
import type {ForwardingOptions, JoinedSession, SessionPlugin} from '../../../src/flows/exec/ports.ts'
import type {TunnelOptions} from '../../../src/flows/tunnel/options.ts'
import type {Tunnel} from '../../../src/flows/tunnel/ports.ts'
import {holdTunnel, printTunnel} from '../../../src/flows/tunnel/tunnel.ts'
import {inUse} from '../../helpers/fake-aws/in-use.ts'
import {atCall, ctrlC, demo, must, runFlow, type RunOptions} from '../../helpers/fake-aws/scenario.ts'
import {parametersOf, stackNamed} from '../../helpers/fake-aws/traces.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

const asked: TunnelOptions = {environment: demo, account: undefined, port: 13_306, profile: undefined}

async function reachable(): Promise<World> {
  const world = await inUse()
  world.execEnabled = true
  return world
}

const openLine = 'Port 13306 opened for sessionId s.'

/** What the plugin does: it says its lines and ends, or waits to be stopped where it has no code. */
type Acts = (session: JoinedSession, how: ForwardingOptions) => number | Promise<number>
const saying =
  (code: number, ...lines: readonly string[]): Acts =>
  (_session, {onLine}) => {
    for (const line of lines) onLine(line)
    return code
  }

function hold(
  world: World,
  acts: Acts,
  more: Partial<TunnelOptions> = {},
  options: RunOptions & {free?: boolean} = {},
) {
  const opened: Tunnel[] = []
  const sessions: JoinedSession[] = []
  const sessionPlugin: SessionPlugin = {
    system: 'linux',
    version: async () => '1.2.650.0',
    join: async () => 0,
    async forward(session, how) {
      sessions.push(session)
      return acts(session, how)
    },
  }
  const tcpPorts = {isFree: async () => options.free ?? true, free: async () => 20_001}
  const tunnelWatch = {opened: async (tunnel: Tunnel) => void opened.push(tunnel)}
  const ended = runFlow(
    world,
    (ports, run) => holdTunnel({...asked, ...more}, {...ports, sessionPlugin, tcpPorts, tunnelWatch}, run),
    options,
  )
  return {opened, sessions, ended}
}

describe('a tunnel to the database', () => {
  it('goes through a task that takes sessions, says where it is open, and leaves no session', async () => {
    const world = await reachable()
    const {opened, sessions, ended} = hold(world, saying(0, 'Starting session', openLine, 'Waiting for connections...'))
    const result = must(await ended)
    assert.deepEqual(
      [result.state, result.host, result.port, result.service],
      ['closed', '127.0.0.1', 13_306, 'dashboard'],
    )
    assert.deepEqual([result.user, result.schema, result.remotePort], ['pi_dashboard', 'dashboard', 3306])
    assert.deepEqual(
      opened.map(({remoteHost}) => remoteHost),
      ['pi-demo-database-1.rds.example'],
    )
    const [session] = sessions
    assert.deepEqual(session?.request.Parameters, {
      host: ['pi-demo-database-1.rds.example'],
      portNumber: ['3306'],
      localPortNumber: ['13306'],
    })
    assert.match(session?.request.Target ?? '', /^ecs:demo-cluster_0abc_/)
    assert.equal(world.openSessions.size, 0)
    assert.deepEqual(
      (await ended).events.map((event) => (event.type === 'note' ? event.message : event.type)),
      ['Session Manager: Waiting for connections...'],
    )
  })

  it('knows the user and the port that the database was made with', async () => {
    const world = await reachable()
    parametersOf(world, 'pi-demo-database-1')['ApplicationUsername'] = 'robot'
    stackNamed(world, 'pi-demo-database-1').outputs['DatabasePort'] = '3399'
    const result = must(await runFlow(world, (ports) => printTunnel({...asked, profile: 'ops'}, ports)))
    assert.deepEqual([result.state, result.user, result.remotePort], ['planned', 'robot', 3399])
    assert.match(result.sessionCommand, /"portNumber":\["3399"\].* --profile ops$/)
    assert.equal(world.openSessions.size, 0)
  })

  it('is closed by Ctrl-C, and its session with it', async () => {
    const world = await reachable()
    const pause = new AbortController()
    const acts: Acts = (_session, {onLine, stop}) => {
      onLine(openLine)
      ctrlC(pause)
      assert.ok(stop.aborted)
      return 0
    }
    const {ended} = hold(world, acts, {}, {pause})
    assert.equal((await ended).code, 'PAUSED')
    assert.equal(world.openSessions.size, 0)
    const early = new AbortController()
    ctrlC(early)
    assert.equal((await hold(world, saying(0), {}, {pause: early}).ended).code, 'PAUSED')
    assert.equal(world.log.filter(({method}) => method === 'begin').length, 1)
  })

  it('that was never open, or broke, tells the last words of the plugin', async () => {
    const world = await reachable()
    for (const [acts, code, message] of [
      [saying(1, 'a', 'b', 'c', 'cannot dial'), 'TUNNEL_FAILED', 'The tunnel was not opened: b; c; cannot dial.'],
      [saying(0), 'TUNNEL_FAILED', 'The tunnel was not opened: the Session Manager plugin ended with 0.'],
      [saying(7, openLine), 'TUNNEL_BROKEN', 'The tunnel broke: the Session Manager plugin ended with 7.'],
      [saying(1, openLine, 'timed out'), 'TUNNEL_BROKEN', 'The tunnel broke: timed out.'],
    ] as const) {
      const failed = await hold(world, acts).ended
      assert.deepEqual([failed.code, failed.exitCode, failed.message], [code, 1, message])
      assert.equal(world.openSessions.size, 0)
    }
  })

  it('whose session cannot be ended says so and ends as it did', async () => {
    const world = await reachable()
    for (const thrown of [new AccessError('AWS denies it.', {code: 'ACCESS_DENIED'}), 'odd']) {
      const refuse = (): never => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- anything can be thrown
        throw thrown
      }
      const {ended} = hold(world, saying(0, openLine), {}, {onCall: atCall('portForwarding.end', refuse)})
      assert.equal(must(await ended).state, 'closed')
      const notes = (await ended).events.flatMap((event) => (event.type === 'note' ? [event.message] : []))
      assert.match(notes[0] ?? '', /Session session-\d was not ended here and ends by itself: (AWS denies it\.|odd)/)
    }
  })

  it('is refused at a port that is taken, naming a free one, and on another account', async () => {
    const world = await reachable()
    const taken = await hold(world, saying(0), {}, {free: false}).ended
    assert.deepEqual([taken.code, taken.exitCode], ['PORT_TAKEN', 12])
    assert.deepEqual((taken.error as AccessError).suggestions, ['pi-aws db tunnel demo --port 20001'])
    assert.equal((await hold(world, saying(0), {account: '999988887777'}).ended).code, 'WRONG_ACCOUNT')
    assert.equal(world.log.filter(({method}) => method === 'begin').length, 0)
  })

  it('needs tasks that take sessions and may reach the database', async () => {
    const world = await inUse()
    const print = () => runFlow(world, (ports) => printTunnel(asked, ports))
    assert.equal((await print()).code, 'EXEC_OFF')
    world.execEnabled = true
    world.earlyTasks = 9
    const early = await print()
    assert.equal(early.code, 'EXEC_OFF')
    assert.deepEqual((early.error as AccessError).suggestions, ['pi-aws service restart dashboard --environment demo'])
    world.earlyTasks = 1
    assert.equal(must(await print()).service, 'renderer')
    world.earlyTasks = 0
    world.taskGroups = ['sg-other']
    assert.equal((await print()).code, 'NO_TASK')
    world.taskGroups = ['sg-application']
    for (const service of world.state.services.values()) service.desired = 0
    const none = await print()
    assert.deepEqual([none.code, none.exitCode], ['NO_TASK', 5])
    parametersOf(world, 'pi-demo-app')['Quiesced'] = 'true'
    assert.equal((await print()).code, 'QUIESCED')
  })

  it('needs a database that is there and takes connections', async () => {
    const world = await reachable()
    const print = () => runFlow(world, (ports) => printTunnel(asked, ports))
    const [instance] = world.state.instances.values()
    assert.ok(instance !== undefined)
    instance.status = 'stopped'
    assert.equal((await print()).code, 'DATABASE_NOT_SERVING')
    world.state.instances.clear()
    const gone = await print()
    assert.deepEqual([gone.code, gone.exitCode], ['NO_DATABASE', 5])
    delete stackNamed(world, 'pi-demo-database-1').outputs['DatabaseIdentifier']
    assert.match((await print()).message, /has no database/)
  })
})
