import {BackupClient, paginateListBackupPlans, paginateListBackupVaults} from '@aws-sdk/client-backup'
import {EFSClient, paginateDescribeAccessPoints, paginateDescribeFileSystems} from '@aws-sdk/client-efs'
import {paginateListBuckets, S3Client} from '@aws-sdk/client-s3'
import {type Attach, limitedClient} from '../rate-limit.ts'
import type {ClientConfig} from '../settings.ts'
import {folded, type Listers, ofEach, one} from './lists.ts'

/** File systems and their access points. */
export function fileLists(config: ClientConfig, attach: Attach): Listers {
  const client = limitedClient(new EFSClient(config), attach)
  const paged = {client, pageSize: 100}
  return {
    'file-systems': () =>
      folded(paginateDescribeFileSystems(paged, {}), ({FileSystems = []}) =>
        FileSystems.map(({FileSystemId}) => one(FileSystemId)),
      ),
    'access-points': (parents) =>
      ofEach(parents, (parent) =>
        folded(paginateDescribeAccessPoints(paged, {FileSystemId: parent}), ({AccessPoints = []}) =>
          AccessPoints.map(({AccessPointId}) => one(AccessPointId, parent)),
        ),
      ),
  }
}

/** Buckets of the account, whatever their region. */
export function bucketLists(config: ClientConfig, attach: Attach): Listers {
  const client = limitedClient(new S3Client({...config, forcePathStyle: true}), attach)
  return {
    buckets: () =>
      folded(paginateListBuckets({client, pageSize: 1000}, {}), ({Buckets = []}) => Buckets.map(({Name}) => one(Name))),
  }
}

/** Vaults and plans of AWS Backup. */
export function backupLists(config: ClientConfig, attach: Attach): Listers {
  const client = limitedClient(new BackupClient(config), attach)
  const paged = {client, pageSize: 100}
  return {
    'backup-vaults': () =>
      folded(paginateListBackupVaults(paged, {}), ({BackupVaultList = []}) =>
        BackupVaultList.map(({BackupVaultName}) => one(BackupVaultName)),
      ),
    'backup-plans': () =>
      folded(paginateListBackupPlans(paged, {}), ({BackupPlansList = []}) =>
        BackupPlansList.map(({BackupPlanId}) => one(BackupPlanId)),
      ),
  }
}
