import {CancelledError, FailedError, PendingError, RefusedError, UsageError} from '../../domain/errors.ts'
import {capital} from '../../domain/parameters.ts'
import {requireAccount} from '../account.ts'
import {neededOutput} from '../landscape.ts'
import type {Ports, StoppedTask} from '../ports.ts'
import type {Run} from '../run.ts'
import {detailOf, servicePlace} from '../service/place.ts'
import type {CommandOptions, CommandResult} from './options.ts'
import type {CommandOutput} from './ports.ts'

export type CommandPorts = Pick<
  Ports,
  'identity' | 'stacks' | 'objects' | 'serviceControl' | 'taskControl' | 'containers' | 'logs' | 'clock' | 'machine'
> & {readonly commandOutput: CommandOutput}

/** Characters that the overrides of a task may have (API reference, RunTask), with room for what is around the words. */
const longestCommand = 7000
const keptLines = 10_000
/** Pauses between two looks (ms). */
const [firstPause, longestPause] = [500, 3000] as const
/** Looks at the log behind the end that must bring nothing more: CloudWatch shows the last lines some seconds late. */
const silentLooks = 3

/**
 * Runs a command in a task of its own, made like those of the service: same image, variables, secrets and files; not
 * behind the load balancer. What it writes comes out as it comes; its exit code is kept.
 * @throws UsageError COMMAND_TOO_LONG; RefusedError QUIESCED, WRONG_ACCOUNT; FailedError TASK_FAILED where the command was
 * never started; CancelledError or PendingError when the wait is ended: the task is stopped then
 */
export async function runCommand(options: CommandOptions, ports: CommandPorts, run: Run): Promise<CommandResult> {
  const {environment, service, command} = options
  if (JSON.stringify(command).length > longestCommand) {
    throw new UsageError(`The command is too long: ECS takes about ${longestCommand} characters.`, {
      code: 'COMMAND_TOO_LONG',
      suggestions: ['Put it into a script in the file system, and run that'],
    })
  }
  requireAccount(await ports.identity.caller(), environment, options.account)
  const place = await servicePlace(ports, environment)
  if (place.quiesced) {
    throw new RefusedError(`The platform of ${environment} is quiesced: nothing may run on its data now.`, {
      code: 'QUIESCED',
      suggestions: [`pi-aws ops list ${environment}`],
    })
  }
  const {taskDefinition, capacityProvider} = await detailOf(ports, place, service)
  const begun = ports.clock.now().getTime()
  const arn = await ports.containers.runTask({
    ...{cluster: place.cluster, taskDefinition, capacityProvider},
    subnetIds: neededOutput(place.outputs, 'TaskSubnetIds').split(','),
    securityGroupIds: [neededOutput(place.outputs, 'TaskSecurityGroupId')],
    startedBy: `pi-exec-${ports.machine.randomHex(12)}`,
    command: {container: service, words: command},
  })
  const task = arn.slice(arn.lastIndexOf('/') + 1)
  run.report({type: 'note', message: `Task ${task} of ${service} starts`})
  const group = place.outputs[`${capital(service)}LogGroup`] ?? ''
  const tail = new Tail(ports, {group, stream: `${service}/${service}/${task}`, from: begun - 60_000})
  const stopped = await untilStopped(ports, {cluster: place.cluster, arn, tail}, run)
  await tail.rest(run)
  const container = stopped.containers.find(({name}) => name === service)
  if (container?.exitCode === undefined) {
    const why = [stopped.stoppedReason, container?.reason].filter((text) => text !== undefined && text !== '')
    throw new FailedError(`The command was not run: ${[...new Set(why)].join('; ') || 'ECS does not say why'}.`, {
      code: 'TASK_FAILED',
      suggestions: [`pi-aws diagnose ${environment}`],
    })
  }
  const {exitCode} = container
  return {environment, service, task, exitCode, reason: stopped.stoppedReason, output: tail.lines}
}

/** Waits for the task, its lines coming out meanwhile. When the wait is ended, so is the task. */
async function untilStopped(
  ports: CommandPorts,
  {cluster, arn, tail}: {readonly cluster: string; readonly arn: string; readonly tail: Tail},
  run: Run,
): Promise<StoppedTask> {
  try {
    for (let pause: number = firstPause; ; pause = Math.min(pause * 1.3, longestPause)) {
      const stopped = await ports.containers.stoppedTask(cluster, arn)
      await tail.look()
      if (stopped !== undefined) return stopped
      await ports.clock.sleep(pause, run.pause)
    }
  } catch (error) {
    if (!run.pause.aborted) throw error
    await ports.taskControl.stop(cluster, arn, 'pi-aws exec was ended')
    const reason: unknown = run.pause.reason
    throw reason instanceof PendingError
      ? new FailedError('The time limit ended the command; its task is stopped.', {code: 'TIMEOUT', cause: error})
      : new CancelledError('Cancelled; the task of the command is stopped.', {code: 'CANCELLED', cause: error})
  }
}

/** What one stream of a log says, each line once. */
class Tail {
  readonly #ports: CommandPorts
  readonly #at: {readonly group: string; readonly stream: string; readonly from: number}
  readonly #seen = new Set<string>()
  lines: string[] = []

  constructor(ports: CommandPorts, at: {readonly group: string; readonly stream: string; readonly from: number}) {
    this.#ports = ports
    this.#at = at
  }

  /** How many lines were new. Refused calls are made up for by the next look. */
  async look(): Promise<number> {
    const {group, stream, from} = this.#at
    const fresh: string[] = []
    let token: string | undefined
    do {
      const query = {startTime: from, streams: [stream], ...(token === undefined ? {} : {token})}
      const page = await this.#ports.logs.page(group, query).catch(() => undefined)
      for (const {eventId, message} of page?.events ?? []) {
        if (this.#seen.has(eventId)) continue
        this.#seen.add(eventId)
        fresh.push(message)
      }
      token = page?.token
    } while (token !== undefined)
    if (fresh.length > 0) this.#ports.commandOutput.write(fresh)
    this.lines = [...this.lines, ...fresh].slice(-keptLines)
    return fresh.length
  }

  /** What comes late. */
  async rest(run: Run): Promise<void> {
    for (let silent = 0; silent < silentLooks && !run.pause.aborted;) {
      await this.#ports.clock.sleep(500)
      silent = (await this.look()) > 0 ? 0 : silent + 1
    }
  }
}
