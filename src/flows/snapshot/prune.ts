import type {SetSummary} from '../../domain/snapshots/catalogue.ts'
import {newestFirst, type SnapshotId} from '../../domain/snapshots/id.ts'
import type {VaultLock} from '../../domain/snapshots/lock.ts'
import {isLastGood, retention, type RetentionPolicy} from '../../domain/snapshots/retention.ts'
import {changedMeanwhile, requireName} from '../confirm.ts'
import {readLandscape, recordsBucketOf} from '../landscape.ts'
import type {Ask} from '../ports.ts'
import type {Run} from '../run.ts'
import {lockOfSet, removeSet} from './delete.ts'
import type {SnapshotPorts} from './options.ts'
import {readSets, readSoundManifest} from './sets.ts'
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

interface Row {
  readonly id: SnapshotId
  readonly createdAt: string
  readonly keep: boolean
  readonly reasons: readonly string[]
}

/** Why a set stays that cannot be read: a rule cannot count on it, and nobody has said that it may go. */
const damagedWhy = 'its manifest is damaged: snapshot verify, snapshot delete'

/**
 * What the rules say of each set. Opened are only those that would go, of which the vault has to be asked, and those that
 * stay as the last good ones: a damaged set is none of these.
 */
async function decide(
  ports: SnapshotPorts,
  bucket: string,
  policy: RetentionPolicy,
  sets: readonly SetSummary[],
): Promise<readonly Row[]> {
  const now = ports.clock.now()
  const locks = new Map<string, VaultLock>()
  const opened = new Set<string>()
  let sound = sets.map((set) => ({...set, proven: set.proof !== undefined}))
  for (;;) {
    const rows = retention(sound, policy, now)
    const unread = rows.filter(({set, keep, reasons: [why]}) => !opened.has(set.id) && (!keep || isLastGood(why)))
    if (unread.length === 0) break
    for (const {set, keep} of unread) {
      opened.add(set.id)
      const manifest = await readSoundManifest(ports.objects, bucket, set.id)
      if (manifest === undefined) sound = sound.filter(({id}) => id !== set.id)
      const lock = manifest === undefined || keep ? undefined : await lockOfSet(ports.backups, manifest)
      if (lock !== undefined) locks.set(set.id, lock)
    }
  }
  const asked = sound.map((set) => {
    const lock = locks.get(set.id)
    return lock === undefined ? set : {...set, lock}
  })
  const rows = new Map(retention(asked, policy, now).map((row) => [row.set.id, row]))
  return sets.map(({id, createdAt}) => {
    const {keep, reasons} = rows.get(id) ?? {keep: true, reasons: [damagedWhy]}
    return {id, createdAt, keep, reasons}
  })
}

/**
 * Removes the sets that no rule keeps, and says of every other why it stays. The last good and the last proven one, and
 * what the vault locks, stay whatever the rules say.
 * @throws UsageError RETENTION_EMPTY; RefusedError CHANGED_MEANWHILE; as `requireName`
 */
export async function pruneSnapshots(
  options: SnapshotPruneOptions,
  ports: SnapshotPorts & {readonly ask: Ask},
  run: Run,
): Promise<SnapshotPruneResult> {
  const {environment, policy} = options
  const bucket = recordsBucketOf(await readLandscape(ports, environment))
  const {sets} = await readSets(ports.objects, bucket)
  const rows = await decide(ports, bucket, policy, newestFirst(sets))
  const going = rows.filter(({keep}) => !keep).map(({id}) => id)
  const snapshots = rows.map(({id, createdAt, keep, reasons}) => ({id, createdAt, keep, reasons}))
  if (options.dryRun || going.length === 0) return {environment, opId: '', snapshots, removed: going}
  if (!options.confirmed) {
    await requireName(ports.ask, environment, options.confirm, {
      flag: '--confirm',
      question: `This deletes ${going.length} snapshots: ${going.join(', ')}. It cannot be taken back.`,
    })
    const now = new Set((await readSets(ports.objects, bucket)).sets.map(({id}) => id))
    if (!rows.every(({id}) => now.has(id)))
      throw changedMeanwhile(environment, 'Snapshots', `pi-aws snapshot list ${environment}`)
  }
  return underLock(options, {prune: going}, ports, run, async (scribe, site) => {
    for (const id of going) await removeSet(ports, scribe, site, id)
    return {environment, snapshots, removed: going}
  })
}
