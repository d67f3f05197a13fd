/** What the check task of a generation wrote, as far as it got. */
export interface DatabaseFacts {
  readonly version?: string
  readonly tables?: number
  readonly rows?: number
  /** The set whose canary is in the database. */
  readonly canary?: string
}

/** Reads the lines of the check task: `check: tables=12 rows=340`, `check: canary=...`. */
export function readCheckLines(lines: readonly string[]): DatabaseFacts {
  const values = new Map<string, string>()
  for (const line of lines) {
    const match = /^check: (.+)$/.exec(line)
    if (match === null) continue
    for (const pair of (match[1] ?? '').split(' ')) {
      const [name = '', ...rest] = pair.split('=')
      if (rest.length > 0) values.set(name, rest.join('='))
    }
  }
  const number = (name: string): number | undefined => {
    const text = values.get(name)
    return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
  }
  const [version, canary] = [values.get('version'), values.get('canary')]
  const [tables, rows] = [number('tables'), number('rows')]
  return {
    ...(version === undefined ? {} : {version}),
    ...(tables === undefined ? {} : {tables}),
    ...(rows === undefined ? {} : {rows}),
    ...(canary === undefined || canary === '' ? {} : {canary}),
  }
}
