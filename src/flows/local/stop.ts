import {PendingError} from '../../domain/errors.ts'
import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import {locked} from './lock.ts'
import {pollMs, type Seen, settled} from './look.ts'
import type {LocalChange, LocalPorts} from './ports.ts'
import {statusOf} from './status.ts'

/** How long a server may take to save and end, in milliseconds. */
export const endWithinMs = 30_000

export type StopPorts = Pick<LocalPorts, 'clock' | 'server' | 'state'>

/**
 * Has a server end that has just answered with our instance id, and waits for it.
 * @throws PendingError LOCAL_STILL_STOPPING
 */
export async function endServer(
  ports: StopPorts,
  seen: Extract<Seen, {readonly state: 'running'}>,
  run: Run,
): Promise<void> {
  const {clock, server, state} = ports
  const {pid} = seen.health
  await reported({clock, report: run.report}, {step: 'local.stop', title: 'Stop the embedded AWS'}, async () => {
    server.terminate(pid)
    const end = clock.now().getTime() + endWithinMs
    while (await server.runs(pid, seen.memory.instanceId)) {
      if (clock.now().getTime() >= end) {
        throw new PendingError(`The embedded AWS (process ${pid}) was told to end and still runs.`, {
          code: 'LOCAL_STILL_STOPPING',
          suggestions: ['pi-aws local status', `End it by hand, without saving: kill -9 ${pid}`],
        })
      }
      await clock.sleep(pollMs, run.pause)
    }
    await state.forgetServer()
    return {value: undefined, outcome: 'done'}
  })
}

/**
 * Stops the embedded AWS; what it holds stays. Signals only a process that answers with our instance id.
 * @throws PendingError LOCAL_STILL_STOPPING; FailedError LOCAL_NOT_ANSWERING; LockedError LOCAL_BUSY; CancelledError
 */
export async function stopLocal(ports: StopPorts, run: Run): Promise<LocalChange> {
  const {state} = ports
  const memory = await state.memory()
  if (memory === undefined) return {...statusOf({state: 'absent', memory}, state.dir), changed: false}
  return locked(ports, run.pause, async () => {
    const seen = await settled(ports, run.pause)
    if (seen.state === 'running') await endServer(ports, seen, run)
    else await state.forgetServer()
    return {...statusOf({state: 'absent', memory: seen.memory}, state.dir), changed: seen.state === 'running'}
  })
}
