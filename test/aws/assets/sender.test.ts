import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {createAssetBucket} from '../../../src/aws/assets/bucket.ts'
import {countRequests, requestsSent} from '../../../src/aws/assets/requests.ts'
import {clientConfig, maxAttempts} from '../../../src/aws/settings.ts'
import {hardFiles} from '../../helpers/asset-tree.ts'
import {saying, settings} from '../sdk.ts'
import {fakeS3, type Put, type Trouble} from './fake-s3.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const body = Buffer.from('hello')
const place = {bucket: 'bucket', owner: '123456789012'}

describe('small objects', () => {
  let server: Awaited<ReturnType<typeof fakeS3>> | undefined

  async function bucketWith(trouble?: (put: Put, number: number) => Trouble, versioned = true) {
    server = await fakeS3(trouble, versioned)
    const bucket = createAssetBucket(clientConfig({...settings, endpointUrl: server.url}))
    return {
      server,
      put: (key = 'assets/images/a', bytes: Uint8Array = body, hash = sha256(bytes)) =>
        bucket.put(place, key, bytes, hash),
    }
  }

  afterEach(async () => {
    await server?.close()
    server = undefined
  })

  it('arrive whole under their very keys, signed, with a checksum, for the right owner only', async () => {
    const {server: s3, put} = await bucketWith()
    for (const {path, bytes} of hardFiles()) await put(`assets/${path}`, bytes)
    assert.deepEqual(
      [...s3.stored].map(([key, bytes]) => [key, sha256(bytes)]),
      hardFiles().map(({path, bytes}) => [`assets/${path}`, sha256(bytes)]),
    )
    for (const {headers, url} of s3.puts) {
      assert.match(url, /^[!-~]+$/)
      assert.equal(headers['x-amz-expected-bucket-owner'], '123456789012')
      assert.equal(headers['user-agent'], 'pi-aws/0.0.0')
      assert.match(headers.authorization ?? '', /SignedHeaders=[^,]*x-amz-checksum-sha256/)
    }
  })

  it('give back their version', async () => {
    const {put} = await bucketWith()
    assert.deepEqual(await put(), {versionId: 'v1'})
  })

  it('use the same connections again', async () => {
    const {server: s3, put} = await bucketWith()
    for (let round = 0; round < 4; round++)
      await Promise.all(Array.from({length: 8}, (_, index) => put(`assets/${round}/${index}`)))
    assert.equal(s3.puts.length, 32)
    assert.ok(s3.connections() <= 8)
  })

  it('are refused by a bucket without versions', async () => {
    const {put} = await bucketWith(undefined, false)
    await assert.rejects(put(), saying('RefusedError', 'BUCKET_NOT_VERSIONED', /bucket/))
  })

  for (const [why, trouble] of [
    ['S3 is in trouble', {status: 503, code: 'SlowDown'}],
    ['S3 fails', {status: 500, code: 'InternalError'}],
    ['S3 is throttling', {status: 429, code: 'TooManyRequests'}],
    ['S3 had waited too long', {status: 400, code: 'RequestTimeout'}],
    ['what arrived is not what was sent', {status: 400, code: 'XAmzContentSHA256Mismatch'}],
    ['two writers met', {status: 409, code: 'OperationAborted'}],
    ['the connection is reset', 'reset'],
    ['the answer is cut off', 'cut'],
  ] as const) {
    it(`are sent again when ${why}`, async () => {
      const {server: s3, put} = await bucketWith((_put, number) => (number < 3 ? trouble : undefined))
      assert.deepEqual(await put(), {versionId: 'v3'})
      assert.deepEqual(
        s3.puts.map((each) => each.body.toString()),
        ['hello', 'hello', 'hello'],
      )
    })
  }

  it('are given up after so many tries, with the answer of S3', async () => {
    const {server: s3, put} = await bucketWith(() => ({status: 503, code: 'SlowDown'}))
    await assert.rejects(put(), saying('FailedError', 'THROTTLED', /about "SlowDown"/))
    assert.equal(s3.puts.length, maxAttempts)
  })

  for (const [status, code, ours, expected] of [
    [403, 'AccessDenied', 'AccessError', 'ACCESS_DENIED'],
    [403, 'InvalidAccessKeyId', 'AccessError', 'CREDENTIALS_REFUSED'],
    [400, 'ExpiredToken', 'AccessError', 'CREDENTIALS_EXPIRED'],
    [404, 'NoSuchBucket', 'FailedError', 'AWS_NO_SUCH_BUCKET'],
    [412, 'PreconditionFailed', 'FailedError', 'AWS_PRECONDITION_FAILED'],
  ] as const) {
    it(`are not sent again after ${status} ${code}`, async () => {
      const {server: s3, put} = await bucketWith(() => ({status, code}))
      await assert.rejects(put(), saying(ours, expected))
      assert.equal(s3.puts.length, 1)
    })
  }

  it('that do not fit their hash are never stored', async () => {
    const {server: s3, put} = await bucketWith()
    await assert.rejects(
      put('assets/images/a', body, sha256(Buffer.from('other'))),
      saying('FailedError', 'AWS_XAMZ_CONTENT_SHA256_MISMATCH'),
    )
    assert.equal(s3.stored.size, 0)
  })

  it('are signed by the clock of S3 when ours is wrong', async () => {
    const {server: s3, put} = await bucketWith((_put, number) =>
      number === 1
        ? {status: 403, code: 'RequestTimeTooSkewed', headers: {date: 'Fri, 02 Jan 2032 03:04:05 GMT'}}
        : undefined,
    )
    await put()
    await put()
    assert.deepEqual(
      s3.puts.slice(1).map(({headers}) => String(headers['x-amz-date']).slice(0, 8)),
      ['20320102', '20320102'],
    )
  })

  it('are counted, every try', async () => {
    countRequests()
    const before = requestsSent()
    const {put} = await bucketWith((_put, number) => (number === 1 ? 'reset' : undefined))
    await put()
    assert.equal(requestsSent() - before, 2)
  })

  it('are given up when nobody listens', async () => {
    const {server: s3, put} = await bucketWith()
    await s3.close()
    server = undefined
    await assert.rejects(put(), saying('FailedError', 'ENDPOINT_UNREACHABLE'))
  })
})
