import {
  CopyDBSnapshotCommand,
  CreateDBSnapshotCommand,
  type DBInstance,
  type DBSnapshot,
  DeleteDBSnapshotCommand,
  DescribeAccountAttributesCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  type Event as SdkEvent,
  ModifyDBSnapshotAttributeCommand,
  paginateDescribeDBEngineVersions,
  paginateDescribeDBSnapshots,
  paginateDescribeEvents,
  RDSClient,
} from '@aws-sdk/client-rds'
import {createHash} from 'node:crypto'
import {FailedError} from '../domain/errors.ts'
import type {Databases, DatabaseSnapshot, DatabaseState, Quota, ServiceEvent} from '../flows/ports.ts'
import {isNamed, translateErrors} from './errors.ts'
import {present} from './present.ts'
import type {ClientConfig} from './settings.ts'

/** RDS by its API. */
export function createDatabases(config: ClientConfig): Databases {
  const client = new RDSClient(config)
  return translateErrors<Databases>({
    async instance(identifier) {
      try {
        const answer = await client.send(new DescribeDBInstancesCommand({DBInstanceIdentifier: identifier}))
        const found = answer.DBInstances?.[0]
        return found === undefined ? undefined : instanceOf(found)
      } catch (error) {
        if (isNamed(error, 'DBInstanceNotFound')) return undefined
        throw error
      }
    },
    async events(identifier, since) {
      const query = {SourceType: 'db-instance', SourceIdentifier: identifier, StartTime: new Date(since)} as const
      const found: SdkEvent[] = []
      try {
        for await (const page of paginateDescribeEvents({client}, query)) found.push(...(page.Events ?? []))
      } catch (error) {
        if (!isNamed(error, 'DBInstanceNotFound')) throw error
      }
      return found.map((event) => eventOf(identifier, event)).sort((a, b) => (a.at < b.at ? -1 : 1))
    },
    async snapshot(identifier) {
      const found = await findSnapshot(client, identifier)
      return found === undefined ? undefined : snapshotOf(found)
    },
    async createSnapshot(instance, snapshot, tags) {
      const Tags = Object.entries(tags).map(([Key, Value]) => ({Key, Value}))
      try {
        await client.send(
          new CreateDBSnapshotCommand({DBInstanceIdentifier: instance, DBSnapshotIdentifier: snapshot, Tags}),
        )
      } catch (error) {
        if (!isNamed(error, 'DBSnapshotAlreadyExists')) throw orFull(error)
        await adopt(client, instance, snapshot)
      }
    },
    async copySnapshot(sourceArn, snapshot, {keyArn, tags}) {
      const Tags = Object.entries(tags).map(([Key, Value]) => ({Key, Value}))
      const names = {SourceDBSnapshotIdentifier: sourceArn, TargetDBSnapshotIdentifier: snapshot}
      try {
        await client.send(new CopyDBSnapshotCommand({...names, KmsKeyId: keyArn, Tags}))
      } catch (error) {
        if (!isNamed(error, 'DBSnapshotAlreadyExists')) throw orFull(error)
        const found = await findSnapshot(client, snapshot)
        if (found?.SourceDBSnapshotIdentifier !== sourceArn) throw nameTaken(snapshot, found)
      }
    },
    async share(snapshot, account) {
      await client.send(new ModifyDBSnapshotAttributeCommand({...sharing(snapshot), ValuesToAdd: [account]}))
    },
    async unshare(snapshot, account) {
      try {
        await client.send(new ModifyDBSnapshotAttributeCommand({...sharing(snapshot), ValuesToRemove: [account]}))
      } catch (error) {
        if (!isNamed(error, 'DBSnapshotNotFound')) throw error
      }
    },
    snapshotsOf: (environment) => taggedSnapshots(client, environment),
    async deleteSnapshot(snapshot) {
      try {
        await client.send(new DeleteDBSnapshotCommand({DBSnapshotIdentifier: snapshot}))
      } catch (error) {
        if (isNamed(error, 'DBSnapshotNotFound')) return
        if (!isNamed(error, 'InvalidDBSnapshotState')) throw error
        throw new FailedError(`Database snapshot ${snapshot} is being made: RDS deletes it only afterwards.`, {
          code: 'SNAPSHOT_BUSY',
          suggestions: ['Run the same command again in a few minutes'],
          cause: error,
        })
      }
    },
    async quotas() {
      const {AccountQuotas: rows = []} = await client.send(new DescribeAccountAttributesCommand({}))
      const quota = (name: string): Quota => {
        const row = rows.find((candidate) => candidate.AccountQuotaName === name)
        return {used: row?.Used ?? 0, max: row?.Max ?? Number.MAX_SAFE_INTEGER}
      }
      return {snapshots: quota('ManualSnapshots'), instances: quota('DBInstances')}
    },
    async offers(majorVersion) {
      let listed = 0
      for await (const page of paginateDescribeDBEngineVersions({client}, {Engine: 'mariadb'})) {
        const versions = page.DBEngineVersions ?? []
        listed += versions.length
        if (versions.some(({EngineVersion: version = ''}) => version.startsWith(`${majorVersion}.`))) return true
      }
      return listed === 0 ? undefined : false
    },
  })
}

/** The one attribute of a snapshot: the accounts that may copy and restore it (API reference, ModifyDBSnapshotAttribute). */
function sharing(snapshot: string): {readonly DBSnapshotIdentifier: string; readonly AttributeName: 'restore'} {
  return {DBSnapshotIdentifier: snapshot, AttributeName: 'restore'}
}

/** RDS gives its events no id: the moment and the words are one. */
function eventOf(identifier: string, {Date: date, Message: message = ''}: SdkEvent): ServiceEvent {
  const at = date?.toISOString() ?? ''
  const id = createHash('sha256').update(`${identifier}\n${at}\n${message}`).digest('hex').slice(0, 32)
  return {id, at, message}
}

async function findSnapshot(client: RDSClient, identifier: string): Promise<DBSnapshot | undefined> {
  try {
    const answer = await client.send(new DescribeDBSnapshotsCommand({DBSnapshotIdentifier: identifier}))
    return answer.DBSnapshots?.[0]
  } catch (error) {
    if (isNamed(error, 'DBSnapshotNotFound')) return undefined
    throw error
  }
}

/** RDS cannot filter by tags; every snapshot row carries its own. */
async function taggedSnapshots(client: RDSClient, environment: string): Promise<readonly string[]> {
  const names: string[] = []
  for await (const page of paginateDescribeDBSnapshots({client}, {SnapshotType: 'manual'})) {
    for (const {DBSnapshotIdentifier: name, TagList: tags = []} of page.DBSnapshots ?? []) {
      const ours = tags.some((tag) => tag.Key === 'pi:environment' && tag.Value === environment)
      if (ours && name !== undefined) names.push(name)
    }
  }
  return names
}

/** An earlier try made it. A snapshot of another instance under the same name must never pass for ours. */
async function adopt(client: RDSClient, instance: string, snapshot: string): Promise<void> {
  const found = await findSnapshot(client, snapshot)
  if (found?.DBInstanceIdentifier !== instance) throw nameTaken(snapshot, found)
}

/** Somebody else took the room that a look before had found. */
function orFull(error: unknown): unknown {
  if (!isNamed(error, 'SnapshotQuotaExceeded')) return error
  return new FailedError('The account has as many manual database snapshots in this region as it may have.', {
    code: 'SNAPSHOT_QUOTA_FULL',
    suggestions: ['pi-aws snapshot prune --keep-last 7 --dry-run', 'pi-aws quotas request manual-snapshots --to 200'],
    cause: error,
  })
}

function nameTaken(snapshot: string, found: DBSnapshot | undefined): FailedError {
  return new FailedError(
    `The snapshot ${snapshot} exists already, of the database ${found?.DBInstanceIdentifier ?? 'that is gone'}.`,
    {
      code: 'SNAPSHOT_NAME_TAKEN',
      suggestions: [`aws rds describe-db-snapshots --db-snapshot-identifier ${snapshot}`],
    },
  )
}

function instanceOf(instance: DBInstance): DatabaseState {
  return {
    identifier: instance.DBInstanceIdentifier ?? '',
    arn: instance.DBInstanceArn ?? '',
    port: instance.Endpoint?.Port ?? 0,
    keyArn: instance.KmsKeyId ?? '',
    status: instance.DBInstanceStatus ?? '',
    engineVersion: instance.EngineVersion ?? '',
    instanceClass: instance.DBInstanceClass ?? '',
    allocatedStorage: instance.AllocatedStorage ?? 0,
    masterUsername: instance.MasterUsername ?? '',
    deletionProtection: instance.DeletionProtection ?? false,
    resourceId: instance.DbiResourceId ?? '',
  }
}

function snapshotOf(snapshot: DBSnapshot): DatabaseSnapshot {
  return {
    identifier: snapshot.DBSnapshotIdentifier ?? '',
    arn: snapshot.DBSnapshotArn ?? '',
    instance: snapshot.DBInstanceIdentifier ?? '',
    keyArn: snapshot.KmsKeyId ?? '',
    status: snapshot.Status ?? '',
    allocatedStorage: snapshot.AllocatedStorage ?? 0,
    engineVersion: snapshot.EngineVersion ?? '',
    masterUsername: snapshot.MasterUsername ?? '',
    ...present({
      createdAt: snapshot.SnapshotCreateTime?.toISOString(),
      databaseTime: snapshot.SnapshotDatabaseTime?.toISOString(),
    }),
  }
}
