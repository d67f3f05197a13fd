import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import {partSizeOf} from '../domain/assets/part-size.ts'
import {FailedError, NotFoundError, RefusedError} from '../domain/errors.ts'
import type {Objects} from '../flows/ports.ts'
import {isNamed, statusOf} from './errors.ts'

type From = Parameters<Objects['copyOver']>[0] & {readonly versionId?: string}
type To = Parameters<Objects['copy']>[1]
/** `*` writes only where nothing lies. */
type Onto = {readonly IfNoneMatch?: '*'}

/** Bytes up to which one call copies an object (API reference, CopyObject). */
const oneCallLimit = 5 * 1024 ** 3
/** Bytes of each part beyond that, at least. */
const leastPart = 512 * 1024 ** 2
/** Parts under way at once. */
const sideBySide = 8

/** Copies one version of an object, in one call or in parts, only where nothing lies yet. */
export async function copyObject(client: S3Client, from: From, to: To): Promise<void> {
  try {
    await copied(client, from, to, {IfNoneMatch: '*'})
  } catch (error) {
    // What lies under the hash of a content is that content.
    if (statusOf(error) !== 412) throw error
  }
}

/** Copies an object over what lies there, and resolves to its version. */
export async function copyObjectOver(client: S3Client, from: From, to: To): Promise<string> {
  const versionId = await copied(client, from, to, {})
  if (versionId !== undefined) return versionId
  throw new RefusedError(`Bucket ${to.bucket} keeps no versions: a bundle could not name what it means.`, {
    code: 'BUCKET_NOT_VERSIONED',
    suggestions: ['Switch versioning of the bucket on; pi-aws deploy does'],
  })
}

async function copied(client: S3Client, from: From, to: To, onto: Onto): Promise<string | undefined> {
  try {
    return await (from.size <= oneCallLimit ? inOneCall(client, from, to, onto) : inParts(client, from, to, onto))
  } catch (error) {
    if (!isNamed(error, 'NoSuchKey', 'NoSuchVersion', 'NotFound')) throw error
    const what = from.versionId === undefined ? 'Object' : `Version ${from.versionId} of`
    throw new NotFoundError(`${what} s3://${from.bucket}/${from.key} is gone.`, {
      code: 'OBJECT_GONE',
      suggestions: ['Upload the assets again: pi-aws upload assets'],
      cause: error,
    })
  }
}

function sourceOf({bucket, key, versionId}: From): string {
  const path = key.split('/').map(encodeURIComponent).join('/')
  return `${bucket}/${path}${versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`}`
}

async function inOneCall(client: S3Client, from: From, to: To, onto: Onto): Promise<string | undefined> {
  const {CopyObjectResult: result, VersionId: versionId} = await client.send(
    new CopyObjectCommand({
      Bucket: to.bucket,
      Key: to.key,
      CopySource: sourceOf(from),
      ChecksumAlgorithm: 'SHA256',
      ...onto,
    }),
  )
  const told = result?.ChecksumSHA256
  // The hash of an object that came in parts is one of its parts' hashes, and says so with a dash.
  if (told === undefined || told.includes('-')) return versionId
  if (Buffer.from(told, 'base64').toString('hex') === to.sha256) return versionId
  throw new FailedError(`s3://${from.bucket}/${from.key} is not what its bundle says: its hash differs.`, {
    code: 'CHECKSUM_DIFFERS',
    suggestions: ['Upload the assets again: pi-aws upload assets --checksum'],
  })
}

async function inParts(client: S3Client, from: From, to: To, onto: Onto): Promise<string | undefined> {
  const place = {Bucket: to.bucket, Key: to.key}
  const {UploadId: uploadId} = await client.send(new CreateMultipartUploadCommand(place))
  const size = Math.max(leastPart, partSizeOf(from.size))
  const numbers = Array.from({length: Math.ceil(from.size / size)}, (_, index) => index + 1)
  const etags = new Map<number, string>()
  try {
    for (let first = 0; first < numbers.length; first += sideBySide) {
      await Promise.all(
        numbers.slice(first, first + sideBySide).map(async (number) => {
          const begin = (number - 1) * size
          const end = Math.min(begin + size, from.size) - 1
          const {CopyPartResult: part} = await client.send(
            new UploadPartCopyCommand({
              ...place,
              UploadId: uploadId,
              PartNumber: number,
              CopySource: sourceOf(from),
              CopySourceRange: `bytes=${begin}-${end}`,
            }),
          )
          etags.set(number, part?.ETag ?? '')
        }),
      )
    }
    const parts = numbers.map((number) => ({PartNumber: number, ETag: etags.get(number)}))
    const {VersionId: versionId} = await client.send(
      new CompleteMultipartUploadCommand({
        ...place,
        UploadId: uploadId,
        MultipartUpload: {Parts: parts},
        MpuObjectSize: from.size,
        ...onto,
      }),
    )
    return versionId
  } catch (error) {
    // Parts that were sent are paid for until they are given up; the first error is the one to tell.
    await client.send(new AbortMultipartUploadCommand({...place, UploadId: uploadId})).catch(() => undefined)
    throw error
  }
}
