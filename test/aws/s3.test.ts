import assert from 'node:assert/strict'
import {
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import {mockClient} from 'aws-sdk-client-mock'
import {createObjects} from '../../src/aws/s3.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

const body = new TextEncoder().encode('{}')
const modified = new Date('2026-01-02T03:04:05Z')

describe('objects of S3', () => {
  const mock = mockClient(S3Client)
  const objects = createObjects(config)

  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('are written with a SHA-256 checksum, and JSON is called JSON', async () => {
    mock.on(PutObjectCommand).resolves({ETag: '"1"'})
    assert.equal(await objects.put('b', 'a.zip', body, 'application/zip'), '"1"')
    await objects.put('b', 'a.json', body)
    await objects.put('b', 'a', body)
    assert.deepEqual(
      mock.commandCalls(PutObjectCommand).map(({args}) => args[0].input),
      [
        {Bucket: 'b', Key: 'a.zip', Body: body, ContentType: 'application/zip', ChecksumAlgorithm: 'SHA256'},
        {Bucket: 'b', Key: 'a.json', Body: body, ContentType: 'application/json', ChecksumAlgorithm: 'SHA256'},
        {Bucket: 'b', Key: 'a', Body: body, ChecksumAlgorithm: 'SHA256'},
      ],
    )
  })

  it('are written only where there is nothing, or only over what was read', async () => {
    mock.on(PutObjectCommand).resolves({ETag: '"2"'})
    assert.deepEqual(await objects.putIfAbsent('b', 'k', body), {written: true, etag: '"2"'})
    assert.deepEqual(await objects.putIfMatch('b', 'k', body, '"1"'), {written: true, etag: '"2"'})
    assert.deepEqual(
      mock.commandCalls(PutObjectCommand).map(({args}) => [args[0].input.IfNoneMatch, args[0].input.IfMatch]),
      [
        ['*', undefined],
        [undefined, '"1"'],
      ],
    )
  })

  it('are not written when the condition does not hold', async () => {
    mock.on(PutObjectCommand).rejects(sdkError('PreconditionFailed', '', {httpStatusCode: 412}))
    assert.deepEqual(await objects.putIfAbsent('b', 'k', body), {written: false})
    assert.deepEqual(await objects.putIfMatch('b', 'k', body, '"1"'), {written: false})
    assert.equal(mock.commandCalls(PutObjectCommand).length, 2)
  })

  it('are not written over one that is gone, but a missing bucket is an error', async () => {
    mock.on(PutObjectCommand, {IfMatch: '"1"'}).rejects(sdkError('NoSuchKey', '', {httpStatusCode: 404}))
    mock.on(PutObjectCommand, {IfNoneMatch: '*'}).rejects(sdkError('NoSuchBucket', 'no bucket', {httpStatusCode: 404}))
    assert.deepEqual(await objects.putIfMatch('b', 'k', body, '"1"'), {written: false})
    await assert.rejects(objects.putIfAbsent('b', 'k', body), saying('FailedError', 'AWS_NO_SUCH_BUCKET', /no bucket/))
  })

  it('are tried again when two writers met, and fail when that goes on', async () => {
    const conflict = sdkError('ConditionalRequestConflict', 'conflict', {httpStatusCode: 409})
    mock.on(PutObjectCommand).rejectsOnce(conflict).rejectsOnce(conflict).resolves({ETag: '"3"'})
    assert.deepEqual(await objects.putIfAbsent('b', 'k', body), {written: true, etag: '"3"'})
    assert.equal(mock.calls().length, 3)

    mock.on(DeleteObjectCommand).rejects(conflict)
    await assert.rejects(
      objects.deleteIfMatch('b', 'k', '"1"'),
      saying('FailedError', 'AWS_CONDITIONAL_REQUEST_CONFLICT'),
    )
  })

  it('are deleted only when they are what was read', async () => {
    mock
      .on(DeleteObjectCommand, {Bucket: 'b', Key: 'k', IfMatch: '"1"'})
      .resolvesOnce({})
      .rejectsOnce(sdkError('Unknown', 'UnknownError', {httpStatusCode: 412}))
      .rejectsOnce(sdkError('NoSuchKey'))
    assert.equal(await objects.deleteIfMatch('b', 'k', '"1"'), true)
    assert.equal(await objects.deleteIfMatch('b', 'k', '"1"'), false)
    assert.equal(await objects.deleteIfMatch('b', 'k', '"1"'), false)
  })

  it('are nothing where there is no object or no bucket', async () => {
    mock.on(GetObjectCommand).rejects(sdkError('NoSuchKey'))
    mock.on(HeadObjectCommand).rejects(sdkError('NotFound'))
    mock.on(ListObjectsV2Command).rejects(sdkError('NoSuchBucket'))
    mock.on(ListObjectVersionsCommand).rejects(sdkError('NoSuchBucket'))
    assert.equal(await objects.get('b', 'k'), undefined)
    assert.equal(await objects.head('b', 'k'), undefined)
    assert.deepEqual(await objects.list('b', ''), [])
    assert.equal(await objects.empty('b'), 0)
  })

  it('tell size, tag and time without their bytes', async () => {
    mock.on(HeadObjectCommand).resolves({ETag: '"1"', ContentLength: 7, LastModified: modified})
    assert.deepEqual(await objects.head('b', 'k'), {key: 'k', etag: '"1"', size: 7, lastModified: modified})
  })

  it('are listed over all pages, with names that XML could not carry', async () => {
    mock
      .on(ListObjectsV2Command)
      .resolvesOnce({
        EncodingType: 'url',
        Contents: [{Key: 'a/%C3%A4+%2B%25%0A.svg', ETag: '"1"', Size: 1, LastModified: modified}],
        NextContinuationToken: 'more',
        IsTruncated: true,
      })
      .resolvesOnce({Contents: [{Key: 'b+%41', ETag: '"2"', Size: 0, LastModified: modified}]})
    assert.deepEqual(await objects.list('b', 'p/'), [
      {key: 'a/ä +%\n.svg', etag: '"1"', size: 1, lastModified: modified},
      {key: 'b+%41', etag: '"2"', size: 0, lastModified: modified},
    ])
    assert.deepEqual(inputs(mock)[1], {Bucket: 'b', Prefix: 'p/', EncodingType: 'url', ContinuationToken: 'more'})
    const names: string[] = []
    mock.on(ListObjectsV2Command).resolves({Contents: [{Key: 'p/a'}, {Key: 'p/b'}]})
    await objects.listEach('b', 'p/', ({key}) => names.push(key))
    assert.deepEqual(names, ['p/a', 'p/b'])
  })

  it('leave a bucket with all their versions and delete markers, page by page', async () => {
    mock
      .on(ListObjectVersionsCommand)
      .resolvesOnce({
        EncodingType: 'url',
        Versions: [{Key: 'a+b', VersionId: '1'}],
        DeleteMarkers: [{Key: 'c', VersionId: '2'}],
      })
      .resolvesOnce({Versions: [{Key: 'd', VersionId: 'null'}]})
      .resolvesOnce({})
    mock.on(DeleteObjectsCommand).resolves({})
    assert.equal(await objects.empty('b'), 3)
    assert.deepEqual(
      mock.commandCalls(DeleteObjectsCommand).map(({args}) => args[0].input.Delete),
      [
        {
          Quiet: true,
          Objects: [
            {Key: 'a b', VersionId: '1'},
            {Key: 'c', VersionId: '2'},
          ],
        },
        {Quiet: true, Objects: [{Key: 'd', VersionId: 'null'}]},
      ],
    )
  })

  it('are gone with their bucket, which may be gone already', async () => {
    mock
      .on(DeleteBucketCommand)
      .resolvesOnce({})
      .rejectsOnce(sdkError('NoSuchBucket'))
      .rejects(sdkError('BucketNotEmpty'))
    await objects.deleteBucket('b')
    await objects.deleteBucket('b')
    await assert.rejects(objects.deleteBucket('b'), saying('FailedError', 'AWS_BUCKET_NOT_EMPTY'))
    assert.deepEqual(inputs(mock)[0], {Bucket: 'b'})
  })

  it('that cannot be removed are named, and the bucket is not asked for ever', async () => {
    mock.on(ListObjectVersionsCommand).resolves({Versions: [{Key: 'a', VersionId: '1'}]})
    mock.on(DeleteObjectsCommand).resolves({Errors: [{Key: 'a', Code: 'AccessDenied', Message: 'Access Denied'}]})
    await assert.rejects(objects.empty('b'), saying('FailedError', 'BUCKET_NOT_EMPTIED', /a: Access Denied/))
  })

  it('name the IAM action that S3 leaves out of its refusal', async () => {
    mock.on(GetObjectCommand).rejects(sdkError('AccessDenied', 'Access Denied', {httpStatusCode: 403}))
    mock.on(HeadObjectCommand).rejects(sdkError('403', 'UnknownError', {httpStatusCode: 403}))
    await assert.rejects(objects.get('b', 'k'), saying('AccessError', 'ACCESS_DENIED', /s3:GetObject/))
    await assert.rejects(objects.head('b', 'k'), saying('AccessError', 'ACCESS_DENIED', /s3:GetObject/))
  })

  it('have a path-style address, of AWS or of the endpoint', () => {
    assert.equal(objects.url('b', 'app/1 2+ä.yaml'), 'https://s3.eu-west-1.amazonaws.com/b/app/1%202%2B%C3%A4.yaml')
    const local = createObjects({...config, endpoint: 'http://127.0.0.1:4566/'})
    assert.equal(local.url('b', 'app/a.yaml'), 'http://127.0.0.1:4566/b/app/a.yaml')
    const china = createObjects({...config, region: 'cn-north-1'})
    assert.equal(china.url('b', 'k'), 'https://s3.cn-north-1.amazonaws.com.cn/b/k')
  })
})
