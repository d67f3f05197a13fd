import * as z from 'zod'
import type {BundleEntry} from '../../domain/assets/bundle.ts'
import {NotFoundError, RefusedError} from '../../domain/errors.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import {rangesOf} from '../../domain/sideload.ts'
import {readBundle, readLatest} from '../assets/latest.ts'
import type {Operation} from '../ledger/operation.ts'
import type {Journal} from '../ledger/journal.ts'
import type {Objects} from '../ports.ts'
import type {SideloadPlace} from './place.ts'

/** What an operation on a bundle settled at its beginning: whoever goes on with it keeps to it. */
const planSchema = z.object({
  /** Id of the bundle. */
  bundle: z.string(),
  key: z.string(),
  sha256: z.string(),
  generation: z.number().int().min(1),
  ranges: z.array(z.object({from: z.string(), to: z.string()})),
})
export type SideloadPlan = z.infer<typeof planSchema>

/** When slices were handed over to the function alone: until then their results may still come. */
const handedOverSchema = z.object({until: z.iso.datetime()})

export function noBundle(environment: EnvironmentName): NotFoundError {
  return new NotFoundError(`Environment ${environment} has no assets yet: nothing was uploaded.`, {
    code: 'NO_BUNDLE',
    suggestions: [`pi-aws upload assets FOLDER --environment ${environment}`],
  })
}

/** The plan in a journal, if the operation came so far. */
export function plannedIn(journal: Journal): SideloadPlan | undefined {
  const entry = journal.entries.find(({step}) => step === 'plan')
  return entry === undefined ? undefined : planSchema.parse(entry.result)
}

/** Until when slices that were handed over may still be at work (ms since 1970); 0 for none. */
export function handedOverUntil(journal: Journal): number {
  const entry = journal.entries.findLast(({step}) => step === 'handed-over')
  return entry === undefined ? 0 : Date.parse(handedOverSchema.parse(entry.result).until)
}

/**
 * The plan of the operation with the entries of its bundle: made of the newest bundle and journaled, or as it was.
 * @throws NotFoundError NO_BUNDLE; FailedError BUNDLE_UNREADABLE; RefusedError GENERATION_MOVED
 */
export async function settlePlan(
  {objects}: {readonly objects: Objects},
  place: SideloadPlace,
  {journal}: Operation,
): Promise<{readonly plan: SideloadPlan; readonly entries: readonly BundleEntry[]}> {
  const known = plannedIn(journal)
  if (known !== undefined && known.generation !== place.generation) {
    throw new RefusedError(
      `Operation ${journal.opId} loads generation ${known.generation}; the platform runs on ${place.generation} by now.`,
      {
        code: 'GENERATION_MOVED',
        suggestions: [`pi-aws ops abort ${journal.opId} --environment ${place.environment}`],
      },
    )
  }
  if (known !== undefined) return {plan: known, entries: (await readBundle(objects, place, known)).entries}
  const latest = await readLatest(objects, place)
  if (latest === undefined) throw noBundle(place.environment)
  const {entries} = await readBundle(objects, place, latest.pointer)
  const {id, key, sha256} = latest.pointer
  const plan: SideloadPlan = {bundle: id, key, sha256, generation: place.generation, ranges: [...rangesOf(entries)]}
  await journal.write('plan', 'done', {result: plan})
  return {plan, entries}
}
