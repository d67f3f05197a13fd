import {randomBytes} from 'node:crypto'
import {join} from 'node:path'
import type {Files, OpenFile} from '../files.ts'
import {distinct, parseLine, parseRecord, type TurnedRecord} from './record.ts'

/** Who writes a log, and until when. */
export interface LogHead {
  readonly slice: string
  /** How the names of its unfinished files begin. */
  readonly drafts: string
  /** Milliseconds since 1970: nobody writes it afterwards. */
  readonly expires: number
}

/** What a log tells about the invocation that wrote it. */
export interface LogContents {
  readonly head: LogHead | undefined
  /** Folders, relative to the generation, in which it may have left unfinished files. */
  readonly folders: readonly string[]
  readonly records: readonly TurnedRecord[]
}

/**
 * The records of one invocation, each on the disk before what it tells of is done. Those that arrive while others are
 * being written go to the disk together.
 */
export class StateLog {
  readonly #files: Files
  readonly #folder: string
  readonly #name: string
  readonly #head: LogHead
  #file: OpenFile | undefined
  #position = 0
  #waiting: string[] = []
  #last: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined
  readonly #records: TurnedRecord[] = []

  /** @param name without its ending; `.log` while it is written, `.run` when it is sorted */
  constructor(files: Files, folder: string, name: string, head: LogHead) {
    this.#files = files
    this.#folder = folder
    this.#name = name
    this.#head = head
  }

  get count(): number {
    return this.#records.length
  }

  async record(record: TurnedRecord): Promise<void> {
    // Kept even if it does not get to the disk: a record of what was not done does no harm.
    this.#records.push(record)
    await this.#add(JSON.stringify(record))
  }

  /** Says that unfinished files may be in this folder. */
  async note(folder: string): Promise<void> {
    await this.#add(JSON.stringify({folder}))
  }

  /** Closes the log and leaves its records behind as a sorted run, under its final name when it is whole. */
  async finish(): Promise<void> {
    await this.#last.catch(() => undefined)
    if (this.#file === undefined) return
    await this.#file[Symbol.asyncDispose]()
    this.#file = undefined
    await writeRun(this.#files, this.#folder, this.#name, this.#records)
    await this.#files.removeFile(join(this.#folder, `${this.#name}.log`))
  }

  /** Closes the file and leaves the log for another invocation. */
  async abandon(): Promise<void> {
    await this.#file?.[Symbol.asyncDispose]()
    this.#file = undefined
  }

  async #add(line: string): Promise<void> {
    this.#waiting.push(line)
    if (this.#next === undefined) {
      const next = this.#last
        .catch(() => undefined)
        .then(async () => {
          this.#next = undefined
          await this.#write(this.#waiting.splice(0))
        })
      this.#next = next
      this.#last = next
    }
    await this.#next
  }

  async #write(lines: readonly string[]): Promise<void> {
    const first = this.#file === undefined
    this.#file ??= await this.#files.create(join(this.#folder, `${this.#name}.log`), 0o600, 'durable')
    const all = first || this.#position === 0 ? [JSON.stringify({head: this.#head}), ...lines] : lines
    const bytes = Buffer.from(`${all.join('\n')}\n`)
    await this.#file.write(bytes, this.#position)
    if (first) await this.#files.settle(this.#folder)
    this.#position += bytes.byteLength
  }
}

/** Writes records as a sorted run that appears under its name when it is whole and on the disk. */
export async function writeRun(
  files: Files,
  folder: string,
  name: string,
  records: readonly TurnedRecord[],
): Promise<void> {
  if (records.length === 0) return
  const draft = join(folder, `${name}-${randomBytes(4).toString('hex')}.new`)
  const lines = distinct(records).map((record) => `${JSON.stringify(record)}\n`)
  await files.writeDurably(draft, lines.join(''))
  await files.rename(draft, join(folder, `${name}.run`))
  await files.settle(folder)
}

/** Takes a log as far as it got; its last line may be torn. */
export function parseLog(text: string): LogContents {
  const folders = new Set<string>()
  const records: TurnedRecord[] = []
  let head: LogHead | undefined
  for (const line of text.split('\n')) {
    const record = parseRecord(line)
    if (record !== undefined) {
      records.push(record)
      continue
    }
    const value = parseLine(line)
    if (typeof value?.['folder'] === 'string') folders.add(value['folder'])
    if (typeof value?.['head'] === 'object') head = value['head'] as LogHead
  }
  return {head, folders: [...folders], records}
}
