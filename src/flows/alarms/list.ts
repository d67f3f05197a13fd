import {
  alarmCalled,
  descriptionPrefix,
  silenced,
  silencesKey,
  silencesSchema,
  type Silence,
  type SilencedAlarm,
} from '../../domain/alarms/silences.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import {recordsBucketOf, readLandscape} from '../landscape.ts'
import {readRecord} from '../ledger/record.ts'
import type {Ports} from '../ports.ts'
import type {Alarm} from '../telemetry/ports.ts'
import type {AlarmHistoryResult, AlarmsResult, ListedAlarm} from './options.ts'

export type AlarmPorts = Pick<Ports, 'stacks' | 'objects' | 'alarms' | 'clock'>

/**
 * Alarms of an environment, their descriptions without its name. CloudFormation begins their names with the stack's, and so
 * may those of another environment; the description names this one and nothing else.
 */
export async function alarmsOf(
  {alarms}: Pick<Ports, 'alarms'>,
  environment: EnvironmentName,
): Promise<readonly Alarm[]> {
  const own = descriptionPrefix(environment)
  const found = await alarms.list(`pi-${environment}-`)
  return found
    .filter(({description}) => description.startsWith(own))
    .map((alarm) => ({...alarm, description: alarm.description.slice(own.length)}))
}

/** @throws FailedError LEDGER_UNREADABLE */
export async function readSilences(
  {objects}: Pick<Ports, 'objects'>,
  bucket: string,
  environment: EnvironmentName,
): Promise<readonly Silence[]> {
  const what = `Silences of ${environment}`
  return (await readRecord(objects, bucket, silencesKey(environment), silencesSchema, what))?.silences ?? []
}

/**
 * Alarms that tell nobody because they were silenced here. CloudWatch is asked only where the ledger knows of silences.
 * @throws FailedError LEDGER_UNREADABLE
 */
export async function silencedAlarms(
  ports: AlarmPorts,
  environment: EnvironmentName,
  bucket: string | undefined,
): Promise<readonly SilencedAlarm[]> {
  const silences = bucket === undefined ? [] : await readSilences(ports, bucket, environment)
  if (silences.length === 0) return []
  return silenced(await alarmsOf(ports, environment), silences, ports.clock.now().getTime())
}

/** The alarms, and which of them were silenced here. */
async function alarmsAndSilences(
  ports: AlarmPorts,
  environment: EnvironmentName,
  bucket: string | undefined,
): Promise<{readonly alarms: readonly Alarm[]; readonly silent: readonly SilencedAlarm[]}> {
  const [alarms, silences] = await Promise.all([
    alarmsOf(ports, environment),
    bucket === undefined ? [] : readSilences(ports, bucket, environment),
  ])
  return {alarms, silent: silenced(alarms, silences, ports.clock.now().getTime())}
}

/**
 * Alarms that tell nobody: those that were silenced here, and by name those that somebody switched off in CloudWatch.
 * @throws FailedError LEDGER_UNREADABLE
 */
export async function muteAlarms(
  ports: AlarmPorts,
  environment: EnvironmentName,
  bucket: string | undefined,
): Promise<{readonly silenced: readonly SilencedAlarm[]; readonly off: readonly string[]}> {
  const {alarms, silent} = await alarmsAndSilences(ports, environment, bucket)
  const off = alarms.filter(({name, acts}) => !acts && !silent.some(({alarm}) => alarm === name))
  return {silenced: silent, off: off.map(({name}) => name).sort()}
}

const order = ['ALARM', 'INSUFFICIENT_DATA', 'OK']

/**
 * How the alarms stand, and which of them tell nobody.
 * @throws RefusedError NO_FOUNDATION
 */
export async function listAlarms(environment: EnvironmentName, ports: AlarmPorts): Promise<AlarmsResult> {
  const bucket = recordsBucketOf(await readLandscape(ports, environment))
  const {alarms, silent} = await alarmsAndSilences(ports, environment, bucket)
  const listed = alarms.map(({acts, ...alarm}): ListedAlarm => {
    const one = silent.find((each) => each.alarm === alarm.name)
    if (one !== undefined) return {...alarm, actions: 'silenced', silencedUntil: one.until, overdue: one.overdue}
    return {...alarm, actions: acts ? 'on' : 'off'}
  })
  const sorted = listed.toSorted(
    (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || (a.name < b.name ? -1 : 1),
  )
  return {environment, alarms: sorted}
}

/**
 * What became of alarms since a moment, newest first.
 * @param name one of them, or a piece of its name; all without
 * @param from ms since 1970
 * @throws NotFoundError UNKNOWN_ALARM
 */
export async function alarmHistory(
  {environment, name, from}: {environment: EnvironmentName; name: string | undefined; from: number},
  ports: Pick<AlarmPorts, 'alarms'>,
): Promise<AlarmHistoryResult> {
  const own = await alarmsOf(ports, environment)
  const chosen = name === undefined ? own : [alarmCalled(name, own, environment)]
  const items: AlarmHistoryResult['items'][number][] = []
  // One after the other: CloudWatch takes few of these calls a second.
  for (const alarm of chosen) {
    const since = new Date(from)
    items.push(...(await ports.alarms.history(alarm.name, since)).map((item) => ({...item, alarm: alarm.name})))
  }
  const sorted = items.toSorted((a, b) => (a.at < b.at ? 1 : -1))
  return {environment, from: new Date(from).toISOString(), items: sorted}
}
