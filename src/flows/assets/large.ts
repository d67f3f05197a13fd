import {createHash} from 'node:crypto'
import {partSizeOf} from '../../domain/assets/part-size.ts'
import type {Buffers} from './buffers.ts'
import {Budget} from './lanes.ts'
import type {AssetBucket, BucketOf, Lease, OpenFile, SentPart} from './ports.ts'

/** Parts of one file under way at once: three of 8 MiB. */
const partsAtOnce = 3

const hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** SHA-256 of a whole file, hex. @throws FailedError ASSET_CHANGED; the reason of the signal */
export async function hashOpen(file: OpenFile, buffers: Buffers, stop: AbortSignal): Promise<string> {
  const lease = buffers.lease()
  const hash = createHash('sha256')
  const step = partSizeOf(file.size)
  for (let offset = 0; offset < file.size; offset += step) {
    stop.throwIfAborted()
    hash.update(await file.read(offset, Math.min(step, file.size - offset), lease))
  }
  lease.release()
  await file.confirm()
  return hash.digest('hex')
}

export interface PartsRequest {
  readonly bucket: BucketOf
  readonly key: string
  readonly file: OpenFile
  readonly buffers: Buffers
  readonly maySend: () => Promise<void>
}

/**
 * Sends a large file in parts, hashing it on the way. Parts that an upload which broke off left in S3 are compared by
 * their hash and not sent again.
 * @param moved told of the bytes of each part
 * @throws FailedError ASSET_CHANGED, with the parts taken back
 */
export async function sendInParts(
  {bucket, key, file, buffers, maySend}: PartsRequest,
  assetBucket: AssetBucket,
  moved: (bytes: number) => void,
): Promise<{readonly versionId: string; readonly sha256: string}> {
  const broken = await assetBucket.unfinished(bucket, key)
  const upload = await assetBucket.begin(bucket, key, broken.find((one) => one.key === key)?.uploadId)
  const whole = createHash('sha256')
  const step = partSizeOf(file.size)
  const parts: SentPart[] = []
  const budget = new Budget(partsAtOnce)
  const running = new Set<Promise<void>>()
  let failure: {readonly error: unknown} | undefined

  const send = async (number: number, bytes: Uint8Array, lease: Lease): Promise<void> => {
    try {
      const sha256 = hex(bytes)
      const there = upload.present.get(number)
      const same = there?.sha256 === sha256 && there.size === bytes.byteLength
      parts.push(
        same ? {number, etag: there.etag, sha256} : await assetBucket.putPart(bucket, upload, number, bytes, sha256),
      )
      moved(bytes.byteLength)
    } catch (error) {
      failure ??= {error}
    } finally {
      lease.release()
      budget.give(1)
    }
  }

  try {
    for (let offset = 0; offset < file.size; offset += step) {
      await budget.take(1)
      // A call of its own, so that the compiler does not take `failure` for undefined here.
      if (hasFailed()) break
      await maySend()
      const lease = buffers.lease()
      const bytes = await file.read(offset, Math.min(step, file.size - offset), lease)
      whole.update(bytes)
      const part = send(1 + offset / step, bytes, lease).finally(() => running.delete(part))
      running.add(part)
    }
  } finally {
    await Promise.all(running)
  }
  if (failure !== undefined) throw failure.error
  try {
    await file.confirm()
  } catch (error) {
    await assetBucket.abandon(bucket, upload)
    throw error
  }
  const ordered = parts.sort((a, b) => a.number - b.number)
  const {versionId} = await assetBucket.complete(bucket, upload, ordered, file.size)
  return {versionId, sha256: whole.digest('hex')}

  function hasFailed(): boolean {
    return failure !== undefined
  }
}
