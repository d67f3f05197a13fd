import {type Answer, type Check, fail, ok, unknown} from '../../domain/checks.ts'
import {isMoving} from '../../domain/drift.ts'
import {isPart} from '../../domain/parts.ts'
import {objectKey, prefixes} from '../../domain/snapshots/keys.ts'
import type {Manifest} from '../../domain/snapshots/manifest.ts'
import {isAlone} from '../../domain/snapshots/pair.ts'
import {stackOf} from '../landscape.ts'
import {asked} from '../recovery/asked.ts'
import {checkClock, checkPermissions} from '../recovery/caller.ts'
import {quiescedBy, unsettledBy} from '../recovery/held-by.ts'
import {restoreWishes, snapshotWishes} from '../recovery/wishes.ts'
import {canBeSaved} from '../snapshot/preflight.ts'
import {roomFor} from './room.ts'
import {readAssetList} from '../snapshot/capture-assets.ts'
import type {Site} from '../snapshot/site.ts'
import type {RestoreOptions, RestorePorts} from './options.ts'

/** Everything that can be known before a restore is begun, each with its answer. */
export async function restoreChecks(
  ports: RestorePorts,
  site: Site,
  manifest: Manifest,
  {only, safety, vaulted, configuration}: Pick<RestoreOptions, 'only' | 'safety' | 'vaulted' | 'configuration'>,
): Promise<readonly Check[]> {
  const wanted = (half: 'database' | 'files'): boolean => only.length === 0 || only.includes(half)
  return [
    ...(await Promise.all([
      asked('place', () => checkPlace(site, manifest)),
      asked('stacks', () => checkStacks(ports, site)),
      checkClock(ports),
      checkPermissions(ports, site.caller, [
        ...(safety === 'none' ? [] : snapshotWishes(site, {vaulted: false})),
        ...restoreWishes(site, {database: wanted('database'), files: wanted('files')}),
      ]),
      asked('key', async () => {
        const state = await ports.keys.state(manifest.keyArn)
        return state === 'Enabled'
          ? ok('enabled')
          : fail(
              `the key of the snapshot is ${state ?? 'gone'}: nothing of it can be read`,
              'Cancel its deletion, or enable it, in KMS',
            )
      }),
      ...(configuration === undefined
        ? []
        : [
            asked('quotas', () =>
              roomFor(ports, site, configuration, {
                database: wanted('database'),
                files: wanted('files'),
                safety: safety !== 'none',
              }),
            ),
          ]),
      ...(vaulted ? [asked('vaulted', () => checkVaulted(manifest, only))] : []),
      ...(wanted('database') ? databaseChecks(ports, site, manifest, safety) : []),
      ...(wanted('files') ? filesChecks(ports, site, manifest, safety) : []),
      ...(isAlone(only, 'assets') ? [checkAssets(ports, site, manifest)] : []),
      ...(isAlone(only, 'configuration') ? [checkParts(site, manifest)] : []),
    ])),
  ]
}

function checkPlace(site: Site, {environment, account, region, id}: Manifest): Answer {
  const here = `${site.caller.account} in ${site.caller.region}`
  if (account !== site.caller.account || region !== site.caller.region || environment !== site.environment)
    return fail(
      `snapshot ${id} is of ${environment}, account ${account} in ${region}; this is ${site.environment}, ${here}`,
    )
  return ok(here)
}

/** Whether everything that is asked for comes out of the vault, where nobody can have changed it. */
function checkVaulted({id, environment, database}: Manifest, only: RestoreOptions['only']): Answer {
  if (isAlone(only, 'assets') || isAlone(only, 'configuration'))
    return fail('assets and configuration of a set lie in the records bucket, not in the vault', 'Leave --vaulted out')
  if (database.vault !== undefined || (only.length > 0 && !only.includes('database'))) return ok('out of the vault')
  const next = [`pi-aws snapshot list ${environment}`, 'Leave --vaulted out']
  return fail(`the database half of ${id} is a manual snapshot outside the vault`, ...next)
}

async function checkStacks(ports: RestorePorts, site: Site): Promise<Answer> {
  const unsettled = await unsettledBy(ports, site)
  if (unsettled !== undefined) return unsettled
  return site.app.parameters['Quiesced'] === 'true' ? quiescedBy(ports, site) : ok('all are stable')
}

function databaseChecks(
  ports: RestorePorts,
  site: Site,
  {database}: Manifest,
  safety: RestoreOptions['safety'],
): readonly Promise<Check>[] {
  const {databases} = ports
  return [
    asked('database snapshot', async () => {
      const found = await databases.snapshot(database.snapshotIdentifier)
      if (found === undefined) return fail(`${database.snapshotIdentifier} is gone: somebody deleted it`)
      if (database.vault !== undefined) {
        const point = await ports.backups.recoveryPoint(database.vault, database.snapshotArn)
        if (point?.status !== 'COMPLETED')
          return fail(`recovery point ${database.snapshotArn} is ${point?.status ?? 'gone'}`)
      }
      return found.status === 'available' ? ok(found.identifier) : fail(`${found.identifier} is ${found.status}`)
    }),
    asked('engine', async () => {
      const major = majorOf(database.engineVersion)
      const offered = await databases.offers(major)
      if (offered === undefined) return unknown('RDS lists no version of MariaDB')
      // RDS upgrades instances of a version that it gives up: one that runs it speaks against the list.
      const live = offered ? undefined : await databases.instance(site.instance)
      if (live !== undefined && majorOf(live.engineVersion) === major)
        return unknown(`RDS does not list MariaDB ${major}, and yet the live database runs it`)
      const upgrade = 'Upgrade the engine of the database snapshot in the RDS console'
      return offered
        ? ok(`MariaDB ${database.engineVersion}`)
        : fail(`RDS does not offer MariaDB ${major} any more`, upgrade)
    }),
    asked('instances', async () => {
      const {instances} = await databases.quotas()
      return instances.used < instances.max
        ? ok(`${instances.used} of ${instances.max}`)
        : fail(`the account has all of its ${instances.max} database instances`, 'Ask for more in Service Quotas')
    }),
    asked('live database', async () => {
      const found = await databases.instance(site.instance)
      if (found !== undefined) {
        const answer = safety === 'none' ? ok(found.status) : canBeSaved(found)
        return answer.verdict === 'FAIL' ? {...answer, next: [...answer.next, '--safety none']} : answer
      }
      return safety === 'none'
        ? ok('gone; nothing of it is to be saved')
        : fail(`instance ${site.instance} is gone, so no safety snapshot can be taken of it`, '--safety none')
    }),
    checkDrift(ports, site, 'database'),
  ]
}

/** Every content of the set's assets, by its presence and size. */
function checkAssets({objects}: RestorePorts, {recordsBucket}: Site, {assets}: Manifest): Promise<Check> {
  return asked(
    'assets',
    async () => {
      if (assets === undefined)
        return fail('the set has no assets: none had been uploaded when it was made', 'pi-aws snapshot list')
      const lines = await readAssetList(objects, recordsBucket, assets.list)
      const there = new Map((await objects.list(recordsBucket, prefixes.objects)).map(({key, size}) => [key, size]))
      const gone = lines.filter(({kind, sha256, size}) => kind === 'file' && there.get(objectKey(sha256)) !== size)
      return gone.length === 0
        ? ok(`${assets.count} files`)
        : fail(`${gone.length} of ${assets.count} assets are gone or cut short: ${gone[0]?.path ?? ''}`)
    },
    ({code}) => code.startsWith('OBJECT_'),
  )
}

/** What the set says is of parts; one that does not stand has nothing to change. */
function checkParts({landscape}: Site, {configuration}: Manifest): Promise<Check> {
  return asked('parts', () => {
    const missing = configuration.stacks.filter(({part}) => isPart(part) && stackOf(landscape, part) === undefined)
    return missing.length === 0
      ? ok(`${configuration.stacks.length} stacks`)
      : unknown(`${missing.map(({name}) => name).join(', ')} of the set do not stand any more and are left out`)
  })
}

function filesChecks(
  ports: RestorePorts,
  site: Site,
  {files}: Manifest,
  safety: RestoreOptions['safety'],
): readonly Promise<Check>[] {
  return [
    asked('recovery point', async () => {
      const point = await ports.backups.recoveryPoint(files.vault, files.recoveryPointArn)
      return point?.status === 'COMPLETED'
        ? ok(point.arn)
        : fail(`${files.recoveryPointArn} is ${point?.status ?? 'gone'}`)
    }),
    asked('vault', async () => {
      const trouble = await ports.backups.vaultTrouble(files.vault, {saves: safety !== 'none'})
      return trouble === undefined ? ok(files.vault) : fail(trouble)
    }),
    checkDrift(ports, site, 'files'),
  ]
}

/** `10.11.8` is of `10.11`. */
function majorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}

/** What of each part holds the data that a restore is about. */
const holders = {database: 'AWS::RDS::DBInstance', files: 'AWS::EFS::FileSystem'} as const

/** Why a change by hand stands in the way, and what to do about it. */
const reasons = {
  database: 'a new generation would not have it',
  files: 'what was meant by it is not known here',
} as const

/**
 * Whether somebody changed what holds data behind its stack's back. The next generation of a database is made from the
 * stack and would not have that change; the file system is shared by all generations, and must be the one that its stack
 * made. A database that is gone is no reason not to restore; without the file system there is nowhere to restore to.
 */
function checkDrift(ports: RestorePorts, site: Site, part: 'database' | 'files'): Promise<Check> {
  return asked(part === 'database' ? 'drift' : 'drift of files', async () => {
    const stack = stackOf(site.landscape, part)
    if (stack === undefined) return unknown(`the stack of the ${part} does not stand`)
    const resources = (await ports.stacks.resources(stack.id)).filter(({type}) => type === holders[part])
    const rows = await Promise.all(
      resources.map(async ({logicalId}) => ({logicalId, drift: await ports.stacks.drift(stack.id, logicalId)})),
    )
    const gone = part === 'files' ? rows.filter(({drift}) => drift?.deleted === true) : []
    if (gone.length > 0) return fail('the file system is gone, and its stack does not know', 'pi-aws status')
    const moved = rows.flatMap(({logicalId, drift}) => {
      const properties = (drift?.properties ?? []).filter((path) => !isMoving(holders[part], path))
      return properties.length === 0 ? [] : [`${logicalId} (${properties.join(', ')})`]
    })
    if (moved.length > 0) {
      return fail(
        `changed by hand, and ${reasons[part]}: ${moved.join('; ')}`,
        'Bring the change into pi-aws.yaml and deploy, or take it back',
      )
    }
    const unknowns = rows.filter(({drift}) => drift === undefined)
    return unknowns.length > 0
      ? unknown(`CloudFormation does not tell of ${unknowns.map(({logicalId}) => logicalId).join(', ')}`)
      : ok('none')
  })
}
