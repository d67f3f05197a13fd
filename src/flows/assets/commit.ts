import {
  type BundleEntry,
  type BundlePointer,
  bytesOf,
  manifestKey,
  pointerKey,
  serialiseBundle,
} from '../../domain/assets/bundle.ts'
import {sha256} from '../../domain/content.ts'
import {LockedError} from '../../domain/errors.ts'
import type {Operation} from '../ledger/operation.ts'
import type {Objects} from '../ports.ts'
import type {Latest} from './latest.ts'
import type {AssetPlace} from './place.ts'

/** Somebody else's bundle was committed since we read the last one. */
export function bundleMoved(environment: string): LockedError {
  return new LockedError(
    `The bundle of ${environment} was replaced by another upload meanwhile: ours was not committed.`,
    {
      code: 'BUNDLE_MOVED',
      suggestions: [
        'Run the same command again: it goes on from the other bundle, and what was sent is not sent again',
      ],
    },
  )
}

/**
 * Writes the manifest where nothing is, then points to it where nobody else has pointed meanwhile: the bundle exists from
 * that moment, whole.
 * @returns the pointer's new ETag
 * @throws LockedError BUNDLE_MOVED
 */
export async function commitBundle(
  {objects}: {readonly objects: Objects},
  place: AssetPlace,
  operation: Operation,
  entries: readonly BundleEntry[],
  latest: Latest | undefined,
): Promise<Latest> {
  const {
    environment,
    assets: {bucket},
  } = place
  const createdAt = operation.journal.head.startedAt
  const count = entries.length
  const written = await operation.record(
    'manifest',
    async () => {
      // A resumed operation may have left a manifest of its own, of what the folder held then.
      for (let attempt = 1; ; attempt++) {
        const id = attempt === 1 ? operation.opId : `${operation.opId}-${attempt}`
        const key = manifestKey(environment, id)
        const body = serialiseBundle({head: {schemaVersion: 1, id, createdAt, count}, entries})
        const hash = sha256(body)
        const result = await objects.putIfAbsent(bucket, key, body)
        if (result.written) return {id, key, etag: result.etag, sha256: hash}
        const found = await objects.get(bucket, key)
        if (found !== undefined && sha256(found.body) === hash) return {id, key, etag: found.etag, sha256: hash}
      }
    },
    ({key, etag}) => ({key, etag}),
  )
  const pointer: BundlePointer = {schemaVersion: 1, ...written, count, bytes: bytesOf(entries), createdAt}
  const etag = await operation.record('pointer', async () => {
    const body = new TextEncoder().encode(`${JSON.stringify(pointer)}\n`)
    const key = pointerKey(environment)
    const result =
      latest === undefined
        ? await objects.putIfAbsent(bucket, key, body)
        : await objects.putIfMatch(bucket, key, body, latest.etag)
    if (!result.written) throw bundleMoved(environment)
    return result.etag
  })
  return {etag, pointer}
}

/** @throws LockedError BUNDLE_MOVED when the pointer is not the one that was read before the lock was taken */
export function mustBeSame(environment: string, before: Latest | undefined, now: Latest | undefined): void {
  if (before?.etag !== now?.etag) throw bundleMoved(environment)
}
