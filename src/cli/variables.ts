/** What is looked at here of oclif's definition of a flag. */
interface FlagDefinition {
  readonly type: 'boolean' | 'option'
  readonly env?: string | undefined
  readonly multiple?: boolean | undefined
}
type FlagDefinitions = Readonly<Record<string, FlagDefinition>>

/**
 * Words for flags that may be repeated and whose variable is set, commas between its items. oclif would take such a
 * variable for one bare value.
 */
export function repeatedByVariable(
  flags: FlagDefinitions,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): readonly string[] {
  return Object.entries(flags).flatMap(([name, flag]): readonly string[] => {
    const text = flag.env === undefined ? undefined : env[flag.env]
    const given = argv.some((word) => word === `--${name}` || word.startsWith(`--${name}=`))
    if (flag.type !== 'option' || flag.multiple !== true || text === undefined || text === '' || given) return []
    return text.split(',').flatMap((item) => [`--${name}`, item.trim()])
  })
}

/** Switches that nobody set are off: oclif leaves them undefined, against its own types. */
export function withSwitchesOff<F extends object>(flags: F, definitions: FlagDefinitions): F {
  const off = Object.entries(definitions).filter(([, {type}]) => type === 'boolean')
  return {...Object.fromEntries(off.map(([name]) => [name, false])), ...flags}
}
