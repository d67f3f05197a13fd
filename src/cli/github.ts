import {appendFile} from 'node:fs/promises'
import type {PiError} from '../domain/errors.ts'
import type {ExitCode} from '../domain/exit-codes.ts'
import {formatError} from '../ui/format/error.ts'
import {annotation, levelOf, meaningOf, summarySection} from '../ui/format/github.ts'
import {type Layout, loadLayout} from '../ui/format/layout.ts'
import {oneLine} from '../ui/format/visible.ts'
import type {Reporter} from '../ui/reporters/index.ts'
import {commandRunner} from './guarded-output.ts'

/** A page for readers in a browser: no terminal, no colours. */
const browser = {isTTY: false, color: false, unicode: true, width: 100, height: 50}

/**
 * Warnings of a run as annotations. They go to stderr, whose lines the runner reads as it reads those of stdout, so that
 * JSON on stdout stays JSON. Of secrets nothing is written, not even to have them masked: stderr may go into a file.
 */
export function annotated(reporter: Reporter): Reporter {
  return {
    ...reporter,
    report(event) {
      reporter.report(event)
      if (event.type === 'warning') annotate('warning', event.code, event.message)
    },
  }
}

function annotate(level: Parameters<typeof annotation>[0], title: string, message: string): void {
  commandRunner(annotation(level, `pi-aws ${oneLine(title)}`, message))
}

/** Tells a result that the exit code says no to, and adds it to the summary of the step. */
export async function tellResult<R extends object>(
  result: R,
  how: {
    readonly command: string
    readonly exitCode: ExitCode
    readonly format: (result: R, layout: Layout) => string
  },
): Promise<void> {
  const {command, exitCode, format} = how
  const environment = (result as {readonly environment?: unknown}).environment
  const title = ['pi-aws', command, ...(typeof environment === 'string' ? [environment] : [])].join(' ')
  if (exitCode !== 0) {
    annotate(levelOf(exitCode), 'result', `${title}: ${meaningOf(exitCode)} (exit code ${exitCode})`)
  }
  const page = format(result, await loadLayout(browser, ''))
  await addToSummary(summarySection({title, exitCode, page}))
}

/** Tells an error, and adds it to the summary of the step. */
export async function tellError(error: PiError, command: string): Promise<void> {
  const steps = error.suggestions.map((suggestion) => `\n- ${oneLine(suggestion)}`).join('')
  annotate(levelOf(error.exitCode), error.code, `${error.message}${steps}`)
  const title = ['pi-aws', command].join(' ').trim()
  await addToSummary(summarySection({title, exitCode: error.exitCode, page: formatError(error)}))
}

/** A summary that cannot be written is no failure of what it tells about. */
async function addToSummary(section: string): Promise<void> {
  const file = process.env['GITHUB_STEP_SUMMARY']
  if (file === undefined || file === '') return
  try {
    await appendFile(file, section)
  } catch (error) {
    const {code = 'unknown reason'} = error as NodeJS.ErrnoException
    annotate('warning', 'SUMMARY_UNWRITABLE', `The summary of the step cannot be written (${code}).`)
  }
}
