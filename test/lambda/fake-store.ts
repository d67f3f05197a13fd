import {createHash} from 'node:crypto'
import {SideloadError} from '../../lambda/sideload/errors.ts'
import type {ObjectStore, Piece, Source} from '../../lambda/sideload/store.ts'

interface Version {
  readonly versionId: string
  readonly modifiedAt: number
  readonly size: number
  readonly etag: string
  readonly sha256: string | undefined
  readonly read: (from: number, to: number) => Uint8Array
}

/** Buckets in memory, with versions, that remember what was asked of them. */
export class FakeStore implements ObjectStore {
  readonly #objects = new Map<string, Version[]>()
  #versions = 0
  /** Key and first byte of every body that was read. */
  readonly reads: string[] = []
  /** Keys whose properties were asked for. */
  readonly heads: string[] = []
  /** Called before each read; may throw, or change what is stored. */
  onRead: (source: Source, from: number) => void | Promise<void> = () => undefined
  /** When the next object is stored. */
  now = 1_700_000_000_000

  /** Stores another version. @returns its id */
  put(bucket: string, key: string, body: string | Uint8Array): string {
    const bytes = Buffer.from(body)
    return this.putLazily(bucket, key, {
      size: bytes.byteLength,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      read: (from, to) => bytes.subarray(from, to),
    })
  }

  /** Stores a version whose bytes are made when they are asked for. */
  putLazily(bucket: string, key: string, content: Pick<Version, 'size' | 'read' | 'sha256'>): string {
    const versionId = `v${++this.#versions}`
    const versions = this.#objects.get(`${bucket}/${key}`) ?? []
    versions.push({...content, versionId, etag: `"${versionId}"`, modifiedAt: this.now})
    this.#objects.set(`${bucket}/${key}`, versions)
    return versionId
  }

  /** Removes an object with all its versions. */
  remove(bucket: string, key: string): void {
    this.#objects.delete(`${bucket}/${key}`)
  }

  /** The text of the present version. */
  text(bucket: string, key: string): string {
    const version = this.#find({bucket, key})
    return version === undefined ? '' : Buffer.from(version.read(0, version.size)).toString('utf8')
  }

  keys(bucket: string): string[] {
    const prefix = `${bucket}/`
    return [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length))
  }

  async head(source: Source): ReturnType<ObjectStore['head']> {
    this.heads.push(source.key)
    const version = this.#find(source)
    if (version === undefined) return undefined
    const {size, etag, versionId, modifiedAt, sha256} = version
    return {size, etag, versionId, modifiedAt, ...(sha256 === undefined ? {} : {sha256})}
  }

  async read(source: Source, from: number, to: number, signal?: AbortSignal): Promise<Piece> {
    this.reads.push(`${source.key}@${from}`)
    await this.onRead(source, from)
    if (signal?.aborted === true) throw new SideloadError('INTERRUPTED', 'aborted')
    const version = this.#find(source)
    if (version === undefined) {
      const code = source.versionId === undefined ? 'OBJECT_GONE' : 'VERSION_GONE'
      throw new SideloadError(code, `${source.key} is gone`)
    }
    const {size, etag} = version
    if (source.etag !== undefined && source.etag !== etag) throw new SideloadError('OBJECT_GONE', 'replaced')
    if (from >= size) throw new SideloadError('SIZE_DIFFERS', `${source.key} ends before ${from}`)
    return {bytes: Uint8Array.from(version.read(from, Math.min(to, size))), total: size, etag}
  }

  async putResults(bucket: string, key: string, body: string): Promise<boolean> {
    if (this.#objects.has(`${bucket}/${key}`)) return false
    this.put(bucket, key, body)
    return true
  }

  /** Bodies of assets that were read, without manifests and results. */
  get assetReads(): string[] {
    return this.reads.filter((read) => !read.startsWith('bundles/') && !read.startsWith('ops/'))
  }

  #find({bucket, key, versionId}: Source): Version | undefined {
    const versions = this.#objects.get(`${bucket}/${key}`) ?? []
    return versionId === undefined ? versions.at(-1) : versions.find((version) => version.versionId === versionId)
  }
}
