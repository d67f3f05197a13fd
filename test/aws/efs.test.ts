import assert from 'node:assert/strict'
import {
  DeleteAccessPointCommand,
  DeleteFileSystemCommand,
  DescribeAccessPointsCommand,
  DescribeFileSystemsCommand,
  EFSClient,
} from '@aws-sdk/client-efs'
import {mockClient} from 'aws-sdk-client-mock'
import {createFileSystems} from '../../src/aws/efs.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

describe('file systems of EFS', () => {
  const mock = mockClient(EFSClient)
  const fileSystems = createFileSystems(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('tell their state and size', async () => {
    mock.on(DescribeFileSystemsCommand, {FileSystemId: 'fs-1'}).resolves({
      FileSystems: [
        {
          FileSystemId: 'fs-1',
          LifeCycleState: 'available',
          SizeInBytes: {Value: 6144},
          OwnerId: 'o',
          CreationToken: 'c',
          CreationTime: new Date(0),
          NumberOfMountTargets: 2,
          PerformanceMode: 'generalPurpose',
          Tags: [],
        },
      ],
    })
    assert.deepEqual(await fileSystems.describe('fs-1'), {id: 'fs-1', state: 'available', sizeBytes: 6144})
  })

  it('are deleted after their access points', async () => {
    mock
      .on(DescribeAccessPointsCommand)
      .resolvesOnce({AccessPoints: [{AccessPointId: 'ap-1'}], NextToken: 'more'})
      .resolvesOnce({AccessPoints: [{AccessPointId: 'ap-2'}]})
    mock.on(DeleteAccessPointCommand).resolvesOnce({}).rejectsOnce(sdkError('AccessPointNotFound'))
    mock.on(DeleteFileSystemCommand).resolves({})
    await fileSystems.delete('fs-1')
    assert.deepEqual(inputs(mock).slice(2), [{AccessPointId: 'ap-1'}, {AccessPointId: 'ap-2'}, {FileSystemId: 'fs-1'}])
  })

  it('may be gone already, but are not taken from their mount targets', async () => {
    mock.on(DescribeAccessPointsCommand).rejectsOnce(sdkError('FileSystemNotFound')).resolves({})
    mock.on(DeleteFileSystemCommand).rejects(sdkError('FileSystemInUse', 'has mount targets'))
    await fileSystems.delete('fs-1')
    await assert.rejects(fileSystems.delete('fs-1'), saying('FailedError', 'AWS_FILE_SYSTEM_IN_USE', /mount targets/))
  })

  it('are nothing where there is none', async () => {
    mock.on(DescribeFileSystemsCommand).resolvesOnce({FileSystems: []}).rejectsOnce(sdkError('FileSystemNotFound'))
    assert.equal(await fileSystems.describe('fs-1'), undefined)
    assert.equal(await fileSystems.describe('fs-1'), undefined)
  })
})
