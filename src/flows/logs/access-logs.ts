import {
  accessLogDays,
  accessLogFile,
  type AccessLogFile,
  accessLogFolder,
  accessLogLines,
  mayHold,
} from '../../domain/logs/access-logs.ts'
import {PiError} from '../../domain/errors.ts'
import {inOrder, type LogLine} from '../../domain/logs/line.ts'
import type {Report} from '../events.ts'
import type {Clock} from '../ports.ts'
import type {LogFiles} from '../telemetry/ports.ts'
import type {Pacer} from './pacer.ts'
import type {Source} from './source.ts'

/** Files that come later than this behind their five minutes are not looked for while following, ms. */
const latestFile = 7_200_000
/** Lines of the last minute of a file wait for the next one, which may begin before it. ms. */
const overlap = 60_000

interface Ports {
  readonly logFiles: LogFiles
  readonly clock: Clock
  readonly report: Report
}

export interface AccessLogPlace {
  readonly bucket: string
  readonly account: string
  readonly region: string
  /** Nothing before it is wanted, ms since 1970. */
  readonly start: number
}

interface StoredFile extends AccessLogFile {
  readonly storedAt: number
}

/**
 * What a load balancer answered: it leaves a file for each of its nodes and each five minutes in S3. A file is written once
 * and never changed, so that it is read once and as a whole.
 */
export class AccessLogs implements Source {
  readonly service = 'loadbalancer'
  readonly name = 'loadbalancer'
  readonly pauses = [15_000, 30_000] as const
  readonly there = true
  newest = -Infinity
  readonly #ports: Ports
  readonly #place: AccessLogPlace
  /** Files that were read -> the end of their five minutes. */
  readonly #read = new Map<string, number>()
  /** Lines behind the end of a span that was read: the next one may begin there. */
  #beyond: readonly LogLine[] = []

  constructor(ports: Ports, place: AccessLogPlace) {
    this.#ports = ports
    this.#place = place
  }

  lookFrom(now: number): number {
    return Math.max(this.#place.start, now - latestFile)
  }

  async *pages(from: number, to: number | undefined, pacer: Pacer): AsyncGenerator<readonly LogLine[]> {
    const {start} = this.#place
    const end = to ?? Infinity
    let waiting = this.#beyond
    this.#beyond = []
    for (const [endsAt, files] of Map.groupBy(await this.#fresh(from, to, pacer), (file) => file.endsAt)) {
      const texts = await Promise.all(files.map((file) => this.#linesOf(file, pacer)))
      const lines = inOrder([...waiting, ...texts.flat().filter(({timestamp}) => timestamp >= start)])
      const young = lines.findIndex(({timestamp}) => timestamp > endsAt - overlap)
      const certain = young === -1 ? lines.length : young
      waiting = lines.slice(certain)
      yield this.#until(lines.slice(0, certain), end)
    }
    yield this.#until(waiting, end)
  }

  #until(lines: readonly LogLine[], end: number): readonly LogLine[] {
    const wanted = lines.filter(({timestamp}) => timestamp <= end)
    if (wanted.length < lines.length) this.#beyond = [...this.#beyond, ...lines.filter((line) => line.timestamp > end)]
    this.newest = Math.max(this.newest, wanted.at(-1)?.timestamp ?? -Infinity)
    return wanted
  }

  /** Files that may hold lines of the span and were not read before, oldest first. */
  async #fresh(from: number, to: number | undefined, pacer: Pacer): Promise<readonly StoredFile[]> {
    const {bucket, account, region} = this.#place
    const end = to ?? this.#ports.clock.now().getTime()
    const found: StoredFile[] = []
    for (const day of accessLogDays(from, end)) {
      const prefix = `${accessLogFolder(account, region)}${day}`
      for (const {key, storedAt} of await pacer.call(this.name, () => this.#ports.logFiles.list(bucket, prefix))) {
        const file = accessLogFile(key)
        if (file !== undefined && mayHold(file, from, end)) found.push({...file, storedAt})
      }
    }
    this.#forget(found)
    return found.filter(({key}) => !this.#read.has(key)).toSorted((a, b) => a.endsAt - b.endsAt)
  }

  /** What is older than all that is found is not found again. */
  #forget(found: readonly StoredFile[]): void {
    const oldest = found.reduce((least, {endsAt}) => Math.min(least, endsAt), Infinity)
    for (const [key, endsAt] of this.#read) if (endsAt < oldest) this.#read.delete(key)
  }

  async #linesOf(file: StoredFile, pacer: Pacer): Promise<readonly LogLine[]> {
    const {logFiles, report} = this.#ports
    this.#read.set(file.key, file.endsAt)
    try {
      const text = await pacer.call(this.name, () => logFiles.text(this.#place.bucket, file.key))
      return accessLogLines(file, text ?? '', file.storedAt)
    } catch (error) {
      if (!(error instanceof PiError) || error.code !== 'LOG_FILE_UNREADABLE') throw error
      report({type: 'warning', code: error.code, message: `${error.message} Its lines are left out.`})
      return []
    }
  }
}
