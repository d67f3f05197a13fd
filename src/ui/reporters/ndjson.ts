import {jsonLine} from '../format/visible.ts'
import {writerFor} from '../stream.ts'
import {inTheOpen, type Output, type Reporter} from './reporter.ts'

/** Each event as a line of JSON on stdout. The result's line is written by the command, after `finish`. */
export function ndjsonReporter(out: Output): Reporter {
  const writer = writerFor(out.stdout)
  let finished = false
  return {
    report(event) {
      if (!finished || event.type === 'warning') writer.write(jsonLine({schemaVersion: 1, ...event}))
    },
    aside: inTheOpen,
    finish() {
      finished = true
      return writer.flush()
    },
  }
}
