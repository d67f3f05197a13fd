import {type Check, no, ok, unknown} from '../../domain/checks.ts'
import {PiError, RefusedError, UsageError} from '../../domain/errors.ts'
import {noteLimit, tagLimit, tagPattern} from '../../domain/snapshots/catalogue.ts'
import {statusTable} from '../../domain/stack-status.ts'
import type {Report} from '../events.ts'
import type {Quota} from '../ports.ts'
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

/** A question that is not answered is said so, and warns; it never counts as a yes. */
async function asked(name: string, ask: () => Promise<Check>): Promise<Check> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof PiError) || error.code.startsWith('CREDENTIALS')) throw error
    // A permission that is missing for the question is missing for the work too, or nobody can tell.
    return error.code === 'ACCESS_DENIED' ? no(name, error.message, error.suggestions[0]) : unknown(name, error.message)
  }
}

function room(name: string, {used, max}: Quota, what: string): Check {
  return used < max
    ? ok(name, `${used} of ${max} ${what}`)
    : no(name, `the account has all of its ${max} ${what}`, 'Remove some, or ask for more in Service Quotas')
}

/**
 * Looks at everything that a set needs before anything is begun: a refusal in the middle would cost downtime for nothing.
 * @throws RefusedError PREFLIGHT_REFUSED
 */
export async function snapshotPreflight(ports: SnapshotPorts, site: Site, report: Report): Promise<number> {
  const {databases, backups, keys} = ports
  const checks = await Promise.all([
    asked('stacks', async () => {
      const busy = site.landscape.stacks.filter(({status}) => statusTable[status].health !== 'healthy')
      return busy.length === 0
        ? ok('stacks', 'all are stable')
        : no('stacks', busy.map(({name, status}) => `${name} is ${status}`).join(', '), 'pi-aws status')
    }),
    asked('services', async () =>
      site.app.parameters['Quiesced'] === 'true'
        ? no('services', 'the platform is quiesced by its stack', 'pi-aws ops list shows what quiesced it')
        : ok('services', 'released'),
    ),
    asked('database', async () => {
      const found = await databases.instance(site.instance)
      if (found === undefined) return no('database', `instance ${site.instance} is gone`, 'pi-aws status')
      return ok('database', found.status)
    }),
    asked('snapshots', async () =>
      room('snapshots', (await databases.quotas()).snapshots, 'manual database snapshots'),
    ),
    asked('vault', async () => {
      const trouble = await backups.vaultTrouble(site.vault)
      return trouble === undefined ? ok('vault', site.vault) : no('vault', trouble)
    }),
    asked('key', async () => {
      const state = await keys.state(site.keyArn)
      return state === 'Enabled' ? ok('key', 'enabled') : no('key', `the key of the environment is ${state ?? 'gone'}`)
    }),
  ])
  const refused = checks.filter(({verdict}) => verdict === 'no')
  for (const {verdict, name, message} of checks) {
    if (verdict === 'unknown') report({type: 'warning', code: 'CHECK_UNKNOWN', message: `${name}: ${message}`})
  }
  if (refused.length > 0) {
    throw new RefusedError(
      `Preflight refused, nothing was changed: ${refused.map(({name, message}) => `${name}: ${message}`).join('; ')}.`,
      {code: 'PREFLIGHT_REFUSED', suggestions: refused.flatMap(({suggestion}) => suggestion ?? [])},
    )
  }
  return checks.length - checks.filter(({verdict}) => verdict === 'unknown').length
}
