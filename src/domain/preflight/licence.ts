import {type Answer, fail, ok, warn} from '../checks.ts'
import {UsageError} from '../errors.ts'
import {normaliseLicence} from '../licence.ts'

const soonDays = 30
const dayMs = 86_400_000

/** When a licence ends, as far as anybody can read it. */
interface LicenceEnd {
  readonly at: Date
  /** True where a standard says what the date means; else it is only a date behind a word for an end. */
  readonly sure: boolean
}

/**
 * The vendor publishes no format. A licence that is a signed token says its end by RFC 7519; of any other text a date
 * behind a word for an end is a hint and no more. A date means the end of that day, UTC.
 */
export function licenceEnd(licence: string): LicenceEnd | undefined {
  const claim = expiryClaim(licence)
  if (claim !== undefined) return {at: claim, sure: true}
  const written = /(?:expir(?:y|es|ation)|valid[\s_-]?(?:until|to|till))[^0-9]{0,20}(\d{4}-\d{2}-\d{2})/i.exec(
    licence,
  )?.[1]
  const at = new Date(`${written ?? ''}T23:59:59Z`)
  return Number.isNaN(at.getTime()) ? undefined : {at, sure: false}
}

function decoded(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** RFC 7515 and 7519: three parts, the first names an algorithm, the second has `exp` in seconds. */
function expiryClaim(licence: string): Date | undefined {
  const [header, payload, signature] = licence.split('.')
  if (header === undefined || payload === undefined || signature === undefined) return undefined
  const end = decoded(payload)?.['exp']
  return typeof decoded(header)?.['alg'] === 'string' && typeof end === 'number' ? new Date(end * 1000) : undefined
}

/** A licence as it was given, on a day. */
export function checkLicence(text: string, now: Date): Answer {
  const newer = 'pi-aws licence set ENVIRONMENT --file licence.txt'
  try {
    const {value, joinedLines} = normaliseLicence(text)
    const end = licenceEnd(value)
    const day = end?.at.toISOString().slice(0, 10)
    if (end !== undefined && end.at.getTime() - now.getTime() < soonDays * dayMs) {
      const over = end.at <= now
      if (!end.sure)
        return warn(`it seems to ${over ? 'have expired' : 'expire'} on ${day}: ask Panintelligence`, newer)
      return over ? fail(`it expired on ${day}`, newer) : warn(`it expires on ${day}`, newer)
    }
    const until =
      day === undefined ? 'no end can be read from it' : `it ${end?.sure === true ? 'is' : 'seems'} good until ${day}`
    return joinedLines > 0 ? warn(`it has ${joinedLines + 1} lines, which are joined into one; ${until}`) : ok(until)
  } catch (error) {
    if (error instanceof UsageError) return fail(error.message, newer)
    throw error
  }
}
