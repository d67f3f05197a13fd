import {setTimeout as pause} from 'node:timers/promises'
import {
  BackupClient,
  DeleteBackupVaultCommand,
  DeleteRecoveryPointCommand,
  paginateListRecoveryPointsByBackupVault,
  type RecoveryPointByBackupVault,
} from '@aws-sdk/client-backup'
import {PendingError} from '../domain/errors.ts'
import type {Backups} from '../flows/snapshot/ports.ts'
import {backupJobs} from './backup-jobs.ts'
import {isNamed, translateErrors} from './errors.ts'
import type {ClientConfig} from './settings.ts'

/** A recovery point counts for a while after it was deleted; so long the vault cannot go. */
const vaultTries = 20
const vaultPauseMs = 3000

/**
 * AWS Backup by its API.
 * @param wait how to let time pass until a vault is empty
 */
export function createBackups(config: ClientConfig, wait: (ms: number) => Promise<unknown> = pause): Backups {
  const client = new BackupClient(config)
  return translateErrors<Backups>({
    ...backupJobs(client),
    async lastRecoveryPoint(vaultName) {
      let newest: Date | undefined
      for (const {Status: status, CompletionDate: end} of await pointsOf(client, vaultName)) {
        if (status === 'COMPLETED' && end !== undefined && (newest === undefined || end > newest)) newest = end
      }
      return newest?.toISOString()
    },
    async deleteVault(vaultName) {
      for (const {RecoveryPointArn: arn, Status: status} of await pointsOf(client, vaultName)) {
        if (status === 'DELETING') continue
        await goneOrDone(
          client.send(new DeleteRecoveryPointCommand({BackupVaultName: vaultName, RecoveryPointArn: arn})),
        )
      }
      for (let left = vaultTries - 1; ; left--) {
        try {
          await goneOrDone(client.send(new DeleteBackupVaultCommand({BackupVaultName: vaultName})))
          return
        } catch (error) {
          if (!isNamed(error, 'InvalidRequest')) throw error
          if (left === 0) throw stillEmptying(vaultName, error)
        }
        await wait(vaultPauseMs)
      }
    },
  })
}

async function pointsOf(client: BackupClient, vaultName: string): Promise<readonly RecoveryPointByBackupVault[]> {
  const points: RecoveryPointByBackupVault[] = []
  try {
    for await (const page of paginateListRecoveryPointsByBackupVault({client}, {BackupVaultName: vaultName})) {
      points.push(...(page.RecoveryPoints ?? []))
    }
  } catch (error) {
    if (!isNamed(error, 'ResourceNotFound')) throw error
  }
  return points
}

async function goneOrDone(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!isNamed(error, 'ResourceNotFound')) throw error
  }
}

function stillEmptying(vaultName: string, cause: unknown): PendingError {
  return new PendingError(`The backup vault ${vaultName} still holds recovery points, which AWS is deleting.`, {
    code: 'VAULT_NOT_EMPTY',
    suggestions: ['Run the same command again in a few minutes'],
    cause,
  })
}
