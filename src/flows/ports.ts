import type {ChangeSet, StackEvent} from '../domain/change-set.ts'
import type {AccountId, Region} from '../domain/names.ts'
import type {StackStatus} from '../domain/stack-status.ts'
import type {AccountFacts, ExistingNetworks, ImageRegistry, Names, Permissions} from './preflight/ports.ts'
import type {Inventory, ServiceQuotas} from './quotas/ports.ts'
import type {ServicesAndTasks} from './service/ports.ts'
import type {Databases} from './databases/ports.ts'
import type {Drifts} from './drift/ports.ts'
import type {Backups, Scaling} from './recovery/ports.ts'
import type {Alarms, Insights, LiveTail, LogFiles, Logs, Metrics} from './telemetry/ports.ts'

export type {Databases, DatabaseSnapshot, DatabaseState, Quota, ServiceEvent} from './databases/ports.ts'

/** Time as flows see it. Tests give a fake one. */
export interface Clock {
  now(): Date
  /** Waits `ms` milliseconds, or rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** The machine and person behind an operation, as locks and journals name them. */
export interface Holder {
  readonly host: string
  readonly pid: number
  readonly user: string
}

/** What flows may know of the machine they run on. */
export interface Machine {
  holder(): Holder
  /** False only when the process is known to be gone; true for another host, of which nothing is known. */
  mayBeAlive(holder: Holder): boolean
  /** `digits` random hex digits. */
  randomHex(digits: number): string
}

/** Whose credentials these are. */
export interface CallerIdentity {
  readonly account: AccountId
  readonly arn: string
  readonly region: Region
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string
}

export interface Identity {
  /** @throws AccessError when there are no credentials or they are refused or expired */
  caller(): Promise<CallerIdentity>
}

export interface StackDescription {
  readonly id: string
  readonly name: string
  readonly status: StackStatus
  readonly statusReason?: string
  readonly createdAt: string
  readonly updatedAt?: string
  readonly parameters: Readonly<Record<string, string>>
  readonly outputs: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly terminationProtection: boolean
}

export interface StackResource {
  readonly logicalId: string
  /** Empty while the resource is not made yet. */
  readonly physicalId: string
  readonly type: string
  readonly status: string
}

/** Where a template's text comes from: inline (51,200 bytes at most) or an object (1 MB at most). */
export type TemplateSource = {readonly body: string} | {readonly url: string}

/** One parameter of a change set: a value, or the value the stack has. */
export type ParameterValue = {readonly value: string} | {readonly previous: true}

export interface ChangeSetRequest {
  readonly stack: string
  readonly name: string
  readonly kind: 'CREATE' | 'UPDATE'
  readonly template: TemplateSource
  readonly parameters: Readonly<Record<string, ParameterValue>>
  readonly tags: Readonly<Record<string, string>>
  readonly token: string
  readonly description: string
  /** Role that CloudFormation assumes, or the caller's own rights. */
  readonly roleArn?: string
}

/** CloudFormation. Every method folds pages and translates errors. */
export interface Stacks {
  /** By name or id; undefined when there is none (a deleted stack is found by its id only). */
  describe(stack: string): Promise<StackDescription | undefined>
  /** All stacks whose name starts with `prefix`, deleted ones left out. */
  list(prefix: string): Promise<readonly StackDescription[]>
  /** Idempotent by name: an equal change set of the same name and token is found instead of made twice. Resolves to its ARN. */
  createChangeSet(request: ChangeSetRequest): Promise<string>
  /** The change set of that name, or undefined. */
  findChangeSet(stack: string, name: string): Promise<ChangeSet | undefined>
  /** With the changes of nested stacks, each row carrying the path of its stack. */
  describeChangeSet(changeSetArn: string): Promise<ChangeSet>
  executeChangeSet(changeSetArn: string, token: string): Promise<void>
  /** Deletes a change set that was not executed; one that is gone already is fine. */
  deleteChangeSet(changeSetArn: string): Promise<void>
  /** Events newer than `after` (an event id), oldest first; all of them without it, newest 100 at most. */
  events(stack: string, after?: string): Promise<readonly StackEvent[]>
  /** All events from a moment on (ISO 8601 UTC), oldest first; none of a stack that is not there. */
  eventsSince(stack: string, since: string): Promise<readonly StackEvent[]>
  resources(stack: string): Promise<readonly StackResource[]>
  /**
   * How a resource differs from its template, by properties; undefined where CloudFormation cannot tell.
   * `deleted` is one that somebody removed behind the stack's back.
   */
  drift(
    stack: string,
    logicalId: string,
  ): Promise<{readonly deleted: boolean; readonly properties: readonly string[]} | undefined>
  /** The template the stack was last deployed from. */
  template(stack: string): Promise<string>
  stackPolicy(stack: string): Promise<string | undefined>
  setStackPolicy(stack: string, policy: string): Promise<void>
  setTerminationProtection(stack: string, enabled: boolean): Promise<void>
  deleteStack(
    stack: string,
    token: string,
    options?: {readonly retain?: readonly string[]; readonly roleArn?: string},
  ): Promise<void>
  /** For UPDATE_ROLLBACK_FAILED; `skip` names resources as Logical or Nested.Logical. */
  continueRollback(stack: string, token: string, skip: readonly string[]): Promise<void>
  /** Stops an update that runs and has CloudFormation bring back what was there. */
  cancelUpdate(stack: string, token: string): Promise<void>
}

export interface StoredObject {
  readonly key: string
  readonly etag: string
  readonly size: number
  /** By S3's clock. */
  readonly lastModified: Date
}

export interface ObjectBody extends StoredObject {
  readonly body: Uint8Array
  /** The Date header of S3's answer: the only clock that locks compare with. */
  readonly serverTime: Date
}

/** What a conditional write met. */
export type WriteResult = {readonly written: true; readonly etag: string} | {readonly written: false}

/** S3, within one bucket a call. */
export interface Objects {
  get(bucket: string, key: string): Promise<ObjectBody | undefined>
  head(bucket: string, key: string): Promise<StoredObject | undefined>
  /** All keys below a prefix, ascending. */
  list(bucket: string, prefix: string): Promise<readonly StoredObject[]>
  /** The same one by one as they come, so that a hundred thousand are never held at once. */
  listEach(bucket: string, prefix: string, take: (object: StoredObject) => void): Promise<void>
  put(bucket: string, key: string, body: Uint8Array, contentType?: string): Promise<string>
  /** If-None-Match: writes only where there is nothing. */
  putIfAbsent(bucket: string, key: string, body: Uint8Array): Promise<WriteResult>
  /** If-Match: writes only over exactly this object. */
  putIfMatch(bucket: string, key: string, body: Uint8Array, etag: string): Promise<WriteResult>
  /** Deletes only exactly this object; false when it was another or gone. */
  deleteIfMatch(bucket: string, key: string, etag: string): Promise<boolean>
  /**
   * Copies an object inside S3, one version of it or the newest, also from another region, whatever its size; what lies under the new key already stays.
   * @param sha256 hex; compared where S3 tells the hash of what it wrote
   * @throws NotFoundError OBJECT_GONE; FailedError CHECKSUM_DIFFERS
   */
  copy(
    from: {readonly bucket: string; readonly key: string; readonly versionId?: string; readonly size: number},
    to: {readonly bucket: string; readonly key: string; readonly sha256: string},
  ): Promise<void>
  /**
   * Copies an object over whatever lies under the new key. Resolves to the version that it is there.
   * @param from.size bytes
   * @param to.sha256 hex; compared where S3 tells the hash of what it wrote
   * @throws NotFoundError OBJECT_GONE; FailedError CHECKSUM_DIFFERS; RefusedError BUCKET_NOT_VERSIONED
   */
  copyOver(
    from: {readonly bucket: string; readonly key: string; readonly size: number},
    to: {readonly bucket: string; readonly key: string; readonly sha256: string},
  ): Promise<string>
  /** Deletes every object and version of a bucket, page by page. Resolves to how many were removed. */
  empty(bucket: string): Promise<number>
  /** Deletes an empty bucket; one that is gone already is fine. */
  deleteBucket(bucket: string): Promise<void>
  /** The https (or loopback) URL by which CloudFormation reads the object; path style. */
  url(bucket: string, key: string): string
}

export interface ServiceState {
  readonly name: string
  readonly arn: string
  readonly status: string
  readonly desired: number
  readonly running: number
  readonly pending: number
  /** Newest first. */
  readonly events: readonly {readonly id: string; readonly at: string; readonly message: string}[]
}

export interface StoppedTask {
  readonly arn: string
  readonly stoppedReason: string
  /** ISO 8601 UTC, as far as ECS tells. */
  readonly createdAt?: string
  readonly stoppedAt?: string
  readonly containers: readonly {readonly name: string; readonly exitCode?: number; readonly reason?: string}[]
}

export interface TaskRequest {
  readonly cluster: string
  readonly taskDefinition: string
  readonly subnetIds: readonly string[]
  readonly securityGroupIds: readonly string[]
  /** `FARGATE`, `FARGATE_SPOT` or the name of an EC2 capacity provider. */
  readonly capacityProvider: string
  /** Names the task after the operation, so that a second run finds it instead of starting another. */
  readonly startedBy: string
  /** Variables that one container of the definition gets besides its own. */
  readonly environment?: {readonly container: string; readonly values: Readonly<Record<string, string>>}
  /** Program and arguments that a container runs instead of its own. */
  readonly command?: {readonly container: string; readonly words: readonly string[]}
}

/** What a running container was made from. */
export interface RunningImage {
  readonly container: string
  readonly image: string
  /** `sha256:...`; '' while ECS does not know it. */
  readonly digest: string
}

/** ECS. */
export interface Containers {
  services(cluster: string): Promise<readonly ServiceState[]>
  /** Starts a task, or finds the one that `startedBy` already started. Resolves to its ARN. */
  runTask(request: TaskRequest): Promise<string>
  /** Undefined while the task is not stopped. */
  stoppedTask(cluster: string, taskArn: string): Promise<StoppedTask | undefined>
  /** The most recent stopped tasks of a service, for explaining a failure. */
  stoppedTasks(cluster: string, service: string): Promise<readonly StoppedTask[]>
  /** How many tasks a service shall have from now on. */
  setDesired(cluster: string, service: string, count: number): Promise<void>
  /** Images of all running tasks, each once. */
  images(cluster: string): Promise<readonly RunningImage[]>
}

export interface TargetHealth {
  readonly healthy: number
  readonly total: number
  readonly reasons: readonly string[]
}

/** Elastic Load Balancing. */
export interface LoadBalancers {
  targetHealth(targetGroupArn: string): Promise<TargetHealth>
}

export type FunctionState = 'Active' | 'Pending' | 'Inactive' | 'Failed'

/** Lambda. */
export interface Functions {
  state(functionName: string): Promise<{readonly state: FunctionState; readonly reason?: string} | undefined>
  /**
   * Invokes and waits for the answer, without any retry of the SDK.
   * @param limitMs how long to wait for the answer; a little longer than Lambda's longest run unless said otherwise
   * @throws FailedError FUNCTION_NOT_READY for an idle, pending or not yet mounted function; FUNCTION_FAILED when it threw
   */
  invoke(functionName: string, payload: unknown, limitMs?: number): Promise<unknown>
  /** Has the function run without waiting for its answer. @throws as `invoke`, for what keeps it from being taken */
  begin(functionName: string, payload: unknown): Promise<void>
}

export interface VpcRange {
  /** Value of its tag `pi:environment`; absent on a VPC that is not ours. */
  readonly environment?: string
  readonly vpcId: string
  readonly name: string
  readonly cidr: string
}

/** EC2. */
export interface Networks {
  /** Names of the zones in which the caller may work, ascending; local and wavelength zones left out. */
  zones(): Promise<readonly string[]>
  /** Id of the prefix list of S3 in the region, for egress rules. */
  s3PrefixListId(): Promise<string>
  vpcRanges(): Promise<readonly VpcRange[]>
  /** How many network interfaces still use any of the groups. */
  interfacesUsing(securityGroupIds: readonly string[]): Promise<number>
}

export interface CertificateState {
  readonly arn: string
  readonly status: string
  /** Main and alternative names. */
  readonly names: readonly string[]
  /** ISO 8601 UTC, absent before it is issued. */
  readonly notAfter?: string
}

/** ACM. */
export interface Certificates {
  /** Undefined when there is no such certificate in the region. */
  describe(arn: string): Promise<CertificateState | undefined>
}

export interface HostedZone {
  readonly id: string
  readonly domain: string
  readonly private: boolean
  /** Those that Route 53 gave it; none for a private zone. */
  readonly nameServers: readonly string[]
}

/** Route 53. */
export interface HostedZones {
  /** The zone's domain without the last dot. */
  zone(id: string): Promise<HostedZone | undefined>
}

/** Secrets Manager. */
export interface Secrets {
  /** True when the secret has a current value. */
  hasValue(secretArn: string): Promise<boolean>
  /** When it was changed last, in anything (ISO 8601 UTC, where that is known); undefined while it has no value. */
  held(secretArn: string): Promise<{readonly changedAt: string | undefined} | undefined>
  /** The current value; undefined while there is none. Whoever asks keeps it to itself. */
  value(secretArn: string): Promise<string | undefined>
  /** `token` makes a repeated call the same version. Resolves to the version id. */
  putValue(secretArn: string, value: string, token: string): Promise<string>
  /** Id of the current version; undefined where there is none. */
  currentVersion(secretArn: string): Promise<string | undefined>
  /** Makes a version current again; the one that was current stays as the one before. False where it was current already. */
  makeCurrent(secretArn: string, versionId: string): Promise<boolean>
  /** ARNs of the secrets that carry the tag `pi:environment` with this value. */
  ownedBy(environment: string): Promise<readonly string[]>
  /** With a recovery window of 30 days; one that is gone already is fine. */
  delete(secretArn: string): Promise<void>
}

/** EFS. */
export interface FileSystems {
  describe(id: string): Promise<{readonly id: string; readonly state: string; readonly sizeBytes: number} | undefined>
  /** Only one without mount targets; its access points go first. One that is gone already is fine. */
  delete(id: string): Promise<void>
}

/** KMS. */
export interface Keys {
  /** `Enabled`, `Disabled`, `PendingDeletion` ...; undefined where there is no such key. */
  state(keyArn: string): Promise<string | undefined>
  /** Resolves to the date of deletion (ISO 8601 UTC), 30 days ahead; a key that waits for deletion already is fine. */
  scheduleDeletion(keyArn: string): Promise<string>
}

/** What ships inside the package. */
export interface PackageFiles {
  readonly version: string
  /** Path below templates/ -> text, the whole set. */
  templates(): Promise<ReadonlyMap<string, string>>
  /** The built side-load function. */
  lambdaZip(): Promise<Uint8Array>
}

/** Answers of a person, asked only where somebody can answer. */
export interface Ask {
  /** False without a TTY, with --json, --yes or in CI. */
  readonly possible: boolean
  confirm(question: string): Promise<boolean>
  text(question: string): Promise<string>
  /** Not echoed. */
  secret(question: string): Promise<string>
}

/** Everything a flow may be given; each takes the members it uses. */
export interface Ports extends ServicesAndTasks {
  readonly clock: Clock
  readonly machine: Machine
  readonly packageFiles: PackageFiles
  readonly ask: Ask
  readonly identity: Identity
  readonly stacks: Stacks
  readonly drifts: Drifts
  readonly objects: Objects
  readonly containers: Containers
  readonly scaling: Scaling
  readonly loadBalancers: LoadBalancers
  readonly functions: Functions
  readonly databases: Databases
  readonly networks: Networks
  readonly certificates: Certificates
  readonly hostedZones: HostedZones
  readonly secrets: Secrets
  readonly backups: Backups
  readonly fileSystems: FileSystems
  readonly keys: Keys
  readonly logs: Logs
  readonly logFiles: LogFiles
  readonly liveTail: LiveTail
  readonly insights: Insights
  readonly permissions: Permissions
  readonly existingNetworks: ExistingNetworks
  readonly accountFacts: AccountFacts
  readonly names: Names
  readonly imageRegistry: ImageRegistry
  readonly serviceQuotas: ServiceQuotas
  readonly inventory: Inventory
  readonly metrics: Metrics
  readonly alarms: Alarms
}
