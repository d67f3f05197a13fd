import {FailedError} from '../../domain/errors.ts'
import type {LocalHealth, LocalMemory, LocalPorts, ServerRecord} from './ports.ts'

/** How long a server that neither answers nor ends is waited for, in milliseconds: it may be saving or starting. */
export const settleMs = 15_000
/** Between two looks at a server, in milliseconds. */
export const pollMs = 100

/** What was found in the folder of the embedded AWS. */
export type Seen =
  | {
      readonly state: 'running'
      readonly memory: LocalMemory
      readonly record: ServerRecord | undefined
      readonly port: number
      readonly health: LocalHealth
    }
  /** No server; a record of one, a foreign program on its port or a reused process id do not matter. */
  | {readonly state: 'absent'; readonly memory: LocalMemory | undefined}
  /** Its process is there and does not answer. */
  | {readonly state: 'unresponsive'; readonly memory: LocalMemory; readonly pid: number; readonly port: number}

type LookPorts = Pick<LocalPorts, 'server' | 'state'>

/** Looks once. Only an answer that bears the instance id of the folder counts as our server. */
export async function look({server, state}: LookPorts): Promise<Seen> {
  const memory = await state.memory()
  if (memory === undefined) return {state: 'absent', memory}
  const record = await state.server()
  const port = record?.port ?? memory.port
  if (port === undefined) return {state: 'absent', memory}
  const answer = await server.ask(port)
  if (answer.kind === 'health' && answer.health.instanceId === memory.instanceId) {
    return {state: 'running', memory, record, port, health: answer.health}
  }
  if (record !== undefined && (await server.runs(record.pid, memory.instanceId))) {
    return {state: 'unresponsive', memory, pid: record.pid, port}
  }
  return {state: 'absent', memory}
}

/**
 * Looks until the server answers or is gone.
 * @throws FailedError LOCAL_NOT_ANSWERING when it does neither in time; it is left alone
 */
export async function settled(
  ports: LookPorts & Pick<LocalPorts, 'clock'>,
  signal?: AbortSignal,
): Promise<Exclude<Seen, {readonly state: 'unresponsive'}>> {
  const end = ports.clock.now().getTime() + settleMs
  for (;;) {
    const seen = await look(ports)
    if (seen.state !== 'unresponsive') return seen
    if (ports.clock.now().getTime() >= end) {
      throw new FailedError(
        `The embedded AWS (process ${seen.pid}, port ${seen.port}) does not answer. It was left alone.`,
        {code: 'LOCAL_NOT_ANSWERING', suggestions: ['Try again in a moment', `End it by hand: kill ${seen.pid}`]},
      )
    }
    await ports.clock.sleep(pollMs, signal)
  }
}
