import * as z from 'zod'
import {endsInLine, linesOf} from '../lines.ts'
import type {EnvironmentName} from '../names.ts'
import {compareByBytes, pathRefusal} from './paths.ts'

const sha256Pattern = /^[0-9a-f]{64}$/

/**
 * One entry of a bundle. Of a directory, key, versionId and sha256 are empty and size is 0.
 * `path` begins with the category; `mode` holds permission bits.
 */
export const entrySchema = z
  .object({
    path: z.string().refine((path) => pathRefusal(path) === undefined),
    key: z.string(),
    versionId: z.string(),
    /** Bytes. */
    size: z.number().int().min(0),
    sha256: z.string(),
    mode: z.number().int().min(0).max(0o777),
    kind: z.enum(['file', 'directory']),
  })
  .refine(
    (entry) =>
      entry.kind === 'directory' || (entry.key !== '' && entry.versionId !== '' && sha256Pattern.test(entry.sha256)),
  )
export type BundleEntry = z.infer<typeof entrySchema>

/** First line of a manifest. */
export const bundleHeadSchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  createdAt: z.string(),
  /** Entries behind it: a manifest that was cut off shows by it. */
  count: z.number().int().min(0),
})
export type BundleHead = z.infer<typeof bundleHeadSchema>

/** What `latest.json` holds: which bundle is the one to side-load. */
export const pointerSchema = z.object({
  schemaVersion: z.literal(1),
  id: z.string(),
  /** Key of the manifest. */
  key: z.string(),
  /** ETag of the manifest. */
  etag: z.string(),
  /** SHA-256 of the manifest, hex. */
  sha256: z.string().regex(sha256Pattern),
  count: z.number().int().min(0),
  /** Bytes of all files. */
  bytes: z.number().int().min(0),
  createdAt: z.string(),
})
export type BundlePointer = z.infer<typeof pointerSchema>

export interface Bundle {
  readonly head: BundleHead
  /** Ascending by the bytes of their paths. */
  readonly entries: readonly BundleEntry[]
}

export function manifestKey(environment: EnvironmentName, id: string): string {
  return `bundles/${environment}/${id}.ndjson`
}

export function pointerKey(environment: EnvironmentName): string {
  return `bundles/${environment}/latest.json`
}

export function directoryEntry(path: string, mode: number): BundleEntry {
  return {path, key: '', versionId: '', size: 0, sha256: '', mode, kind: 'directory'}
}

export function sortEntries(entries: Iterable<BundleEntry>): readonly BundleEntry[] {
  return [...entries].sort((a, b) => compareByBytes(a.path, b.path))
}

function entryLine({path, key, versionId, size, sha256, mode, kind}: BundleEntry): string {
  return JSON.stringify({path, key, versionId, size, sha256, mode, kind})
}

/** Equal entries give equal bytes. */
export function serialiseBundle({head, entries}: Bundle): Uint8Array {
  const {schemaVersion, id, createdAt, count} = head
  const lines = [JSON.stringify({schemaVersion, id, createdAt, count}), ...entries.map(entryLine)]
  return new TextEncoder().encode(`${lines.join('\n')}\n`)
}

/**
 * Reads a manifest back, entry by entry.
 * @returns its head, or undefined for anything that is not a whole manifest: a line that does not fit, a path twice or out
 * of order, fewer or more entries than the head says; entries before the fault have been taken then
 */
export function eachEntry(bytes: Uint8Array, take: (entry: BundleEntry) => void): BundleHead | undefined {
  try {
    if (!endsInLine(bytes)) return undefined
    const lines = linesOf(bytes)
    const first = lines.next()
    const head = bundleHeadSchema.parse(JSON.parse(first.value ?? ''))
    let count = 0
    let before: string | undefined
    for (const line of lines) {
      const entry = entrySchema.parse(JSON.parse(line))
      if (before !== undefined && compareByBytes(before, entry.path) >= 0) return undefined
      before = entry.path
      count += 1
      take(entry)
    }
    return count === head.count ? head : undefined
  } catch {
    return undefined
  }
}

/** Reads a whole manifest back. @returns undefined where it is none, as `eachEntry` */
export function parseBundle(bytes: Uint8Array): Bundle | undefined {
  const entries: BundleEntry[] = []
  const head = eachEntry(bytes, (entry) => entries.push(entry))
  return head === undefined ? undefined : {head, entries}
}

export function sameEntries(a: readonly BundleEntry[], b: readonly BundleEntry[]): boolean {
  return (
    a.length === b.length &&
    a.every((entry, index) => entryLine(entry) === entryLine(b[index] ?? directoryEntry('', 0)))
  )
}

/** Bytes of all files. */
export function bytesOf(entries: Iterable<{readonly size: number}>): number {
  let bytes = 0
  for (const {size} of entries) bytes += size
  return bytes
}
