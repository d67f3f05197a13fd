import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import {locked} from './lock.ts'
import {settled} from './look.ts'
import type {LocalChange, LocalPorts} from './ports.ts'
import {statusOf} from './status.ts'

/**
 * Makes the embedded AWS an empty account again: records, objects and file systems go. A running one keeps running.
 * @throws FailedError LOCAL_NOT_ANSWERING, LOCAL_CALL_FAILED; LockedError LOCAL_BUSY; CancelledError
 */
export async function resetLocal(
  ports: Pick<LocalPorts, 'clock' | 'server' | 'state'>,
  run: Run,
): Promise<LocalChange> {
  const {clock, server, state} = ports
  const memory = await state.memory()
  if (memory === undefined) return {...statusOf({state: 'absent', memory}, state.dir), changed: false}
  return locked(ports, run.pause, async () => {
    const seen = await settled(ports, run.pause)
    const changed = await reported(
      {clock, report: run.report},
      {step: 'local.reset', title: 'Empty the embedded AWS'},
      async () => {
        if (seen.state === 'absent') {
          const value = await state.clearData()
          return {value, outcome: value ? 'done' : 'unchanged'}
        }
        await server.reset(seen.port)
        // After the records: a function that still runs would make the files of its file system anew.
        await state.clearFileSystems()
        return {value: true, outcome: 'done'}
      },
    )
    return {...statusOf(seen, state.dir), changed}
  })
}
