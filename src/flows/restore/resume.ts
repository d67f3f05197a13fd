import * as z from 'zod'
import type {EnvironmentName, OpId} from '../../domain/names.ts'
import {restoreScopes} from '../../domain/snapshots/pair.ts'
import type {Run} from '../run.ts'
import {finalizeRestore} from './finalize.ts'
import type {FinalizeResult, RestorePorts, RestoreResult, UndoResult} from './options.ts'
import {restore} from './run.ts'
import {undoRestore} from './undo.ts'

export type RestoreResumed =
  | {readonly kind: 'restore'; readonly result: RestoreResult}
  | {readonly kind: 'undo'; readonly result: UndoResult}
  | {readonly kind: 'finalize'; readonly result: FinalizeResult}

const restoreOptions = z.object({
  snapshot: z.string(),
  only: z.array(z.enum(restoreScopes)),
  safety: z.enum(['strict', 'live', 'none']),
  maxQuiesceMs: z.number(),
})
const undoOptions = z.object({restore: z.string()})

interface Again {
  readonly environment: EnvironmentName
  readonly account: string | undefined
  readonly cloudFormationRoleArn: string | undefined
  readonly resume: OpId
}

/** Goes on with a restore, its undo or its end. It was confirmed when it was begun. */
export async function resumeRestore(
  kind: RestoreResumed['kind'],
  options: Readonly<Record<string, unknown>>,
  again: Again,
  ports: RestorePorts,
  run: Run,
): Promise<RestoreResumed> {
  const confirmed = {confirm: undefined, confirmed: true, vaulted: false}
  switch (kind) {
    case 'restore': {
      const {snapshot, ...asked} = restoreOptions.parse(options)
      const ref = {kind: 'prefix', text: snapshot} as const
      return {kind, result: await restore({...again, ...asked, ...confirmed, ref, plan: undefined}, ports, run)}
    }
    case 'undo':
      return {kind, result: await undoRestore({...again, ...undoOptions.parse(options), confirmed: true}, ports, run)}
    case 'finalize':
      return {kind, result: await finalizeRestore({...again, ...confirmed, now: true}, ports, run)}
  }
}
