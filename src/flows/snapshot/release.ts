import * as z from 'zod'
import {type JournalEntry, leftQuiesced} from '../../domain/ledger.ts'
import type {Scribe} from '../ledger/once.ts'
import {reported} from '../steps.ts'
import {countsSchema, type QuiescePorts, releaseServices} from './quiesce.ts'

const releasedSchema = z.object({downMs: z.number()})

/** ms that services were at zero, by the journal of an operation. */
export function downMs(entries: readonly JournalEntry[]): number {
  return entries
    .filter(({step, kind}) => step === 'release' && kind === 'done')
    .reduce((sum, {result}) => sum + (releasedSchema.safeParse(result).data?.downMs ?? 0), 0)
}

/** Since when the services are at zero (ms since 1970): the first intent behind the last release, whoever wrote it. */
export function quiescedSince(entries: readonly JournalEntry[]): number | undefined {
  if (!leftQuiesced(entries)) return undefined
  const from = entries.findLastIndex(({step, kind}) => step === 'release' && kind === 'done') + 1
  const first = entries.slice(from).find(({step, kind}) => step === 'quiesce' && kind === 'intent')
  return first === undefined ? undefined : Date.parse(first.at)
}

/**
 * Brings services back to what the journal says they were before this operation took them to zero. It does so after
 * Ctrl-C too; not after the lock was lost, when somebody else may need them down.
 * @throws FailedError RELEASE_FAILED; LockedError LOCK_LOST
 */
export async function releaseLeft(
  ports: QuiescePorts,
  {operation, clock, run}: Scribe,
  cluster: string,
): Promise<void> {
  const {entries} = operation.journal
  const since = quiescedSince(entries) ?? clock.now().getTime()
  const recorded = entries.findLast(({step, kind}) => step.startsWith('counts-') && kind === 'done')
  const counts = countsSchema.safeParse(recorded?.result).data
  await reported({clock, report: run.report}, {step: 'release', title: 'Services: released'}, async () => {
    await operation.recordAnyway(
      'release',
      async () => {
        if (counts !== undefined) await releaseServices(ports, cluster, counts)
        return {downMs: clock.now().getTime() - since}
      },
      (value) => value,
    )
    return {value: undefined, outcome: 'done'}
  })
}
