import {HeadObjectCommand, PutObjectCommand, S3Client} from '@aws-sdk/client-s3'
import {SideloadError, type ErrorCode} from './errors.ts'
import {type Patience, Reader} from './reader.ts'
import {NodeSha256} from './signing-hash.ts'
import type {Found, ObjectStore, Source} from './store.ts'

/** How often two writers that met (409) ask again who was first. */
const conflictTries = 5
/** A tag (`pi:kind=result`, encoded as a form) by which the lifecycle of the bucket knows what may go after a while. */
const resultTag = 'pi%3Akind=result'
const usualPatience: Patience = {silence: 20_000, pause: 200}

interface Refusal {
  readonly name?: string
  readonly message?: string
  readonly $metadata?: {readonly httpStatusCode?: number}
}

const codes: Readonly<Record<number, ErrorCode>> = {
  403: 'ACCESS_DENIED',
  404: 'OBJECT_GONE',
  405: 'OBJECT_GONE',
  412: 'OBJECT_GONE',
  416: 'SIZE_DIFFERS',
}

/** S3 by its API. Any other endpoint than AWS's own is asked in path style. Bodies come by a reader of our own. */
export function s3Store(endpoint: string | undefined, patience = usualPatience): ObjectStore {
  const client = new S3Client({
    ...(endpoint === undefined || endpoint === '' ? {} : {endpoint, forcePathStyle: true}),
    maxAttempts: 4,
    sha256: NodeSha256,
    requestHandler: {connectionTimeout: 5000, requestTimeout: patience.silence},
  })
  const reader = new Reader(client, patience)
  return {
    async head(source) {
      try {
        return found(await client.send(new HeadObjectCommand({...named(source), ChecksumMode: 'ENABLED'})))
      } catch (error) {
        const failure = translated(source, error)
        if (failure.code === 'OBJECT_GONE' || failure.code === 'VERSION_GONE') return undefined
        throw failure
      }
    },
    async read(source, from, to, signal) {
      try {
        return await reader.read(source, from, to, signal)
      } catch (error) {
        if (signal?.aborted === true) throw new SideloadError('INTERRUPTED', 'the time ran out', error)
        throw translated(source, error)
      }
    },
    putResults: async (bucket, key, body) => putNew(client, {bucket, key}, body),
  }
}

async function putNew(client: S3Client, source: Source, body: string): Promise<boolean> {
  for (let left = conflictTries - 1; ; left--) {
    try {
      const content = {
        Body: body,
        ContentType: 'application/x-ndjson',
        ChecksumAlgorithm: 'SHA256',
        Tagging: resultTag,
      } as const
      await client.send(new PutObjectCommand({...named(source), ...content, IfNoneMatch: '*'}))
      return true
    } catch (error) {
      const status = (error as Refusal).$metadata?.httpStatusCode
      if (status === 412) return false
      if (status !== 409 || left === 0) throw translated(source, error)
    }
  }
}

function named({bucket, key, versionId}: Source): {Bucket: string; Key: string; VersionId?: string} {
  return {Bucket: bucket, Key: key, ...(versionId === undefined ? {} : {VersionId: versionId})}
}

function found(answer: {
  readonly ContentLength?: number | undefined
  readonly ETag?: string | undefined
  readonly VersionId?: string | undefined
  readonly LastModified?: Date | undefined
  readonly ChecksumSHA256?: string | undefined
}): Found {
  const {VersionId: versionId, ChecksumSHA256: checksum} = answer
  // A checksum of checksums (a dash and the number of parts) says nothing about the bytes as a whole.
  const whole = checksum === undefined || checksum.includes('-') ? undefined : checksum
  return {
    size: answer.ContentLength ?? 0,
    etag: answer.ETag ?? '',
    modifiedAt: answer.LastModified?.getTime() ?? 0,
    ...(versionId === undefined ? {} : {versionId}),
    ...(whole === undefined ? {} : {sha256: Buffer.from(whole, 'base64').toString('hex')}),
  }
}

function translated(source: Source, error: unknown): SideloadError {
  if (error instanceof SideloadError) return error
  const {name = 'Error', message = '', $metadata} = error as Refusal
  const status = $metadata?.httpStatusCode ?? 0
  // Deleting an object leaves its versions: one that does not answer was removed by itself, or has expired.
  const isPinned = status === 404 && source.versionId !== undefined
  const code = isPinned ? 'VERSION_GONE' : (codes[status] ?? 'STORE_FAILED')
  const version = source.versionId === undefined ? '' : ` (version ${source.versionId})`
  const advice = isPinned ? '; upload the folder again with --checksum, which sends it anew' : ''
  return new SideloadError(code, `object ${JSON.stringify(source.key)}${version}: ${name}: ${message}${advice}`, error)
}
