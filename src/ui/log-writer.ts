import type {LogSink} from '../flows/logs/ports.ts'
import type {LogFormat} from './format/log-lines.ts'
import type {OutputStream} from './stream.ts'

/** Entries that are made text at once. */
const atOnce = 500

/** Writes formatted entries and waits for a reader that is slower than AWS. */
export function logWriter(stream: OutputStream, format: LogFormat): LogSink {
  return {
    async write(entries) {
      for (let from = 0; from < entries.length; from += atOnce) {
        if (!stream.write(format(entries.slice(from, from + atOnce)))) await drained(stream)
      }
    },
  }
}

/** Resolves when the stream takes more, or is closed: one that failed never drains, and others listen for its errors. */
function drained(stream: OutputStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done)
      stream.off('close', done)
      resolve()
    }
    stream.on('drain', done)
    stream.on('close', done)
  })
}
