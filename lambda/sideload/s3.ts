import {GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client} from '@aws-sdk/client-s3'
import {SideloadError, type ErrorCode} from './errors.ts'
import type {Found, ObjectStore, Piece, Source} from './store.ts'

/** How often a body that breaks off is asked for again; the SDK itself only repeats requests. */
const bodyTries = 3
/** How often two writers that met (409) ask again who was first. */
const conflictTries = 5
/** Milliseconds without a byte after which a connection is given up. */
const silenceMs = 20_000

interface Refusal {
  readonly name?: string
  readonly message?: string
  readonly $metadata?: {readonly httpStatusCode?: number; readonly attempts?: number}
}

const codes: Readonly<Record<number, ErrorCode>> = {
  403: 'ACCESS_DENIED',
  404: 'OBJECT_GONE',
  405: 'OBJECT_GONE',
  412: 'OBJECT_GONE',
  416: 'SIZE_DIFFERS',
}

/** S3 by its API. Any other endpoint than AWS's own is asked in path style. */
export function s3Store(endpoint: string | undefined): ObjectStore {
  const client = new S3Client({
    ...(endpoint === undefined || endpoint === '' ? {} : {endpoint, forcePathStyle: true}),
    maxAttempts: 4,
    requestHandler: {connectionTimeout: 5000, requestTimeout: silenceMs, httpsAgent: {maxSockets: 64}},
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  return {
    async head(source) {
      try {
        return found(await client.send(new HeadObjectCommand({...named(source), ChecksumMode: 'ENABLED'})))
      } catch (error) {
        const failure = translated(source, error)
        if (failure.code === 'OBJECT_GONE') return undefined
        throw failure
      }
    },
    async read(source, from, to, signal) {
      for (let left = bodyTries - 1; ; left--) {
        try {
          return await readOnce(client, source, from, to, signal)
        } catch (error) {
          const answered = (error as Refusal).$metadata?.httpStatusCode !== undefined
          if (signal?.aborted === true) throw new SideloadError('INTERRUPTED', 'the time ran out', error)
          if (left === 0 || answered) throw translated(source, error)
        }
      }
    },
    putNew: async (bucket, key, body) => putNew(client, {bucket, key}, body),
  }
}

async function readOnce(
  client: S3Client,
  source: Source,
  from: number,
  to: number,
  signal: AbortSignal | undefined,
): Promise<Piece> {
  const Range = `bytes=${from}-${to - 1}`
  const IfMatch = source.etag === undefined ? {} : {IfMatch: source.etag}
  const command = new GetObjectCommand({...named(source), ...IfMatch, Range})
  const answer = await client.send(command, signal === undefined ? {} : {abortSignal: signal})
  const length = answer.ContentLength ?? 0
  // A server may answer a range with the whole (RFC 9110, 14.2): then the piece is cut out while it passes.
  const isWhole = answer.ContentRange === undefined
  const total = isWhole ? length : Number(answer.ContentRange?.split('/').at(-1))
  const [skipped, wanted] = isWhole ? [from, Math.max(0, Math.min(to, total) - from)] : [0, length]
  // One buffer of the right size: collecting the chunks and joining them would take the memory twice.
  const bytes = Buffer.allocUnsafe(wanted)
  let passed = -skipped
  for await (const chunk of answer.Body as AsyncIterable<Uint8Array>) {
    const piece = chunk.subarray(Math.max(0, -passed), Math.max(0, wanted - passed))
    bytes.set(piece, Math.max(0, passed))
    passed += chunk.byteLength
    if (isWhole && passed >= wanted) break
  }
  if (passed < wanted) throw new SideloadError('STORE_FAILED', `${source.key}: the answer broke off`)
  return {bytes, total, etag: answer.ETag ?? ''}
}

async function putNew(client: S3Client, source: Source, body: string): Promise<boolean> {
  for (let left = conflictTries - 1; ; left--) {
    try {
      const content = {Body: body, ContentType: 'application/x-ndjson', ChecksumAlgorithm: 'SHA256'} as const
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
  const code = codes[$metadata?.httpStatusCode ?? 0] ?? 'STORE_FAILED'
  const version = source.versionId === undefined ? '' : ` (version ${source.versionId})`
  return new SideloadError(code, `object ${JSON.stringify(source.key)}${version}: ${name}: ${message}`, error)
}
