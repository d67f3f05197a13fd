import assert from 'node:assert/strict'
import {once} from 'node:events'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {HeadObjectCommand, PutObjectCommand, S3Client} from '@aws-sdk/client-s3'
import {mockClient} from 'aws-sdk-client-mock'
import fc from 'fast-check'
import {s3Store} from '../../lambda/sideload/s3.ts'
import type {ObjectStore} from '../../lambda/sideload/store.ts'
import {sdkSigner} from '../helpers/sdk-signer.ts'

const source = {bucket: 'assets', key: 'themes/a b+%.css', versionId: 'v1'}

function refusal(status: number, name: string): Error {
  return Object.assign(new Error(`made up: ${name}`), {name, $metadata: {httpStatusCode: status}})
}

/** So little of it that no test waits. */
const patience = {silence: 50, pause: 1}

type Answerer = (request: IncomingMessage, response: ServerResponse, turn: number) => void

/** A bucket on loopback whose answers a test makes, one after the other. */
async function withBucket<T>(
  answer: Answerer,
  use: (store: ObjectStore, requests: readonly IncomingMessage[]) => Promise<T>,
): Promise<T> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    answer(request, response, requests.length)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await use(s3Store(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, patience), requests)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

function give(response: ServerResponse, text: string, from: number, total: number): void {
  const range = `bytes ${from}-${from + text.length - 1}/${total}`
  response.writeHead(206, {'content-length': text.length, 'content-range': range, etag: '"e"'}).end(text)
}

function refuse(response: ServerResponse, status: number, name: string): void {
  const body = `<?xml version="1.0"?><Error><Code>${name}</Code><Message>made &quot;up&quot;</Message></Error>`
  response.writeHead(status, {'content-length': body.length, date: 'Wed, 01 Jan 2025 00:00:00 GMT'}).end(body)
}

describe('the store in S3', () => {
  const keys = {AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'wJalr', AWS_REGION: 'eu-west-1'}
  const before: NodeJS.ProcessEnv = {}
  const s3 = mockClient(S3Client)
  beforeEach(() => {
    s3.reset()
    for (const [name, value] of Object.entries(keys)) [before[name], process.env[name]] = [process.env[name], value]
  })
  afterEach(() => {
    for (const name of Object.keys(keys)) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = before[name]
    }
  })
  after(() => s3.restore())
  const store = s3Store('http://127.0.0.1:1', patience)

  it('reads a range of a pinned version into one piece, over a connection that it keeps', () =>
    withBucket(
      (_request, response) => give(response, 'abcd', 8, 99),
      async (bucket, requests) => {
        const piece = await bucket.read({...source, etag: '"e"'}, 8, 12)
        assert.deepEqual([Buffer.from(piece.bytes).toString(), piece.total, piece.etag], ['abcd', 99, '"e"'])
        const [{method, url, headers}] = requests as [IncomingMessage]
        assert.deepEqual([method, url], ['GET', '/assets/themes/a%20b%2B%25.css?versionId=v1'])
        assert.deepEqual([headers.range, headers['if-match']], ['bytes=8-11', '"e"'])
        await bucket.read(source, 8, 12)
        assert.equal(requests[1]?.socket, requests[0]?.socket)
      },
    ))

  it('signs as the SDK does, whatever the key is called', async () => {
    const names = fc.array(fc.string({unit: 'grapheme', minLength: 1, maxLength: 6}), {minLength: 1, maxLength: 3})
    const credentials = {accessKeyId: keys.AWS_ACCESS_KEY_ID, secretAccessKey: keys.AWS_SECRET_ACCESS_KEY}
    const region = 'eu-west-1'
    const signer = await sdkSigner(region, credentials)
    await withBucket(
      (_request, response) => give(response, 'x', 0, 1),
      (bucket, requests) =>
        fc.assert(
          fc.asyncProperty(names, fc.option(fc.string({minLength: 1})), async (parts, versionId) => {
            const key = `k${parts.join('/').replaceAll(/[\uD800-\uDFFF]/g, '')}`
            await bucket.read({bucket: 'assets', key, ...(versionId === null ? {} : {versionId})}, 0, 1)
            const {headers, url = ''} = requests.at(-1)!
            const at = String(headers['x-amz-date']).replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z')
            const {authorization: _ours, connection: _hop, ...signed} = headers
            const [path = '', query] = url.split('?')
            const again = await signer.sign(
              {
                method: 'GET',
                protocol: 'http:',
                hostname: '127.0.0.1',
                path,
                headers: signed as Record<string, string>,
                query: query === undefined ? {} : {versionId: decodeURIComponent(query.slice('versionId='.length))},
              },
              {signingDate: new Date(at), signingRegion: region, signingService: 's3'},
            )
            assert.equal(headers.authorization, again.headers['authorization'])
            assert.equal(decodeURIComponent(path), `/assets/${key}`)
          }),
          {numRuns: 60},
        ),
    )
  })

  it('cuts the piece out of the whole when a server does not do ranges', () =>
    withBucket(
      (_request, response) => {
        response.writeHead(200, {'content-length': 10})
        for (const chunk of ['01', '23456', '7', '89']) response.write(chunk)
        response.end()
      },
      async (bucket) => {
        for (const [from, to, wanted] of [
          [0, 10, '0123456789'],
          [3, 5, '34'],
          [1, 8, '1234567'],
          [7, 99, '789'],
          [0, 1, '0'],
        ] as const) {
          const {bytes, total} = await bucket.read(source, from, to)
          assert.deepEqual([Buffer.from(bytes).toString(), total], [wanted, 10])
        }
      },
    ))

  it('asks again when a body breaks off, four times in all', async () => {
    const breakOff = (response: ServerResponse): void => {
      response.writeHead(206, {'content-length': 4, 'content-range': 'bytes 0-3/4'})
      response.write('ab', () => response.destroy())
    }
    await withBucket(
      (_request, response, turn) => (turn < 4 ? breakOff(response) : give(response, 'abcd', 0, 4)),
      async (bucket, requests) => {
        assert.equal(Buffer.from((await bucket.read(source, 0, 4)).bytes).toString(), 'abcd')
        assert.equal(requests.length, 4)
      },
    )
    await withBucket(
      (_request, response) => breakOff(response),
      async (bucket, requests) => {
        await assert.rejects(bucket.read(source, 0, 4), {
          code: 'STORE_FAILED',
          message: /themes\/a b\+%\.css.*broke off/,
        })
        assert.equal(requests.length, 4)
      },
    )
  })

  it('asks again when S3 is busy, and by the clock of S3 when ours is wrong', async () => {
    await withBucket(
      (_request, response, turn) => (turn < 3 ? refuse(response, 503, 'SlowDown') : give(response, 'x', 0, 1)),
      async (bucket, requests) => {
        await bucket.read(source, 0, 1)
        assert.equal(requests.length, 3)
      },
    )
    await withBucket(
      (_request, response, turn) =>
        turn < 2 ? refuse(response, 403, 'RequestTimeTooSkewed') : give(response, 'x', 0, 1),
      async (bucket, requests) => {
        await bucket.read(source, 0, 1)
        assert.match(String(requests[1]?.headers['x-amz-date']), /^20250101T0000/)
      },
    )
  })

  it('cannot be reached where nobody listens, and takes no answer without a length', async () => {
    await assert.rejects(store.read(source, 0, 1), {code: 'STORE_FAILED', message: /ECONNREFUSED/})
    await withBucket(
      (_request, response) => response.writeHead(206).end('x'),
      (bucket) => assert.rejects(bucket.read(source, 0, 1), {code: 'STORE_FAILED', message: /how long it is/}),
    )
  })

  for (const [status, name, code, tries] of [
    [404, 'NoSuchKey', 'VERSION_GONE', 1],
    [404, 'NoSuchVersion', 'VERSION_GONE', 1],
    [405, 'MethodNotAllowed', 'OBJECT_GONE', 1],
    [412, 'PreconditionFailed', 'OBJECT_GONE', 1],
    [403, 'AccessDenied', 'ACCESS_DENIED', 1],
    [416, 'InvalidRange', 'SIZE_DIFFERS', 1],
    [500, 'InternalError', 'STORE_FAILED', 4],
  ] as const) {
    it(`calls ${status} ${name} ${code}, and names object and version`, () =>
      withBucket(
        (_request, response) => refuse(response, status, name),
        async (bucket, requests) => {
          await assert.rejects(bucket.read(source, 0, 1), {
            code,
            message: new RegExp(`version v1.*${name}: made "up"`),
          })
          assert.equal(requests.length, tries)
        },
      ))
  }

  it('gives up a connection on which nothing comes', () =>
    withBucket(
      () => undefined,
      async (bucket, requests) => {
        await assert.rejects(bucket.read(source, 0, 4), {code: 'STORE_FAILED', message: /no byte for 50 ms/})
        assert.equal(requests.length, 4)
      },
    ))

  it('gives the present version of an object that no manifest pins, or says that it is gone', () =>
    withBucket(
      (_request, response, turn) => (turn < 2 ? give(response, 'x', 0, 1) : refuse(response, 404, 'NoSuchKey')),
      async (bucket, requests) => {
        await bucket.read({bucket: 'assets', key: 'k'}, 0, 1)
        assert.equal(requests[0]?.url, '/assets/k')
        await assert.rejects(bucket.read({bucket: 'assets', key: 'k'}, 0, 1), {code: 'OBJECT_GONE'})
      },
    ))

  it('is interrupted by the deadline, before and in the middle of an answer', async () => {
    await assert.rejects(store.read(source, 0, 1, AbortSignal.abort()), {code: 'INTERRUPTED'})
    const deadline = new AbortController()
    await withBucket(
      (_request, response) => {
        response.writeHead(206, {'content-length': 4, 'content-range': 'bytes 0-3/4'})
        response.write('ab', () => deadline.abort())
      },
      (bucket) => assert.rejects(bucket.read(source, 0, 4, deadline.signal), {code: 'INTERRUPTED'}),
    )
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
    assert.equal(await store.putResults('records', 'ops/1/result-1.ndjson', 'x\n'), true)
    const {IfNoneMatch, Tagging} = s3.commandCalls(PutObjectCommand)[0]!.args[0].input
    assert.deepEqual([IfNoneMatch, Tagging], ['*', 'pi%3Akind=result'])
    assert.equal(await store.putResults('records', 'ops/1/result-1.ndjson', 'x\n'), false)
    await assert.rejects(store.putResults('records', 'ops/1/result-1.ndjson', 'x\n'), {code: 'ACCESS_DENIED'})
  })
})
