import {createHash} from 'node:crypto'

/** SHA-256 of bytes or text, lower-case hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** SHA-256 over names and contents, independent of their order in the map. */
export function sha256OfTree(files: ReadonlyMap<string, string>): string {
  const lines = [...files].map(([name, text]) => `${sha256(text)}  ${name}`).toSorted()
  return sha256(lines.join('\n'))
}

/** JSON with sorted keys: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
