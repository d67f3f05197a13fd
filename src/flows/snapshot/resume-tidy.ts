import * as z from 'zod'
import {isSnapshotId} from '../../domain/snapshots/id.ts'
import type {Run} from '../run.ts'
import {removeSet} from './delete.ts'
import {collectGarbage} from './gc.ts'
import type {SnapshotPorts} from './options.ts'
import {type TidyOptions, underLock} from './tidy-operation.ts'

/** What a deletion, a pruning or a collection that was gone on with came to. */
export interface TidyResult {
  readonly environment: string
  readonly opId: string
  readonly removed: readonly string[]
}

const optionsSchema = z.object({delete: z.string().optional(), prune: z.array(z.string()).optional()})

/** Goes on with a removal of sets: what it was confirmed for, and no other. */
export async function resumeTidy(
  options: TidyOptions,
  asked: Readonly<Record<string, unknown>>,
  ports: SnapshotPorts,
  run: Run,
): Promise<TidyResult> {
  const wanted = optionsSchema.parse(asked)
  const ids = [...(wanted.delete === undefined ? [] : [wanted.delete]), ...(wanted.prune ?? [])].filter(isSnapshotId)
  if (ids.length === 0) return collectGarbage(options, ports, run)
  return underLock(options, asked, ports, run, async (scribe, site) => {
    const removed: string[] = []
    for (const id of ids) removed.push(...(await removeSet(ports, scribe, site, id)))
    return {environment: site.environment, removed}
  })
}
