import * as z from 'zod'
import type {JournalEntry} from '../../domain/ledger.ts'
import type {OpId} from '../../domain/names.ts'
import type {Report} from '../events.ts'
import type {Journal} from '../ledger/journal.ts'

/**
 * Tells the steps of an operation that another process drives, as its journal has them.
 * @param told how many entries were told already; without it, of those that are there only steps that are under way
 * @returns how many are told now
 */
export function tellSteps({entries}: Journal, told: number | undefined, report: Report): number {
  const intents = new Map<string, JournalEntry>()
  for (const [index, entry] of entries.entries()) {
    const begun = intents.get(entry.step)
    if (entry.kind === 'intent') intents.set(entry.step, entry)
    else intents.delete(entry.step)
    if (told !== undefined && index >= told) tell(entry, begun, report)
  }
  if (told === undefined) for (const intent of intents.values()) tell(intent, undefined, report)
  return entries.length
}

/** Entries without an intent say something of the whole operation, and are no steps. */
function tell(entry: JournalEntry, begun: JournalEntry | undefined, report: Report): void {
  const step = {step: entry.step, title: entry.step}
  if (entry.kind === 'intent') {
    report({type: 'step.started', ...step})
    return
  }
  if (begun === undefined) return
  const durationMs = Date.parse(entry.at) - Date.parse(begun.at)
  if (entry.kind === 'done') report({type: 'step.finished', ...step, outcome: 'done', durationMs})
  else report({type: 'step.failed', ...step, durationMs, message: entry.reason ?? 'no reason given'})
}

/** The operation that took another one up, as the last entry of that one says. */
export function supersededBy({entries}: Journal): OpId | undefined {
  return z.object({by: z.string()}).safeParse(entries.at(-1)?.result).data?.by as OpId | undefined
}
