/** A command as completion needs it. */
export interface KnownCommand {
  /** `ops wait` as two words. */
  readonly words: readonly string[]
  readonly summary: string
  readonly flags: readonly KnownFlag[]
}

export interface KnownFlag {
  readonly name: string
  readonly char?: string
  readonly summary: string
  /** The values that it takes, where these are few. */
  readonly values: readonly string[]
}

/** What may follow once some words stand: commands below them, and flags of the command that they name. */
export interface Place {
  readonly words: readonly string[]
  readonly next: readonly Choice[]
  readonly flags: readonly KnownFlag[]
}

export interface Choice {
  readonly word: string
  readonly summary: string
}

/**
 * Every place of a command line, the empty one first.
 * @param topics what a word means that is no command by itself
 */
export function placesOf(commands: readonly KnownCommand[], topics: ReadonlyMap<string, string>): readonly Place[] {
  const keys = new Map<string, readonly string[]>([['', []]])
  for (const {words} of commands) {
    for (let length = 1; length <= words.length; length++) {
      const some = words.slice(0, length)
      keys.set(some.join(' '), some)
    }
  }
  const commandOf = (key: string) => commands.find(({words}) => words.join(' ') === key)
  return [...keys]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, words]) => {
      const below = [...keys].filter(
        ([other, its]) => its.length === words.length + 1 && (key === '' || other.startsWith(`${key} `)),
      )
      const next = below.map(([other, its]) => ({
        word: its.slice(-1).join(''),
        summary: commandOf(other)?.summary ?? topics.get(other) ?? '',
      }))
      return {words, next: next.toSorted((a, b) => (a.word < b.word ? -1 : 1)), flags: commandOf(key)?.flags ?? []}
    })
}

/** The values of each flag that takes few, whatever the command. */
export function valuesOf(places: readonly Place[]): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, Set<string>>()
  for (const {flags} of places) {
    for (const flag of flags) {
      if (flag.values.length === 0) continue
      const known = values.get(flag.name) ?? new Set()
      for (const value of flag.values) known.add(value)
      values.set(flag.name, known)
    }
  }
  return new Map([...values].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, some]) => [name, [...some]]))
}

/** `--timeout`, and its short form where it has one. */
export function spellings({name, char}: KnownFlag): readonly string[] {
  return char === undefined ? [`--${name}`] : [`--${name}`, `-${char}`]
}

/** The first sentence of a description, on one line. */
export function brief(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replace(/(?:; |\. ).*$/, '')
}
