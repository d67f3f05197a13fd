import {oneLine} from '../format/visible.ts'
import {writerFor} from '../stream.ts'
import {inTheOpen, type Output, type Reporter} from './reporter.ts'

/** Warnings, and nothing else. */
export function silentReporter(out: Output): Reporter {
  const writer = writerFor(out.stderr)
  return {
    report(event) {
      if (event.type === 'warning') writer.write(`warning: ${oneLine(event.message)} [${oneLine(event.code)}]\n`)
    },
    aside: inTheOpen,
    finish: () => writer.flush(),
  }
}
