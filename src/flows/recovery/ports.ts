import type {VaultLock} from '../../domain/snapshots/lock.ts'

/** How Application Auto Scaling may move one service. */
export interface ScalableService {
  readonly service: string
  readonly min: number
  readonly max: number
  /** Nothing moves it: scaling in, scaling out and schedules are all suspended. */
  readonly suspended: boolean
}

/** Application Auto Scaling, for services of ECS. */
export interface Scaling {
  /** Those of a cluster's services that scale. */
  services(cluster: string): Promise<readonly ScalableService[]>
  /** All of it in one call: a minimum above the present count would start tasks at once (API reference, RegisterScalableTarget). */
  set(cluster: string, service: ScalableService): Promise<void>
}

/** A job of AWS Backup, of either direction. */
export interface BackupJob {
  readonly id: string
  /** CREATED, PENDING, RUNNING, COMPLETED; ABORTED, FAILED, EXPIRED, PARTIAL ... */
  readonly state: string
  readonly reason: string
  /** ISO 8601 UTC. */
  readonly createdAt: string
  readonly completedAt?: string
  /** What a backup or a copy made, once it is named. */
  readonly recoveryPointArn?: string
}

export interface RecoveryPoint {
  readonly arn: string
  readonly status: string
  readonly resourceArn: string
  readonly bytes: number
  /** What the lock of the vault says of it; absent where the vault has none. */
  readonly lock?: VaultLock
}

export interface BackupRequest {
  readonly vault: string
  readonly resourceArn: string
  readonly roleArn: string
  /** The same one is the same job. */
  readonly token: string
  readonly tags: Readonly<Record<string, string>>
}

export interface RestoreRequest {
  readonly recoveryPointArn: string
  readonly roleArn: string
  readonly token: string
  /** As AWS Backup wants it for the kind of resource. */
  readonly metadata: Readonly<Record<string, string>>
}

export interface CopyRequest {
  readonly recoveryPointArn: string
  readonly vault: string
  readonly targetVaultArn: string
  readonly roleArn: string
  /** The same one is the same job. */
  readonly token: string
}

/** A backup job as a list tells it. */
export interface ListedBackupJob {
  readonly id: string
  readonly state: string
  readonly resourceArn: string
  /** ISO 8601 UTC. */
  readonly createdAt: string
  readonly completedAt?: string
  readonly message?: string
}

/** AWS Backup. */
export interface Backups {
  /** Jobs of a vault that were created after a moment (ISO 8601 UTC), oldest first. */
  jobs(vaultName: string, since: string): Promise<readonly ListedBackupJob[]>
  /**
   * What keeps a vault from taking or giving back backups, in words; undefined when nothing does.
   * @param wanted what is to be done with it beside restoring: actions, and whether something without an end is to come
   * into it
   */
  vaultTrouble(
    vaultName: string,
    wanted?: {readonly besides?: readonly string[]; readonly saves?: boolean},
  ): Promise<string | undefined>
  /** The access policy of a vault, JSON text; undefined where it has none. */
  vaultPolicy(vaultName: string): Promise<string | undefined>
  /** Whether the organization lets backups be copied between its accounts; undefined for an account that is in none. */
  acrossAccounts(): Promise<boolean | undefined>
  /** Resolves to the id of the job. */
  startBackup(request: BackupRequest): Promise<string>
  backupJob(id: string): Promise<BackupJob | undefined>
  /** The job that is saving a resource just now: AWS Backup runs one at a time. */
  runningBackup(resourceArn: string): Promise<BackupJob | undefined>
  /**
   * One that has ended already is fine, and so is one that cannot be stopped, which is every backup of a database (API
   * reference, StopBackupJob): it goes on to its end.
   */
  stopBackup(id: string): Promise<void>
  recoveryPoint(vaultName: string, arn: string): Promise<RecoveryPoint | undefined>
  /** One that is gone already is fine. */
  deleteRecoveryPoint(vaultName: string, arn: string): Promise<void>
  /** Has a recovery point of a vault of this region copied into any other vault, also of another account. Resolves to the id of the job. */
  startCopy(request: CopyRequest): Promise<string>
  copyJob(id: string): Promise<BackupJob | undefined>
  /** Recovery points in a vault that somebody had copied there; what a plan copies is left out. */
  copiedPoints(vaultName: string): Promise<readonly string[]>
  /** Resolves to the id of the job. */
  startRestore(request: RestoreRequest): Promise<string>
  restoreJob(id: string): Promise<BackupJob | undefined>
  /** End of the newest completed recovery point in the vault, ISO 8601 UTC. */
  lastRecoveryPoint(vaultName: string): Promise<string | undefined>
  /** Deletes the recovery points of a vault, then the vault; one that is gone already is fine. */
  deleteVault(vaultName: string): Promise<void>
}
