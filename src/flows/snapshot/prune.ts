import type {VaultLock} from '../../domain/snapshots/lock.ts'
import {retention, type RetentionPolicy} from '../../domain/snapshots/retention.ts'
import {requireName} from '../confirm.ts'
import {readLandscape, recordsBucketOf} from '../landscape.ts'
import type {Ask} from '../ports.ts'
import type {Run} from '../run.ts'
import {lockOfSet, removeSet} from './delete.ts'
import type {SnapshotPorts} from './options.ts'
import {readManifest, readSets} from './sets.ts'
import {type TidyOptions, underLock} from './tidy-operation.ts'

export interface SnapshotPruneOptions extends TidyOptions {
  readonly policy: RetentionPolicy
  readonly dryRun: boolean
  readonly confirm: string | undefined
  readonly confirmed: boolean
}

export interface SnapshotPruneResult {
  readonly environment: string
  /** '' of a dry run. */
  readonly opId: string
  readonly snapshots: readonly {
    readonly id: string
    readonly createdAt: string
    readonly keep: boolean
    readonly reasons: readonly string[]
  }[]
  /** Ids that are gone; of a dry run, that would go. */
  readonly removed: readonly string[]
}

/**
 * Removes the sets that no rule keeps, and says of every other why it stays. The last good and the last proven one, and
 * what the vault locks, stay whatever the rules say.
 * @throws UsageError RETENTION_EMPTY; as `requireName`
 */
export async function pruneSnapshots(
  options: SnapshotPruneOptions,
  ports: SnapshotPorts & {readonly ask: Ask},
  run: Run,
): Promise<SnapshotPruneResult> {
  const {environment, policy} = options
  const bucket = recordsBucketOf(await readLandscape(ports, environment))
  const {sets} = await readSets(ports.objects, bucket)
  const known = sets.map((set) => ({...set, proven: set.proof !== undefined}))
  const locks = new Map<string, VaultLock>()
  // Only of what would go the vault has to be asked.
  for (const {set, keep} of retention(known, policy, ports.clock.now())) {
    if (keep) continue
    const lock = await lockOfSet(ports.backups, await readManifest(ports.objects, bucket, set.id))
    if (lock !== undefined) locks.set(set.id, lock)
  }
  const asked = known.map((set) => {
    const lock = locks.get(set.id)
    return lock === undefined ? set : {...set, lock}
  })
  const rows = retention(asked, policy, ports.clock.now())
  const going = rows.filter(({keep}) => !keep).map(({set}) => set.id)
  const snapshots = rows.map(({set: {id, createdAt}, keep, reasons}) => ({id, createdAt, keep, reasons}))
  if (options.dryRun || going.length === 0) return {environment, opId: '', snapshots, removed: going}
  if (!options.confirmed) {
    await requireName(ports.ask, environment, options.confirm, {
      flag: '--confirm',
      question: `This deletes ${going.length} snapshots: ${going.join(', ')}. It cannot be taken back.`,
    })
  }
  return underLock(options, {prune: going}, ports, run, async (scribe, site) => {
    for (const id of going) await removeSet(ports, scribe, site, id)
    return {environment, snapshots, removed: going}
  })
}
