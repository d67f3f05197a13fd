import type {Run} from '../run.ts'
import {locked} from './lock.ts'
import {settled} from './look.ts'
import type {LocalPorts, LocalRemoval} from './ports.ts'
import {endServer, type StopPorts} from './stop.ts'

export interface PurgeOptions {
  /** The Python environments too; the next start downloads them again. */
  readonly environments: boolean
}

async function removeState(ports: StopPorts, run: Run): Promise<boolean> {
  const {state} = ports
  if ((await state.memory()) === undefined) return state.remove()
  return locked(ports, run.pause, async () => {
    const seen = await settled(ports, run.pause)
    if (seen.state === 'running') await endServer(ports, seen, run)
    return state.remove()
  })
}

/**
 * Stops the embedded AWS and removes everything it left on this machine.
 * @throws RefusedError LOCAL_FOLDER_NOT_OURS; what stopLocal throws
 */
export async function purgeLocal(
  ports: StopPorts & Pick<LocalPorts, 'python'>,
  options: PurgeOptions,
  run: Run,
): Promise<LocalRemoval> {
  const {dir} = ports.state
  const state = (await removeState(ports, run)) ? [dir] : []
  const removed = [...state, ...(options.environments ? await ports.python.remove() : [])]
  return {changed: removed.length > 0, stateDir: dir, removed}
}
