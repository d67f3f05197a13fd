import {ndjsonReporter} from './ndjson.ts'
import {plainReporter} from './plain.ts'
import type {Output, Reporter, ReporterKind, ReporterOptions} from './reporter.ts'
import {silentReporter} from './silent.ts'
import {tasksReporter} from './tasks.ts'

export type {Output, Reporter, ReporterKind, ReporterOptions} from './reporter.ts'

/** Makes the reporter that turns the events of a flow into what is seen. */
export function createReporter(kind: ReporterKind, out: Output, options: ReporterOptions = {}): Reporter {
  switch (kind) {
    case 'tasks':
      return tasksReporter(out, options)
    case 'plain':
      return plainReporter(out, options)
    case 'ndjson':
      return ndjsonReporter(out)
    case 'silent':
      return silentReporter(out)
  }
}

/**
 * Which reporter fits: ndjson and json as asked for (json keeps quiet until its result), a live list only on a terminal
 * outside of CI, plain lines everywhere else.
 */
export function reporterKind(output: 'text' | 'json' | 'ndjson', traits: Output['traits'], ci: boolean): ReporterKind {
  if (output === 'ndjson') return 'ndjson'
  if (output === 'json') return 'silent'
  return traits.isTTY && !ci ? 'tasks' : 'plain'
}
