import {SideloadError} from './errors.ts'
import {lineLimit, linesFrom, seekLine, type Bytes, type Line} from './ndjson.ts'
import {comparePaths} from './paths.ts'
import type {ObjectStore, Source} from './store.ts'

/** What a bundle manifest says of one file or folder. */
export interface ManifestEntry {
  /** Below the generation, such as `themes/a b/theme.css`. Not checked yet: `assetNames` does. */
  readonly path: string
  readonly kind: 'file' | 'directory'
  readonly key: string
  readonly versionId: string
  /** Bytes. */
  readonly size: number
  /** 64 hex digits; '' of a directory. */
  readonly sha256: string
  /** Permission bits. */
  readonly mode: number
}

export interface ManifestLine {
  readonly offset: number
  readonly end: number
  readonly entry: ManifestEntry
}

/**
 * A bundle manifest: NDJSON whose first line is {schemaVersion, id, createdAt, count} and whose other lines are the
 * entries, sorted by the bytes of their paths. It is read by ranges and never as a whole.
 */
export interface Manifest {
  readonly id: string
  readonly count: number
  /** The content that all slices must see. */
  readonly etag: string
  /** Where the first entry begins, and where the last one ends. */
  readonly first: number
  readonly end: number
  /** @throws SideloadError MANIFEST_BROKEN for lines that are no entries, or out of order */
  entries(offset: number): AsyncGenerator<ManifestLine, undefined>
  at(offset: number): Promise<ManifestLine>
  /** Where the first entry begins whose path is not before this one. */
  seek(path: string): Promise<number>
}

/** @throws SideloadError MANIFEST_BROKEN, OBJECT_GONE, MANIFEST_CHANGED when it is not the one with `etag` */
export async function openManifest(store: ObjectStore, source: Source, etag?: string): Promise<Manifest> {
  const piece = await store.read(source, 0, lineLimit)
  if (etag !== undefined && piece.etag !== etag) {
    throw new SideloadError('MANIFEST_CHANGED', `the manifest ${source.key} was replaced since the first slice`)
  }
  const pinned: Source = {...source, etag: piece.etag}
  const bytes: Bytes = {
    size: piece.total,
    read: async (from, to) => (await store.read(pinned, from, to)).bytes,
  }
  const text = Buffer.from(piece.bytes)
  const first = text.indexOf(10) + 1
  const {id, count} = headOf(text.toString('utf8', 0, Math.max(0, first - 1)), source.key)
  return {
    id,
    count,
    etag: piece.etag,
    first,
    end: piece.total,
    entries: (offset) => entriesFrom(bytes, offset),
    async at(offset) {
      for await (const line of linesFrom(bytes, offset)) return {...line, entry: entryOf(line)}
      throw new SideloadError('BAD_CURSOR', `the manifest ends before byte ${offset}`)
    },
    seek: async (path) => seekLine(bytes, first, (line) => comparePaths(pathOf(line), path) < 0),
  }
}

/** Reads a manifest through once, so that nothing is removed because lines of it are missing. */
export async function checkManifest(manifest: Manifest): Promise<void> {
  let count = 0
  for await (const _line of manifest.entries(manifest.first)) count += 1
  if (count !== manifest.count) {
    throw new SideloadError('MANIFEST_BROKEN', `the manifest promises ${manifest.count} entries and holds ${count}`)
  }
}

async function* entriesFrom(bytes: Bytes, offset: number): AsyncGenerator<ManifestLine, undefined> {
  let before: string | undefined
  for await (const line of linesFrom(bytes, offset)) {
    const entry = entryOf(line)
    if (before !== undefined && comparePaths(before, entry.path) >= 0) {
      throw broken(line, 'its path is not behind the one before')
    }
    before = entry.path
    yield {offset: line.offset, end: line.end, entry}
  }
  return undefined
}

function headOf(text: string, key: string): {readonly id: string; readonly count: number} {
  const head = parsed(text)
  const {schemaVersion, id, count} = head ?? {}
  if (schemaVersion !== 1 || typeof id !== 'string' || typeof count !== 'number') {
    throw new SideloadError('MANIFEST_BROKEN', `${key} does not begin as a bundle manifest of version 1`)
  }
  return {id, count}
}

function entryOf(line: Line): ManifestEntry {
  const {path, kind = 'file', key = '', versionId = '', size = 0, sha256 = '', mode = 0} = parsed(line.text) ?? {}
  if (typeof path !== 'string' || path === '') throw broken(line, 'it has no path')
  if (kind !== 'file' && kind !== 'directory') throw broken(line, 'its kind is neither file nor directory')
  if (typeof key !== 'string' || typeof versionId !== 'string') throw broken(line, 'it has no key or version')
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw broken(line, 'it has no size')
  if (typeof mode !== 'number' || !Number.isInteger(mode) || mode < 0) throw broken(line, 'it has no mode')
  const isFile = kind === 'file'
  if (isFile && (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))) throw broken(line, 'it has no SHA-256')
  if (isFile && key === '') throw broken(line, 'it has no key')
  return {path, kind, key, versionId, size: isFile ? size : 0, sha256: isFile ? (sha256 as string) : '', mode}
}

function pathOf(text: string): string {
  const path = parsed(text)?.['path']
  return typeof path === 'string' ? path : ''
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function broken({offset}: {readonly offset: number}, why: string): SideloadError {
  return new SideloadError('MANIFEST_BROKEN', `the manifest's line at byte ${offset}: ${why}`)
}
