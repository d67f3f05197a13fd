import {NotFoundError, RefusedError} from '../../domain/errors.ts'
import {shellWord} from '../../domain/shell-word.ts'
import {requireAccount} from '../account.ts'
import type {Ports} from '../ports.ts'
import {detailOf, nameIn, servicePlace} from '../service/place.ts'
import type {SessionOptions} from './options.ts'
import {idOf, requirePlugin, sessionEndpoint, sessionTarget} from './plugin.ts'
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
  await requirePlugin(ports.sessionPlugin, [`Or run a command in a task of its own: pi-aws exec ${service} -- COMMAND`])
  const tasks = await ports.taskControl.running(place.cluster, nameIn(place, service))
  const task = chosen(tasks, options)
  const id = idOf(task)
  const container = task.containers.find(({name}) => name === service)
  const command = options.command.length === 0 ? '/bin/sh' : options.command.map(shellWord).join(' ')
  const grant = await ports.taskControl.openSession(place.cluster, task.arn, service, command)
  return {
    ...{environment, service, task: id},
    session: {
      grant,
      region: caller.region,
      request: {Target: sessionTarget(place.cluster, id, container?.runtimeId)},
      endpoint: sessionEndpoint(caller),
    },
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
