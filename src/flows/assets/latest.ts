import {
  type Bundle,
  type BundleEntry,
  type BundleHead,
  type BundlePointer,
  eachEntry,
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

/**
 * The entries of the manifest that a pointer names, one by one in their order.
 * @throws FailedError BUNDLE_UNREADABLE, before the first of them where its hash is another
 */
export async function visitBundle(
  objects: Objects,
  {assets: {bucket}}: AssetPlace,
  pointer: Pick<BundlePointer, 'key' | 'sha256'>,
  take: (entry: BundleEntry) => void,
): Promise<BundleHead> {
  const found = await objects.get(bucket, pointer.key)
  const head = found === undefined || sha256(found.body) !== pointer.sha256 ? undefined : eachEntry(found.body, take)
  if (head === undefined) throw unreadable(pointer.key, bucket)
  return head
}

/** The manifest that a pointer names, compared with its hash. @throws FailedError BUNDLE_UNREADABLE */
export async function readBundle(
  objects: Objects,
  place: AssetPlace,
  pointer: Pick<BundlePointer, 'key' | 'sha256'>,
): Promise<Bundle> {
  const entries: BundleEntry[] = []
  const head = await visitBundle(objects, place, pointer, (entry) => entries.push(entry))
  return {head, entries}
}

/** Entries of the committed bundle; none before the first upload. */
export async function latestEntries(
  objects: Objects,
  place: AssetPlace,
  latest: Latest | undefined,
): Promise<readonly BundleEntry[]> {
  return latest === undefined ? [] : (await readBundle(objects, place, latest.pointer)).entries
}
