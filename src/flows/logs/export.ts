import {FailedError, RefusedError} from '../../domain/errors.ts'
import {
  type ExportedUnit,
  exportFile,
  type ExportRecord,
  exportSchema,
  type ExportUnit,
  isThere,
  unitsOf,
  widened,
} from '../../domain/logs/export.ts'
import {recordOf} from '../../domain/logs/record.ts'
import {isMeant, type LogService, logGroupsOf} from '../../domain/logs/services.ts'
import {linesOf, type LogEntry} from '../../domain/logs/traces.ts'
import type {Span} from '../../domain/logs/moments.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import {mergedOutputs, readLandscape} from '../landscape.ts'
import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import {Handover} from './handover.ts'
import {logs} from './logs.ts'
import type {ExportFolder, LogsPorts} from './ports.ts'

export interface LogsExportOptions {
  readonly environment: EnvironmentName
  /** None: all but those of traffic. */
  readonly services: readonly LogService[]
  readonly span: Span
  readonly gzip: boolean
}

export interface LogsExportResult {
  readonly environment: string
  /** Absolute path. */
  readonly folder: string
  /** ISO 8601 UTC. */
  readonly from: string
  readonly to: string
  readonly files: readonly {
    readonly file: string
    readonly service: string
    readonly day: string
    readonly lines: number
    readonly bytes: number
    readonly sha256: string
    /** there: an earlier export had it whole already; empty: nothing was written that day, and there is no file. */
    readonly state: 'written' | 'there' | 'empty'
  }[]
  /** Of all these files. */
  readonly lines: number
  readonly bytes: number
}

type ExportPorts = Omit<LogsPorts, 'sink'> & {readonly exportFolder: ExportFolder}

/**
 * Writes what services wrote into files, one for each service and day (UTC), a line of JSON for each line. A file is there
 * wholly or not at all, and what is there is not read again: an export that broke off goes on where it was.
 * @throws NotFoundError NO_LOG_GROUP; RefusedError EXPORT_DIFFERS; CancelledError
 */
export async function logsExport(options: LogsExportOptions, ports: ExportPorts, run: Run): Promise<LogsExportResult> {
  const {environment, span, gzip} = options
  const {exportFolder: folder, clock} = ports
  const to = span.to ?? clock.now().getTime()
  const services = await servicesOf(options, ports)
  const record = await readRecord(folder, environment, gzip)
  const files = new Map(record.files.map((file) => [exportFile(file, gzip), file]))
  const done: LogsExportResult['files'][number][] = []
  for (const unit of unitsOf(services, {from: span.from, to})) {
    const name = exportFile(unit, gzip)
    const known = await whole(folder, name, files.get(name))
    if (isThere(unit, known)) {
      done.push({...shownOf(known, name), state: known.lines === 0 ? 'empty' : 'there'})
      continue
    }
    const written = await reported({clock, report: run.report}, {step: name, title: name}, async () => {
      const value = await exportUnit(widened(unit, known), options, ports, run)
      return {value, outcome: 'done', detail: `${value.lines} lines`}
    })
    files.set(name, written)
    await folder.keep(JSON.stringify({...record, files: [...files.values()]} satisfies ExportRecord, null, 2))
    done.push({...shownOf(written, name), state: written.lines === 0 ? 'empty' : 'written'})
  }
  return {
    ...{environment, folder: folder.path},
    ...{from: new Date(span.from).toISOString(), to: new Date(to).toISOString()},
    files: done,
    lines: done.reduce((sum, {lines}) => sum + lines, 0),
    bytes: done.reduce((sum, {bytes}) => sum + bytes, 0),
  }
}

function shownOf({service, day, lines, bytes, sha256}: ExportedUnit, file: string) {
  return {file, service, day, lines, bytes, sha256}
}

async function servicesOf(
  {environment, services}: LogsExportOptions,
  ports: ExportPorts,
): Promise<readonly LogService[]> {
  if (services.length > 0) return services
  const groups = logGroupsOf(mergedOutputs(await readLandscape(ports, environment)))
  return [...new Set(groups.map(({service}) => service)), 'events' as const].filter((service) => isMeant(service, []))
}

async function readRecord(folder: ExportFolder, environment: string, gzip: boolean): Promise<ExportRecord> {
  const text = await folder.record()
  if (text === undefined) return {schemaVersion: 1, environment, gzip, files: []}
  const record = parsed(text)
  if (record.environment === environment && record.gzip === gzip) return record
  const is =
    record.environment === environment ? `is ${record.gzip ? '' : 'not '}packed` : `is of ${record.environment}`
  throw new RefusedError(`The export in ${folder.path} ${is}. Nothing was written.`, {
    code: 'EXPORT_DIFFERS',
    suggestions: ['Name another folder with --out'],
  })
}

function parsed(text: string): ExportRecord {
  try {
    return exportSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new FailedError('export.json in that folder is not what an export writes. Nothing was written.', {
      code: 'EXPORT_UNREADABLE',
      suggestions: ['Name another folder with --out'],
      cause,
    })
  }
}

/** What the record says, as long as the file is as long as it was. */
async function whole(
  folder: ExportFolder,
  name: string,
  known: ExportedUnit | undefined,
): Promise<ExportedUnit | undefined> {
  if (known === undefined || known.lines === 0) return known
  return (await folder.size(name)) === known.bytes ? known : undefined
}

async function exportUnit(
  unit: ExportUnit,
  {environment, gzip}: LogsExportOptions,
  ports: ExportPorts,
  run: Run,
): Promise<ExportedUnit> {
  const {clock, exportFolder} = ports
  const readAt = clock.now().getTime()
  let lines = 0
  const encoder = new TextEncoder()
  const content = async function* (): AsyncGenerator<Uint8Array> {
    for await (const entries of linesIn(unit, environment, ports, run)) {
      const some = entries.flatMap(linesOf)
      lines += some.length
      yield encoder.encode(some.map((line) => `${JSON.stringify(recordOf(line))}\n`).join(''))
    }
  }
  const chunks = content()
  const first = await chunks.next()
  const file =
    first.done === true
      ? {bytes: 0, sha256: ''}
      : await exportFolder.write(exportFile(unit, gzip), joined(first.value, chunks), gzip)
  return {...unit, readAt, lines, ...file}
}

async function* joined(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first
  yield* rest
}

/** What `logs` would print of it. */
async function* linesIn(
  {service, from, to}: ExportUnit,
  environment: EnvironmentName,
  ports: ExportPorts,
  run: Run,
): AsyncGenerator<readonly LogEntry[]> {
  const handover = new Handover<readonly LogEntry[]>()
  const options = {
    ...{environment, services: [service as LogService], span: {from, to}, since: true},
    ...{follow: false, reorder: 0, grep: [], exclude: [], previous: false},
  }
  const reading = logs(options, {...ports, sink: {write: (entries) => handover.give(entries)}}, run).then(
    ({cancelled}) => handover.end(cancelled ? (run.pause.reason as Error) : undefined),
    (error: unknown) => handover.end(error as Error),
  )
  try {
    for (let entries = await handover.take(); entries !== undefined; entries = await handover.take()) yield entries
  } finally {
    handover.leave()
    await reading
  }
}
