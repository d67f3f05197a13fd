import {type Answer, fail, ok, warn} from '../checks.ts'
import {UsageError} from '../errors.ts'
import {normaliseLicence} from '../licence.ts'

const soonDays = 30
const dayMs = 86_400_000

/**
 * When a licence ends, where it says so: the `exp` claim of a token, or a date behind a word for it. A date means the
 * end of that day, UTC.
 */
export function licenceEnd(licence: string): Date | undefined {
  const claim = expiryClaim(licence)
  if (claim !== undefined) return claim
  const written = /(?:expir(?:y|es|ation)|valid[\s_-]?(?:until|to|till))[^0-9]{0,20}(\d{4}-\d{2}-\d{2})/i.exec(
    licence,
  )?.[1]
  const date = new Date(`${written ?? ''}T23:59:59Z`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** RFC 7519: the second of three parts is JSON in base64url, `exp` in seconds. */
function expiryClaim(licence: string): Date | undefined {
  const [, payload, signature] = licence.split('.')
  if (payload === undefined || signature === undefined) return undefined
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as {readonly exp?: unknown} | null
    return typeof claims?.exp === 'number' ? new Date(claims.exp * 1000) : undefined
  } catch {
    return undefined
  }
}

/** A licence as it was given, on a day. */
export function checkLicence(text: string, now: Date): Answer {
  const newer = 'pi-aws licence set ENVIRONMENT --file licence.txt'
  try {
    const {value, joinedLines} = normaliseLicence(text)
    const end = licenceEnd(value)
    const day = end?.toISOString().slice(0, 10)
    if (end !== undefined && end <= now) return fail(`it expired on ${day}`, newer)
    if (end !== undefined && end.getTime() - now.getTime() < soonDays * dayMs)
      return warn(`it expires on ${day}`, newer)
    const until = day === undefined ? 'it names no end' : `it is good until ${day}`
    return joinedLines > 0 ? warn(`it has ${joinedLines + 1} lines, which are joined into one; ${until}`) : ok(until)
  } catch (error) {
    if (error instanceof UsageError) return fail(error.message, newer)
    throw error
  }
}
