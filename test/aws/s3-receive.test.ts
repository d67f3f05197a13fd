import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {Readable} from 'node:stream'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  type UploadPartCommandInput,
} from '@aws-sdk/client-s3'
import {mockClient} from 'aws-sdk-client-mock'
import {createObjects} from '../../src/aws/s3.ts'
import {config, inputs, sdkError} from './sdk.ts'

const MiB = 1024 ** 2

async function* inChunks(body: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < body.byteLength; from += size) yield await Promise.resolve(body.subarray(from, from + size))
}

describe('contents that come from another account', () => {
  const mock = mockClient(S3Client)
  const objects = createObjects(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  const placeOf = (body: Uint8Array) => ({
    ...{bucket: 'b', key: 'k', size: body.byteLength},
    sha256: createHash('sha256').update(body).digest('hex'),
  })

  it('are read as they come, and nothing where there is nothing', async () => {
    const body = Readable.from([Buffer.from('red')]) as never
    mock.on(GetObjectCommand).resolvesOnce({Body: body}).rejectsOnce(sdkError('NoSuchKey')).rejects(sdkError('Boom'))
    const chunks: Uint8Array[] = []
    for await (const chunk of (await objects.open('b', 'k')) ?? []) chunks.push(chunk)
    assert.equal(Buffer.concat(chunks).toString(), 'red')
    assert.equal(await objects.open('b', 'k'), undefined)
    await assert.rejects(objects.open('b', 'k'))
  })

  it('are written in one call with their hash, only where nothing lies; what lies there already is fine', async () => {
    mock
      .on(PutObjectCommand)
      .resolvesOnce({})
      .rejectsOnce(sdkError('PreconditionFailed', '', {httpStatusCode: 412}))
      .rejects(sdkError('Boom'))
    const body = Buffer.from('red')
    const to = placeOf(body)
    await objects.receive(to, inChunks(body, 2))
    await objects.receive(to, inChunks(body, 2))
    await assert.rejects(objects.receive(to, inChunks(body, 2)))
    const input = mock.commandCalls(PutObjectCommand)[0]?.args[0].input
    assert.deepEqual(input?.Body, body)
    assert.equal(input?.ChecksumSHA256, Buffer.from(to.sha256, 'hex').toString('base64'))
    assert.equal(input?.IfNoneMatch, '*')
  })

  it('are not written when they are not what they should be', async () => {
    const body = Buffer.from('red')
    const wrong = {...placeOf(body), sha256: '00'.repeat(32)}
    await assert.rejects(objects.receive(wrong, inChunks(body, 2)), {code: 'CHECKSUM_DIFFERS'})
    assert.deepEqual(inputs(mock), [])
  })

  it('that are large go in parts of one size, and give the parts up when the whole is not right', async () => {
    const body = Buffer.alloc(40 * MiB, 'large ')
    mock.on(CreateMultipartUploadCommand).resolves({UploadId: 'u'})
    const sizes: number[] = []
    let whole = createHash('sha256')
    mock.on(UploadPartCommand).callsFake(({Body, PartNumber}: UploadPartCommandInput) => {
      sizes.push((Body as Buffer).byteLength)
      whole.update(Body as Buffer)
      return {ETag: `"${PartNumber}"`}
    })
    mock.on(CompleteMultipartUploadCommand).resolves({})
    mock.on(AbortMultipartUploadCommand).rejects(sdkError('Boom'))
    const to = placeOf(body)
    await objects.receive(to, inChunks(body, 3 * MiB))
    assert.deepEqual(sizes, [16 * MiB, 16 * MiB, 8 * MiB])
    assert.equal(whole.digest('hex'), to.sha256)
    whole = createHash('sha256')
    const [done] = mock.commandCalls(CompleteMultipartUploadCommand)
    assert.deepEqual([done?.args[0].input.IfNoneMatch, done?.args[0].input.MpuObjectSize], ['*', body.byteLength])
    mock.resetHistory()
    const wrong = {...to, sha256: '00'.repeat(32)}
    await assert.rejects(objects.receive(wrong, inChunks(body, 3 * MiB)), {code: 'CHECKSUM_DIFFERS'})
    assert.equal(mock.commandCalls(CompleteMultipartUploadCommand).length, 0)
    assert.equal(mock.commandCalls(AbortMultipartUploadCommand).length, 1)
  })
})
