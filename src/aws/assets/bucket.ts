import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  paginateListParts,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import {NotFoundError, RefusedError} from '../../domain/errors.ts'
import type {AssetBucket, BucketOf, PartUpload} from '../../flows/assets/ports.ts'
import {type Actions, isNamed, translate, translateErrors} from '../errors.ts'
import type {ClientConfig} from '../settings.ts'
import {requestsSent} from './requests.ts'
import {Sender} from './sender.ts'

const actions: Actions = {
  put: 's3:PutObject',
  unfinished: 's3:ListBucketMultipartUploads',
  begin: 's3:PutObject',
  putPart: 's3:PutObject',
  complete: 's3:PutObject',
  current: 's3:ListBucketVersions',
  abandon: 's3:AbortMultipartUpload',
}

type Parts = PartUpload['present']

const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64')
const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('hex')

/** The bucket of assets: small objects by a sender of our own, everything else by the SDK. */
export function createAssetBucket(config: ClientConfig): AssetBucket {
  const client = new S3Client({...config, forcePathStyle: config.endpoint !== undefined})
  const sender = new Sender(client, config)
  const common = ({bucket, owner}: BucketOf, key: string) => ({Bucket: bucket, Key: key, ExpectedBucketOwner: owner})

  async function partsOf(place: BucketOf, key: string, uploadId: string): Promise<Parts | undefined> {
    const parts = new Map<number, {sha256: string; size: number; etag: string}>()
    try {
      for await (const page of paginateListParts({client}, {...common(place, key), UploadId: uploadId})) {
        for (const {PartNumber: number = 0, ETag: etag = '', Size: size = 0, ChecksumSHA256: checksum} of page.Parts ??
          []) {
          // A part without its checksum cannot be told from another one: it is sent again.
          if (checksum !== undefined) parts.set(number, {sha256: fromBase64(checksum), size, etag})
        }
      }
      return parts
    } catch (error) {
      if (isNamed(error, 'NoSuchUpload')) return undefined
      throw error
    }
  }

  const port: Omit<AssetBucket, 'read' | 'requests'> = {
    async put({bucket, owner}, key, bytes, sha256) {
      return versioned(bucket, (await sender.put({bucket, owner, key, bytes, sha256})).versionId)
    },
    async unfinished({bucket, owner}, prefix) {
      const found: {key: string; uploadId: string}[] = []
      const request = {Bucket: bucket, Prefix: prefix, EncodingType: 'url' as const, ExpectedBucketOwner: owner}
      for (let from: {KeyMarker?: string; UploadIdMarker?: string} | undefined = {}; from !== undefined;) {
        const page: ListMultipartUploadsCommandOutput = await client.send(
          new ListMultipartUploadsCommand({...request, ...from}),
        )
        for (const {Key: key = '', UploadId: uploadId = ''} of page.Uploads ?? []) {
          found.push({key: decoded(key, page.EncodingType), uploadId})
        }
        const {NextKeyMarker: next = '', NextUploadIdMarker: nextId = ''} = page
        const marker = decoded(next, page.EncodingType)
        from = page.IsTruncated === true ? {KeyMarker: marker, UploadIdMarker: nextId} : undefined
      }
      return found
    },
    async begin(place, key, uploadId) {
      const present = uploadId === undefined ? undefined : await partsOf(place, key, uploadId)
      if (uploadId !== undefined && present !== undefined) return {key, uploadId, present}
      const answer = await client.send(
        new CreateMultipartUploadCommand({
          ...common(place, key),
          ChecksumAlgorithm: 'SHA256',
          ChecksumType: 'COMPOSITE',
        }),
      )
      return {key, uploadId: answer.UploadId ?? '', present: new Map()}
    },
    async putPart(place, {key, uploadId}, number, bytes, sha256) {
      const answer = await client.send(
        new UploadPartCommand({
          ...common(place, key),
          UploadId: uploadId,
          PartNumber: number,
          Body: bytes,
          ChecksumSHA256: base64(sha256),
        }),
      )
      return {number, etag: answer.ETag ?? '', sha256}
    },
    async complete(place, {key, uploadId}, parts, size) {
      const answer = await client.send(
        new CompleteMultipartUploadCommand({
          ...common(place, key),
          UploadId: uploadId,
          MpuObjectSize: size,
          ChecksumType: 'COMPOSITE',
          MultipartUpload: {
            Parts: parts.map(({number, etag, sha256}) => ({
              PartNumber: number,
              ETag: etag,
              ChecksumSHA256: base64(sha256),
            })),
          },
        }),
      )
      return versioned(place.bucket, answer.VersionId)
    },
    async abandon(place, {key, uploadId}) {
      try {
        await client.send(new AbortMultipartUploadCommand({...common(place, key), UploadId: uploadId}))
      } catch (error) {
        if (!isNamed(error, 'NoSuchUpload')) throw error
      }
    },
    async current({bucket, owner}, prefix) {
      const found = new Map<string, string>()
      const request = {Bucket: bucket, Prefix: prefix, EncodingType: 'url' as const, ExpectedBucketOwner: owner}
      for (let from: {KeyMarker?: string; VersionIdMarker?: string} | undefined = {}; from !== undefined;) {
        const page: ListObjectVersionsCommandOutput = await client.send(
          new ListObjectVersionsCommand({...request, ...from}),
        )
        for (const {Key: key = '', VersionId: versionId, IsLatest: isLatest} of page.Versions ?? []) {
          if (isLatest === true && versionId !== undefined) found.set(decoded(key, page.EncodingType), versionId)
        }
        const {NextKeyMarker: next = '', NextVersionIdMarker: nextId = ''} = page
        const marker = decoded(next, page.EncodingType)
        from = page.IsTruncated === true ? {KeyMarker: marker, VersionIdMarker: nextId} : undefined
      }
      return found
    },
  }
  return {
    ...translateErrors(port, actions),
    read: (place, key, versionId) => readVersion(client, place, key, versionId),
    requests: requestsSent,
  }
}

/** Keys that a list tells encoded as a form. */
function decoded(key: string, encoding: string | undefined): string {
  return encoding === 'url' ? decodeURIComponent(key.replaceAll('+', ' ')) : key
}

/** A bundle pins versions: without them, what it names could change under it. */
function versioned(bucket: string, versionId: string | undefined): {readonly versionId: string} {
  if (versionId !== undefined && versionId !== 'null') return {versionId}
  throw new RefusedError(`The bucket ${bucket} keeps no versions, and a bundle pins the version of each file.`, {
    code: 'BUCKET_NOT_VERSIONED',
    suggestions: ['Deploy the part foundation: its template switches versions on'],
  })
}

async function* readVersion(
  client: S3Client,
  {bucket, owner}: BucketOf,
  key: string,
  versionId: string,
): AsyncGenerator<Uint8Array> {
  try {
    const version = versionId === '' ? {} : {VersionId: versionId}
    const request = {Bucket: bucket, Key: key, ...version, ExpectedBucketOwner: owner}
    const {Body: body} = await client.send(new GetObjectCommand(request))
    if (body !== undefined) yield* body as unknown as AsyncIterable<Uint8Array>
  } catch (error) {
    if (isNamed(error, 'NoSuchKey', 'NoSuchVersion', 'NotFound', 'MethodNotAllowed')) {
      const what = versionId === '' ? 'Object' : `Version ${versionId} of`
      throw new NotFoundError(`${what} s3://${bucket}/${key} is gone.`, {
        code: 'OBJECT_GONE',
        suggestions: ['Upload the folder again with --checksum: what does not stand in the bucket any more is sent'],
        cause: error,
      })
    }
    throw translate(error, 's3:GetObjectVersion')
  }
}
