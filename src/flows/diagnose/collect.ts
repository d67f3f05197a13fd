import type {Facts, ServiceFacts, StackFacts, TaskEnd} from '../../domain/diagnosis/facts.ts'
import {logGroupsOf} from '../../domain/logs/services.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import {parts} from '../../domain/parts.ts'
import {findRootCause, type RootCause} from '../../domain/root-cause.ts'
import {settledAs, statusTable} from '../../domain/stack-status.ts'
import type {StackEvent} from '../../domain/change-set.ts'
import {type Landscape, mergedOutputs, readLandscape, stackOf} from '../landscape.ts'
import {openOperations} from '../ledger/read.ts'
import {ownAlarms} from '../alarms/firing.ts'
import {muteAlarms} from '../alarms/list.ts'
import type {Ports, StackDescription} from '../ports.ts'
import {changedByHand} from './changed-by-hand.ts'
import {stuckIn} from '../stack/stuck-resources.ts'
import {leftIn} from './left-behind.ts'
import {recentErrors} from './recent-errors.ts'

export type DiagnosePorts = Pick<
  Ports,
  | 'stacks'
  | 'objects'
  | 'containers'
  | 'loadBalancers'
  | 'databases'
  | 'fileSystems'
  | 'backups'
  | 'certificates'
  | 'hostedZones'
  | 'metrics'
  | 'alarms'
  | 'logs'
  | 'clock'
  | 'machine'
>

export interface DiagnoseOptions {
  readonly environment: EnvironmentName
  /** Of pi-aws.yaml. */
  readonly domain: {readonly certificate?: string | undefined; readonly hostedZone?: string | undefined}
}

/** Stopped tasks of a service that are looked at. */
const mostTasks = 5
/** Failed operations are looked for so far back, ms. */
const lookBack = 7 * 86_400_000
const gibibyte = 1_073_741_824

/** One look; what it fails with is remembered as unknown, and never ends the others. */
class Looks {
  readonly unknown: {what: string; why: string}[] = []

  async at<T>(what: string, look: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await look()
    } catch (error) {
      this.unknown.push({what, why: error instanceof Error ? error.message : String(error)})
      return otherwise
    }
  }
}

/**
 * Looks at everything at once that tells what is wrong with an environment. Changes nothing.
 * @throws what reading the stacks throws: without them there is nothing to say
 */
export async function collectFacts(options: DiagnoseOptions, ports: DiagnosePorts): Promise<Facts> {
  const {environment} = options
  const landscape = await readLandscape(ports, environment)
  const outputs = mergedOutputs(landscape)
  const now = ports.clock.now()
  const looks = new Looks()
  const quiesced = stackOf(landscape, 'app')?.parameters['Quiesced'] === 'true'
  const bucket = outputs['RecordsBucket']
  const [stacks, services, operations, alarms, mute, errors, tls, database, files, backup, ...changes] =
    await Promise.all([
      Promise.all(
        parts
          .flatMap((part) => stackOf(landscape, part) ?? [])
          .map((stack) => stackFacts(ports, looks, landscape, stack, now)),
      ),
      looks.at(
        'the services',
        () => serviceFacts(ports, looks, outputs, quiesced ? undefined : stackOf(landscape, 'app')),
        [],
      ),
      looks.at('the operations', async () => (bucket === undefined ? [] : openOperations(ports, bucket)), []),
      looks.at('the alarms', () => ownAlarms(ports.metrics, environment), []),
      looks.at('silenced alarms', () => muteAlarms(ports, environment, bucket), {silenced: [], off: []}),
      looks.at('errors in the logs', () => recentErrors(ports.logs, logGroupsOf(outputs), now), []),
      looks.at('the certificate and the zone', () => tlsFacts(ports, options), {}),
      looks.at('the database', () => databaseFacts(ports, outputs['DatabaseIdentifier'], now), undefined),
      looks.at('the file system', () => fileFacts(ports, outputs['FileSystemId'], now), undefined),
      looks.at(
        'the backups',
        () => backupFacts(ports, outputs['BackupVaultName'], stackOf(landscape, 'operations'), now),
        undefined,
      ),
      looks.at('changes by hand of the database', () => changedByHand(ports.stacks, landscape, 'database'), []),
      looks.at('changes by hand of the file system', () => changedByHand(ports.stacks, landscape, 'files'), []),
    ])
  return {
    ...{environment, now: now.toISOString(), deployed: stackOf(landscape, 'foundation') !== undefined, quiesced},
    ...{stacks, services, alarms, errors, ...tls, unknown: looks.unknown},
    changes: changes.flat(),
    overdue: mute.silenced.filter(({overdue}) => overdue).map(({alarm, until}) => ({alarm, until})),
    // A quiesced platform's are off as they should be.
    alarmsOff: quiesced ? [] : mute.off,
    operations: operations.map(({opId, kind, state, reason}) => ({
      opId,
      kind,
      state,
      ...(reason === undefined ? {} : {reason}),
    })),
    ...(database === undefined ? {} : {database}),
    ...(files === undefined ? {} : {files}),
    ...(backup === undefined ? {} : {backup}),
  }
}

async function stackFacts(
  ports: DiagnosePorts,
  looks: Looks,
  landscape: Landscape,
  stack: StackDescription,
  now: Date,
): Promise<StackFacts> {
  const {health, meaning} = statusTable[stack.status]
  const part = parts.find((one) => stackOf(landscape, one) === stack) ?? stack.name
  const failed = health === 'unhealthy' || (health === 'healthy' && settledAs(stack.status) === 'rolledBack')
  const since = new Date(now.getTime() - lookBack).toISOString()
  const cause = failed
    ? await looks.at(`why ${stack.name} failed`, () => causeOf(ports, stack.id, since), undefined)
    : undefined
  const healthy = health !== 'unhealthy'
  const [leftovers, stuck] = await Promise.all([
    // Elsewhere what does not go is the cause itself.
    health === 'healthy'
      ? looks.at(`what updates of ${stack.name} left`, () => leftIn(ports, stack.id, since), [])
      : [],
    stack.status === 'UPDATE_ROLLBACK_FAILED'
      ? looks.at(`what the rollback of ${stack.name} hangs on`, () => stuckIn(ports.stacks, stack), [])
      : [],
  ])
  return {
    ...{part, stack: stack.name, status: stack.status, meaning, healthy},
    ...(cause === undefined ? {} : {cause}),
    ...(leftovers.length === 0 ? {} : {leftovers}),
    ...(stuck.length === 0 ? {} : {stuck: stuck.map(({name, type, reason}) => ({name, type, reason}))}),
  }
}

/** The first cause of a stack's last failed operation: its own events and those of nested stacks that failed in it. */
async function causeOf({stacks}: DiagnosePorts, stackId: string, since: string): Promise<RootCause | undefined> {
  const own = lastOperation(await stacks.eventsSince(stackId, since), stackId)
  const begun = own[0]?.at ?? since
  const all = [...own]
  const known = new Set([stackId])
  for (let more = failedChildren(all, known); more.length > 0; more = failedChildren(all, known)) {
    for (const child of more) {
      known.add(child)
      all.push(...(await stacks.eventsSince(child, begun)))
    }
  }
  return findRootCause(all)
}

/** Nested stacks that failed and were not read yet; the event of a failure may lack the id that earlier ones have. */
function failedChildren(events: readonly StackEvent[], known: ReadonlySet<string>): readonly string[] {
  const nested = events.filter(({type}) => type === 'AWS::CloudFormation::Stack')
  const failed = new Set(nested.filter(({status}) => status.endsWith('_FAILED')).map(({logicalId}) => logicalId))
  const ids = nested.filter(({logicalId}) => failed.has(logicalId)).map(({physicalId}) => physicalId)
  return [...new Set(ids)].filter((id) => id.startsWith('arn:') && !known.has(id))
}

/** Events from the beginning of the last create, update or delete on; its rollback is a part of it. */
function lastOperation(events: readonly StackEvent[], stackId: string): readonly StackEvent[] {
  const begin = events.findLastIndex(
    ({physicalId, status}) => physicalId === stackId && /^(?:CREATE|UPDATE|DELETE)_IN_PROGRESS$/.test(status),
  )
  return events.slice(Math.max(0, begin))
}

async function serviceFacts(
  {containers, loadBalancers}: DiagnosePorts,
  looks: Looks,
  outputs: Readonly<Record<string, string>>,
  app: StackDescription | undefined,
): Promise<readonly ServiceFacts[]> {
  const cluster = outputs['ClusterName']
  if (cluster === undefined) return []
  const states = await containers.services(cluster)
  const names = Object.entries(outputs).filter(([key]) => key.endsWith('ServiceName'))
  const rows = names.map(async ([key, physical]): Promise<ServiceFacts> => {
    const title = key.slice(0, -'ServiceName'.length)
    const state = states.find(({name}) => name === physical)
    if (state === undefined)
      return {name: title.toLowerCase(), running: 0, desired: 0, wanted: true, gone: true, stopped: [], events: []}
    const group = outputs[`${title}TargetGroupArn`]
    const [tasks, targets] = await Promise.all([
      looks.at(`stopped tasks of ${title}`, () => containers.stoppedTasks(cluster, physical), []),
      group === undefined
        ? undefined
        : looks.at(`targets of ${title}`, () => loadBalancers.targetHealth(group), undefined),
    ])
    return {
      name: title.toLowerCase(),
      running: state.running,
      desired: state.desired,
      wanted: app !== undefined && app.parameters[`${title}Min`] !== '0',
      stopped: tasks
        .slice(0, mostTasks)
        .map(({stoppedReason, containers: all}): TaskEnd => ({reason: stoppedReason, containers: all})),
      events: state.events.slice(0, mostTasks).map(({message}) => message),
      ...(targets === undefined ? {} : {targets}),
    }
  })
  return Promise.all(rows)
}

async function tlsFacts(
  {certificates, hostedZones}: DiagnosePorts,
  {domain}: DiagnoseOptions,
): Promise<Pick<Facts, 'certificate' | 'zone'>> {
  const [certificate, zone] = await Promise.all([
    domain.certificate === undefined ? undefined : certificates.describe(domain.certificate),
    domain.hostedZone === undefined ? undefined : hostedZones.zone(domain.hostedZone),
  ])
  const {certificate: arn, hostedZone: id} = domain
  const state = certificate ?? {status: 'not there', notAfter: undefined}
  return {
    ...(arn === undefined
      ? {}
      : {
          certificate: {arn, status: state.status, ...(state.notAfter === undefined ? {} : {notAfter: state.notAfter})},
        }),
    ...(id === undefined ? {} : {zone: {id, found: zone !== undefined}}),
  }
}

function lastHour(now: Date): readonly [Date, Date] {
  return [new Date(now.getTime() - 3_600_000), now]
}

async function databaseFacts(
  {databases, metrics}: DiagnosePorts,
  identifier: string | undefined,
  now: Date,
): Promise<Facts['database']> {
  if (identifier === undefined) return undefined
  const of = {namespace: 'AWS/RDS', dimension: ['DBInstanceIdentifier', identifier], statistic: 'Minimum'} as const
  const [state, [free, credits]] = await Promise.all([
    databases.instance(identifier),
    metrics.latest(
      [
        {...of, metric: 'FreeStorageSpace'},
        {...of, metric: 'CPUCreditBalance'},
      ],
      ...lastHour(now),
    ),
  ])
  return {
    identifier,
    status: state?.status ?? 'not there',
    size: (state?.allocatedStorage ?? 0) * gibibyte,
    ...(free === undefined ? {} : {free}),
    ...(credits === undefined ? {} : {credits}),
  }
}

async function fileFacts(
  {fileSystems, metrics}: DiagnosePorts,
  id: string | undefined,
  now: Date,
): Promise<Facts['files']> {
  if (id === undefined) return undefined
  const burst = {
    namespace: 'AWS/EFS',
    metric: 'BurstCreditBalance',
    dimension: ['FileSystemId', id],
    statistic: 'Minimum',
  } as const
  const [state, [credits]] = await Promise.all([fileSystems.describe(id), metrics.latest([burst], ...lastHour(now))])
  return {id, state: state?.state ?? 'not there', ...(credits === undefined ? {} : {credits})}
}

async function backupFacts(
  {backups}: DiagnosePorts,
  vault: string | undefined,
  operations: StackDescription | undefined,
  now: Date,
): Promise<Facts['backup']> {
  if (vault === undefined || operations === undefined) return undefined
  const since = new Date(now.getTime() - 2 * 86_400_000).toISOString()
  const [last, jobs] = await Promise.all([backups.lastRecoveryPoint(vault), backups.jobs(vault, since)])
  const failed = jobs
    .filter(({state}) => ['FAILED', 'ABORTED', 'EXPIRED', 'PARTIAL'].includes(state))
    .map(
      ({state, resourceArn, message}) =>
        `${state} backup of ${resourceArn}${message === undefined ? '' : `: ${message}`}`,
    )
  return {...(last === undefined ? {} : {last}), failed, deployedAt: operations.createdAt}
}
