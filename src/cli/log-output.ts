import {setFlagsFromString} from 'node:v8'
import {UsageError} from '../domain/errors.ts'
import type {Zone} from '../domain/logs/moments.ts'
import {isMeant, type LogService, logServices} from '../domain/logs/services.ts'
import type {LogSink} from '../flows/logs/ports.ts'
import type {LogsResult} from '../flows/logs/options.ts'
import {type OutputKind, schemaVersion} from './output.ts'

export interface LogLook {
  /** Those that are asked for. */
  readonly services: readonly LogService[]
  readonly raw: boolean
  readonly follow: boolean
  readonly zone: Zone
  readonly highlight: readonly RegExp[]
}

export interface LogOutput {
  readonly sink: LogSink
  /** Ends what was printed. */
  end(result: LogsResult): Promise<void>
}

/**
 * Where lines go in each form.
 * @throws UsageError for forms that do not fit together
 */
export async function openLogOutput(
  output: OutputKind,
  {services, raw, follow, zone, highlight}: LogLook,
): Promise<LogOutput> {
  if (output === 'json' && follow) {
    throw new UsageError('Json has an end, and --follow has none.', {
      code: 'FLAGS_DO_NOT_FIT',
      suggestions: ['Use --output ndjson: one line of JSON for each line of the log'],
    })
  }
  if (output !== 'text' && raw) {
    throw new UsageError('--raw prints messages and nothing else: it does not fit to JSON.', {code: 'FLAGS_DO_NOT_FIT'})
  }
  // V8 would let its young generation grow to 32 MB: lines die so young that the room it begins with is enough.
  setFlagsFromString('--semi-space-growth-factor=1')
  const [formats, {logWriter}, {loadTheme, traitsOf}] = await Promise.all([
    import('../ui/format/log-lines.ts'),
    import('../ui/log-writer.ts'),
    import('../ui/theme.ts'),
  ])
  const {stdout} = process
  if (output === 'json') {
    const items = formats.jsonItems(`{\n  "schemaVersion": ${schemaVersion},\n  "events": [`)
    return {
      sink: logWriter(stdout, items),
      async end(result) {
        stdout.write(`${items([])}\n  ],${JSON.stringify(result, null, 2).slice(1)}\n`)
      },
    }
  }
  if (output === 'ndjson') {
    return {
      sink: logWriter(stdout, formats.ndjsonLines),
      async end(result) {
        stdout.write(`${JSON.stringify({schemaVersion, type: 'result', ...result})}\n`)
      },
    }
  }
  const traits = traitsOf(stdout, process.env)
  const shown = logServices.filter((service) => isMeant(service, services))
  // A service alone takes the columns that all of them do.
  const width = Math.max(...[...shown, 'dashboard'].map(({length}) => length))
  const format = raw
    ? formats.rawLines(!traits.isTTY)
    : formats.textLines({theme: await loadTheme(traits), zone, highlight, width})
  return {sink: logWriter(stdout, format), end: async () => undefined}
}
