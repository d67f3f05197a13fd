import assert from 'node:assert/strict'
import {Readable} from 'node:stream'
import {GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client} from '@aws-sdk/client-s3'
import {mockClient} from 'aws-sdk-client-mock'
import {s3Store} from '../../lambda/sideload/s3.ts'

const source = {bucket: 'assets', key: 'themes/a b+%.css', versionId: 'v1'}

function refusal(status: number, name: string): Error {
  return Object.assign(new Error(`made up: ${name}`), {name, $metadata: {httpStatusCode: status}})
}

/** A body as the SDK gives it. */
function body(...chunks: readonly (string | Error)[]): never {
  const stream = Readable.from(
    (async function* () {
      for (const chunk of chunks) {
        if (chunk instanceof Error) throw chunk
        yield Buffer.from(chunk)
      }
    })(),
  )
  return stream as never
}

describe('the store in S3', () => {
  const s3 = mockClient(S3Client)
  beforeEach(() => s3.reset())
  after(() => s3.restore())
  const store = s3Store('http://127.0.0.1:1')

  it('reads a range of a pinned version into one piece', async () => {
    const answer = {Body: body('ab', 'cd'), ContentLength: 4, ContentRange: 'bytes 8-11/99', ETag: '"e"'}
    s3.on(GetObjectCommand).resolves(answer)
    const piece = await store.read({...source, etag: '"e"'}, 8, 12)
    assert.deepEqual([Buffer.from(piece.bytes).toString(), piece.total, piece.etag], ['abcd', 99, '"e"'])
    assert.deepEqual(s3.commandCalls(GetObjectCommand)[0]?.args[0].input, {
      Bucket: 'assets',
      Key: 'themes/a b+%.css',
      VersionId: 'v1',
      IfMatch: '"e"',
      Range: 'bytes=8-11',
    })
  })

  it('cuts the piece out of the whole when a server does not do ranges', async () => {
    const chunks = ['01', '23456', '7', '89']
    for (const [from, to, wanted] of [
      [0, 10, '0123456789'],
      [3, 5, '34'],
      [1, 8, '1234567'],
      [7, 99, '789'],
      [0, 1, '0'],
    ] as const) {
      s3.on(GetObjectCommand).resolves({Body: body(...chunks), ContentLength: 10})
      const {bytes, total} = await store.read(source, from, to)
      assert.deepEqual([Buffer.from(bytes).toString(), total], [wanted, 10])
    }
  })

  it('asks again when a body breaks off, three times in all', async () => {
    const reset = Object.assign(new Error('reset'), {code: 'ECONNRESET'})
    const whole = {ContentLength: 4, ContentRange: 'bytes 0-3/4'}
    s3.on(GetObjectCommand)
      .resolvesOnce({...whole, Body: body('ab', reset)})
      .resolvesOnce({...whole, Body: body('abc')})
      .resolvesOnce({...whole, Body: body('abcd')})
    assert.equal(Buffer.from((await store.read(source, 0, 4)).bytes).toString(), 'abcd')
    s3.reset()
    s3.on(GetObjectCommand).callsFake(() => ({...whole, Body: body('ab', reset)}))
    await assert.rejects(store.read(source, 0, 4), {code: 'STORE_FAILED', message: /themes\/a b\+%\.css.*reset/})
    assert.equal(s3.commandCalls(GetObjectCommand).length, 3)
  })

  for (const [status, name, code] of [
    [404, 'NoSuchKey', 'OBJECT_GONE'],
    [404, 'NoSuchVersion', 'OBJECT_GONE'],
    [405, 'MethodNotAllowed', 'OBJECT_GONE'],
    [412, 'PreconditionFailed', 'OBJECT_GONE'],
    [403, 'AccessDenied', 'ACCESS_DENIED'],
    [416, 'InvalidRange', 'SIZE_DIFFERS'],
    [500, 'InternalError', 'STORE_FAILED'],
  ] as const) {
    it(`calls ${status} ${name} ${code}, and names object and version`, async () => {
      s3.on(GetObjectCommand).rejects(refusal(status, name))
      await assert.rejects(store.read(source, 0, 1), {code, message: new RegExp(`version v1.*${name}`)})
      assert.equal(s3.commandCalls(GetObjectCommand).length, 1)
    })
  }

  it('is interrupted by the deadline', async () => {
    s3.on(GetObjectCommand).rejects(Object.assign(new Error('aborted'), {name: 'AbortError'}))
    await assert.rejects(store.read(source, 0, 1, AbortSignal.abort()), {code: 'INTERRUPTED'})
  })

  it('knows what an object is, and its hash when the checksum is one of all bytes', async () => {
    const at = new Date(1000)
    const sum = Buffer.alloc(32, 1).toString('base64')
    const properties = {ContentLength: 3, ETag: '"e"', VersionId: 'v1', LastModified: at}
    s3.on(HeadObjectCommand)
      .resolvesOnce({...properties, ChecksumSHA256: sum})
      .resolvesOnce({...properties, ChecksumSHA256: `${sum}-2`})
      .rejectsOnce(refusal(404, 'NotFound'))
      .rejectsOnce(refusal(403, 'Forbidden'))
    const found = {size: 3, etag: '"e"', versionId: 'v1', modifiedAt: 1000}
    assert.deepEqual(await store.head(source), {...found, sha256: '01'.repeat(32)})
    assert.deepEqual(await store.head(source), found)
    assert.equal(await store.head(source), undefined)
    await assert.rejects(store.head(source), {code: 'ACCESS_DENIED'})
  })

  it('writes results once: a second writer is told, and two at once are settled', async () => {
    s3.on(PutObjectCommand)
      .rejectsOnce(refusal(409, 'ConditionalRequestConflict'))
      .resolvesOnce({})
      .rejectsOnce(refusal(412, 'PreconditionFailed'))
      .rejectsOnce(refusal(403, 'AccessDenied'))
    assert.equal(await store.putNew('records', 'ops/1/result-1.ndjson', 'x\n'), true)
    assert.equal(s3.commandCalls(PutObjectCommand)[0]?.args[0].input.IfNoneMatch, '*')
    assert.equal(await store.putNew('records', 'ops/1/result-1.ndjson', 'x\n'), false)
    await assert.rejects(store.putNew('records', 'ops/1/result-1.ndjson', 'x\n'), {code: 'ACCESS_DENIED'})
  })
})
