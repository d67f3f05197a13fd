import assert from 'node:assert/strict'
import {PendingError} from '../../../src/domain/errors.ts'
import type {CommandOptions, SessionOptions} from '../../../src/flows/exec/options.ts'
import {runCommand} from '../../../src/flows/exec/run-command.ts'
import {openSession} from '../../../src/flows/exec/session.ts'
import type {StoppedTask} from '../../../src/flows/ports.ts'
import {inUse} from '../../helpers/fake-aws/in-use.ts'
import {atCall, ctrlC, demo, must, runFlow, type RunOptions} from '../../helpers/fake-aws/scenario.ts'
import {parametersOf, stackNamed} from '../../helpers/fake-aws/traces.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

const ended = (more: Partial<StoppedTask['containers'][number]> = {}): Omit<StoppedTask, 'arn'> => ({
  stoppedReason: 'Essential container in task exited',
  containers: [{name: 'dashboard', ...more}],
})

/** An environment whose dashboard writes these lines when a command is run: [ms behind the start, text]. */
async function writing(lines: readonly (readonly [number, string])[] = []): Promise<World> {
  const world = await inUse()
  Object.assign(stackNamed(world, 'pi-demo-app').outputs, {
    DashboardLogGroup: '/demo/dashboard',
    TaskSubnetIds: 'subnet-1,subnet-2',
    TaskSecurityGroupId: 'sg-1',
  })
  world.logStore.put('/demo/dashboard', [])
  world.taskResult = ended({exitCode: 3})
  world.commanded = (arn) => {
    const stream = `dashboard/dashboard/${arn.slice(arn.lastIndexOf('/') + 1)}`
    const begun = world.clock.time
    world.logStore.put(
      '/demo/dashboard',
      lines.map(([after, message], index) => ({
        ...{eventId: `e${index}`, stream, timestamp: begun + after, message},
        ingestedAt: begun + after,
      })),
    )
  }
  return world
}

function run(world: World, more: Partial<CommandOptions> = {}, options: RunOptions = {}) {
  const written: string[] = []
  const asked = {environment: demo, account: undefined, service: 'dashboard', command: ['ls', '/'], ...more} as const
  const commandOutput = {write: (lines: readonly string[]) => void written.push(...lines)}
  return {
    written,
    ended: runFlow(world, (ports, own) => runCommand(asked, {...ports, commandOutput}, own), options),
  }
}

describe('a command in a task of its own', () => {
  it('keeps exit code and lines, those that come late too, each once', async () => {
    const world = await writing([
      [0, 'one'],
      [100, 'two'],
      [1700, 'late'],
    ])
    const {written, ended: running} = run(world)
    const result = must(await running)
    assert.deepEqual([result.exitCode, result.output], [3, ['one', 'two', 'late']])
    assert.deepEqual(written, ['one', 'two', 'late'])
    const {args} = world.log.find(({method}) => method === 'runTask')!
    const [{command, subnetIds, startedBy, taskDefinition}] = args as [Record<string, unknown>]
    assert.deepEqual(command, {container: 'dashboard', words: ['ls', '/']})
    assert.deepEqual(subnetIds, ['subnet-1', 'subnet-2'])
    assert.match(String(startedBy), /^pi-exec-[0-9a-f]{12}$/)
    assert.match(String(taskDefinition), /Dashboard/)
  })

  it('goes on where its log cannot be read, and has no lines then', async () => {
    const world = await writing([[0, 'one']])
    const refuse = (): never => {
      throw new PendingError('THROTTLED', {code: 'THROTTLED'})
    }
    const result = must(await run(world, {}, {onCall: atCall('logs.page', refuse)}).ended)
    assert.deepEqual([result.exitCode, result.output], [3, []])
    delete stackNamed(world, 'pi-demo-app').outputs['DashboardLogGroup']
    assert.deepEqual(must(await run(world).ended).output, [])
  })

  it('tells what else went wrong while it waits', async () => {
    const world = await writing()
    const lost = (): never => {
      throw new PendingError('gone', {code: 'LOST'})
    }
    assert.equal((await run(world, {}, {onCall: atCall('containers.stoppedTask', lost)}).ended).code, 'LOST')
  })

  it('says so when it was never begun', async () => {
    for (const [result, message] of [
      [ended({reason: 'CannotPullContainerError'}), /not run: Essential container in task exited; CannotPull/],
      [{stoppedReason: '', containers: []}, /ECS does not say why/],
    ] as const) {
      const world = await writing()
      world.taskResult = result
      const failed = await run(world).ended
      assert.deepEqual([failed.code, failed.exitCode], ['TASK_FAILED', 1])
      assert.match(failed.message, message)
    }
  })

  it('is stopped by Ctrl-C and by the time limit', async () => {
    for (const [reason, code, exitCode] of [
      [undefined, 'CANCELLED', 130],
      [new PendingError('over', {code: 'TIMEOUT'}), 'TIMEOUT', 1],
    ] as const) {
      const world = await writing()
      const pause = new AbortController()
      const stop = (): void => {
        if (reason === undefined) ctrlC(pause)
        else pause.abort(reason)
      }
      const cut = await run(world, {}, {pause, onCall: atCall('containers.stoppedTask', stop)}).ended
      assert.deepEqual([cut.code, cut.exitCode], [code, exitCode])
      assert.equal(world.log.filter(({port, method}) => `${port}.${method}` === 'taskControl.stop').length, 1)
    }
  })

  it('is refused where it is too long, on another account, and while the platform is quiesced', async () => {
    const world = await writing()
    assert.equal((await run(world, {command: ['x'.repeat(8000)]}).ended).code, 'COMMAND_TOO_LONG')
    assert.equal((await run(world, {account: '999988887777'}).ended).code, 'WRONG_ACCOUNT')
    parametersOf(world, 'pi-demo-app')['Quiesced'] = 'true'
    assert.equal((await run(world).ended).code, 'QUIESCED')
    assert.equal(world.log.filter(({method}) => method === 'runTask').length, 0)
  })
})

describe('a session in a container', () => {
  const open = (world: World, more: Partial<SessionOptions> = {}, version: string | undefined = '1.2.650.0') => {
    const asked = {
      environment: demo,
      account: undefined,
      service: 'renderer',
      command: [],
      task: undefined,
      ...more,
    } as const
    const sessionPlugin = {version: async () => version, join: async () => 0, forward: async () => 0, system: 'linux'}
    return runFlow(world, (ports) => openSession(asked, {...ports, sessionPlugin}))
  }

  it('is opened in the newest task, or in the one that is named', async () => {
    const world = await inUse()
    world.execEnabled = true
    const {session, task} = must(await open(world))
    assert.deepEqual([task, session.request.Target], ['0abc', 'ecs:demo-cluster_0abc_0abc-1'])
    assert.equal(session.endpoint, 'https://ssm.eu-west-1.amazonaws.com')
    assert.equal(must(await open(world, {task: '2a', command: ['echo', "it's"]})).task, '2abc')
    const commands = world.log.flatMap(({method, args}) => (method === 'openSession' ? [args[3]] : []))
    assert.deepEqual(commands, ['/bin/sh', `echo 'it'\\''s'`])
    world.caller = {...world.caller, partition: 'aws-cn'}
    assert.match(must(await open(world)).session.endpoint, /\.amazonaws\.com\.cn$/)
  })

  it('is refused where sessions are off, without the plugin or with an old one, and where no task runs', async () => {
    const world = await inUse()
    const off = await open(world)
    assert.deepEqual([off.code, off.exitCode], ['EXEC_OFF', 12])
    world.execEnabled = true
    const sessionPlugin = {
      version: async () => undefined,
      join: async () => 0,
      forward: async () => 0,
      system: 'darwin',
    }
    const none = await runFlow(world, (ports) =>
      openSession(
        {environment: demo, account: undefined, service: 'renderer', command: [], task: undefined},
        {...ports, sessionPlugin},
      ),
    )
    assert.equal(none.code, 'NO_PLUGIN')
    assert.equal((await open(world, {}, '1.2.30.0')).code, 'OLD_PLUGIN')
    const unknown = await open(world, {task: 'zz'})
    assert.deepEqual([unknown.code, unknown.exitCode], ['NO_TASK', 5])
    assert.match(unknown.message, /begins with zz/)
    for (const service of world.state.services.values()) service.desired = 0
    assert.match((await open(world)).message, /No task of renderer runs/)
  })
})
