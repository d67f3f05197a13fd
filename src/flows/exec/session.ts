import {NotFoundError, RefusedError} from '../../domain/errors.ts'
import {installHints, oldestPlugin, isOlder} from '../../domain/session-plugin.ts'
import {requireAccount} from '../account.ts'
import type {Ports} from '../ports.ts'
import {detailOf, nameIn, servicePlace} from '../service/place.ts'
import type {SessionOptions} from './options.ts'
import type {JoinedSession, RunningTask, SessionPlugin} from './ports.ts'

export type SessionPorts = Pick<Ports, 'identity' | 'stacks' | 'objects' | 'serviceControl' | 'taskControl'> & {
  readonly sessionPlugin: SessionPlugin
}

export interface OpenedSession {
  readonly environment: string
  readonly service: string
  /** Id of the task. */
  readonly task: string
  readonly session: JoinedSession
}

/**
 * Opens a session in a container that runs, for this terminal to be joined with.
 * @throws RefusedError NO_PLUGIN, OLD_PLUGIN, EXEC_OFF, WRONG_ACCOUNT; NotFoundError NO_TASK, SERVICE_NOT_DEPLOYED
 */
export async function openSession(options: SessionOptions, ports: SessionPorts): Promise<OpenedSession> {
  const {environment, service} = options
  const caller = await ports.identity.caller()
  requireAccount(caller, environment, options.account)
  const place = await servicePlace(ports, environment)
  const detail = await detailOf(ports, place, service)
  if (!detail.execEnabled) {
    throw new RefusedError(`Sessions are off in ${environment}: its tasks take none.`, {
      code: 'EXEC_OFF',
      suggestions: [
        "Set parameters: {ExecEnabled: 'true'} for it in pi-aws.yaml, then deploy: new tasks take sessions",
        `A command in a task of its own needs none: pi-aws exec ${service} -- COMMAND`,
      ],
    })
  }
  await requirePlugin(ports.sessionPlugin, service)
  const tasks = await ports.taskControl.running(place.cluster, nameIn(place, service))
  const task = chosen(tasks, options)
  const id = idOf(task)
  const container = task.containers.find(({name}) => name === service)
  const command = options.command.length === 0 ? '/bin/sh' : options.command.map(quoted).join(' ')
  const grant = await ports.taskControl.openSession(place.cluster, task.arn, service, command)
  const suffix = caller.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'
  return {
    ...{environment, service, task: id},
    session: {
      grant,
      region: caller.region,
      target: `ecs:${place.cluster}_${id}_${container?.runtimeId ?? ''}`,
      endpoint: `https://ssm.${caller.region}.${suffix}`,
    },
  }
}

async function requirePlugin(plugin: SessionPlugin, service: string): Promise<void> {
  const {system} = plugin
  const found = await plugin.version()
  const instead = `Or run a command in a task of its own: pi-aws exec ${service} -- COMMAND`
  if (found === undefined) {
    throw new RefusedError('A session needs the Session Manager plugin of AWS, and this machine has none.', {
      code: 'NO_PLUGIN',
      suggestions: [...installHints(system), instead],
    })
  }
  if (isOlder(found, oldestPlugin)) {
    throw new RefusedError(
      `The Session Manager plugin ${found} is too old: it would show the token of the session to all users of this machine.`,
      {code: 'OLD_PLUGIN', suggestions: [`Install ${oldestPlugin} or newer`, ...installHints(system), instead]},
    )
  }
}

function chosen(tasks: readonly RunningTask[], {task, service, environment}: SessionOptions): RunningTask {
  const found = task === undefined ? tasks[0] : tasks.find((one) => idOf(one).startsWith(task))
  if (found !== undefined) return found
  const others = tasks.map(idOf)
  throw new NotFoundError(
    task === undefined ? `No task of ${service} runs.` : `No task of ${service} that runs begins with ${task}.`,
    {
      code: 'NO_TASK',
      suggestions: others.length === 0 ? [`pi-aws diagnose ${environment}`] : [`Tasks: ${others.join(', ')}`],
    },
  )
}

function idOf({arn}: RunningTask): string {
  return arn.slice(arn.lastIndexOf('/') + 1)
}

/** A word as the agent in the container takes it, which splits the line as a shell does. */
function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
