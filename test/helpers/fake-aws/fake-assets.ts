import {createHash} from 'node:crypto'
import type {AssetPorts, Index, SentFile} from '../../../src/flows/assets/ports.ts'
import {NotFoundError} from '../../../src/domain/errors.ts'
import type {FakeProcess} from './fake-process.ts'
import type {World} from './world.ts'

/** A folder with assets and the machine's memory of it, beside a world. */
export class FakeFolder {
  readonly files = new Map<string, string>()
  readonly #indexes = new Map<string, Index>()
  #sent: SentFile[] = []

  constructor(files: Readonly<Record<string, string>>) {
    for (const [path, text] of Object.entries(files)) this.files.set(path, text)
  }

  /** What a generation holds that this folder was loaded into. */
  get loaded(): ReadonlyMap<string, string> {
    const folders = [...this.files.keys()].flatMap((path) => {
      const names = path.split('/')
      return names.slice(1).map((_, depth) => names.slice(0, depth + 1).join('/'))
    })
    return new Map([
      ...folders.map((path) => [path, 'folder'] as const),
      ...[...this.files].map(([path, text]) => [path, hashOf(text)] as const),
    ])
  }

  /** The ports of one run; calls of AWS among them count, and may be its last. */
  ports(world: World, process: FakeProcess): AssetPorts {
    const encoder = new TextEncoder()
    const nodes = () =>
      [...this.loaded].map(([path, hash]) => ({
        path,
        kind: hash === 'folder' ? ('directory' as const) : ('file' as const),
        size: encoder.encode(this.files.get(path) ?? '').length,
        mode: 0o755,
        stamp: {mark: hash, touchedMs: 0},
      }))
    const refuse = () => Promise.reject(new RangeError('no large files here'))
    return {
      assetFolder: {
        resolve: async (folder) => {
          if (folder === '/assets') return folder
          throw new NotFoundError(`There is no folder ${folder}.`, {code: 'FOLDER_NOT_FOUND'})
        },
        walk: async () => ({nodes: nodes(), problems: [], leftOut: []}),
        read: async (_folder, path, lease) => {
          const text = encoder.encode(this.files.get(path) ?? '')
          const bytes = lease.room(text.length)
          bytes.set(text)
          return {bytes, mode: 0o755, stamp: {mark: hashOf(this.files.get(path) ?? ''), touchedMs: 0}}
        },
        open: refuse,
        write: refuse,
        makeDirectory: refuse,
      },
      assetIndexes: {
        load: async ({environment}) => process.living(this.#indexes.get(environment)),
        save: async ({environment}, index) => process.living(void this.#indexes.set(environment, index)),
        sent: async () => process.living([...this.#sent]),
        noteSent: async (_place, file) => process.living(void this.#sent.push(file)),
        forgetSent: async () => process.living(void (this.#sent = [])),
      },
      assetBucket: {
        ...process.wrap('assetBucket', {
          put: ({bucket}: {bucket: string}, key: string, bytes: Uint8Array) => {
            const etag = `"${world.count('etag')}"`
            world.state.buckets.get(bucket)?.set(key, {body: bytes.slice(), etag, modified: world.clock.time})
            return {versionId: hashOf(bytes).slice(0, 12)}
          },
          unfinished: () => [],
        }),
        begin: refuse,
        putPart: refuse,
        complete: refuse,
        abandon: refuse,
        async *read() {
          yield await refuse()
        },
        requests: () => process.calls,
      } as unknown as AssetPorts['assetBucket'],
    }
  }
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
