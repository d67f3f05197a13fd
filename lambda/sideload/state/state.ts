import {randomBytes} from 'node:crypto'
import {basename, join} from 'node:path'
import {SideloadError, systemCode} from '../errors.ts'
import {ensureOwnFolder, ifMissing, type Files} from '../files.ts'
import {draftPrefix} from '../paths.ts'
import {mergeRuns} from './consolidate.ts'
import {parseLog, StateLog, writeRun, type LogHead} from './log.ts'
import {distinct, type FileRecord, type TurnedRecord} from './record.ts'
import {heldRecords, Lookups, merged, openRun, type RecordSource} from './runs.ts'

/** Records in one log, which are held in memory until they are sorted. */
const recordsPerLog = 20_000
/** A run is tried to be opened again when another invocation merged it away meanwhile. */
const openTries = 3
/** How much longer than promised an invocation may go on before what it left is swept (ms). */
const graceMs = 30_000

export interface StateOptions {
  readonly files: Files
  /** The generation's folder. */
  readonly tree: string
  readonly sliceId: string
  /** When this invocation ends at the latest: milliseconds since 1970. */
  readonly expires: number
  readonly now: () => number
}

/**
 * What a generation remembers of the files that were loaded into it, in `.pi/state`: sorted runs, and a log for each
 * invocation that is at work or died. Nothing is held in memory but what the logs hold. Losing any of it loses no file:
 * the next run hashes what it does not remember.
 */
export class State implements AsyncDisposable {
  readonly #options: StateOptions
  readonly #folder: string
  readonly #sources: readonly RecordSource[]
  readonly #turn: number
  readonly #noted = new Set<string>()
  /** How the names of everything unfinished begin that this invocation makes. */
  readonly drafts: string
  #log: StateLog
  #logs = 0
  #retired: Promise<void> = Promise.resolve()

  private constructor(options: StateOptions, folder: string, sources: readonly RecordSource[], turn: number) {
    this.#options = options
    this.#folder = folder
    this.#sources = sources
    this.#turn = turn
    this.drafts = `${draftPrefix}${options.sliceId}-${randomBytes(4).toString('hex')}`
    this.#log = this.#newLog()
  }

  static async open(options: StateOptions): Promise<State> {
    const {files, tree, now} = options
    const folder = join(tree, '.pi', 'state')
    await ensureOwnFolder(join(tree, '.pi'), files)
    await ensureOwnFolder(folder, files)
    for (let left = openTries - 1; ; left--) {
      try {
        await mergeRuns(files, folder, now)
        const held = await readLogs(options, folder)
        // Listed after the logs were read: a log that becomes a run in between is met twice and never missed.
        const names = (await files.names(folder)).sort()
        const runs = names.filter((name) => name.endsWith('.run'))
        const sources = await openAll(files, folder, runs)
        const turn = Math.max(0, ...names.map((name) => Number.parseInt(name, 10) || 0)) + 1
        return new State(options, folder, [...sources, ...held], turn)
      } catch (error) {
        const code = systemCode(error)
        if (left === 0 || (code !== 'ENOENT' && code !== 'ESTALE')) throw error
      }
    }
  }

  /** Answers for ascending paths. @param path the first one */
  lookups(path: string): Lookups {
    return new Lookups(merged(this.#sources, path))
  }

  /** All that was known when the state was opened, in the order of the paths; also what is gone. */
  records(path: string): AsyncGenerator<TurnedRecord, undefined> {
    return merged(this.#sources, path)
  }

  /** Remembers, before it is done, that something is put to a path or removed from it. */
  async record(record: FileRecord): Promise<void> {
    await this.#log.record({...record, turn: this.#turn})
    if (this.#log.count < recordsPerLog) return
    const full = this.#log
    this.#log = this.#newLog()
    this.#noted.clear()
    this.#retired = Promise.all([this.#retired, full.finish()]).then(() => undefined)
    await this.#retired
  }

  /** Remembers, before it happens, that unfinished files may be in a folder (relative to the generation). */
  async note(folder: string): Promise<void> {
    if (this.#noted.has(folder)) return
    await this.#log.note(folder)
    this.#noted.add(folder)
  }

  /** Leaves what was recorded as a sorted run. */
  async finish(): Promise<void> {
    await this.#retired
    await this.#log.finish()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#log.abandon()
    await Promise.all(this.#sources.map(async (source) => source[Symbol.asyncDispose]()))
  }

  #newLog(): StateLog {
    const {files, sliceId, expires} = this.#options
    const name = `${String(this.#turn).padStart(9, '0')}-${basename(this.drafts).slice(draftPrefix.length)}-${this.#logs++}`
    return new StateLog(files, this.#folder, name, {slice: sliceId, drafts: this.drafts, expires: expires + graceMs})
  }
}

async function openAll(files: Files, folder: string, names: readonly string[]): Promise<RecordSource[]> {
  const sources: RecordSource[] = []
  try {
    for (const name of names) sources.push(await openRun(files, join(folder, name)))
    return sources
  } catch (error) {
    await Promise.all(sources.map(async (source) => source[Symbol.asyncDispose]()))
    throw error
  }
}

/**
 * Reads what other invocations have logged. What one left unfinished is swept when it is over, or when this is the same
 * slice again; the log of one that is over becomes a run.
 */
async function readLogs({files, tree, sliceId, now}: StateOptions, folder: string): Promise<RecordSource[]> {
  const held: RecordSource[] = []
  for (const name of await files.names(folder)) {
    if (!name.endsWith('.log')) continue
    const text = await files.read(join(folder, name)).catch(ifMissing(''))
    const {head, folders, records} = parseLog(text)
    // Without its first line nothing else of it is on the disk, and nothing was begun.
    if (head === undefined) continue
    const over = head.expires < now()
    if (over || head.slice === sliceId) await sweep(files, tree, head, folders)
    if (over) {
      await writeRun(files, folder, name.slice(0, -'.log'.length), records)
      await files.removeFile(join(folder, name)).catch(ifMissing(undefined))
    }
    held.push(heldRecords(distinct(records)))
  }
  return held
}

/** Removes what an invocation left unfinished. Should it live on, its own next step fails and nothing else happens. */
async function sweep(files: Files, tree: string, head: LogHead, folders: readonly string[]): Promise<void> {
  if (!head.drafts.startsWith(draftPrefix)) throw new SideloadError('FILES_FAILED', 'a log of the state is no log')
  for (const folder of folders) {
    const place = join(tree, folder)
    for (const name of await files.names(place).catch(ifMissing([]))) {
      if (!name.startsWith(`${head.drafts}-`)) continue
      const draft = join(place, name)
      const found = await files.look(draft).catch(ifMissing(undefined))
      if (found === undefined) continue
      const removal = found.kind === 'directory' ? files.removeDirectory(draft) : files.removeFile(draft)
      await removal.catch(ifMissing(undefined))
    }
  }
}
