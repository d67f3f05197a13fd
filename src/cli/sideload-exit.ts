import {type ExitCode, exitCodes} from '../domain/exit-codes.ts'
import type {SideloadResult} from '../flows/sideload/options.ts'

/** How a side-load that was asked for ends: files that failed are a failure, one that nobody waits for is pending. */
export function sideloadExit({state}: Pick<SideloadResult, 'state'>): ExitCode {
  if (state === 'done') return exitCodes.ok
  return state === 'running' ? exitCodes.pending : exitCodes.failed
}
