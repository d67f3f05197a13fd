export interface DatabaseState {
  readonly identifier: string
  readonly arn: string
  readonly port: number
  /** ARN of the key that encrypts it, '' where nothing does. */
  readonly keyArn: string
  readonly status: string
  readonly engineVersion: string
  readonly instanceClass: string
  /** GiB. */
  readonly allocatedStorage: number
  readonly masterUsername: string
  readonly deletionProtection: boolean
  readonly resourceId: string
}

export interface DatabaseSnapshot {
  readonly identifier: string
  readonly arn: string
  /** The instance it was taken of. */
  readonly instance: string
  /** ARN of the key that encrypts it, '' where nothing does. */
  readonly keyArn: string
  /** The last moment that is in it, as soon as RDS knows it; ISO 8601 UTC. */
  readonly databaseTime?: string
  readonly status: string
  /** GiB. */
  readonly allocatedStorage: number
  readonly engineVersion: string
  readonly masterUsername: string
  readonly createdAt?: string
}

/** What RDS or Backup tells about a moment of something's life. */
export interface ServiceEvent {
  readonly id: string
  /** ISO 8601 UTC. */
  readonly at: string
  readonly message: string
}

/** RDS. */
export interface Databases {
  /** What RDS told of an instance from a moment on (ISO 8601 UTC; it remembers 14 days), oldest first. */
  events(identifier: string, since: string): Promise<readonly ServiceEvent[]>
  instance(identifier: string): Promise<DatabaseState | undefined>
  snapshot(identifier: string): Promise<DatabaseSnapshot | undefined>
  /** Makes a named snapshot; one of that name that exists already is adopted. */
  createSnapshot(instance: string, snapshot: string, tags: Readonly<Record<string, string>>): Promise<void>
  /**
   * Makes a copy of a snapshot of this region or another one, of this account or of one that shares it, under a key of
   * this region; a copy of it under that name that
   * exists already is adopted.
   */
  copySnapshot(
    sourceArn: string,
    snapshot: string,
    as: {readonly keyArn: string; readonly tags: Readonly<Record<string, string>>},
  ): Promise<void>
  /** Lets another account copy a manual snapshot; twice is once. */
  share(snapshot: string, account: string): Promise<void>
  /** Ends that; a snapshot that is gone is fine. */
  unshare(snapshot: string, account: string): Promise<void>
  /** Names of the manual snapshots that carry the tag `pi:environment` with this value. */
  snapshotsOf(environment: string): Promise<readonly string[]>
  /** One that is gone already is fine. @throws FailedError SNAPSHOT_BUSY while it is being made */
  deleteSnapshot(snapshot: string): Promise<void>
  /** How many manual snapshots and instances the account has in the region, and may have. */
  quotas(): Promise<{readonly snapshots: Quota; readonly instances: Quota}>
  /** Whether RDS still makes instances of a major version of MariaDB, such as `10.11`; undefined where it lists none at all. */
  offers(majorVersion: string): Promise<boolean | undefined>
}

export interface Quota {
  readonly used: number
  readonly max: number
}
