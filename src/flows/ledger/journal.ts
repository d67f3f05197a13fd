import {FailedError, LockedError, NotFoundError} from '../../domain/errors.ts'
import {
  entryKey,
  entrySchema,
  type EntryKind,
  headKey,
  headSchema,
  type JournalEntry,
  type OperationHead,
} from '../../domain/ledger.ts'
import type {OpId} from '../../domain/names.ts'
import type {Clock, Machine, Objects} from '../ports.ts'

export type JournalPorts = {readonly objects: Objects; readonly machine: Machine; readonly clock: Clock}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function encode(value: unknown): Uint8Array {
  return encoder.encode(`${JSON.stringify(value)}\n`)
}

/** The written story of one operation: each record is written once and never changed. */
export class Journal {
  readonly head: OperationHead
  readonly opId: OpId
  readonly #ports: JournalPorts
  readonly #bucket: string
  readonly #entries: JournalEntry[]
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(ports: JournalPorts, bucket: string, head: OperationHead, entries: JournalEntry[]) {
    this.head = head
    this.opId = head.opId as OpId
    this.#ports = ports
    this.#bucket = bucket
    this.#entries = entries
  }

  /** Opens a new operation. */
  static async open(ports: JournalPorts, bucket: string, head: OperationHead): Promise<Journal> {
    const result = await ports.objects.putIfAbsent(bucket, headKey(head.opId as OpId), encode(head))
    // A lost answer may have been a written head: then what lies there is ours to the letter.
    if (!result.written) return Journal.read(ports, bucket, head.opId as OpId)
    return new Journal(ports, bucket, head, [])
  }

  /** @throws NotFoundError OPERATION_NOT_FOUND; FailedError JOURNAL_UNREADABLE */
  static async read(ports: JournalPorts, bucket: string, opId: OpId): Promise<Journal> {
    const head = await ports.objects.get(bucket, headKey(opId))
    if (head === undefined) {
      throw new NotFoundError(`Operation ${opId} not found: the ledger of this environment does not know it.`, {
        code: 'OPERATION_NOT_FOUND',
        suggestions: ['pi-aws ops list'],
      })
    }
    const objects = await ports.objects.list(bucket, `ops/${opId}/0`)
    const bodies = await Promise.all(objects.map((object) => ports.objects.get(bucket, object.key)))
    try {
      const entries = bodies.flatMap((body) =>
        body === undefined ? [] : [entrySchema.parse(JSON.parse(decoder.decode(body.body)))],
      )
      return new Journal(ports, bucket, headSchema.parse(JSON.parse(decoder.decode(head.body))), entries)
    } catch (error) {
      throw new FailedError(`Journal of ${opId} unreadable: a record does not have the expected form.`, {
        code: 'JOURNAL_UNREADABLE',
        cause: error,
        suggestions: [`Older versions of what lies under ops/${opId}/ stay in the bucket ${bucket}`],
      })
    }
  }

  get entries(): readonly JournalEntry[] {
    return this.#entries
  }

  /**
   * Writes one entry. Entries of steps that run side by side are written one after the other.
   * @throws LockedError JOURNAL_FENCED when somebody else wrote an entry of this number: we are not the holder any more
   */
  async write(
    step: string,
    kind: EntryKind,
    more: {readonly result?: unknown; readonly reason?: string} = {},
  ): Promise<void> {
    const writing = this.#writing.then(async () => {
      const entry: JournalEntry = {
        schemaVersion: 1,
        number: this.#entries.length + 1,
        step,
        kind,
        at: this.#ports.clock.now().toISOString(),
        holder: this.#ports.machine.holder(),
        ...more,
      }
      const body = encode(entry)
      const key = entryKey(this.opId, entry.number, step, kind)
      const result = await this.#ports.objects.putIfAbsent(this.#bucket, key, body)
      if (!result.written) {
        const found = await this.#ports.objects.get(this.#bucket, key)
        if (found === undefined || decoder.decode(found.body) !== decoder.decode(body)) {
          throw new LockedError(
            `Operation ${this.opId} is carried on by somebody else: its journal has an entry that is not ours.`,
            {
              code: 'JOURNAL_FENCED',
            },
          )
        }
      }
      this.#entries.push(entry)
    })
    this.#writing = writing.catch(() => undefined)
    await writing
  }
}
