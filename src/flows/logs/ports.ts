import type {LogEntry} from '../../domain/logs/traces.ts'
import type {Ports} from '../ports.ts'

/** Where lines go. */
export interface LogSink {
  /** Resolves when the reader can take more, so that what is read never piles up. */
  write(entries: readonly LogEntry[]): Promise<void>
}

export type LogsPorts = Pick<
  Ports,
  'stacks' | 'objects' | 'containers' | 'databases' | 'backups' | 'logs' | 'logFiles' | 'liveTail' | 'clock' | 'machine'
> & {readonly sink: LogSink}
