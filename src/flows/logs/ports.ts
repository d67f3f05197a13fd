import type {LogEntry} from '../../domain/logs/traces.ts'
import type {Ports} from '../ports.ts'

/** Where lines go. */
export interface LogSink {
  /** Resolves when the reader can take more, so that what is read never piles up. */
  write(entries: readonly LogEntry[]): Promise<void>
}

/** The folder that an export is written to. */
export interface ExportFolder {
  /** Absolute path. */
  readonly path: string
  /** What the last export wrote down; undefined where there was none. @throws FailedError FILE_UNREADABLE */
  record(): Promise<string | undefined>
  /** @throws FailedError FILE_UNWRITABLE */
  keep(record: string): Promise<void>
  /** Bytes of a file; undefined where there is none. */
  size(name: string): Promise<number | undefined>
  /**
   * Writes a file whole or not at all, in the place of one of that name.
   * @throws FailedError FILE_UNWRITABLE; what the content throws
   */
  write(
    name: string,
    content: AsyncIterable<Uint8Array>,
    gzip: boolean,
  ): Promise<{readonly bytes: number; readonly sha256: string}>
}

export type LogsPorts = Pick<
  Ports,
  'stacks' | 'objects' | 'containers' | 'databases' | 'backups' | 'logs' | 'logFiles' | 'liveTail' | 'clock' | 'machine'
> & {readonly sink: LogSink}
