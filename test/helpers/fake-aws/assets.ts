import {
  type BundleEntry,
  directoryEntry,
  manifestKey,
  pointerKey,
  serialiseBundle,
  sortEntries,
} from '../../../src/domain/assets/bundle.ts'
import {sha256} from '../../../src/domain/content.ts'
import {demo} from './scenario.ts'
import type {World} from './world.ts'

/** Lays a committed bundle into the assets bucket, as an upload would have. */
export function layBundle(world: World, files: Readonly<Record<string, string>>): void {
  const put = (key: string, body: Uint8Array): string => world.aws.objects.put('assets-demo-1', key, body)
  const encoder = new TextEncoder()
  const entries: BundleEntry[] = [directoryEntry('themes', 0o755)]
  for (const [path, text] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const body = encoder.encode(text)
    put(path, body)
    const content = {size: body.byteLength, sha256: sha256(body)}
    entries.push({path, key: path, versionId: 'v1', ...content, mode: 0o644, kind: 'file'})
  }
  const head = {schemaVersion: 1, id: 'bundle-1', createdAt: '2026-01-01T00:00:00.000Z', count: entries.length} as const
  const bytes = serialiseBundle({head, entries: sortEntries(entries)})
  const key = manifestKey(demo, 'bundle-1')
  const etag = put(key, bytes)
  const size = entries.reduce((sum, entry) => sum + entry.size, 0)
  const pointer = {...head, key, etag, sha256: sha256(bytes), bytes: size}
  put(pointerKey(demo), encoder.encode(JSON.stringify(pointer)))
}
