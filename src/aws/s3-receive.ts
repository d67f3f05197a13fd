import {createHash} from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import {partSizeOf} from '../domain/assets/part-size.ts'
import {FailedError} from '../domain/errors.ts'
import type {Objects} from '../flows/ports.ts'
import {statusOf} from './errors.ts'

type To = Parameters<Objects['receive']>[0]
/** Where, and that only where nothing lies yet. */
type Place = Readonly<Record<'Bucket' | 'Key', string>>

/** Bytes up to which a content is held and sent in one call. */
const oneCallLimit = 16 * 1024 ** 2

/** Writes a content that comes from elsewhere, once its hash is known to be the right one, only where nothing lies yet. */
export async function receiveObject(client: S3Client, to: To, content: AsyncIterable<Uint8Array>): Promise<void> {
  const place = {Bucket: to.bucket, Key: to.key}
  try {
    await (to.size <= oneCallLimit ? inOneCall(client, place, to, content) : inParts(client, place, to, content))
  } catch (error) {
    // What lies under the hash of a content is that content.
    if (statusOf(error) !== 412) throw error
  }
}

async function inOneCall(client: S3Client, place: Place, to: To, content: AsyncIterable<Uint8Array>): Promise<void> {
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  requireHash(to, createHash('sha256').update(body).digest('hex'))
  const checksum = Buffer.from(to.sha256, 'hex').toString('base64')
  await client.send(new PutObjectCommand({...place, Body: body, ChecksumSHA256: checksum, IfNoneMatch: '*'}))
}

async function inParts(client: S3Client, place: Place, to: To, content: AsyncIterable<Uint8Array>): Promise<void> {
  const {UploadId: uploadId} = await client.send(new CreateMultipartUploadCommand(place))
  const parts: {readonly PartNumber: number; readonly ETag: string | undefined}[] = []
  const whole = createHash('sha256')
  try {
    for await (const body of pieces(content, Math.max(oneCallLimit, partSizeOf(to.size)))) {
      whole.update(body)
      const number = parts.length + 1
      const {ETag: etag} = await client.send(
        new UploadPartCommand({...place, UploadId: uploadId, PartNumber: number, Body: body}),
      )
      parts.push({PartNumber: number, ETag: etag})
    }
    requireHash(to, whole.digest('hex'))
    await client.send(
      new CompleteMultipartUploadCommand({
        ...place,
        UploadId: uploadId,
        MultipartUpload: {Parts: parts},
        MpuObjectSize: to.size,
        IfNoneMatch: '*',
      }),
    )
  } catch (error) {
    // Parts that were sent are paid for until they are given up; the first error is the one to tell.
    await client.send(new AbortMultipartUploadCommand({...place, UploadId: uploadId})).catch(() => undefined)
    throw error
  }
}

/** A content in pieces of one size, the last one smaller. */
async function* pieces(content: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of content) {
    for (let from = 0; from < chunk.byteLength;) {
      const part = chunk.subarray(from, from + size - bytes)
      held.push(part)
      bytes += part.byteLength
      from += part.byteLength
      if (bytes < size) continue
      yield Buffer.concat(held)
      held = []
      bytes = 0
    }
  }
  if (bytes > 0) yield Buffer.concat(held)
}

function requireHash({bucket, key, sha256}: To, found: string): void {
  if (found === sha256) return
  throw new FailedError(`What was to be written to s3://${bucket}/${key} is not what it should be: its hash differs.`, {
    code: 'CHECKSUM_DIFFERS',
    suggestions: ['In the environment that has the set: pi-aws snapshot verify SNAPSHOT --content'],
  })
}
