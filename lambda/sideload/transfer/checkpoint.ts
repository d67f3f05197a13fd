import {createHash, type Hash} from 'node:crypto'
import {join} from 'node:path'
import {ensureOwnFolder, ifMissing, lookFor, type Files, type OpenFile} from '../files.ts'
import {ResumableSha256} from '../sha256.ts'
import type {Sizes} from './sizes.ts'
import {parseLine} from '../state/record.ts'

/** How far a file got that takes more than one invocation; what lies before `offset` is on the disk. */
export interface Checkpoint {
  readonly offset: number
  /** State of the hash, for files beyond `Sizes.rehash`. */
  readonly saved?: string
}

export type Hasher = ResumableSha256 | NativeHasher

interface NativeHasher {
  update(bytes: Uint8Array): unknown
  digest(): string
}

/** Names a file's content and place: another version of it begins anew. */
export function tokenOf(...words: readonly (string | number)[]): string {
  return createHash('sha256').update(words.join('\0')).digest('hex').slice(0, 32)
}

export interface Begun {
  readonly path: string
  readonly token: string
  readonly stale: boolean
}

/** After this time nobody goes on with a file (ms). */
const staleMs = 24 * 60 * 60_000

/** The checkpoints of a generation, in `.pi/parts`. */
export class Checkpoints {
  readonly #files: Files
  readonly #tree: string

  constructor(files: Files, tree: string) {
    this.#files = files
    this.#tree = tree
  }

  async read(token: string): Promise<Checkpoint | undefined> {
    const text = await this.#files.read(this.#path(token)).catch(ifMissing(''))
    const {offset, saved} = parseLine(text) ?? {}
    if (typeof offset !== 'number') return undefined
    return typeof saved === 'string' ? {offset, saved} : {offset}
  }

  /** Saves how far a file got, after its bytes are on the disk. */
  async save(token: string, path: string, checkpoint: Checkpoint): Promise<void> {
    const folder = join(this.#tree, '.pi', 'parts')
    await ensureOwnFolder(folder, this.#files)
    const draft = `${this.#path(token)}.new`
    await this.#files.writeDurably(draft, JSON.stringify({path, ...checkpoint}))
    await this.#files.rename(draft, this.#path(token))
    await this.#files.settle(folder)
  }

  async remove(token: string): Promise<void> {
    await this.#files.removeFile(this.#path(token)).catch(ifMissing(undefined))
  }

  /**
   * What was begun and may never be finished: of each path the tokens, and whether a day has passed since it got further.
   */
  async begun(now: number): Promise<readonly Begun[]> {
    const found: Begun[] = []
    const folder = join(this.#tree, '.pi', 'parts')
    for (const name of await this.#files.names(folder).catch(ifMissing([]))) {
      if (!name.endsWith('.json')) continue
      const text = await this.#files.read(join(folder, name)).catch(ifMissing(''))
      const entry = await lookFor(join(folder, name), this.#files)
      const path = parseLine(text)?.['path']
      if (typeof path !== 'string' || entry === undefined) continue
      found.push({path, token: name.slice(0, -'.json'.length), stale: now - entry.modifiedAt.getTime() > staleMs})
    }
    return found
  }

  #path(token: string): string {
    return join(this.#tree, '.pi', 'parts', `${token}.json`)
  }
}

/** The hash of a file of `size` bytes, of which the first `offset` have been hashed and saved, or are read again. */
export async function hasherAt(
  file: OpenFile,
  size: number,
  {offset, saved}: Checkpoint,
  {rehash}: Sizes,
): Promise<Hasher> {
  if (size > rehash) return saved === undefined ? new ResumableSha256() : ResumableSha256.from(saved, offset)
  const hash = createHash('sha256')
  for await (const bytes of contents(file, 0, offset)) hash.update(bytes)
  return native(hash)
}

/** The state of a hash, where it can be saved. */
export function savedOf(hasher: Hasher): {readonly saved?: string} {
  return hasher instanceof ResumableSha256 ? {saved: hasher.save()} : {}
}

const readBytes = 1_048_576

/** The bytes of a file from `start` up to and without `end`. The buffer is used again for each piece. */
export async function* contents(file: OpenFile, start: number, end: number): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(Math.min(readBytes, Math.max(0, end - start)))
  for (let at = start; at < end;) {
    const count = await file.read(buffer.subarray(0, Math.min(buffer.byteLength, end - at)), at)
    if (count === 0) return
    at += count
    yield buffer.subarray(0, count)
  }
}

function native(hash: Hash): NativeHasher {
  return {update: (bytes) => hash.update(bytes), digest: () => hash.digest('hex')}
}
