import {
  type Bundle,
  type BundleEntry,
  type BundleHead,
  type BundlePointer,
  eachEntry,
  parseBundle,
  pointerKey,
  pointerSchema,
} from '../../domain/assets/bundle.ts'
import {sha256} from '../../domain/content.ts'
import {FailedError} from '../../domain/errors.ts'
import type {Objects} from '../ports.ts'
import type {AssetPlace} from './place.ts'

/** The committed bundle's pointer, with the ETag that a replacement must name. */
export interface Latest {
  readonly etag: string
  readonly pointer: BundlePointer
}

function unreadable(key: string, bucket: string, cause?: unknown): FailedError {
  return new FailedError(`Bundle unreadable: s3://${bucket}/${key} does not have the expected form.`, {
    code: 'BUNDLE_UNREADABLE',
    suggestions: ['Bring back an older version of that object: the bucket keeps them for 90 days'],
    cause,
  })
}

/** @throws FailedError BUNDLE_UNREADABLE */
export async function readLatest(
  objects: Objects,
  {assets: {bucket}, environment}: AssetPlace,
): Promise<Latest | undefined> {
  const key = pointerKey(environment)
  const found = await objects.get(bucket, key)
  if (found === undefined) return undefined
  try {
    return {etag: found.etag, pointer: pointerSchema.parse(JSON.parse(new TextDecoder().decode(found.body)))}
  } catch (error) {
    throw unreadable(key, bucket, error)
  }
}

/** The manifest that a pointer names, compared with its hash; `read` gives nothing where it is not whole. */
async function manifestOf<T>(
  objects: Objects,
  bucket: string,
  pointer: Pick<BundlePointer, 'key' | 'sha256'>,
  read: (bytes: Uint8Array) => T | undefined,
): Promise<T> {
  const found = await objects.get(bucket, pointer.key)
  const value = found === undefined || sha256(found.body) !== pointer.sha256 ? undefined : read(found.body)
  if (value === undefined) throw unreadable(pointer.key, bucket)
  return value
}

/**
 * The entries of the manifest that a pointer names, one by one in their order.
 * @throws FailedError BUNDLE_UNREADABLE, before the first of them where its hash is another
 */
export function visitBundle(
  objects: Objects,
  {assets: {bucket}}: AssetPlace,
  pointer: Pick<BundlePointer, 'key' | 'sha256'>,
  take: (entry: BundleEntry) => void,
): Promise<BundleHead> {
  return manifestOf(objects, bucket, pointer, (bytes) => eachEntry(bytes, take))
}

/** The manifest that a pointer names. @throws FailedError BUNDLE_UNREADABLE */
export function readBundle(
  objects: Objects,
  {assets: {bucket}}: AssetPlace,
  pointer: Pick<BundlePointer, 'key' | 'sha256'>,
): Promise<Bundle> {
  return manifestOf(objects, bucket, pointer, parseBundle)
}

/** Entries of the committed bundle; none before the first upload. */
export async function latestEntries(
  objects: Objects,
  place: AssetPlace,
  latest: Latest | undefined,
): Promise<readonly BundleEntry[]> {
  return latest === undefined ? [] : (await readBundle(objects, place, latest.pointer)).entries
}
