/** An entry of a ZIP, as its directory tells of it. */
export interface ZipEntry {
  readonly name: string
  readonly kind: 'file' | 'directory' | 'link'
  /** Bytes, unpacked. */
  readonly size: number
  /** Permission bits; undefined where the ZIP does not say. */
  readonly mode: number | undefined
  readonly encrypted: boolean
}

/** Bytes of a function's ZIP, and of what it holds when unpacked (Lambda developer guide, quotas). */
export const zipLimit = 52_428_800
export const unpackedLimit = 262_144_000

/** Files from which Lambda loads the handler `index.handler`, in its own order. */
const handlerFiles = ['index.js', 'index.mjs', 'index.cjs']

/** The file that holds the handler which templates/files.yaml names, if one is there. */
export function handlerFile(entries: readonly ZipEntry[]): string | undefined {
  return handlerFiles.find((name) => entries.some((entry) => entry.kind === 'file' && entry.name === name))
}

/**
 * Why Lambda could not take a ZIP as the side-load function, or why nobody should want it to; empty when it is fit.
 * @param entries from the directory of the ZIP; their contents have not been read yet
 */
export function zipProblems(entries: readonly ZipEntry[]): readonly string[] {
  const unpacked = entries.reduce((sum, {size}) => sum + size, 0)
  const names = new Set<string>()
  return [
    ...(unpacked > unpackedLimit ? [`it unpacks to ${unpacked} bytes, of ${unpackedLimit} that Lambda takes`] : []),
    ...(handlerFile(entries) === undefined
      ? [`it has no handler: none of ${handlerFiles.join(', ')} stands at its top`]
      : []),
    ...entries.flatMap((entry) => {
      const why = entryProblem(entry) ?? (names.has(entry.name) ? 'is there twice' : undefined)
      names.add(entry.name)
      return why === undefined ? [] : [`${JSON.stringify(entry.name)} ${why}`]
    }),
  ]
}

function entryProblem({name, kind, mode, encrypted}: ZipEntry): string | undefined {
  const parts = name.replace(/\/$/, '').split('/')
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) return 'is an absolute path'
  if (name.includes('\\')) return 'holds a backslash, which leads elsewhere on some systems'
  if (name.includes('\0')) return 'holds a NUL character'
  if (parts.includes('..')) return 'leads out of the folder it is unpacked to'
  if (parts.includes('') || parts.includes('.')) return 'holds an empty name'
  if (kind === 'link') return 'is a link'
  if (encrypted) return 'is encrypted'
  // The function runs as a user of its own: what only its owner may read ends in EACCES at the first call.
  const readable = kind === 'directory' ? 0o005 : 0o004
  if (mode !== undefined && (mode & readable) !== readable) {
    return `may not be read by everybody (mode ${mode.toString(8)}), as Lambda needs it`
  }
  return undefined
}
