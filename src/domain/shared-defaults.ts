/** Names with values, as YAML gives them. */
type Plain = Readonly<Record<string, unknown>>

/** Whether a value of the file holds names with values. */
export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Lays values over others: names with values are joined, everything else is replaced as a whole. */
function laidOver(below: unknown, above: unknown): unknown {
  if (!isPlain(below) || !isPlain(above)) return above
  const names = [...new Set([...Object.keys(below), ...Object.keys(above)])]
  return Object.fromEntries(
    names.map((name) => [name, name in above ? laidOver(below[name], above[name]) : below[name]]),
  )
}

/** The file's values with `defaults` laid below each environment, and gone as a key of its own. */
export function withoutDefaults(values: unknown): unknown {
  if (!isPlain(values)) return values
  const {defaults, ...others} = values
  const {environments} = others
  if (!isPlain(defaults) || !isPlain(environments)) return others
  return {
    ...others,
    environments: Object.fromEntries(
      Object.entries(environments).map(([name, own]) => [name, laidOver(defaults, own)]),
    ),
  }
}

/** Who says a value: the environment, what all share, or nobody, so that pi-aws decides. */
export type Origin = 'environment' | 'defaults' | 'built-in'

/** Whether a path of keys leads to something. */
function has(values: unknown, path: readonly string[]): boolean {
  const [first, ...others] = path
  if (first === undefined) return values !== undefined
  return isPlain(values) && first in values && has(values[first], others)
}

/** Paths of all values that have none below them. */
function leaves(values: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (!isPlain(values)) return [path]
  return Object.entries(values).flatMap(([name, value]) => leaves(value, [...path, name]))
}

/** How a path of keys is written: `database.multiAz`, quotes around names with dots. */
export function dotted(path: readonly string[]): string {
  return path.map((name) => (/[."]/.test(name) ? JSON.stringify(name) : name)).join('.')
}

/**
 * Who says each value of an environment, by its dotted path.
 * @param values the file as it is written
 * @param effective the environment as it is understood
 */
export function originsOf(values: unknown, environment: string, effective: unknown): Readonly<Record<string, Origin>> {
  const origin = (path: readonly string[]): Origin => {
    if (has(values, ['environments', environment, ...path])) return 'environment'
    return has(values, ['defaults', ...path]) ? 'defaults' : 'built-in'
  }
  return Object.fromEntries(leaves(effective).map((path) => [dotted(path), origin(path)]))
}
