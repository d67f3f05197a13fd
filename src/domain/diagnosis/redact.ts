/** What stands where a secret was. */
export const removed = '[removed]'

const names =
  'password|passwd|pwd|secret|token|licen[cs]e|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization|cookie|session'

interface Cut {
  readonly pattern: RegExp
  readonly by: string
}

const cuts: readonly Cut[] = [
  {pattern: /-----BEGIN [A-Z ]*(?:PRIVATE KEY|CERTIFICATE)-----[\s\S]*?(?:-----END [A-Z ]*-----|$)/g, by: removed},
  {pattern: /\b(?:Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, by: removed},
  // user:password@host
  {pattern: /(\w+:\/\/[^\s/:@]+:)[^\s/@]+@/g, by: `$1${removed}@`},
  {pattern: /\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b/g, by: removed},
  {pattern: /\b(?:gh[pousr]_\w{16,}|github_pat_\w{16,}|xox[abprs]-[\w-]{8,})/g, by: removed},
  {pattern: /\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, by: removed},
  // name="value with blanks", "name": "value"; the name may be a part of a longer one
  {
    pattern: new RegExp(`([\\w.-]*(?:${names})[\\w.-]*\\\\?["']?\\s*[=:]\\s*)(\\\\?["'])(?:(?!\\2).)*\\2`, 'gi'),
    by: `$1$2${removed}$2`,
  },
  // name=value, --name value
  {
    pattern: new RegExp(`([\\w.-]*(?:${names})[\\w.-]*\\s*[=:]\\s*)(?!\\\\?["'])[^\\s,;&"']+`, 'gi'),
    by: `$1${removed}`,
  },
  {pattern: new RegExp(`(--[\\w-]*(?:${names})[\\w-]*\\s+)(?!-)\\S+`, 'gi'), by: `$1${removed}`},
  // a secret access key: 40 characters of base64 by themselves
  {pattern: /(?<![\w/+=-])(?=[\w/+]*[A-Z])(?=[\w/+]*[a-z])(?=[\w/+]*\d)[A-Za-z\d/+]{40}(?![\w/+=-])/g, by: removed},
]

/** A text without what looks like a secret: keys, tokens, and values of names that sound like one. */
export function redact(text: string): string {
  return cuts.reduce((rest, {pattern, by}) => rest.replaceAll(pattern, by), text)
}

const named = new RegExp(names, 'i')
/** Names that only tell where a secret is. */
const reference = /(?:arn|name|id|group)$/i

/** The same for data: texts redacted, and whatever a secret's name holds removed whole. */
export function redacted(value: unknown): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map(redacted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      typeof member === 'string' && named.test(name) && !reference.test(name) ? removed : redacted(member),
    ]),
  )
}
