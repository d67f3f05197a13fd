import {type Answer, fail, ok} from '../../domain/checks.ts'
import {UsageError} from '../../domain/errors.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import {quotaCalled} from '../../domain/quotas/rows.ts'
import {named} from '../../domain/quotas/ways-out.ts'
import {noteLimit, tagLimit, tagPattern} from '../../domain/snapshots/catalogue.ts'
import type {Report} from '../events.ts'
import type {DatabaseState, Quota} from '../ports.ts'
import {requireReady} from '../preflight/gate.ts'
import {asked} from '../recovery/asked.ts'
import {checkClock, checkPermissions} from '../recovery/caller.ts'
import {quiescedBy, unsettledBy} from '../recovery/held-by.ts'
import {snapshotWishes} from '../recovery/wishes.ts'
import type {SnapshotPorts} from './options.ts'
import type {Site} from './site.ts'

/** Shortest and longest time that services may be asked to be down (ms). */
export const quiesceBounds = {least: 60_000, most: 4 * 3_600_000} as const

/** @throws UsageError INVALID_NOTE, INVALID_TAG, INVALID_DURATION */
export function requireWords(options: {
  readonly note: string
  readonly tags: readonly string[]
  readonly maxQuiesceMs: number
}): void {
  const {note, tags, maxQuiesceMs} = options
  if (new TextEncoder().encode(note).byteLength > noteLimit || /[\p{Cc}\p{Cs}]/u.test(note)) {
    throw new UsageError(`Invalid note: it may have ${noteLimit} bytes and no line breaks.`, {code: 'INVALID_NOTE'})
  }
  if (tags.length > tagLimit || tags.some((tag) => !tagPattern.test(tag))) {
    throw new UsageError(`Invalid tags: at most ${tagLimit}, each of 1-32 lower-case letters, digits, dots, dashes.`, {
      code: 'INVALID_TAG',
      suggestions: ['--tag before-upgrade'],
    })
  }
  if (maxQuiesceMs < quiesceBounds.least || maxQuiesceMs > quiesceBounds.most) {
    throw new UsageError('Invalid time for the services to be down: between one minute and four hours.', {
      code: 'INVALID_DURATION',
      suggestions: ['--max-quiesce 15m'],
    })
  }
}

/** States that an instance does not leave by itself (RDS guide, DB instance status); any other is waited for. */
const stuck =
  /^(failed|stopp(ed|ing)|deleting|storage-full|insufficient-capacity|restore-error|inaccessible-|incompatible-)/

/** Whether RDS can take a snapshot of an instance, now or once it has ended what it does. */
export function canBeSaved({identifier, status}: DatabaseState): Answer {
  if (!stuck.test(status)) return ok(status)
  const next =
    status === 'storage-full'
      ? 'Raise database.maxStorage in pi-aws.yaml, then pi-aws deploy'
      : `aws rds describe-events --source-type db-instance --source-identifier ${identifier}`
  return fail(`instance ${identifier} is ${status}: RDS takes no snapshot of it`, next)
}

/** Room for one more manual snapshot, by RDS's own count of both. */
function room({used, max}: Quota, environment: EnvironmentName): Answer {
  if (used < max) return ok(`${used} of ${max} manual database snapshots`)
  const row = quotaCalled('manual-snapshots')
  const request = `pi-aws quotas request ${row.key} --to ${used + 1} --environment ${environment}`
  const reason = `${used} of ${max} are used, 1 more is needed`
  return fail(named({key: row.key, reason}), request, `pi-aws snapshot prune ${environment}`)
}

/**
 * Looks at everything that a set needs before anything is begun: a refusal in the middle would cost downtime for nothing.
 * @throws RefusedError PREFLIGHT_REFUSED
 */
export async function snapshotPreflight(
  ports: SnapshotPorts,
  site: Site,
  {vaulted, report}: {readonly vaulted: boolean; readonly report: Report},
): Promise<number> {
  const {databases, backups, keys} = ports
  const checks = await Promise.all([
    asked('stacks', async () => (await unsettledBy(ports, site)) ?? ok('all are stable')),
    asked('services', async () =>
      site.app.parameters['Quiesced'] === 'true' ? quiescedBy(ports, site) : ok('released'),
    ),
    asked('database', async () => {
      const found = await databases.instance(site.instance)
      if (found === undefined) return fail(`instance ${site.instance} is gone`, 'pi-aws status')
      return canBeSaved(found)
    }),
    checkClock(ports),
    checkPermissions(ports, site.caller, snapshotWishes(site, {vaulted})),
    // What AWS Backup makes counts towards no quota of RDS (RDS guide, quotas).
    ...(vaulted ? [] : [asked('snapshots', async () => room((await databases.quotas()).snapshots, site.environment))]),
    asked('vault', async () => {
      const trouble = await backups.vaultTrouble(site.vault, {saves: true})
      return trouble === undefined ? ok(site.vault) : fail(trouble)
    }),
    asked('key', async () => {
      const state = await keys.state(site.keyArn)
      return state === 'Enabled' ? ok('enabled') : fail(`the key of the environment is ${state ?? 'gone'}`)
    }),
  ])
  return requireReady(checks, false, report)
}
