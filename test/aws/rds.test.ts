import assert from 'node:assert/strict'
import {
  CreateDBSnapshotCommand,
  DeleteDBSnapshotCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  DescribeEventsCommand,
  RDSClient,
} from '@aws-sdk/client-rds'
import {mockClient} from 'aws-sdk-client-mock'
import {createDatabases} from '../../src/aws/rds.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

describe('databases of RDS', () => {
  const mock = mockClient(RDSClient)
  const databases = createDatabases(config)

  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('describes an instance', async () => {
    mock.on(DescribeDBInstancesCommand, {DBInstanceIdentifier: 'db-1'}).resolves({
      DBInstances: [
        {
          DBInstanceIdentifier: 'db-1',
          DBInstanceStatus: 'available',
          EngineVersion: '10.11.9',
          DBInstanceClass: 'db.t4g.medium',
          AllocatedStorage: 26,
          MasterUsername: 'admin',
          DeletionProtection: true,
          DbiResourceId: 'db-ABC',
          DBInstanceArn: 'arn:db-1',
          Endpoint: {Port: 3306},
          KmsKeyId: 'arn:key',
        },
      ],
    })
    assert.deepEqual(await databases.instance('db-1'), {
      identifier: 'db-1',
      arn: 'arn:db-1',
      port: 3306,
      keyArn: 'arn:key',
      status: 'available',
      engineVersion: '10.11.9',
      instanceClass: 'db.t4g.medium',
      allocatedStorage: 26,
      masterUsername: 'admin',
      deletionProtection: true,
      resourceId: 'db-ABC',
    })
  })

  it('describes a snapshot, without a time while it is being made', async () => {
    const row = {
      DBSnapshotIdentifier: 's',
      Status: 'creating',
      AllocatedStorage: 20,
      EngineVersion: '10.11.9',
      MasterUsername: 'admin',
      DBSnapshotArn: 'arn:s',
      DBInstanceIdentifier: 'db-1',
    }
    mock
      .on(DescribeDBSnapshotsCommand, {DBSnapshotIdentifier: 's'})
      .resolvesOnce({DBSnapshots: [row]})
      .resolvesOnce({
        DBSnapshots: [
          {
            ...row,
            Status: 'available',
            SnapshotCreateTime: new Date('2026-01-02T03:04:05Z'),
            SnapshotDatabaseTime: new Date('2026-01-02T03:04:01Z'),
          },
        ],
      })
    const names = {identifier: 's', arn: 'arn:s', instance: 'db-1', keyArn: ''}
    const state = {...names, allocatedStorage: 20, engineVersion: '10.11.9', masterUsername: 'admin'}
    assert.deepEqual(await databases.snapshot('s'), {...state, status: 'creating'})
    assert.deepEqual(await databases.snapshot('s'), {
      ...state,
      status: 'available',
      createdAt: '2026-01-02T03:04:05.000Z',
      databaseTime: '2026-01-02T03:04:01.000Z',
    })
  })

  it('knows nothing of what is not there', async () => {
    mock.on(DescribeDBInstancesCommand).rejects(sdkError('DBInstanceNotFoundFault'))
    mock.on(DescribeDBSnapshotsCommand).rejects(sdkError('DBSnapshotNotFound'))
    assert.equal(await databases.instance('x'), undefined)
    assert.equal(await databases.snapshot('x'), undefined)
  })

  it('makes a named snapshot with tags', async () => {
    mock.on(CreateDBSnapshotCommand).resolves({})
    await databases.createSnapshot('db-1', 's', {'pi:snapshot': 'x'})
    assert.deepEqual(inputs(mock), [
      {DBInstanceIdentifier: 'db-1', DBSnapshotIdentifier: 's', Tags: [{Key: 'pi:snapshot', Value: 'x'}]},
    ])
  })

  it('adopts the one that an earlier try made, but never that of another instance', async () => {
    mock.on(CreateDBSnapshotCommand).rejects(sdkError('DBSnapshotAlreadyExistsFault'))
    mock
      .on(DescribeDBSnapshotsCommand)
      .resolvesOnce({DBSnapshots: [{DBInstanceIdentifier: 'db-1'}]})
      .resolvesOnce({DBSnapshots: [{DBInstanceIdentifier: 'db-2'}]})
    await databases.createSnapshot('db-1', 's', {})
    await assert.rejects(
      databases.createSnapshot('db-1', 's', {}),
      saying('FailedError', 'SNAPSHOT_NAME_TAKEN', /db-2/),
    )
  })

  it('finds the manual snapshots of an environment by their tag, over all pages', async () => {
    const row = (name: string, environment?: string) => ({
      DBSnapshotIdentifier: name,
      ...(environment === undefined ? {} : {TagList: [{Key: 'pi:environment', Value: environment}]}),
    })
    mock
      .on(DescribeDBSnapshotsCommand)
      .resolvesOnce({DBSnapshots: [row('a', 'prod'), row('b', 'staging')], Marker: 'more'})
      .resolvesOnce({DBSnapshots: [row('c'), row('d', 'prod')]})
    assert.deepEqual(await databases.snapshotsOf('prod'), ['a', 'd'])
    assert.deepEqual(inputs(mock)[1], {SnapshotType: 'manual', Marker: 'more'})
  })

  it('deletes a snapshot, and is content when it is gone', async () => {
    mock
      .on(DeleteDBSnapshotCommand, {DBSnapshotIdentifier: 's'})
      .resolvesOnce({})
      .rejectsOnce(sdkError('DBSnapshotNotFoundFault'))
      .rejects(sdkError('InvalidDBSnapshotStateFault'))
    await databases.deleteSnapshot('s')
    await databases.deleteSnapshot('s')
    await assert.rejects(databases.deleteSnapshot('s'), saying('FailedError', 'SNAPSHOT_BUSY'))
  })

  it('passes on that an instance is busy', async () => {
    mock.on(CreateDBSnapshotCommand).rejects(sdkError('InvalidDBInstanceStateFault', 'is backing-up'))
    await assert.rejects(
      databases.createSnapshot('db-1', 's', {}),
      saying('FailedError', 'AWS_INVALID_DBINSTANCE_STATE', /is backing-up/),
    )
  })
})

describe('events of RDS', () => {
  const mock = mockClient(RDSClient)
  const databases = createDatabases(config)
  const since = '2026-01-01T00:00:00.000Z'
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('of an instance are told oldest first, each with an id that is always the same', async () => {
    const at = (day: number) => new Date(Date.UTC(2026, 0, day))
    const query = {SourceType: 'db-instance', SourceIdentifier: 'db-1', StartTime: new Date(since)} as const
    const Events = [{Date: at(3), Message: 'restarted'}, {Date: at(2), Message: 'shut down'}, {}]
    mock.on(DescribeEventsCommand, query).resolves({Events})
    const events = await databases.events('db-1', since)
    assert.deepEqual(
      events.map(({at: when, message}) => `${when} ${message}`),
      [' ', '2026-01-02T00:00:00.000Z shut down', '2026-01-03T00:00:00.000Z restarted'],
    )
    assert.deepEqual(await databases.events('db-1', since), events)
    assert.equal(new Set(events.map(({id}) => id)).size, 3)
  })

  it('are none of an instance that is not there', async () => {
    mock
      .on(DescribeEventsCommand)
      .rejectsOnce(sdkError('DBInstanceNotFoundFault'))
      .rejects(sdkError('AccessDenied', 'no'))
    assert.deepEqual(await databases.events('db-1', since), [])
    await assert.rejects(databases.events('db-1', since), saying('AccessError', 'ACCESS_DENIED'))
  })
})
