import type {EnvironmentName} from '../../domain/names.ts'
import {requireAccount} from '../account.ts'
import {mergedOutputs, neededOutput, readLandscape, recordsBucketOf, stackOf} from '../landscape.ts'
import type {CallerIdentity} from '../ports.ts'
import type {SnapshotPorts} from './options.ts'

/** Ports of two environments, which may be of two regions and of two accounts: each has credentials of its own. */
export interface BothPorts {
  readonly source: SnapshotPorts
  readonly target: SnapshotPorts
}

/** One side of a copy: what of its foundation a copy needs. */
export interface Side {
  readonly environment: EnvironmentName
  readonly caller: CallerIdentity
  readonly recordsBucket: string
  readonly vault: string
  readonly keyArn: string
  readonly backupRoleArn: string
  readonly foundationId: string
}

/** @throws RefusedError WRONG_ACCOUNT, NO_FOUNDATION */
export async function sideOf(
  ports: SnapshotPorts,
  environment: EnvironmentName,
  account: string | undefined,
): Promise<Side> {
  const caller = await ports.identity.caller()
  // Before the landscape: with the credentials of another account there is none, and that would be a wrong answer.
  requireAccount(caller, environment, account)
  const landscape = await readLandscape(ports, environment)
  const recordsBucket = recordsBucketOf(landscape)
  const outputs = mergedOutputs(landscape)
  return {
    ...{environment, caller, recordsBucket},
    vault: neededOutput(outputs, 'BackupVaultName'),
    keyArn: neededOutput(outputs, 'KeyArn'),
    backupRoleArn: neededOutput(outputs, 'BackupRoleArn'),
    foundationId: stackOf(landscape, 'foundation')?.id ?? '',
  }
}

export function vaultArnOf({caller: {partition, region, account}, vault}: Side): string {
  return `arn:${partition}:backup:${region}:${account}:backup-vault:${vault}`
}
