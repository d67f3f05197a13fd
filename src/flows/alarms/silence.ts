import {
  alarmCalled,
  silenced,
  silencesKey,
  silencesSchema,
  type Silence,
  type SilencedAlarm,
} from '../../domain/alarms/silences.ts'
import {RefusedError} from '../../domain/errors.ts'
import {requireAccount} from '../account.ts'
import {type Landscape, readLandscape, recordsBucketOf, stackOf} from '../landscape.ts'
import {beginOperation, type Operation} from '../ledger/operation.ts'
import type {CallerIdentity, Ports} from '../ports.ts'
import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import type {Alarm} from '../telemetry/ports.ts'
import {type AlarmPorts, alarmsOf, readSilences} from './list.ts'
import type {SilenceOptions, SilenceResult} from './options.ts'

export type SilencePorts = AlarmPorts & Pick<Ports, 'identity' | 'machine' | 'packageFiles'>

/** Alarms of one call (API reference, DisableAlarmActions). */
const mostAlarms = 100

interface Change {
  readonly changed: readonly string[]
  readonly notes: readonly string[]
}

function changeOf(until: number | undefined, chosen: readonly Alarm[], silences: readonly Silence[]): Change {
  const recorded = (name: string): boolean => silences.some(({alarm}) => alarm === name)
  if (until === undefined) {
    const changed = chosen.filter(({name}) => recorded(name)).map(({name}) => name)
    return {changed, notes: changed.length === 0 ? ['None of them was silenced here'] : []}
  }
  // What is off without us is so for a reason of its own, and an undo must not switch it on.
  const off = chosen.filter(({name, acts}) => !acts && !recorded(name))
  return {
    changed: chosen.filter((alarm) => !off.includes(alarm)).map(({name}) => name),
    notes: [
      ...off.map(({name}) => `${name} tells nobody already, and not because it was silenced here: it is left alone`),
      'Nothing ends a silence by itself: at its time, pi-aws alarms silence --undo; after it status and diagnose say so',
    ],
  }
}

function requireReleased(landscape: Landscape): void {
  if (stackOf(landscape, 'app')?.parameters['Quiesced'] !== 'true') return
  const {environment} = landscape
  throw new RefusedError(
    `The platform of ${environment} is quiesced, which keeps its alarms silent too: they would all fire. Nothing was changed.`,
    {code: 'QUIESCED', suggestions: [`pi-aws ops list ${environment}`, `pi-aws status ${environment}`]},
  )
}

/**
 * Has alarms tell nobody for a while, or tell again. They go on watching; only what they do is switched off.
 * @throws RefusedError WRONG_ACCOUNT, NO_FOUNDATION, QUIESCED; NotFoundError UNKNOWN_ALARM; LockedError LOCKED
 */
export async function silenceAlarms(options: SilenceOptions, ports: SilencePorts, run: Run): Promise<SilenceResult> {
  const {environment, until, dryRun} = options
  const caller = await ports.identity.caller()
  requireAccount(caller, environment, options.account)
  const landscape = await readLandscape(ports, environment)
  const bucket = recordsBucketOf(landscape)
  const [own, silences] = await Promise.all([alarmsOf(ports, environment), readSilences(ports, bucket, environment)])
  const chosen = options.alarms.length === 0 ? own : options.alarms.map((text) => alarmCalled(text, own, environment))
  if (until === undefined) requireReleased(landscape)
  const change = changeOf(until, chosen, silences)
  const result = {
    environment,
    action: until === undefined ? ('undo' as const) : ('silence' as const),
    ...(until === undefined ? {} : {until: new Date(until).toISOString()}),
    ...change,
  }
  const now = ports.clock.now().getTime()
  if (dryRun) return {...result, state: 'planned', silenced: silenced(own, silences, now)}
  if (change.changed.length === 0 && options.resume === undefined)
    return {...result, state: 'unchanged', silenced: silenced(own, silences, now)}
  const done = await carryOut(options, ports, run, {caller, bucket, changed: change.changed})
  return {...result, state: 'done', ...done}
}

interface Work {
  readonly caller: CallerIdentity
  readonly bucket: string
  readonly changed: readonly string[]
}

async function carryOut(
  {environment, alarms, until, resume}: SilenceOptions,
  ports: SilencePorts,
  run: Run,
  {caller, bucket, changed}: Work,
): Promise<{readonly opId: string; readonly silenced: readonly SilencedAlarm[]}> {
  const request = {
    ...({kind: 'silence', environment, caller, bucket} as const),
    options: {alarms, ...(until === undefined ? {} : {until})},
    ...(resume === undefined ? {} : {resume}),
  }
  const operation = await beginOperation(ports, request, run)
  try {
    const title = `${until === undefined ? 'Give a voice to' : 'Silence'} ${changed.length} alarms`
    await reported({clock: ports.clock, report: run.report}, {step: 'effect', title}, async () => {
      await operation.record('effect', () => tell(operation, ports, {bucket, changed, until, by: caller.arn}))
      return {value: undefined, outcome: 'done'}
    })
    await operation.commit({changed})
  } catch (error) {
    throw await operation.end(error)
  }
  const [own, silences] = await Promise.all([alarmsOf(ports, environment), readSilences(ports, bucket, environment)])
  return {opId: operation.opId, silenced: silenced(own, silences, ports.clock.now().getTime())}
}

/**
 * Told first and done then, or undone first and forgotten then: whenever it breaks off, nothing is silent that nobody
 * knows of.
 */
async function tell(
  {environment, opId}: Operation,
  ports: SilencePorts,
  {bucket, changed, until, by}: Omit<Work, 'caller'> & {readonly until: number | undefined; readonly by: string},
): Promise<void> {
  const others = (await readSilences(ports, bucket, environment)).filter(({alarm}) => !changed.includes(alarm))
  const at = ports.clock.now().toISOString()
  const write = async (silences: readonly Silence[]): Promise<void> => {
    const record = silencesSchema.parse({schemaVersion: 1, silences})
    await ports.objects.put(bucket, silencesKey(environment), new TextEncoder().encode(JSON.stringify(record)))
  }
  const act = async (acts: boolean): Promise<void> => {
    for (let from = 0; from < changed.length; from += mostAlarms)
      await ports.alarms.setActions(changed.slice(from, from + mostAlarms), acts)
  }
  if (until === undefined) {
    await act(true)
    await write(others)
    return
  }
  const ends = new Date(until).toISOString()
  await write([...others, ...changed.map((alarm) => ({alarm, at, until: ends, by, opId}))])
  await act(false)
}
