import assert from 'node:assert/strict'
import {ListObjectVersionsCommand, S3Client} from '@aws-sdk/client-s3'
import {mockClient} from 'aws-sdk-client-mock'
import {createAssetBucket} from '../../../src/aws/assets/bucket.ts'
import {config} from '../sdk.ts'

describe('what stands in the assets bucket', () => {
  const s3 = mockClient(S3Client)
  beforeEach(() => s3.reset())
  after(() => s3.restore())

  it('is the latest version of each key, through all pages, under the names that they really have', async () => {
    s3.on(ListObjectVersionsCommand)
      .resolvesOnce({
        EncodingType: 'url',
        IsTruncated: true,
        NextKeyMarker: 'assets%2Fa+b',
        NextVersionIdMarker: 'v1',
        Versions: [
          {Key: 'assets%2Fa+b', VersionId: 'v2', IsLatest: true},
          {Key: 'assets%2Fa+b', VersionId: 'v1', IsLatest: false},
        ],
      })
      .resolvesOnce({
        Versions: [{Key: 'assets/deleted', VersionId: 'v3', IsLatest: false}],
        DeleteMarkers: [{Key: 'assets/deleted', VersionId: 'd1', IsLatest: true}],
      })
    const found = await createAssetBucket(config).current({bucket: 'assets', owner: '123456789012'}, 'assets/')
    assert.deepEqual([...found], [['assets/a b', 'v2']])
    const [, second] = s3.commandCalls(ListObjectVersionsCommand).map(({args}) => args[0].input)
    assert.deepEqual(
      [second?.KeyMarker, second?.VersionIdMarker, second?.ExpectedBucketOwner],
      ['assets/a b', 'v1', '123456789012'],
    )
  })
})
