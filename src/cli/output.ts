import type {PiError} from '../domain/errors.ts'
import {shellWord} from '../domain/shell-word.ts'
import type {Layout} from '../ui/format/layout.ts'
import type {Reporter} from '../ui/reporters/index.ts'

/** `--output`. */
export type OutputKind = 'text' | 'json' | 'ndjson'

/** Version of every JSON form that scripts may rely on. */
export const schemaVersion = 1

/** Prints a result as text, on what the layout helps with. */
export type Format<R> = (result: R, layout: Layout) => string

/** What ndjson prints of a result: a line for each of its entries, then the rest of it as the last line. */
export type Lines<R> = (result: R) => {readonly lines: Iterable<object>; readonly rest: object}

/** Whether questions may be asked: a terminal on both ends, nothing that says otherwise. */
export function mayAsk(flags: {readonly output: OutputKind; readonly yes: boolean}, env: NodeJS.ProcessEnv): boolean {
  return flags.output === 'text' && !flags.yes && isAttended(env)
}

/** True where a person sits in front: a terminal, and no CI service. */
export function isAttended(env: NodeJS.ProcessEnv): boolean {
  return !inCi(env) && process.stdin.isTTY && process.stderr.isTTY
}

/** True on a runner of GitHub Actions, which shows annotations and summaries. */
export function onGitHub(env: NodeJS.ProcessEnv): boolean {
  return env['GITHUB_ACTIONS'] === 'true'
}

/** True where a CI service says that it runs this. */
export function inCi(env: NodeJS.ProcessEnv): boolean {
  return (env['CI'] ?? '') !== '' && env['CI'] !== 'false'
}

/** The result on stdout, in the form that was asked for. */
export async function printResult<R extends object>(
  output: OutputKind,
  result: R,
  format: Format<R>,
  flags: string,
  split: Lines<R> = (whole) => ({lines: [], rest: whole}),
): Promise<void> {
  if (output === 'json') {
    process.stdout.write(`${JSON.stringify({schemaVersion, ...result}, null, 2)}\n`)
    return
  }
  if (output === 'ndjson') {
    const {lines, rest} = split(result)
    for (const line of lines) process.stdout.write(`${JSON.stringify({schemaVersion, ...line})}\n`)
    process.stdout.write(`${JSON.stringify({schemaVersion, type: 'result', ...rest})}\n`)
    return
  }
  const [{loadLayout}, {traitsOf}] = await Promise.all([import('../ui/format/layout.ts'), import('../ui/theme.ts')])
  process.stdout.write(format(result, await loadLayout(traitsOf(process.stdout, process.env), flags)))
}

/**
 * Makes the reporter for a run.
 * @param streams stdout is written to while the flow runs: a live list would be in its way
 */
export async function openReporter(output: OutputKind, verbose: boolean, streams = false): Promise<Reporter> {
  const [{createReporter, reporterKind}, {traitsOf}] = await Promise.all([
    import('../ui/reporters/index.ts'),
    import('../ui/theme.ts'),
  ])
  const traits = traitsOf(process.stderr, process.env)
  const reporter = createReporter(
    reporterKind(output, traits, inCi(process.env) || streams),
    {stdout: process.stdout, stderr: process.stderr, traits},
    {verbose},
  )
  return onGitHub(process.env) ? (await import('./github.ts')).annotated(reporter) : reporter
}

/** Which form a command line asks for, read without parsing it: errors of parsing must come out in it too. */
export function outputOf(argv: readonly string[], env: NodeJS.ProcessEnv): OutputKind {
  if (argv.includes('--json') || isTrue(env['PI_AWS_JSON'])) return 'json'
  const index = argv.findIndex((word) => word === '--output' || word.startsWith('--output='))
  const word = index === -1 ? env['PI_AWS_OUTPUT'] : wordAfter(argv, index)
  return word === 'json' || word === 'ndjson' ? word : 'text'
}

/** The value of a flag that is written as `--flag value` or `--flag=value`. */
function wordAfter(argv: readonly string[], index: number): string | undefined {
  const [, value] = (argv[index] ?? '').split('=')
  return value ?? argv[index + 1]
}

/** The flags of a command line by which it found its environment: the commands that it proposes need them too. */
export function placeFlags(argv: readonly string[]): string {
  const index = argv.findIndex((word) => word === '--config' || word.startsWith('--config='))
  const config = index === -1 ? undefined : wordAfter(argv, index)
  return [
    ...(argv.includes('--local') ? ['--local'] : []),
    ...(config === undefined ? [] : [`--config ${shellWord(config)}`]),
  ].join(' ')
}

function isTrue(text: string | undefined): boolean {
  return text === '1' || text === 'true'
}

/** Every error leaves here: text on stderr, or JSON on stdout where JSON was asked for. */
export async function printError(error: PiError, output: OutputKind, argv: readonly string[]): Promise<void> {
  const {errorToJson, formatError} = await import('../ui/format/error.ts')
  if (output === 'json') {
    process.stdout.write(`${JSON.stringify(errorToJson(error), null, 2)}\n`)
  } else if (output === 'ndjson') {
    process.stdout.write(`${JSON.stringify({type: 'error', ...errorToJson(error)})}\n`)
  } else {
    const {loadTheme, symbolsFor, traitsOf} = await import('../ui/theme.ts')
    const traits = traitsOf(process.stderr, process.env)
    const verbose = argv.includes('--verbose') || argv.includes('-v')
    process.stderr.write(
      formatError(error, {
        theme: await loadTheme(traits),
        symbols: symbolsFor(traits),
        verbose,
        flags: placeFlags(argv),
      }),
    )
  }
}
