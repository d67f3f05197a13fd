import {createHash} from 'node:crypto'
import {parseBundle, pointerKey, pointerSchema, type BundleEntry} from '../../../src/domain/assets/bundle.ts'
import {isCategory} from '../../../src/domain/assets/paths.ts'
import {FailedError} from '../../../src/domain/errors.ts'
import type {AccountId, EnvironmentName, Region} from '../../../src/domain/names.ts'
import type {FlowEvent} from '../../../src/flows/events.ts'
import type {
  AssetBucket,
  AssetFolder,
  AssetIndexes,
  Index,
  SentFile,
  TreeNode,
} from '../../../src/flows/assets/ports.ts'
import type {PlacesPorts} from '../../../src/flows/assets/places.ts'
import {
  uploadAssets,
  type UploadAssetsOptions,
  type UploadAssetsResult,
  type UploadPorts,
} from '../../../src/flows/assets/upload.ts'
import type {Objects, StackDescription} from '../../../src/flows/ports.ts'
import type {Run} from '../../../src/flows/run.ts'

export const environment = 'demo' as EnvironmentName
export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The process is gone: this call and all that would come after it. */
export class Killed extends Error {}

interface Stored {
  readonly body: Uint8Array
  readonly etag: string
  readonly versionId: string
  readonly lastModified: Date
}

interface FakeFile {
  bytes: Uint8Array
  mode: number
  /** Milliseconds. */
  touchedMs: number
  inode: number
}

/** What outlives a process: the folder, S3 and the machine's memory. */
export class FakeWorld {
  time = Date.parse('2026-01-02T03:04:05.000Z')
  readonly folder = new Map<string, FakeFile>()
  readonly directories = new Set<string>()
  readonly buckets = new Map<string, Map<string, Stored[]>>([
    ['assets', new Map()],
    ['records', new Map()],
  ])
  readonly partUploads = new Map<string, {key: string; parts: Map<number, Uint8Array>}>()
  readonly indexes = new Map<string, Index>()
  sent: SentFile[] = []
  events: FlowEvent[] = []
  calls: string[] = []
  /** Stops before (even) or after (odd) call `floor(killAt / 2)`. */
  killAt = Infinity
  #killed = false
  #inode = 1
  #version = 1
  /** Read once, then changed, so many times. */
  readonly restless = new Map<string, number>()
  readonly unreadable = new Set<string>()
  /** Run before the named call, once. */
  readonly meanwhile = new Map<string, () => void>()
  pause = new AbortController()

  put(path: string, content: string | Uint8Array, mode = 0o644): void {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
    this.time += 10_000
    this.folder.set(path, {bytes, mode, touchedMs: this.time, inode: this.#inode++})
    const names = path.split('/')
    for (let depth = 1; depth < names.length; depth++) this.directories.add(names.slice(0, depth).join('/'))
    this.time += 10_000
  }

  /** A new process. */
  start(killAt = Infinity): void {
    this.killAt = killAt
    this.#killed = false
    this.calls = []
    this.pause = new AbortController()
  }

  /** Counts a call, and lets the process die before or after its effect. */
  async #call<T>(name: string, effect: () => T | Promise<T>): Promise<T> {
    const number = this.calls.length
    this.calls.push(name)
    if (this.#killed) throw new Killed(name)
    const act = this.meanwhile.get(name)
    this.meanwhile.delete(name)
    act?.()
    if (this.killAt === 2 * number) this.#killed = true
    if (this.#killed) throw new Killed(name)
    await Promise.resolve()
    const value = await effect()
    if (this.killAt === 2 * number + 1) this.#killed = true
    if (this.#killed) throw new Killed(name)
    return value
  }

  store(bucket: string, key: string, body: Uint8Array): Stored {
    const versionId = `v${this.#version++}`
    const stored = {
      body: Uint8Array.from(body),
      etag: `"${versionId}-${sha256(body).slice(0, 8)}"`,
      versionId,
      lastModified: new Date(this.time),
    }
    const objects = this.buckets.get(bucket)!
    objects.set(key, [...(objects.get(key) ?? []), stored])
    return stored
  }

  stored(bucket: string, key: string): Stored | undefined {
    return this.buckets.get(bucket)!.get(key)?.at(-1)
  }

  get objects(): Objects {
    const found = (bucket: string, key: string) => {
      const object = this.stored(bucket, key)
      return object === undefined
        ? undefined
        : {
            key,
            etag: object.etag,
            size: object.body.byteLength,
            lastModified: object.lastModified,
            body: object.body,
            serverTime: new Date(this.time),
          }
    }
    const put = (bucket: string, key: string, body: Uint8Array, holds: boolean) =>
      holds ? {written: true as const, etag: this.store(bucket, key, body).etag} : {written: false as const}
    return {
      get: (bucket, key) => this.#call(`get ${key}`, () => found(bucket, key)),
      head: (bucket, key) => this.#call(`head ${key}`, () => found(bucket, key)),
      list: (bucket, prefix) =>
        this.#call(`list ${prefix}`, () =>
          [...this.buckets.get(bucket)!.keys()]
            .sort()
            .flatMap((key) => (key.startsWith(prefix) ? (found(bucket, key) ?? []) : [])),
        ),
      listEach: (bucket, prefix, take) =>
        this.#call(`list ${prefix}`, () => {
          for (const key of [...this.buckets.get(bucket)!.keys()].sort()) {
            const object = key.startsWith(prefix) ? found(bucket, key) : undefined
            if (object !== undefined) take(object)
          }
        }),
      put: (bucket, key, body) => this.#call(`put ${key}`, () => this.store(bucket, key, body).etag),
      putIfAbsent: (bucket, key, body) =>
        this.#call(`putIfAbsent ${key}`, () => put(bucket, key, body, this.stored(bucket, key) === undefined)),
      putIfMatch: (bucket, key, body, etag) =>
        this.#call(`putIfMatch ${key}`, () => put(bucket, key, body, this.stored(bucket, key)?.etag === etag)),
      deleteIfMatch: (bucket, key, etag) =>
        this.#call(`deleteIfMatch ${key}`, () => {
          const same = this.stored(bucket, key)?.etag === etag
          return same && this.buckets.get(bucket)!.delete(key)
        }),
      copy: () => Promise.reject(new Killed('copy')),
      empty: () => Promise.reject(new Killed('empty')),
      copyOver: () => Promise.reject(new Killed('copyOver')),
      open: () => Promise.reject(new Killed('open')),
      receive: () => Promise.reject(new Killed('receive')),
      deleteBucket: () => Promise.reject(new Killed('deleteBucket')),
      url: (bucket, key) => `${bucket}/${key}`,
    }
  }

  get assetBucket(): AssetBucket {
    return {
      put: ({bucket, owner}, key, bytes, hash) =>
        this.#call(`send ${key}`, () => {
          if (owner !== '123456789012' || sha256(bytes) !== hash)
            throw new FailedError('BadDigest', {code: 'AWS_BAD_DIGEST'})
          return this.store(bucket, key, bytes)
        }),
      unfinished: (_place, prefix) =>
        this.#call(`unfinished ${prefix}`, () =>
          [...this.partUploads].flatMap(([uploadId, {key}]) => (key.startsWith(prefix) ? [{key, uploadId}] : [])),
        ),
      begin: (_place, key, uploadId) =>
        this.#call(`begin ${key}`, () => {
          const id = uploadId ?? `upload-${this.#version++}`
          const upload = this.partUploads.get(id) ?? {key, parts: new Map<number, Uint8Array>()}
          this.partUploads.set(id, upload)
          const present = new Map(
            [...upload.parts].map(([number, bytes]) => [
              number,
              {sha256: sha256(bytes), size: bytes.byteLength, etag: sha256(bytes)},
            ]),
          )
          return {key, uploadId: id, present}
        }),
      putPart: (_place, {key, uploadId}, number, bytes, hash) =>
        this.#call(`part ${number} ${key}`, () => {
          if (sha256(bytes) !== hash) throw new FailedError('BadDigest', {code: 'AWS_BAD_DIGEST'})
          this.partUploads.get(uploadId)!.parts.set(number, Uint8Array.from(bytes))
          return {number, etag: hash, sha256: hash}
        }),
      complete: ({bucket}, {key, uploadId}, parts) =>
        this.#call(`complete ${key}`, () => {
          const upload = this.partUploads.get(uploadId)!
          const body = Buffer.concat(parts.map(({number}) => upload.parts.get(number)!))
          this.partUploads.delete(uploadId)
          return this.store(bucket, key, body)
        }),
      abandon: (_place, {key, uploadId}) => this.#call(`abandon ${key}`, () => void this.partUploads.delete(uploadId)),
      current: ({bucket}, prefix) =>
        this.#call(`current ${prefix}`, () => {
          const keys = [...this.buckets.get(bucket)!.keys()].filter((key) => key.startsWith(prefix))
          return new Map(keys.map((key) => [key, this.stored(bucket, key)!.versionId]))
        }),
      read: (_place, key, versionId) => {
        const object = this.buckets
          .get('assets')!
          .get(key)!
          .find((one) => one.versionId === versionId)!
        return (async function* () {
          await Promise.resolve()
          yield object.body
        })()
      },
      requests: () => this.calls.length,
    }
  }

  #node(path: string): TreeNode {
    const {bytes, mode, touchedMs, inode} = this.folder.get(path)!
    return {
      path,
      kind: 'file',
      size: bytes.byteLength,
      mode,
      stamp: {mark: `${bytes.byteLength}:${touchedMs}:${inode}`, touchedMs},
    }
  }

  /** Somebody writes to a file while it is read. */
  #disturb(path: string): boolean {
    const left = this.restless.get(path) ?? 0
    if (left === 0) return false
    this.restless.set(path, left - 1)
    this.put(path, this.folder.get(path)!.bytes)
    return true
  }

  #readable(path: string): void {
    if (!this.folder.has(path) || this.unreadable.has(path))
      throw new FailedError(`"${path}" cannot be read`, {code: 'ASSET_UNREADABLE'})
  }

  get assetFolder(): AssetFolder {
    const changed = (path: string) => new FailedError(`"${path}" changes while it is read.`, {code: 'ASSET_CHANGED'})
    return {
      resolve: async (folder) => folder,
      walk: (_folder, {categories}) =>
        this.#call('walk', () => {
          const wanted = (path: string) =>
            categories.length === 0 || categories.some((one) => path === one || path.startsWith(`${one}/`))
          const files = [...this.folder.keys()].filter(wanted).map((path) => this.#node(path))
          const directories = [...this.directories]
            .filter(wanted)
            .map((path): TreeNode => ({path, kind: 'directory', size: 0, mode: 0o755, stamp: {mark: '', touchedMs: 0}}))
          return {
            nodes: [...files, ...directories],
            problems: [],
            leftOut: [...this.directories].filter((path) => !path.includes('/') && !isCategory(path)),
          }
        }),
      read: (_folder, path, lease) =>
        this.#call(`read ${path}`, () => {
          this.#readable(path)
          if (this.#disturb(path)) throw changed(path)
          const {stamp, mode} = this.#node(path)
          const bytes = lease.room(this.folder.get(path)!.bytes.byteLength)
          bytes.set(this.folder.get(path)!.bytes)
          return {bytes, mode, stamp}
        }),
      open: (_folder, path) =>
        this.#call(`open ${path}`, () => {
          this.#readable(path)
          const {size, stamp, mode} = this.#node(path)
          return {
            size,
            mode,
            stamp,
            read: async (offset, length, lease) => {
              const bytes = lease.room(length)
              bytes.set(this.folder.get(path)!.bytes.subarray(offset, offset + length))
              return bytes
            },
            confirm: async () => {
              if (this.#disturb(path) || this.#node(path).stamp.mark !== stamp.mark) throw changed(path)
            },
            close: async () => undefined,
          }
        }),
      write: async (_folder, entry, content) => {
        const chunks: Uint8Array[] = []
        for await (const chunk of content) chunks.push(chunk)
        this.folder.set(entry.path, {
          bytes: Buffer.concat(chunks),
          mode: entry.mode,
          touchedMs: this.time,
          inode: this.#inode++,
        })
      },
      makeDirectory: async (_folder, {path}) => void this.directories.add(path),
    }
  }

  get assetIndexes(): AssetIndexes {
    return {
      load: ({folder}) => this.#call('load index', () => this.indexes.get(folder)),
      save: ({folder}, index) => this.#call('save index', () => void this.indexes.set(folder, index)),
      sent: () => this.#call('load sent', () => [...this.sent]),
      noteSent: (_place, file) => this.#call('note sent', () => void this.sent.push(file)),
      forgetSent: () => this.#call('forget sent', () => void (this.sent = [])),
    }
  }

  get ports(): UploadPorts & PlacesPorts {
    const foundation = {outputs: {AssetsBucket: 'assets', RecordsBucket: 'records'}} as unknown as StackDescription
    return {
      objects: this.objects,
      assetBucket: this.assetBucket,
      assetFolder: this.assetFolder,
      assetIndexes: this.assetIndexes,
      clock: {
        now: () => new Date(this.time),
        // Renewing a lock takes longer than anything here.
        sleep: (_ms, signal) =>
          new Promise<void>((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Killed('sleep')))),
      },
      machine: {
        holder: () => ({host: 'h', pid: 1, user: 'u'}),
        mayBeAlive: () => false,
        randomHex: (digits) => sha256(String(this.#version++)).slice(0, digits),
      },
      packageFiles: {version: '0.0.0', templates: async () => new Map(), lambdaZip: async () => new Uint8Array()},
      identity: {
        caller: () =>
          this.#call('caller', () => ({
            account: '123456789012' as AccountId,
            arn: 'arn',
            region: 'eu-west-1' as Region,
            partition: 'aws',
          })),
      },
      stacks: {describe: () => this.#call('describe', () => foundation)} as unknown as UploadPorts['stacks'],
      functions: {} as PlacesPorts['functions'],
    }
  }

  get run(): Run {
    return {report: (event) => this.events.push(event), pause: this.pause.signal}
  }

  upload(options: Partial<UploadAssetsOptions> = {}): Promise<UploadAssetsResult> {
    const all = {
      environment,
      account: undefined,
      folder: '/f',
      categories: [],
      prune: false,
      checksum: false,
      followSymlinks: false,
      dryRun: false,
      resume: undefined,
    }
    return uploadAssets({...all, ...options}, this.ports, this.run)
  }

  /** The committed bundle's entries, each compared with the very version it names. */
  bundle(): readonly BundleEntry[] {
    const pointer = this.stored('assets', pointerKey(environment))
    if (pointer === undefined) return []
    const {key, sha256: hash} = pointerSchema.parse(JSON.parse(new TextDecoder().decode(pointer.body)))
    const manifest = this.stored('assets', key)!
    if (sha256(manifest.body) !== hash) throw new Killed('the pointer does not fit the manifest')
    const {entries} = parseBundle(manifest.body)!
    for (const entry of entries) {
      if (entry.kind === 'directory') continue
      const object = this.buckets
        .get('assets')!
        .get(entry.key)
        ?.find(({versionId}) => versionId === entry.versionId)
      if (object === undefined || sha256(object.body) !== entry.sha256)
        throw new Killed(`${entry.path} is not what the bundle says`)
    }
    return entries
  }

  /** What the bundle must hold if it is the folder's. */
  expected(): Record<string, string> {
    const rows: [string, string][] = [
      ...[...this.directories].map((path): [string, string] => [path, 'directory']),
      ...[...this.folder].map(([path, {bytes, mode}]): [string, string] => [path, `${sha256(bytes)} ${mode}`]),
    ]
    return Object.fromEntries(rows.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
  }

  actual(): Record<string, string> {
    return Object.fromEntries(
      this.bundle().map(({path, kind, sha256: hash, mode}) => [path, kind === 'directory' ? kind : `${hash} ${mode}`]),
    )
  }
}
