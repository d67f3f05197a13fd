import {
  type BackupClient,
  DeleteRecoveryPointCommand,
  DescribeBackupJobCommand,
  DescribeBackupVaultCommand,
  DescribeCopyJobCommand,
  DescribeGlobalSettingsCommand,
  DescribeRecoveryPointCommand,
  DescribeRestoreJobCommand,
  GetBackupVaultAccessPolicyCommand,
  ListBackupJobsCommand,
  paginateListRecoveryPointsByBackupVault,
  StartBackupJobCommand,
  StartCopyJobCommand,
  StartRestoreJobCommand,
  StopBackupJobCommand,
} from '@aws-sdk/client-backup'
import type {VaultLock} from '../domain/snapshots/lock.ts'
import type {BackupJob, Backups} from '../flows/recovery/ports.ts'
import {isNamed} from './errors.ts'
import {present} from './present.ts'

type Jobs = Omit<Backups, 'jobs' | 'lastRecoveryPoint' | 'deleteVault'>

/** Minutes that a job may wait for its turn: the least that AWS Backup takes (API reference, StartBackupJob). */
const startWindowMinutes = 60
/** States in which a job still needs its resource. */
const atWork = ['CREATED', 'PENDING', 'RUNNING'] as const
/** What a snapshot and a restore ask of a vault. */
const needed = ['backup:StartBackupJob', 'backup:StartRestoreJob', 'backup:DeleteRecoveryPoint']

interface JobRow {
  readonly CreationDate?: Date | undefined
  readonly CompletionDate?: Date | undefined
  readonly StatusMessage?: string | undefined
  readonly RecoveryPointArn?: string | undefined
}

function jobOf(id: string, state: string | undefined, row: JobRow): BackupJob {
  return {
    id,
    state: state ?? '',
    reason: row.StatusMessage ?? '',
    createdAt: row.CreationDate?.toISOString() ?? '',
    ...present({completedAt: row.CompletionDate?.toISOString(), recoveryPointArn: row.RecoveryPointArn}),
  }
}

async function orMissing<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call()
  } catch (error) {
    if (isNamed(error, 'ResourceNotFound')) return undefined
    throw error
  }
}

/** Jobs and recovery points of AWS Backup. */
export function backupJobs(client: BackupClient): Jobs {
  return {
    vaultTrouble: (vaultName, {besides = [], saves = false} = {}) =>
      vaultTrouble(client, vaultName, [...needed, ...besides], saves),
    vaultPolicy: (vaultName) => policyOf(client, vaultName),
    async acrossAccounts() {
      try {
        const {GlobalSettings: settings = {}} = await client.send(new DescribeGlobalSettingsCommand({}))
        return settings['isCrossAccountBackupEnabled'] === 'true'
      } catch (error) {
        // So it answers an account of no organization (API reference, DescribeGlobalSettings).
        if (isNamed(error, 'InvalidRequest')) return undefined
        throw error
      }
    },
    async startBackup({vault, resourceArn, roleArn, token, tags}) {
      const answer = await client.send(
        new StartBackupJobCommand({
          BackupVaultName: vault,
          ResourceArn: resourceArn,
          IamRoleArn: roleArn,
          IdempotencyToken: token,
          StartWindowMinutes: startWindowMinutes,
          RecoveryPointTags: {...tags},
        }),
      )
      return answer.BackupJobId ?? ''
    },
    async backupJob(id) {
      const job = await orMissing(() => client.send(new DescribeBackupJobCommand({BackupJobId: id})))
      return job === undefined ? undefined : jobOf(id, job.State, job)
    },
    async runningBackup(resourceArn) {
      for (const state of atWork) {
        const {BackupJobs: jobs = []} = await client.send(
          new ListBackupJobsCommand({ByResourceArn: resourceArn, ByState: state}),
        )
        const [job] = jobs
        if (job?.BackupJobId !== undefined) return jobOf(job.BackupJobId, job.State, job)
      }
      return undefined
    },
    async stopBackup(id) {
      try {
        await client.send(new StopBackupJobCommand({BackupJobId: id}))
      } catch (error) {
        // So it answers for a job that has ended.
        if (!isNamed(error, 'InvalidRequest', 'ResourceNotFound', 'InvalidParameterValue')) throw error
      }
    },
    async recoveryPoint(vaultName, arn) {
      const point = await orMissing(() =>
        client.send(new DescribeRecoveryPointCommand({BackupVaultName: vaultName, RecoveryPointArn: arn})),
      )
      if (point === undefined) return undefined
      const lock = await lockOf(client, vaultName, point.CalculatedLifecycle?.DeleteAt)
      return {
        arn,
        status: point.Status ?? '',
        resourceArn: point.ResourceArn ?? '',
        bytes: point.BackupSizeInBytes ?? 0,
        ...(lock === undefined ? {} : {lock}),
      }
    },
    async deleteRecoveryPoint(vaultName, arn) {
      await orMissing(() =>
        client.send(new DeleteRecoveryPointCommand({BackupVaultName: vaultName, RecoveryPointArn: arn})),
      )
    },
    async startCopy({recoveryPointArn, vault, targetVaultArn, roleArn, token}) {
      const answer = await client.send(
        new StartCopyJobCommand({
          RecoveryPointArn: recoveryPointArn,
          SourceBackupVaultName: vault,
          DestinationBackupVaultArn: targetVaultArn,
          IamRoleArn: roleArn,
          IdempotencyToken: token,
        }),
      )
      return answer.CopyJobId ?? ''
    },
    async copyJob(id) {
      const answer = await orMissing(() => client.send(new DescribeCopyJobCommand({CopyJobId: id})))
      const job = answer?.CopyJob
      if (job === undefined) return undefined
      const {DestinationRecoveryPointArn: made, ...row} = job
      return jobOf(id, job.State, {...row, RecoveryPointArn: made})
    },
    async copiedPoints(vaultName) {
      const arns: string[] = []
      const pages = paginateListRecoveryPointsByBackupVault({client}, {BackupVaultName: vaultName})
      for await (const {RecoveryPoints: points = []} of pages) {
        for (const {RecoveryPointArn: arn, SourceBackupVaultArn: from, CreatedBy: by} of points)
          if (arn !== undefined && from !== undefined && by?.BackupPlanId === undefined) arns.push(arn)
      }
      return arns
    },
    async startRestore({recoveryPointArn, roleArn, token, metadata}) {
      const answer = await client.send(
        new StartRestoreJobCommand({
          RecoveryPointArn: recoveryPointArn,
          IamRoleArn: roleArn,
          IdempotencyToken: token,
          ResourceType: 'EFS',
          Metadata: {...metadata},
        }),
      )
      return answer.RestoreJobId ?? ''
    },
    async restoreJob(id) {
      const job = await orMissing(() => client.send(new DescribeRestoreJobCommand({RestoreJobId: id})))
      return job === undefined ? undefined : jobOf(id, job.Status, job)
    },
  }
}

/**
 * A locked vault refuses every deletion (API reference, DescribeBackupVault, Locked): what is in it goes by its own
 * lifecycle, and what has none stays.
 */
async function lockOf(client: BackupClient, vaultName: string, end: Date | undefined): Promise<VaultLock | undefined> {
  const vault = await client.send(new DescribeBackupVaultCommand({BackupVaultName: vaultName}))
  return vault.Locked === true ? present({until: end?.toISOString()}) : undefined
}

async function vaultTrouble(
  client: BackupClient,
  vaultName: string,
  actions: readonly string[],
  saves: boolean,
): Promise<string | undefined> {
  const vault = await orMissing(() => client.send(new DescribeBackupVaultCommand({BackupVaultName: vaultName})))
  if (vault === undefined) return `there is no vault ${vaultName}`
  // Jobs without a lifecycle fail in it (API reference, DescribeBackupVault, MaxRetentionDays).
  if (saves && vault.Locked === true && vault.MaxRetentionDays !== undefined)
    return `the lock of vault ${vaultName} keeps nothing longer than ${vault.MaxRetentionDays} days, and what belongs to a set has no end`
  const denied = deniedActions((await policyOf(client, vaultName)) ?? '{}', actions)
  return denied.length === 0 ? undefined : `the access policy of vault ${vaultName} denies ${denied.join(', ')}`
}

async function policyOf(client: BackupClient, vaultName: string): Promise<string | undefined> {
  const found = await orMissing(() => client.send(new GetBackupVaultAccessPolicyCommand({BackupVaultName: vaultName})))
  return found?.Policy
}

interface Statement {
  readonly Effect?: string
  readonly Action?: string | readonly string[]
  readonly Condition?: unknown
}

/** Needed actions that a policy denies to everybody it names; a denial under a condition may not be meant for us. */
function deniedActions(policy: string, actions: readonly string[]): readonly string[] {
  const {Statement: statements = []} = JSON.parse(policy) as {Statement?: Statement | readonly Statement[]}
  const denied = [statements]
    .flat()
    .filter(({Effect: effect, Condition: condition}) => effect === 'Deny' && condition === undefined)
    .flatMap(({Action: action = []}) => action)
  return actions.filter((action) => denied.some((pattern) => covers(pattern, action)))
}

function covers(pattern: string, action: string): boolean {
  const expression = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*')
  return new RegExp(`^${expression}$`, 'i').test(action)
}
