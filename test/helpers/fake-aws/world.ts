import {createHash} from 'node:crypto'
import type {Change, StackEvent} from '../../../src/domain/change-set.ts'
import type {EnvironmentConfiguration} from '../../../src/domain/configuration.ts'
import type {AccountId, Region} from '../../../src/domain/names.ts'
import type {FoundNetwork} from '../../../src/domain/preflight/existing-network.ts'
import {linkedRolesOf} from '../../../src/domain/preflight/linked-roles.ts'
import type {
  CallerIdentity,
  CertificateState,
  HostedZone,
  RunningImage,
  ServiceEvent,
  StoppedTask,
  TargetHealth,
  VpcRange,
} from '../../../src/flows/ports.ts'
import type {
  Alarm,
  AlarmEvent,
  FiringAlarm,
  Insights,
  QueryAnswer,
  SavedQuery,
} from '../../../src/flows/telemetry/ports.ts'
import type {ImageAnswer} from '../../../src/flows/preflight/ports.ts'
import type {ListedBackupJob} from '../../../src/flows/recovery/ports.ts'
import {type AwsAnswers, FakeProcess, type ProcessOptions} from './fake-process.ts'
import {FakeClock} from './fake-clock.ts'
import {FakeDrifts} from './fake-drifts.ts'
import {FakeLiveTail} from './fake-live-tail.ts'
import {FakeLogStore} from './fake-logs.ts'
import {fakeObjects} from './fake-objects.ts'
import {FakeAccount} from './fake-quotas.ts'
import {endTasks, fakeServices} from './fake-services.ts'
import {endJobs} from './fake-backups.ts'
import {fakeStacks} from './fake-stacks.ts'
import {account, bringAbout, outputsOf} from './laws.ts'
import {type Due, emptyState, type FakeInstance, type FakeStack, type WorldState} from './state.ts'
import {smallTemplates} from './templates.ts'
import type {Failure} from './timeline.ts'

/** One call of a port, as the world's log has it. */
export interface Call {
  readonly process: number
  readonly port: string
  readonly method: string
  readonly args: readonly unknown[]
}

type Phase = 'create' | 'update' | 'delete' | 'rollback' | 'cleanup'

/** An AWS account in a box: what the ports of flows see, with its own time. README.md says how it behaves. */
export class World {
  readonly clock: FakeClock
  readonly state: WorldState
  log: Call[] = []
  /** Processes of the one machine that still run. */
  readonly alive = new Set<number>()

  caller: CallerIdentity = {
    account: account as AccountId,
    arn: `arn:aws:iam::${account}:user/ann`,
    region: 'eu-west-1' as Region,
    partition: 'aws',
  }
  version = '0.1.0'
  templates = smallTemplates()
  zip = new TextEncoder().encode('zip of the function')
  zones: readonly string[] = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']
  vpcRanges: VpcRange[] = []
  certificates = new Map<string, CertificateState>()
  hostedZones = new Map<string, HostedZone>()
  /** Actions that the caller may not perform. */
  deniedActions: readonly string[] = []
  linkedRoles: readonly string[] = linkedRolesOf({compute: 'ec2', waf: true} as EnvironmentConfiguration).map(
    ({role}) => role,
  )
  /** The VPC that somebody else made. */
  existing: FoundNetwork = {vpc: undefined, subnets: [], routeTables: []}
  peerRanges: readonly {readonly vpcId: string; readonly name: string; readonly cidr: string}[] = []
  concurrency = {limit: 1000, unreserved: 1000}
  backupOptIn: Readonly<Record<string, boolean>> = {EFS: true, RDS: true}
  /** STS's clock ahead of everybody's (ms). */
  stsSkew = 0
  nameServers: readonly string[] = ['ns-1.example.net']
  image: ImageAnswer = {found: true}
  /** What runs, instead of an image of its own for each service. */
  runningImages: readonly RunningImage[] | undefined
  /** What is said of single images instead, by their reference. */
  readonly images = new Map<string, ImageAnswer>()
  targets: TargetHealth = {healthy: 1, total: 1, reasons: []}
  stoppedTasks: StoppedTask[] = []
  /** Why the next deployments of services fail. */
  badRollouts: string[] = []
  /** What ran before does not start either. */
  badWayBack = false
  /** What a task with a command of its own does. */
  commanded: (arn: string, command: {readonly container: string; readonly words: readonly string[]}) => void = () =>
    undefined
  /** Whether sessions may be opened in tasks. */
  execEnabled = false
  /** How many tasks of each service were started before that was so. */
  earlyTasks = 0
  /** Security groups of every service's tasks. */
  taskGroups: readonly string[] = ['sg-application']
  /** Name -> how it was made. */
  readonly repositories = new Map<string, {readonly keyArn: string | undefined}>()
  /** Ids of sessions that forward a port. */
  readonly openSessions = new Set<string>()
  /** How every one-off task ends, instead of its own way. */
  taskResult: Omit<StoppedTask, 'arn'> | undefined
  logLines = new Map<string, string[]>()
  alarms: FiringAlarm[] = []
  /** Alarms in whatever state. */
  watching: Alarm[] = []
  alarmEvents = new Map<string, readonly AlarmEvent[]>()
  /** Metric -> newest value. */
  metrics = new Map<string, number>()
  logStore = new FakeLogStore()
  liveTail = new FakeLiveTail()
  /** `metric statistic` -> values by the begin of their period. */
  series = new Map<string, ReadonlyMap<number, number>>()
  /** Periods that values were asked for of. */
  seriesAsked: {readonly seconds: number; readonly from: number; readonly to: number}[] = []
  /** Log files in buckets; one without a text is gone when it is read. */
  logFiles: {readonly key: string; readonly storedAt: number; readonly text?: string}[] = []
  /** Keys that were read, each time. */
  readLogFiles: string[] = []
  savedQueries: SavedQuery[] = []
  /** Queries that were started. */
  readonly queries: Parameters<Insights['start']>[0][] = []
  readonly stoppedQueries: string[] = []
  /** What a query answers, one look after the other; then `queryAnswer`. */
  readonly queryAnswers: QueryAnswer[] = []
  queryAnswer: QueryAnswer = {
    ...{status: 'complete', word: 'Complete', rows: []},
    ...{bytesScanned: 0, recordsScanned: 0, recordsMatched: 0},
  }
  backupJobs: ListedBackupJob[] = []
  databaseEvents: ServiceEvent[] = []
  /** Answers of the side-load function instead of its own. */
  functionAnswers = new Map<string, unknown>()
  /** An answer of the side-load function to one request; undefined leaves it to the function's own. */
  answer: (payload: Readonly<Record<string, unknown>>) => unknown = () => undefined
  functionsAwakeAt = 0
  /** Paths that the side-load function fails at, and why. */
  brokenPaths = new Map<string, string>()
  /** S3's clock ahead of everybody's (ms). */
  serverSkew = 0
  /** How long things take (ms). */
  durations = {
    changeSet: 150,
    create: 3000,
    update: 1600,
    delete: 1600,
    snapshot: 3000,
    task: 800,
    interfaces: 0,
    drain: 700,
    moment: 900,
    backup: 5000,
    queue: 1500,
    rollout: 4000,
    back: 2000,
    restore: 4000,
    loan: 20_000,
  }
  /** How resources differ from their templates, by logical id. */
  drift = new Map<string, {readonly deleted: boolean; readonly properties: readonly string[]} | undefined>()
  /** How whole stacks are compared. */
  readonly drifts = new FakeDrifts()
  /** What keeps the vault from working. */
  vaultTrouble: string | undefined
  /** Access policies of vaults, by their names. */
  vaultPolicies = new Map<string, string>()
  /** Whether the organization allows copies between its accounts; undefined without one. */
  across: boolean | undefined = true
  /** State of every key, instead of its own. */
  keyState: string | undefined
  /** Versions of MariaDB that RDS does not make any more. */
  gone = new Set<string>()
  quotas = {snapshots: {used: 0, max: 100}, instances: {used: 1, max: 40}}
  /** Rows of a stack's next change sets instead of what differs. */
  changes = new Map<string, readonly Change[]>()
  brokenChangeSets = new Map<string, string>()
  /** Events of stacks that are not made here: nested ones. */
  children = new Map<string, readonly StackEvent[]>()
  /** Physical ids of nested stacks, by logical id. */
  nestedIds = new Map<string, string>()
  /** Calls that are taken and do nothing. */
  ignores = new Set<string>()
  #failures: {stack: string; phase: Phase; failure: Failure; times: number}[] = []
  /** What quotas and counts it answers with. */
  readonly account = new FakeAccount()
  readonly aws: AwsAnswers

  constructor(state: WorldState = emptyState(), time?: number) {
    this.state = state
    this.clock = new FakeClock(time)
    this.aws = {
      stacks: fakeStacks(this),
      drifts: this.drifts.port(this),
      objects: fakeObjects(this),
      ...fakeServices(this),
      ...this.account.ports,
    }
  }

  /** The same account at the same time, to go another way from here. */
  copy(): World {
    const copy = new World(structuredClone(this.state), this.clock.time)
    copy.templates = new Map(this.templates)
    copy.durations = {...this.durations}
    copy.vaultPolicies = new Map(this.vaultPolicies)
    return copy
  }

  /** A new process that works on this account. */
  process(options: Partial<ProcessOptions> = {}): FakeProcess {
    return new FakeProcess(this, {pid: 100 + this.count('pid'), host: 'desk', user: 'ann', ...options})
  }

  /** Has the next operations of a stack fail. */
  fail(stack: string, phase: Phase, failure: Failure, times = 1): void {
    this.#failures.push({stack, phase, failure, times})
  }

  takeFailure(stack: string, phase: Phase): Failure | undefined {
    const found = this.#failures.find((one) => one.stack === stack && one.phase === phase && one.times > 0)
    if (found === undefined) return undefined
    found.times -= 1
    return found.failure
  }

  count(what: string): number {
    const next = (this.state.counters[what] ?? 0) + 1
    this.state.counters[what] = next
    return next
  }

  /** By name (deleted ones left out) or by id. */
  stack(nameOrId: string): FakeStack | undefined {
    this.tick()
    return this.state.stacks.findLast(
      ({id, name, status}) => id === nameOrId || (name === nameOrId && status !== 'DELETE_COMPLETE'),
    )
  }

  addStack(name: string): FakeStack {
    const stack: FakeStack = {
      id: `arn:aws:cloudformation:eu-west-1:${account}:stack/${name}/${this.count(`stack ${name}`)}`,
      name,
      status: 'REVIEW_IN_PROGRESS',
      statusReason: undefined,
      createdAt: new Date(this.clock.time).toISOString(),
      updatedAt: undefined,
      goal: undefined,
      outputs: {},
      terminationProtection: false,
      policy: undefined,
      resources: [],
      events: [],
      changeSets: [],
      timeline: [],
      tokens: [],
      next: undefined,
    }
    this.state.stacks.push(stack)
    return stack
  }

  takeSnapshot(
    identifier: string,
    instance: FakeInstance,
    environment: string | undefined,
    createdAt = this.clock.time,
  ): void {
    const {data, allocatedStorage, engineVersion, masterUsername, canary} = instance
    this.state.snapshots.set(identifier, {
      identifier,
      data,
      allocatedStorage,
      engineVersion,
      masterUsername,
      environment,
      instance: instance.identifier,
      ...(canary === undefined ? {} : {canary}),
      createdAt,
      readyAt: createdAt + this.durations.snapshot,
      failed: false,
    })
  }

  /** Brings everything about that is due by now. */
  tick(): void {
    const now = this.clock.time
    for (const stack of this.state.stacks) {
      while (stack.timeline[0] !== undefined && stack.timeline[0].at <= now)
        this.#apply(stack, stack.timeline.shift() as Due)
    }
    endTasks(this)
    endJobs(this)
  }

  #apply(stack: FakeStack, {status, statusReason, event, resource, effect}: Due): void {
    if (event !== undefined) stack.events.push(event)
    if (resource !== undefined) {
      stack.resources = [...stack.resources.filter(({logicalId}) => logicalId !== resource.logicalId), resource]
    }
    if (status !== undefined) {
      stack.status = status
      stack.statusReason = statusReason
    }
    if (effect === undefined || stack.goal === undefined) return
    if (effect === 'updated' && stack.next !== undefined) stack.goal = stack.next
    stack.next = undefined
    bringAbout(this, stack, stack.goal, effect)
    if (effect !== 'deleted') stack.outputs = outputsOf(stack, stack.goal)
  }

  /** Chance that is the same in every run. */
  hex(pid: number, digits: number): string {
    return createHash('sha256')
      .update(`${pid}-${this.count(`hex ${pid}`)}`)
      .digest('hex')
      .slice(0, digits)
  }
}
