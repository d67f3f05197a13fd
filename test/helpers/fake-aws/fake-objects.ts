import {createHash} from 'node:crypto'
import {FailedError, NotFoundError} from '../../../src/domain/errors.ts'
import type {Objects, StoredObject} from '../../../src/flows/ports.ts'
import type {Answers} from './answers.ts'
import type {FakeObject} from './state.ts'
import type {World} from './world.ts'

async function* inPieces(body: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < body.byteLength; from += 1000) yield body.slice(from, from + 1000)
}

/** S3: buckets that stacks make, etags by content and write, times by its own clock. */
export function fakeObjects(world: World): Answers<Objects> {
  const bucketOf = (name: string): Map<string, FakeObject> => {
    const bucket = world.state.buckets.get(name)
    if (bucket === undefined) throw new FailedError(`AWS answered NoSuchBucket: ${name}`, {code: 'AWS_NO_SUCH_BUCKET'})
    return bucket
  }
  const serverNow = (): number => world.clock.time + world.serverSkew
  const write = (bucket: string, key: string, body: Uint8Array): string => {
    const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 8)}-${world.count('etag')}"`
    bucketOf(bucket).set(key, {body: body.slice(), etag, modified: serverNow()})
    return etag
  }
  const stored = (key: string, {body, etag, modified}: FakeObject): StoredObject => ({
    key,
    etag,
    size: body.byteLength,
    lastModified: new Date(modified),
  })
  const listed = (bucket: string, prefix: string): readonly StoredObject[] =>
    [...(world.state.buckets.get(bucket) ?? new Map<string, FakeObject>())]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, object]) => stored(key, object))
  /** The one call that waits for something: a content, which comes from elsewhere. */
  const receive: Objects['receive'] = async ({bucket, key, sha256: wanted}, content) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of content) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    if (createHash('sha256').update(body).digest('hex') !== wanted)
      throw new FailedError(`${key} is not what it should be`, {code: 'CHECKSUM_DIFFERS'})
    if (!bucketOf(bucket).has(key)) write(bucket, key, body)
  }
  return {
    get(bucket, key) {
      const found = world.state.buckets.get(bucket)?.get(key)
      return found === undefined
        ? undefined
        : {...stored(key, found), body: found.body.slice(), serverTime: new Date(serverNow())}
    },
    head(bucket, key) {
      const found = world.state.buckets.get(bucket)?.get(key)
      return found === undefined ? undefined : stored(key, found)
    },
    list: listed,
    listEach(bucket, prefix, take) {
      for (const object of listed(bucket, prefix)) take(object)
    },
    put: write,
    putIfAbsent(bucket, key, body) {
      if (bucketOf(bucket).has(key)) return {written: false}
      return {written: true, etag: write(bucket, key, body)}
    },
    putIfMatch(bucket, key, body, etag) {
      if (bucketOf(bucket).get(key)?.etag !== etag) return {written: false}
      return {written: true, etag: write(bucket, key, body)}
    },
    deleteIfMatch(bucket, key, etag) {
      const found = world.state.buckets.get(bucket)
      if (found?.get(key)?.etag !== etag) return false
      found.delete(key)
      return true
    },
    copy(from, to) {
      const source = bucketOf(from.bucket).get(from.key)
      if (source === undefined) throw new NotFoundError(`${from.key} is gone`, {code: 'OBJECT_GONE'})
      if (!bucketOf(to.bucket).has(to.key)) write(to.bucket, to.key, source.body)
    },
    copyOver(from, to) {
      const source = bucketOf(from.bucket).get(from.key)
      if (source === undefined) throw new NotFoundError(`${from.key} is gone`, {code: 'OBJECT_GONE'})
      write(to.bucket, to.key, source.body)
      return `copy-of-${to.sha256.slice(0, 8)}`
    },
    open(bucket, key) {
      const found = world.state.buckets.get(bucket)?.get(key)
      return found === undefined ? undefined : inPieces(found.body)
    },
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- the process that uses it waits for it
    receive,
    empty(bucket) {
      const found = world.state.buckets.get(bucket)
      const size = found?.size ?? 0
      found?.clear()
      return size
    },
    deleteBucket(bucket) {
      const size = world.state.buckets.get(bucket)?.size ?? 0
      if (size > 0) throw new FailedError('AWS answered BucketNotEmpty', {code: 'AWS_BUCKET_NOT_EMPTY'})
      world.state.buckets.delete(bucket)
    },
    url: (bucket, key) => `https://s3.eu-west-1.amazonaws.com/${bucket}/${key}`,
  }
}
