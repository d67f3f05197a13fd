import type {EnvironmentName} from '../domain/names.ts'
import {databaseGenerationOf, type Part, parts, stackName} from '../domain/parts.ts'
import {type StackHealth, statusTable} from '../domain/stack-status.ts'
import {brokenPromises, type RecoveryPolicy, type RecoveryState, recoveryState} from '../domain/snapshots/age.ts'
import {readSets} from './snapshot/sets.ts'
import {type Landscape, mergedOutputs, readLandscape, stackOf} from './landscape.ts'
import {ownFunctionIn, type OwnFunction} from './function-zip/own.ts'
import {openOperations} from './ledger/read.ts'
import type {SilencedAlarm} from '../domain/alarms/silences.ts'
import {silencedAlarms} from './alarms/list.ts'
import {ownAlarms} from './alarms/firing.ts'
import {servingStates} from '../domain/database-states.ts'
import {readLock} from './ledger/lock.ts'
import type {Ports, StackDescription} from './ports.ts'
import {type Protection, protectionOf} from './stack/protect.ts'

export interface StatusPart {
  readonly part: Part
  readonly stack: string
  readonly status: string
  readonly health: StackHealth
  readonly version?: string
  readonly updatedAt?: string
  readonly protection?: Protection
}

export interface StatusService {
  readonly name: string
  readonly running: number
  readonly desired: number
  /** Healthy and all targets behind the load balancer, where the service is public. */
  readonly targets?: {readonly healthy: number; readonly total: number}
}

export interface StatusResult {
  readonly environment: string
  readonly healthy: boolean
  readonly region: string
  readonly account: string
  /** What keeps it from being healthy, in words. */
  readonly problems: readonly string[]
  readonly parts: readonly StatusPart[]
  readonly services: readonly StatusService[]
  readonly generations: {readonly database: number; readonly files: number; readonly kept: readonly number[]}
  readonly quiesced: boolean
  /** End of the newest recovery point and its age in ms. */
  readonly lastBackup?: {readonly at: string; readonly ageMs: number}
  /** State of the active generation's instance. */
  readonly database?: {readonly identifier: string; readonly status: string}
  /** The zip of the operator's own that deploys make the side-load function of; absent where it is the one of pi-aws. */
  readonly ownFunction?: OwnFunction
  readonly files?: {readonly id: string; readonly state: string; readonly sizeBytes: number}
  /** Alarms that fire, in the words of their description. */
  readonly alarms: readonly {readonly description: string; readonly since: string}[]
  /** Alarms that tell nobody, because they were silenced; absent where none is. */
  readonly silenced?: readonly SilencedAlarm[]
  /** The newest whole snapshot and the one that was proven last, against what was promised. */
  readonly recovery: RecoveryState
  readonly natAddresses: readonly string[]
  readonly url?: string
  readonly lock?: {readonly holder: string; readonly opId: string; readonly ageMs: number}
  readonly unfinished: readonly {readonly opId: string; readonly kind: string; readonly state: string}[]
}

export type StatusPorts = Pick<
  Ports,
  | 'identity'
  | 'stacks'
  | 'objects'
  | 'containers'
  | 'loadBalancers'
  | 'backups'
  | 'databases'
  | 'fileSystems'
  | 'metrics'
  | 'alarms'
  | 'clock'
  | 'machine'
>

export interface StatusOptions {
  readonly environment: EnvironmentName
  /** What was promised for a bad night. */
  readonly policy: RecoveryPolicy
}

/** Looks at everything that tells whether an environment is well. Changes nothing. */
export async function status(options: StatusOptions, ports: StatusPorts): Promise<StatusResult> {
  const {environment} = options
  const [caller, landscape] = await Promise.all([ports.identity.caller(), readLandscape(ports, environment)])
  const outputs = mergedOutputs(landscape)
  const [rows, {services, gone}, ledger, backup, stores, alarms, silent, recovery, ownFunction] = await Promise.all([
    Promise.all(parts.map((part) => partStatus(ports, landscape, part))),
    serviceStatus(ports, outputs),
    ledgerStatus(ports, environment, outputs['RecordsBucket']),
    lastBackup(ports, outputs['BackupVaultName']),
    storeStatus(ports, outputs),
    ownAlarms(ports.metrics, environment),
    silencedAlarms(ports, environment, outputs['RecordsBucket']),
    recoveryOf(ports, outputs['RecordsBucket'], options.policy),
    outputs['ArtifactsBucket'] === undefined ? undefined : ownFunctionIn(ports, outputs['ArtifactsBucket']),
  ])
  const quiesced = stackOf(landscape, 'app')?.parameters['Quiesced'] === 'true'
  const problems = [
    ...partProblems(rows),
    ...gone.map((name) => `the service of ${name} was removed by hand`),
    ...serviceProblems(services, quiesced ? undefined : stackOf(landscape, 'app')),
    ...storeProblems(stores),
    ...alarms.map(({description}) => `alarm: ${description}`),
    ...silent.flatMap(({alarm, until, overdue}) =>
      overdue ? [`alarm ${alarm} is silent past its time, ${until}`] : [],
    ),
    ...(quiesced ? ['the platform is quiesced: users get a 503 page'] : []),
    ...brokenPromises(recovery),
  ]
  return {
    environment,
    healthy: problems.length === 0,
    region: caller.region,
    account: caller.account,
    problems,
    parts: rows,
    services,
    generations: {...landscape.generations, kept: keptGenerations(landscape)},
    quiesced,
    ...backup,
    ...stores,
    ...(ownFunction === undefined ? {} : {ownFunction}),
    alarms: alarms.map(({description, since}) => ({description, since})),
    ...(silent.length === 0 ? {} : {silenced: silent}),
    recovery,
    natAddresses: (outputs['NatAddresses'] ?? '').split(',').filter((address) => address !== ''),
    ...(outputs['Url'] === undefined ? {} : {url: outputs['Url']}),
    ...ledger,
  }
}

async function partStatus({stacks}: StatusPorts, landscape: Landscape, part: Part): Promise<StatusPart> {
  const stack = stackOf(landscape, part)
  if (stack === undefined) {
    const name = stackName(landscape.environment, part, landscape.generations.database)
    return {part, stack: name, status: 'ABSENT', health: 'absent'}
  }
  const version = stack.outputs['TemplateVersion']
  return {
    part,
    stack: stack.name,
    status: stack.status,
    health: statusTable[stack.status].health,
    ...(version === undefined ? {} : {version}),
    updatedAt: stack.updatedAt ?? stack.createdAt,
    protection: await protectionOf(stacks, stack),
  }
}

/** @returns beside the services the names of those that a stack made and ECS does not have any more */
async function serviceStatus(
  {containers, loadBalancers}: StatusPorts,
  outputs: Readonly<Record<string, string>>,
): Promise<{readonly services: readonly StatusService[]; readonly gone: readonly string[]}> {
  const cluster = outputs['ClusterName']
  if (cluster === undefined) return {services: [], gone: []}
  const states = await containers.services(cluster)
  const names = Object.entries(outputs).filter(([key]) => key.endsWith('ServiceName'))
  const rows = names.map(async ([key, physical]): Promise<StatusService | string> => {
    const name = key.slice(0, -'ServiceName'.length)
    const state = states.find((candidate) => candidate.name === physical)
    if (state === undefined) return name.toLowerCase()
    const group = outputs[`${name}TargetGroupArn`]
    const targets = group === undefined ? undefined : await loadBalancers.targetHealth(group)
    return {
      name: name.toLowerCase(),
      running: state.running,
      desired: state.desired,
      ...(targets === undefined ? {} : {targets: {healthy: targets.healthy, total: targets.total}}),
    }
  })
  const all = await Promise.all(rows)
  return {services: all.filter((row) => typeof row !== 'string'), gone: all.filter((row) => typeof row === 'string')}
}

async function ledgerStatus(
  ports: StatusPorts,
  environment: EnvironmentName,
  bucket: string | undefined,
): Promise<Pick<StatusResult, 'lock' | 'unfinished'>> {
  if (bucket === undefined) return {unfinished: []}
  const [lock, open] = await Promise.all([readLock(ports, bucket, environment), openOperations(ports, bucket)])
  const unfinished = open.map(({opId, kind, state}) => ({opId, kind, state}))
  const record = lock?.record
  if (lock === undefined || record === undefined) return {unfinished}
  return {
    lock: {holder: `${record.holder.user}@${record.holder.host}`, opId: record.opId, ageMs: lock.ageMs},
    unfinished,
  }
}

async function lastBackup(
  {backups, clock}: StatusPorts,
  vault: string | undefined,
): Promise<Pick<StatusResult, 'lastBackup'>> {
  const at = vault === undefined ? undefined : await backups.lastRecoveryPoint(vault)
  return at === undefined ? {} : {lastBackup: {at, ageMs: clock.now().getTime() - Date.parse(at)}}
}

async function storeStatus(
  {databases, fileSystems}: StatusPorts,
  outputs: Readonly<Record<string, string>>,
): Promise<Pick<StatusResult, 'database' | 'files'>> {
  const {DatabaseIdentifier: identifier, FileSystemId: id} = outputs
  const [database, files] = await Promise.all([
    identifier === undefined ? undefined : databases.instance(identifier),
    id === undefined ? undefined : fileSystems.describe(id),
  ])
  return {
    ...(identifier === undefined ? {} : {database: {identifier, status: database?.status ?? 'not there'}}),
    ...(id === undefined ? {} : {files: {id, state: files?.state ?? 'not there', sizeBytes: files?.sizeBytes ?? 0}}),
  }
}

function storeProblems({database, files}: Pick<StatusResult, 'database' | 'files'>): readonly string[] {
  return [
    ...(database === undefined || servingStates.includes(database.status)
      ? []
      : [`the database is ${database.status}`]),
    ...(files === undefined || ['available', 'updating'].includes(files.state)
      ? []
      : [`the file system is ${files.state}`]),
  ]
}

async function recoveryOf(
  {objects, clock}: StatusPorts,
  bucket: string | undefined,
  policy: RecoveryPolicy,
): Promise<RecoveryState> {
  const sets = bucket === undefined ? [] : (await readSets(objects, bucket)).sets
  return recoveryState(sets, clock.now(), policy)
}

function keptGenerations(landscape: Landscape): readonly number[] {
  return landscape.stacks
    .flatMap((stack: StackDescription) => databaseGenerationOf(landscape.environment, stack.name) ?? [])
    .filter((generation) => generation !== landscape.generations.database)
}

function partProblems(rows: readonly StatusPart[]): readonly string[] {
  return rows.flatMap((row) => {
    if (row.health === 'absent') return [`${row.part} is not deployed`]
    if (row.health !== 'healthy') return [`${row.part} is ${row.status}`]
    const off = [
      ...(row.protection?.stackPolicy === false ? ['stack policy'] : []),
      ...(row.protection?.terminationProtection === false ? ['termination protection'] : []),
    ]
    return off.length === 0 ? [] : [`${row.part} is unprotected: no ${off.join(', no ')}`]
  })
}

/** @param app the app's stack while it is meant to work; a service without tasks is then a problem, unless its Min is 0 */
function serviceProblems(services: readonly StatusService[], app: StackDescription | undefined): readonly string[] {
  return services.flatMap((service) => {
    const min = `${service.name.slice(0, 1).toUpperCase()}${service.name.slice(1)}Min`
    if (service.desired === 0 && app !== undefined && app.parameters[min] !== '0')
      return [`${service.name} is set to run no task`]
    if (service.running < service.desired)
      return [`${service.name} runs ${service.running} of ${service.desired} tasks`]
    if (service.targets !== undefined && service.desired > 0 && service.targets.healthy === 0)
      return [`${service.name} has no healthy target`]
    return []
  })
}
