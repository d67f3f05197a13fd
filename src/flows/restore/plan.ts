import {canonicalJson, sha256} from '../../domain/content.ts'
import {UsageError} from '../../domain/errors.ts'
import {databaseGenerationOf} from '../../domain/parts.ts'
import type {Manifest} from '../../domain/snapshots/manifest.ts'
import {type GenerationPair, goTogether, isAlone, nextPair, type RestoreScope} from '../../domain/snapshots/pair.ts'
import type {Check} from '../../domain/checks.ts'
import type {Report} from '../events.ts'
import {requireReady} from '../preflight/gate.ts'
import {findSet} from '../snapshot/sets.ts'
import {type Site, siteOf} from '../snapshot/site.ts'
import {TreeFunction} from '../snapshot/tree.ts'
import {compareConfiguration, type ConfigurationDiff} from './bring-configuration.ts'
import {restoreChecks} from './checks.ts'
import {type Downtime, foreseenDowntime} from './downtime.ts'
import type {RestoreOptions, RestorePorts} from './options.ts'

/** A restore that may begin. */
export interface Planned {
  readonly site: Site
  readonly manifest: Manifest
  readonly checks: readonly Check[]
  /** What the plan was made from, as one hash; the same function says it of what there is now. */
  readonly fingerprintOf: (site: Site) => string
}

export interface RestorePlanResult {
  readonly environment: string
  readonly snapshot: string
  readonly createdAt: string
  /** ms of writes that the restored data lack. */
  readonly lostMs: number
  /** As far as it is known now; the files' numbers are looked up when the restore begins. */
  readonly generations: GenerationPair
  readonly steps: readonly {readonly step: string; readonly down: boolean; readonly what: string}[]
  readonly downtime: Downtime
  /** Parameters that would change, and images that run by other digests; only with `--only configuration`. */
  readonly configuration?: ConfigurationDiff
  readonly checks: readonly Check[]
  /** Whether `restore run` would begin. */
  readonly possible: boolean
  readonly fingerprint: string
}

/** What of a restore decides what it would do. */
type Asked = Pick<RestoreOptions, 'environment' | 'account' | 'configuration' | 'ref' | 'only' | 'safety' | 'vaulted'>

/**
 * Looks at a set and at what stands, and says whether a restore may begin.
 * @throws RefusedError PREFLIGHT_REFUSED with every answer that is no; as `findSet` and `siteOf`
 */
export async function planRestore(
  options: Asked & Pick<RestoreOptions, 'resume'>,
  ports: RestorePorts,
  report: Report,
): Promise<Planned> {
  requireTogether(options.only)
  const planned = await look(options, ports)
  // A restore that has begun goes on: what stands in its way now is met where it stands.
  if (options.resume === undefined) requireReady(planned.checks, false, report)
  return planned
}

/** @throws UsageError SCOPES_CONFLICT */
function requireTogether(only: readonly RestoreScope[]): void {
  if (goTogether(only)) return
  throw new UsageError('Only the database and the files are brought back together; anything else goes by itself.', {
    code: 'SCOPES_CONFLICT',
    suggestions: [...new Set(only)].map((scope) => `--only ${scope}`),
  })
}

async function look(options: Asked, ports: RestorePorts): Promise<Planned> {
  const site = await siteOf(ports, options.environment, options.account)
  const {manifest} = await findSet(ports.objects, site.recordsBucket, options.ref, options.vaulted)
  const checks = await restoreChecks(ports, site, manifest, options)
  const fingerprintOf = (now: Site): string =>
    sha256(
      canonicalJson({
        snapshot: manifest.hash,
        only: [...options.only].sort(),
        safety: options.safety,
        stacks: now.landscape.stacks
          .map(({id, status, updatedAt, createdAt}) => ({id, status, at: updatedAt ?? createdAt}))
          .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      }),
    )
  return {site, manifest, checks, fingerprintOf}
}

/** What a restore would do, in its order. Changes nothing. */
export async function showRestorePlan(options: Asked, ports: RestorePorts): Promise<RestorePlanResult> {
  requireTogether(options.only)
  const {site, manifest, checks, fingerprintOf} = await look(options, ports)
  const tree = new TreeFunction(ports, site.functionName, {
    stop: new AbortController().signal,
    between: () => undefined,
  })
  await tree.wake()
  const {generations} = await tree.roots()
  const alone = isAlone(options.only, 'assets') || isAlone(options.only, 'configuration')
  const pair = nextPair(
    {
      active: site.landscape.generations,
      databases: site.landscape.stacks.flatMap(({name}) => databaseGenerationOf(site.environment, name) ?? []),
      files: generations.map(({generation}) => generation),
    },
    options.only,
  )
  return {
    environment: options.environment,
    snapshot: manifest.id,
    createdAt: manifest.createdAt,
    lostMs: Math.max(0, ports.clock.now().getTime() - Date.parse(manifest.database.at)),
    generations: pair,
    downtime: await foreseenDowntime(ports.objects, site, manifest, {safety: options.safety, flips: !alone}),
    steps: alone ? stepsAside(manifest, options) : stepsOf(manifest, pair, options.safety),
    ...(isAlone(options.only, 'configuration')
      ? {configuration: await compareConfiguration(ports, site, manifest)}
      : {}),
    checks,
    possible: checks.every(({verdict}) => verdict !== 'FAIL'),
    fingerprint: fingerprintOf(site),
  }
}

function stepsAside(
  {assets}: Manifest,
  {only, safety}: Pick<RestoreOptions, 'only' | 'safety'>,
): RestorePlanResult['steps'] {
  const up = (step: string, what: string) => ({step, down: false, what})
  const safe = {step: 'SAFE', down: safety === 'strict', what: `a ${safety} snapshot of what is there now`}
  return [
    ...(safety === 'none' ? [] : [safe]),
    ...(isAlone(only, 'assets')
      ? [
          up('STAGED', `${assets?.count ?? 0} assets back into their bucket, as a bundle`),
          up('FLIPPED', 'that bundle is side-loaded; what it does not name goes'),
        ]
      : [up('FLIPPED', 'parameters by change sets; services may start anew')]),
    up('COMMITTED', 'restore undo brings back what was there before'),
  ]
}

function stepsOf(
  {database, files}: Manifest,
  pair: GenerationPair,
  safety: RestoreOptions['safety'],
): RestorePlanResult['steps'] {
  const up = (step: string, what: string) => ({step, down: false, what})
  const down = (step: string, what: string) => ({step, down: true, what})
  return [
    ...(safety === 'none'
      ? []
      : [{step: 'SAFE', down: safety === 'strict', what: `a ${safety} snapshot of what is there now`}]),
    ...(pair.database.from === pair.database.to
      ? []
      : [
          up(
            'STAGED',
            `database ${pair.database.to}, ${database.allocatedStorage} GiB, from its snapshot${database.vault === undefined ? '' : ' in the vault'}, beside ${pair.database.from}`,
          ),
        ]),
    ...(pair.files.from === pair.files.to
      ? []
      : [up('STAGED', `files ${pair.files.to}, ${files.files} files, beside ${pair.files.from}`)]),
    up('CHECKED', 'what came back is compared with the snapshot'),
    down('QUIESCED', 'services to zero, users get a 503 page'),
    down('FLIPPED', 'the app is pointed at the new generations'),
    down('PROVEN', 'services come up, or the app goes back by itself'),
    up('COMMITTED', 'what was there before stays until restore finalize'),
  ]
}
