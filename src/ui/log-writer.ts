import {once} from 'node:events'
import type {LogSink} from '../flows/logs/ports.ts'
import type {LogFormat} from './format/log-lines.ts'
import type {OutputStream} from './stream.ts'

/** Writes formatted entries and waits for a reader that is slower than AWS. */
export function logWriter(stream: OutputStream, format: LogFormat): LogSink {
  return {
    async write(entries) {
      const text = format(entries)
      // A stream that failed never drains: whoever listens for its errors decides what then.
      if (!stream.write(text)) await Promise.race([once(stream, 'drain'), once(stream, 'close')])
    },
  }
}
