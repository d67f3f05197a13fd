// Side-loads many tiny files twice on a file system in memory and prints what it came to. A test runs it with little
// memory; nothing here holds more of a file than its name, size and time.
import {createHash} from 'node:crypto'
import type {Entry, Files, OpenFile} from '../../lambda/sideload/files.ts'
import {sideload} from '../../lambda/sideload/operations/sideload.ts'
import {systemError} from './sandbox.ts'
import {request, type Stage} from './bundle.ts'
import {FakeStore} from './fake-store.ts'
import {usualSizes} from '../../lambda/sideload/transfer/sizes.ts'

/** A file system in memory that keeps texts of its own and nothing of the assets but size and time. */
function memoryFiles(): {readonly files: Files; readonly opened: () => number} {
  const nodes = new Map<string, {kind: 'file' | 'directory'; size: number; ns: bigint; text: Buffer | undefined}>()
  const children = new Map<string, Set<string>>()
  let [clock, opened] = [1n, 0]
  const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))
  const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
  const put = (path: string, kind: 'file' | 'directory', text?: Buffer): void => {
    nodes.set(path, {kind, size: text?.byteLength ?? 0, ns: clock++, text})
    const parent = parentOf(path)
    const known = children.get(parent) ?? new Set()
    children.set(parent, known.add(nameOf(path)))
  }
  const take = (path: string): void => {
    nodes.delete(path)
    children.get(parentOf(path))?.delete(nameOf(path))
  }
  const find = (path: string): NonNullable<ReturnType<typeof nodes.get>> => {
    const node = nodes.get(path)
    if (node === undefined) throw systemError('ENOENT')
    return node
  }
  const look = async (path: string): Promise<Entry> => {
    const {kind, size, ns} = find(path)
    return {kind, uid: 1, gid: 1, mode: 0o644, size, modifiedAt: new Date(0), modifiedNs: ns}
  }
  const openFile = (path: string): OpenFile => {
    const node = find(path)
    const isOurs = path.includes('/.pi/')
    opened += isOurs ? 0 : 1
    return {
      look: async () => look(path),
      read: async (into, position) => (node.text ?? Buffer.alloc(0)).copy(into, 0, position),
      async write(bytes, position) {
        node.size = Math.max(node.size, position + bytes.byteLength)
        if (!isOurs) return
        const room =
          node.text !== undefined && node.text.byteLength >= node.size ? node.text : Buffer.alloc(2 * node.size)
        node.text?.copy(room)
        room.set(bytes, position)
        node.text = room
      },
      sync: async () => undefined,
      setOwner: async () => undefined,
      setMode: async () => undefined,
      [Symbol.asyncDispose]: async () => undefined,
    }
  }
  for (const path of ['', '/gen', '/gen/1', '/gen/1/themes']) put(path, 'directory')
  put('/gen/1/.pi-complete', 'file', Buffer.from('["themes"]'))
  const files = {
    look,
    names: async (path: string) => [...(children.get(path) ?? [])],
    makeDirectory: async (path: string) => put(path, 'directory'),
    removeDirectory: async (path: string) => take(path),
    removeFile: async (path: string) => take(path),
    async create(path: string) {
      put(path, 'file')
      return openFile(path)
    },
    openToRead: async (path: string) => openFile(path),
    setOwner: async () => undefined,
    setMode: async () => undefined,
    async rename(from: string, to: string) {
      const node = find(from)
      take(from)
      put(to, node.kind)
      nodes.set(to, node)
      const inside = children.get(from)
      if (inside !== undefined) children.set(to, inside)
    },
    read: async (path: string) => (find(path).text ?? Buffer.alloc(0)).subarray(0, find(path).size).toString('utf8'),
    writeDurably: async (path: string, text: string) => put(path, 'file', Buffer.from(text)),
    settle: async () => undefined,
    freeBytes: async () => 1,
    processUid: () => 1,
  } as unknown as Files
  return {files, opened: () => opened}
}

const count = Number(process.argv[2])
/** Bytes of each line of the manifest: its place says which one it is. */
const lineBytes = 320
const sha256 = createHash('sha256').update('x').digest('hex')

function line(index: number): string {
  const path = `themes/${String(Math.floor(index / 500)).padStart(6, '0')}/file number ${String(index).padStart(9, '0')}`
  const entry = {path, key: 'x', versionId: 'v1', size: 1, sha256, mode: 0o644, kind: 'file'}
  const head = {schemaVersion: 1, id: 'many', createdAt: '', count}
  return `${JSON.stringify(index < 0 ? head : entry).padEnd(lineBytes - 1)}\n`
}

/** A manifest that is made where it is read. */
function manifestBytes(from: number, to: number): Uint8Array {
  const first = Math.floor(from / lineBytes)
  const lines: string[] = []
  for (let at = first; at * lineBytes < to; at++) lines.push(line(at - 1))
  return Buffer.from(lines.join('')).subarray(from - first * lineBytes, to - first * lineBytes)
}

const store = new FakeStore()
store.putLazily('assets', 'x', {size: 1, sha256, read: () => Buffer.from('x')})
store.putLazily('assets', 'bundles/many', {size: (count + 1) * lineBytes, sha256: undefined, read: manifestBytes})
let bodies = 0
let requests = 0
store.onRead = ({key}) => {
  if (key === 'x') bodies += 1
  requests += 1
  store.reads.length = 0
}
const {files, opened} = memoryFiles()
const room: Stage = {
  settings: {filesRoot: '/', dataUid: 1, dataGid: 1},
  buckets: {assets: 'assets', records: 'records'},
  files,
  store,
  now: Date.now,
  pause: async () => Promise.resolve(),
  sizes: usualSizes,
  remainingMs: () => 900_000,
  tree: '/gen/1',
}

async function run(): Promise<object> {
  const [bodiesBefore, requestsBefore, openedBefore] = [bodies, requests, opened()]
  const total: Record<string, number> = {}
  let largest = 0
  const asked = request({key: 'bundles/many', versionId: 'v2'})
  for (let [cursor, slice]: [string | undefined, number] = ['', 0]; cursor !== undefined; slice++) {
    const answer = await sideload({...asked, sliceId: `${slice}`, cursor}, room)
    for (const [name, value] of Object.entries(answer.counts)) total[name] = (total[name] ?? 0) + value
    largest = Math.max(largest, JSON.stringify(answer).length)
    store.remove('records', answer.resultKey)
    cursor = answer.cursor
  }
  return {
    ...total,
    largest,
    bodies: bodies - bodiesBefore,
    requests: requests - requestsBefore,
    opened: opened() - openedBefore,
  }
}

const [first, second] = [await run(), await run()]
process.stdout.write(JSON.stringify({first, second}))
