import {setTimeout as pause} from 'node:timers/promises'
import {
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3'
import {FailedError} from '../domain/errors.ts'
import type {ObjectBody, Objects, StoredObject, WriteResult} from '../flows/ports.ts'
import {objectUrl} from './endpoints.ts'
import {type Actions, isNamed, statusOf, translateErrors} from './errors.ts'
import {copyObject, copyObjectOver} from './s3-copy.ts'
import {receiveObject} from './s3-receive.ts'
import {readServerTimes} from './server-time.ts'
import type {ClientConfig} from './settings.ts'

const actions: Actions = {
  get: 's3:GetObject',
  head: 's3:GetObject',
  list: 's3:ListBucket',
  listEach: 's3:ListBucket',
  put: 's3:PutObject',
  putIfAbsent: 's3:PutObject',
  putIfMatch: 's3:PutObject',
  deleteIfMatch: 's3:DeleteObject',
  copy: 's3:GetObjectVersion',
  copyOver: 's3:PutObject',
  open: 's3:GetObject',
  receive: 's3:PutObject',
  empty: 's3:DeleteObjectVersion',
  deleteBucket: 's3:DeleteBucket',
}
const conflictTries = 5

function isMissing(error: unknown): boolean {
  return isNamed(error, 'NoSuchKey', 'NotFound', 'NoSuchBucket')
}

/** Keys are listed in URL encoding, so that any byte of a name survives XML; a space may come as `+`. */
function decodeKey(key: string | undefined, encoding: string | undefined): string {
  return encoding === 'url' ? decodeURIComponent((key ?? '').replaceAll('+', ' ')) : (key ?? '')
}

/** Two writers met (409): which of them is first is decided only by asking again. */
async function settled<T>(call: () => Promise<T>): Promise<T> {
  for (let left = conflictTries - 1; ; left--) {
    try {
      return await call()
    } catch (error) {
      if (left === 0 || statusOf(error) !== 409) throw error
      await pause(Math.random() * 50)
    }
  }
}

/** S3 by its API, path style wherever the endpoint is not AWS's own. */
export function createObjects(config: ClientConfig): Objects {
  const client = new S3Client({...config, forcePathStyle: config.endpoint !== undefined})
  const serverTimeOf = readServerTimes(client)

  async function get(bucket: string, key: string): Promise<ObjectBody | undefined> {
    try {
      const answer = await client.send(new GetObjectCommand({Bucket: bucket, Key: key}))
      const body = await bytesOf(answer.Body, answer.ContentLength)
      return {...stored(key, {...answer, Size: body.byteLength}), body, serverTime: serverTimeOf(answer)}
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  /** A 412 after a lost answer may be about our own write: then exactly our bytes are there. */
  async function isOurs(input: ConditionalPut, error: unknown): Promise<WriteResult> {
    const lost: WriteResult = {written: false}
    if (attemptsOf(error) < 2) return lost
    const found = await get(input.Bucket, input.Key)
    return found !== undefined && Buffer.compare(found.body, input.Body) === 0
      ? {written: true, etag: found.etag}
      : lost
  }

  async function putOnCondition(input: ConditionalPut): Promise<WriteResult> {
    try {
      const answer = await settled(() =>
        client.send(new PutObjectCommand({...input, ...contentOf(input.Key), ChecksumAlgorithm: 'SHA256'})),
      )
      return {written: true, etag: answer.ETag ?? ''}
    } catch (error) {
      if (statusOf(error) === 412) return isOurs(input, error)
      // If-Match over a key that is gone.
      if (input.IfMatch !== undefined && isNamed(error, 'NoSuchKey', 'NotFound')) return {written: false}
      throw error
    }
  }

  return translateErrors<Objects>(
    {
      get,
      async head(bucket, key) {
        try {
          const answer = await client.send(new HeadObjectCommand({Bucket: bucket, Key: key}))
          return stored(key, {...answer, Size: answer.ContentLength})
        } catch (error) {
          if (isMissing(error)) return undefined
          throw error
        }
      },
      async list(bucket, prefix) {
        const objects: StoredObject[] = []
        await listEach(client, bucket, prefix, (object) => objects.push(object))
        return objects
      },
      listEach: (bucket, prefix, take) => listEach(client, bucket, prefix, take),
      async put(bucket, key, body, contentType) {
        const content = contentType === undefined ? contentOf(key) : {ContentType: contentType}
        const input = {Bucket: bucket, Key: key, Body: body, ...content, ChecksumAlgorithm: 'SHA256'} as const
        const answer = await client.send(new PutObjectCommand(input))
        return answer.ETag ?? ''
      },
      putIfAbsent: (bucket, key, body) => putOnCondition({Bucket: bucket, Key: key, Body: body, IfNoneMatch: '*'}),
      putIfMatch: (bucket, key, body, etag) => putOnCondition({Bucket: bucket, Key: key, Body: body, IfMatch: etag}),
      async deleteIfMatch(bucket, key, etag) {
        try {
          await settled(() => client.send(new DeleteObjectCommand({Bucket: bucket, Key: key, IfMatch: etag})))
          return true
        } catch (error) {
          if (statusOf(error) === 412 || isMissing(error)) return false
          throw error
        }
      },
      copy: (from, to) => copyObject(client, from, to),
      copyOver: (from, to) => copyObjectOver(client, from, to),
      async open(bucket, key) {
        try {
          const {Body: body} = await client.send(new GetObjectCommand({Bucket: bucket, Key: key}))
          return body as AsyncIterable<Uint8Array> | undefined
        } catch (error) {
          if (isMissing(error)) return undefined
          throw error
        }
      },
      receive: (to, content) => receiveObject(client, to, content),
      empty: (bucket) => removeAll(client, bucket),
      async deleteBucket(bucket) {
        try {
          await client.send(new DeleteBucketCommand({Bucket: bucket}))
        } catch (error) {
          if (!isNamed(error, 'NoSuchBucket')) throw error
        }
      },
      url: (bucket, key) => objectUrl(config, bucket, key),
    },
    actions,
  )
}

type ConditionalPut = Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'> & {
  readonly Bucket: string
  readonly Key: string
  readonly Body: Uint8Array
}

function contentOf(key: string): {ContentType?: string} {
  return key.endsWith('.json') ? {ContentType: 'application/json'} : {}
}

/** The bytes of a body, put where they stay as they come: pieces that are joined in the end are there twice. */
async function bytesOf(body: GetObjectCommandOutput['Body'], length: number | undefined): Promise<Uint8Array> {
  if (body === undefined) return new Uint8Array()
  if (length === undefined || !(Symbol.asyncIterator in body)) return body.transformToByteArray()
  const bytes = new Uint8Array(length)
  let at = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes.subarray(0, at)
}

function attemptsOf(error: unknown): number {
  const {$metadata: metadata} = error as {$metadata?: {attempts?: number}}
  return metadata?.attempts ?? 1
}

function stored(
  key: string,
  row: {ETag?: string | undefined; Size?: number | undefined; LastModified?: Date | undefined},
): StoredObject {
  return {key, etag: row.ETag ?? '', size: row.Size ?? 0, lastModified: row.LastModified ?? new Date(0)}
}

async function listEach(
  client: S3Client,
  bucket: string,
  prefix: string,
  take: (object: StoredObject) => void,
): Promise<void> {
  try {
    for await (const page of paginateListObjectsV2({client}, {Bucket: bucket, Prefix: prefix, EncodingType: 'url'})) {
      for (const row of page.Contents ?? []) take(stored(decodeKey(row.Key, page.EncodingType), row))
    }
  } catch (error) {
    if (!isNamed(error, 'NoSuchBucket')) throw error
  }
}

/** Versions and delete markers, 1,000 at a time; what was removed is not listed again, so each round asks for the first page. */
async function removeAll(client: S3Client, bucket: string): Promise<number> {
  let removed = 0
  try {
    for (;;) {
      const page = await client.send(new ListObjectVersionsCommand({Bucket: bucket, EncodingType: 'url'}))
      const rows = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]
      if (rows.length === 0) return removed
      const objects = rows.map((row) => ({Key: decodeKey(row.Key, page.EncodingType), VersionId: row.VersionId}))
      const request = {Bucket: bucket, Delete: {Objects: objects, Quiet: true}, ChecksumAlgorithm: 'SHA256'} as const
      const {Errors: errors = []} = await client.send(new DeleteObjectsCommand(request))
      const first = errors[0]
      if (first !== undefined) {
        throw new FailedError(
          `${errors.length} objects of ${bucket} stay, the first is ${first.Key}: ${first.Message ?? first.Code}`,
          {
            code: 'BUCKET_NOT_EMPTIED',
          },
        )
      }
      removed += rows.length
    }
  } catch (error) {
    if (isNamed(error, 'NoSuchBucket')) return removed
    throw error
  }
}
