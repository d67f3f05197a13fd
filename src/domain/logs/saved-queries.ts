import {closest} from 'fastest-levenshtein'
import {NotFoundError} from '../errors.ts'
import type {EnvironmentName} from '../names.ts'

/** Names of saved queries are folders in the console: those of an environment stand in this one. */
export function queryFolder(environment: EnvironmentName): string {
  return `pi-aws/${environment}/`
}

/** What people type for a saved query: its words with dashes. */
export function queryKey(name: string, environment: EnvironmentName): string {
  const own = name.startsWith(queryFolder(environment)) ? name.slice(queryFolder(environment).length) : name
  return own
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}

/**
 * The saved query that somebody means: by its whole key, or by a beginning that no other has.
 * @throws NotFoundError UNKNOWN_QUERY
 */
export function queryCalled<Q extends {readonly name: string}>(
  key: string,
  saved: readonly Q[],
  environment: EnvironmentName,
): Q {
  const keyed = saved.map((query) => ({query, key: queryKey(query.name, environment)}))
  const begun = keyed.filter((one) => one.key.startsWith(key))
  const found = keyed.find((one) => one.key === key) ?? (begun.length === 1 ? begun[0] : undefined)
  if (found !== undefined) return found.query
  const keys = keyed.map((one) => one.key)
  throw new NotFoundError(
    begun.length > 1
      ? `Unclear query: "${key}" begins ${begun.map((one) => one.key).join(' and ')}.`
      : `Unknown query: there is no "${key}".`,
    {
      code: 'UNKNOWN_QUERY',
      suggestions: [
        ...(keys.length === 0 || begun.length > 1 ? [] : [`Did you mean ${closest(key, keys)}?`]),
        'pi-aws logs query --list',
      ],
    },
  )
}
