import type {Check} from '../../domain/checks.ts'
import {RefusedError} from '../../domain/errors.ts'
import {normaliseLicence} from '../../domain/licence.ts'
import type {SecretValues} from '../deploy/options.ts'
import type {Report} from '../events.ts'

/**
 * A licence that was handed over and is none is a slip of the command line, and no answer of the account.
 * @throws UsageError EMPTY_LICENCE, LICENCE_TOO_LONG
 */
export function requireUsable({licence}: SecretValues): void {
  if (licence !== undefined) normaliseLicence(licence)
}

/** The checks that keep a deploy from beginning. */
export function refusals(checks: readonly Check[], strict: boolean): readonly Check[] {
  return checks.filter(({verdict}) => verdict === 'FAIL' || (strict && verdict === 'UNKNOWN'))
}

/**
 * Lets a deploy begin, or not; what is odd without forbidding it is told.
 * @returns how many checks passed
 * @throws RefusedError PREFLIGHT_REFUSED with every answer that is no
 */
export function requireReady(checks: readonly Check[], strict: boolean, report: Report): number {
  for (const {name, verdict, reason} of checks) {
    if (verdict === 'UNKNOWN') report({type: 'warning', code: 'CHECK_UNKNOWN', message: `${name}: ${reason}`})
    if (verdict === 'WARN') report({type: 'warning', code: 'CHECK_WARNS', message: `${name}: ${reason}`})
  }
  const refused = refusals(checks, strict)
  if (refused.length > 0) {
    throw new RefusedError(
      `Preflight refused, nothing was changed: ${refused.map(({name, reason}) => `${name}: ${reason}`).join('; ')}.`,
      {code: 'PREFLIGHT_REFUSED', suggestions: [...new Set(refused.flatMap(({next}) => next))]},
    )
  }
  return checks.filter(({verdict}) => verdict === 'OK').length
}
