import {createHash} from 'node:crypto'
import {type BundleEntry} from '../../domain/assets/bundle.ts'
import {partsFrom} from '../../domain/assets/part-size.ts'
import {assetKey} from '../../domain/assets/paths.ts'
import {FailedError} from '../../domain/errors.ts'
import type {Clock} from '../ports.ts'
import type {Run} from '../run.ts'
import {Buffers} from './buffers.ts'
import {Budget, inLanes} from './lanes.ts'
import {hashOpen, sendInParts} from './large.ts'
import {Meter} from './meter.ts'
import type {AssetBucket, AssetFolder, AssetIndexes, BucketOf, IndexPlace, SentFile, TreeNode} from './ports.ts'

/** Small files under way at once, and the bytes of them that may be in memory. */
const lanes = 32
const memory = 32 * 1024 * 1024

/** Old versions live for 90 days: what was sent longer ago than this (ms) is sent again. */
const rememberedMs = 30 * 24 * 3_600_000

export interface TransferPorts {
  readonly clock: Clock
  readonly assetFolder: AssetFolder
  readonly assetIndexes: AssetIndexes
  readonly assetBucket: AssetBucket
}

export interface TransferRequest {
  readonly folder: string
  readonly bucket: BucketOf
  readonly index: IndexPlace
  readonly toRead: readonly TreeNode[]
  /** The last bundle's entries by path. */
  readonly before: ReadonlyMap<string, BundleEntry>
  /**
   * Versions that stand in the bucket, by key. Where it is given, content is known only if it stands there: a version behind
   * another one, or a deleted one, goes after 90 days.
   */
  readonly current?: ReadonlyMap<string, string> | undefined
  /** Called before each file that must be sent: takes the lock at the first, stops when the operation is to stop. */
  readonly maySend: () => Promise<void>
  /** Only says what would be sent. */
  readonly dryRun: boolean
}

export interface Transferred {
  /** Every file that was read, as it stands in the bundle; in a dry run without a version where it would be sent. */
  readonly entries: readonly BundleEntry[]
  readonly marks: ReadonlyMap<string, string>
  readonly sent: readonly BundleEntry[]
}

/**
 * Reads every file that may be new, once, and sends those whose content is not in the bucket yet. A file that cannot be
 * read does not keep the others from being sent.
 * @throws FailedError UNREADABLE_ASSETS naming each; what S3 refuses
 */
export async function transfer(request: TransferRequest, ports: TransferPorts, run: Run): Promise<Transferred> {
  const {toRead} = request
  const job = new Transfer(request, ports, run, await rememberedFiles(request, ports))
  const small = toRead.filter(({size}) => size < partsFrom)
  const large = toRead.filter(({size}) => size >= partsFrom)
  const results = await Promise.allSettled([
    inLanes(small, lanes, (node) => job.small(node)),
    inLanes(large, 1, (node) => job.large(node)),
  ])
  const failure = results.find((result) => result.status === 'rejected')
  if (failure !== undefined) throw failure.reason
  return job.outcome()
}

async function rememberedFiles(
  {index}: TransferRequest,
  {assetIndexes, clock}: TransferPorts,
): Promise<ReadonlyMap<string, SentFile>> {
  const since = clock.now().getTime() - rememberedMs
  const files = (await assetIndexes.sent(index)).filter(({atMs}) => atMs > since)
  return new Map(files.map((file) => [`${file.sha256} ${file.key}`, file]))
}

class Transfer {
  readonly #request: TransferRequest
  readonly #ports: TransferPorts
  readonly #run: Run
  readonly #meter: Meter
  readonly #remembered: ReadonlyMap<string, SentFile>
  readonly #budget = new Budget(memory)
  readonly #buffers = new Buffers(memory)
  readonly #entries: BundleEntry[] = []
  readonly #sent: BundleEntry[] = []
  readonly #marks = new Map<string, string>()
  readonly #unreadable: FailedError[] = []
  #stopped: {readonly error: unknown} | undefined
  #memoryFailed = false

  constructor(request: TransferRequest, ports: TransferPorts, run: Run, remembered: ReadonlyMap<string, SentFile>) {
    this.#request = request
    this.#ports = ports
    this.#run = run
    this.#remembered = remembered
    const bytes = request.toRead.reduce((sum, {size}) => sum + size, 0)
    this.#meter = new Meter(ports.clock, run.report, {files: request.toRead.length, bytes})
  }

  outcome(): Transferred {
    const [first, ...others] = this.#unreadable
    if (first !== undefined) {
      for (const {message} of this.#unreadable) this.#run.report({type: 'warning', code: 'ASSET_UNREADABLE', message})
      const more = others.length === 0 ? '' : ` ${others.length} more could not be read, each named in a warning above.`
      throw new FailedError(`No bundle was written: ${first.message}${more}`, {
        code: 'UNREADABLE_ASSETS',
        suggestions: ['Run the same command again: what was sent is not sent again'],
        cause: first,
      })
    }
    return {entries: this.#entries, marks: this.#marks, sent: this.#sent}
  }

  async small(node: TreeNode): Promise<void> {
    await this.#budget.take(node.size)
    const lease = this.#buffers.lease()
    try {
      await this.#guarded(async () => {
        const {bytes, mode, stamp} = await this.#ports.assetFolder.read(this.#request.folder, node.path, lease)
        const hash = createHash('sha256').update(bytes).digest('hex')
        const entry = this.#entryOf(node.path, bytes.byteLength, hash, mode)
        const known = this.#known(entry)
        if (known !== undefined) this.#take(known, stamp.mark)
        else if (this.#request.dryRun) this.#take(entry, stamp.mark, true)
        else {
          await this.#maySend()
          const {versionId} = await this.#ports.assetBucket.put(this.#request.bucket, entry.key, bytes, hash)
          await this.#sentOne({...entry, versionId}, stamp.mark)
        }
        this.#meter.bytes(node.size)
      })
    } finally {
      lease.release()
      this.#budget.give(node.size)
    }
  }

  async large(node: TreeNode): Promise<void> {
    await this.#guarded(async () => {
      for (let tries = 2; ; tries--) {
        try {
          await this.#large(node)
          return
        } catch (error) {
          if (tries === 1 || !(error instanceof FailedError) || error.code !== 'ASSET_CHANGED') throw error
        }
      }
    })
  }

  async #large(node: TreeNode): Promise<void> {
    const {assetBucket, assetFolder} = this.#ports
    const {before, bucket, folder, dryRun} = this.#request
    const maySend = (): Promise<void> => this.#maySend()
    const file = await assetFolder.open(folder, node.path)
    try {
      const previous = before.get(node.path)
      // A new file is sent while it is hashed. One that may be the same must be hashed first, and read again if it is not.
      const mayBeKnown =
        previous?.size === file.size ||
        dryRun ||
        [...this.#remembered.values()].some(({key}) => key === assetKey(node.path))
      const hash = mayBeKnown ? await hashOpen(file, this.#buffers, this.#run.pause) : undefined
      if (hash !== undefined) {
        const entry = this.#entryOf(node.path, file.size, hash, file.mode)
        const known = this.#known(entry)
        if (known !== undefined || dryRun) {
          this.#take(known ?? entry, file.stamp.mark, known === undefined)
          this.#meter.bytes(node.size)
          return
        }
      }
      await maySend()
      const sent = await sendInParts(
        {bucket, key: assetKey(node.path), file, buffers: this.#buffers, maySend},
        assetBucket,
        (bytes) => {
          this.#meter.bytes(bytes)
        },
      )
      await this.#sentOne(
        {...this.#entryOf(node.path, file.size, sent.sha256, file.mode), versionId: sent.versionId},
        file.stamp.mark,
      )
    } finally {
      await file.close()
    }
  }

  async #maySend(): Promise<void> {
    if (this.#stopped !== undefined) throw this.#stopped.error
    await this.#request.maySend()
  }

  /** What cannot be read is told at the end; everything else stops the transfer. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    if (this.#stopped !== undefined) return
    try {
      this.#run.pause.throwIfAborted()
      await work()
      this.#meter.file()
    } catch (error) {
      if (error instanceof FailedError && error.code.startsWith('ASSET_')) {
        this.#unreadable.push(error)
        return
      }
      this.#stopped ??= {error}
      throw error
    }
  }

  #entryOf(path: string, size: number, sha256: string, mode: number): BundleEntry {
    return {path, key: assetKey(path), versionId: '', size, sha256, mode, kind: 'file'}
  }

  /** The entry with the version of this very content, if the last bundle or a broken upload left one in the bucket. */
  #known(entry: BundleEntry): BundleEntry | undefined {
    const previous = this.#request.before.get(entry.path)
    const isSame = previous?.kind === 'file' && previous.sha256 === entry.sha256 && previous.size === entry.size
    if (isSame && this.#stands(previous)) return {...previous, mode: entry.mode}
    const remembered = this.#remembered.get(`${entry.sha256} ${entry.key}`)
    return remembered !== undefined && this.#stands(remembered)
      ? {...entry, versionId: remembered.versionId}
      : undefined
  }

  #stands({key, versionId}: {readonly key: string; readonly versionId: string}): boolean {
    const {current} = this.#request
    return current === undefined || current.get(key) === versionId
  }

  #take(entry: BundleEntry, mark: string, sent = false): void {
    this.#entries.push(entry)
    this.#marks.set(entry.path, mark)
    if (sent) this.#sent.push(entry)
  }

  async #sentOne(entry: BundleEntry, mark: string): Promise<void> {
    this.#take(entry, mark, true)
    const {key, versionId, sha256} = entry
    try {
      await this.#ports.assetIndexes.noteSent(this.#request.index, {
        key,
        versionId,
        sha256,
        atMs: this.#ports.clock.now().getTime(),
      })
    } catch (error) {
      if (this.#memoryFailed) return
      this.#memoryFailed = true
      const reason = error instanceof Error ? error.message : String(error)
      const message = `If this upload breaks off, it will begin from the start: what was sent cannot be noted (${reason}).`
      this.#run.report({type: 'warning', code: 'SENT_NOT_NOTED', message})
    }
  }
}
