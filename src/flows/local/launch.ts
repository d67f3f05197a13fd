import {FailedError} from '../../domain/errors.ts'
import {pollMs} from './look.ts'
import type {LocalHealth, LocalPorts, SpawnedServer, SpawnRequest} from './ports.ts'

/** How long a new server may take to answer, in milliseconds. */
export const answerWithinMs = 60_000
/** Lines of the server's log that explain why it did not start. */
const logLines = 15

type LaunchPorts = Pick<LocalPorts, 'clock' | 'server' | 'state'>

async function failure({state}: LaunchPorts, message: string): Promise<FailedError> {
  const lines = await state.lastLines(logLines)
  const log = lines.length === 0 ? ' Its log is empty.' : ` The end of its log:\n${lines.join('\n')}`
  return new FailedError(`${message}${log}`, {
    code: 'LOCAL_START_FAILED',
    suggestions: [`Read ${state.dir}/server.log`, 'pi-aws local purge forgets everything, for a new beginning'],
  })
}

async function ourHealth({server}: LaunchPorts, {port, instanceId}: SpawnRequest): Promise<LocalHealth | undefined> {
  const answer = await server.ask(port)
  return answer.kind === 'health' && answer.health.instanceId === instanceId ? answer.health : undefined
}

/** What an early end means: another start's server won the port, a foreign program did (undefined), or it is broken. */
async function afterEnd(ports: LaunchPorts, request: SpawnRequest, how: string): Promise<LocalHealth | undefined> {
  const health = await ourHealth(ports, request)
  if (health !== undefined) return health
  if (!(await ports.server.isFree(request.port))) return undefined
  throw await failure(ports, `The embedded AWS ended while it started (${how}).`)
}

async function untilAnswer(
  ports: LaunchPorts,
  request: SpawnRequest,
  spawned: SpawnedServer,
  signal: AbortSignal,
): Promise<LocalHealth | undefined> {
  const end = ports.clock.now().getTime() + answerWithinMs
  for (;;) {
    const health = await ourHealth(ports, request)
    if (health !== undefined) return health
    const how = spawned.ended()
    if (how !== undefined) return afterEnd(ports, request, how)
    if (ports.clock.now().getTime() >= end) {
      throw await failure(ports, `The embedded AWS did not answer within ${answerWithinMs / 1000} seconds.`)
    }
    await ports.clock.sleep(pollMs, signal)
  }
}

/**
 * Starts a server and waits until it answers with its instance id.
 * @returns undefined when another program took the port meanwhile
 * @throws FailedError LOCAL_START_FAILED with the end of the log; the signal's reason. Neither leaves a process behind
 */
export async function launch(
  ports: LaunchPorts,
  request: SpawnRequest,
  signal: AbortSignal,
): Promise<LocalHealth | undefined> {
  const spawned = await ports.server.spawn(request)
  try {
    return await untilAnswer(ports, request, spawned, signal)
  } catch (error) {
    spawned.kill()
    throw error
  }
}
