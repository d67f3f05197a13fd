import {type ExitCode, exitCodes, exitTable} from '../../domain/exit-codes.ts'

/** How a runner of GitHub Actions shows a line: beside the files of the run, and by colour in its log. */
export type AnnotationLevel = 'error' | 'warning' | 'notice'

/** Characters of a page that a summary shows; GitHub drops the summary of a step that is over 1 MiB. */
const longest = 60_000

/** A code that is neither good nor a failure yet is told more quietly. */
const quieter: Partial<Record<ExitCode, AnnotationLevel>> = {
  [exitCodes.pending]: 'notice',
  [exitCodes.paused]: 'warning',
  [exitCodes.cancelled]: 'warning',
}

/** How loud the end of a command is. */
export function levelOf(exitCode: ExitCode): AnnotationLevel {
  return quieter[exitCode] ?? 'error'
}

/** What an exit code means, in the words of the one table. */
export function meaningOf(exitCode: ExitCode): string {
  return exitTable.find(({code}) => code === exitCode)?.meaning ?? ''
}

/**
 * A line that the runner takes for an annotation. Its grammar is that of GitHub's workflow commands: percent signs and line
 * ends are escaped, in properties colons and commas too.
 */
export function annotation(level: AnnotationLevel, title: string, message: string): string {
  return `::${level} title=${property(title)}::${escaped(message)}\n`
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/** How a command ended, as the summary of a step shows it. */
export interface SummarySection {
  /** Such as `pi-aws deploy prod`. */
  readonly title: string
  readonly exitCode: ExitCode
  /** The page that a terminal would show, without colours. */
  readonly page: string
}

/** A section of Markdown, whatever the page holds. */
export function summarySection({title, exitCode, page}: SummarySection): string {
  const end = exitCode === exitCodes.ok ? meaningOf(exitCode) : `${meaningOf(exitCode)} (exit code ${exitCode})`
  const text = page.trim()
  const cut = text.length > longest ? `${text.slice(0, longest)}\n(cut: the log of the step has all)` : text
  const fence = '`'.repeat(Math.max(3, ...[...cut.matchAll(/`+/g)].map(([run]) => run.length + 1)))
  return `### ${title}: ${end}\n\n${fence}text\n${cut}\n${fence}\n\n`
}
