import {createHash} from 'node:crypto'
import {readdirSync, readFileSync, lstatSync} from 'node:fs'
import {join} from 'node:path'
import assert from 'node:assert/strict'
import {nodeFiles, type Files} from '../../lambda/sideload/files.ts'
import {prepare} from '../../lambda/sideload/operations/prepare.ts'
import type {Room, SliceAnswer, SliceRequest} from '../../lambda/sideload/slice/slice.ts'
import {usualSizes} from '../../lambda/sideload/transfer/sizes.ts'
import {FakeStore} from './fake-store.ts'
import {settingsFor} from './sandbox.ts'

/** What a bundle holds: contents of files, and null for folders. */
export type Tree = Readonly<Record<string, string | Uint8Array | null>>

export const buckets = {assets: 'assets', records: 'records'}

export interface Stage extends Room {
  readonly store: FakeStore
  readonly tree: string
}

/** A prepared generation 1 and empty buckets. */
export async function stage(root: string, changes: Partial<Room> = {}): Promise<Stage> {
  const settings = settingsFor(root)
  await prepare(settings, nodeFiles, 1)
  return {
    settings,
    buckets,
    files: nodeFiles,
    store: new FakeStore(),
    now: Date.now,
    pause: async () => Promise.resolve(),
    remainingMs: () => 900_000,
    sizes: usualSizes,
    tree: join(root, 'gen/1'),
    ...changes,
  } as Stage
}

/** The same place, another invocation. */
export function withFiles(room: Stage, files: Files): Stage {
  return {...room, files}
}

export interface EntryChanges {
  readonly sha256?: string
  readonly size?: number
  readonly mode?: number
  readonly path?: string
}

let bundles = 0

/** Stores objects and their manifest as the command line does. */
export function bundle(
  store: FakeStore,
  tree: Tree,
  changes: Readonly<Record<string, EntryChanges>> = {},
): SliceRequest['manifest'] {
  const entries = Object.entries(tree).map(([path, content]) => {
    const kind = content === null ? 'directory' : 'file'
    const bytes = Buffer.from(content ?? '')
    const versionId = content === null ? '' : store.put('assets', `objects/${path}`, bytes)
    return {
      path,
      key: content === null ? '' : `objects/${path}`,
      versionId,
      size: bytes.byteLength,
      sha256: content === null ? '' : createHash('sha256').update(bytes).digest('hex'),
      mode: kind === 'file' ? 0o644 : 0o755,
      kind,
      ...changes[path],
    }
  })
  return storeManifest(store, entries)
}

export function storeManifest(store: FakeStore, entries: readonly {readonly path: string}[]): SliceRequest['manifest'] {
  const sorted = [...entries].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
  const id = `b${++bundles}`
  const head = {schemaVersion: 1, id, createdAt: '2026-01-01T00:00:00Z', count: entries.length}
  const key = `bundles/demo/${id}.ndjson`
  const text = [head, ...sorted].map((line) => `${JSON.stringify(line)}\n`).join('')
  return {key, versionId: store.put('assets', key, text)}
}

let operations = 0

export function request(manifest: SliceRequest['manifest'], changes: Partial<SliceRequest> = {}): SliceRequest {
  const opId = `op${++operations}`
  return {generation: 1, opId, sliceId: '1', manifest, cursor: '', from: '', to: '', deadlineMs: 60_000, ...changes}
}

export type Operation<T extends SliceRequest> = (request: T, room: Room) => Promise<SliceAnswer>

export interface Run {
  readonly slices: readonly SliceAnswer[]
  readonly counts: Readonly<Record<string, number>>
  /** All lines of all results but the heads. */
  readonly lines: readonly {
    readonly path: string
    readonly result: string
    readonly code?: string
    readonly reason?: string
  }[]
}

/** Calls an operation until its range is through. */
export async function runAll<T extends SliceRequest>(operation: Operation<T>, first: T, room: Stage): Promise<Run> {
  const slices: SliceAnswer[] = []
  const counts: Record<string, number> = {}
  const lines: Run['lines'][number][] = []
  for (let cursor: string | undefined = first.cursor; cursor !== undefined;) {
    const sliceId = `${first.sliceId}-${slices.length}`
    const answer = await operation({...first, sliceId, cursor}, room)
    slices.push(answer)
    for (const [name, count] of Object.entries(answer.counts)) counts[name] = (counts[name] ?? 0) + count
    const [head = '', ...rest] = room.store.text('records', answer.resultKey).trimEnd().split('\n')
    assert.deepEqual(JSON.parse(head), answer)
    lines.push(...rest.map((line) => JSON.parse(line) as Run['lines'][number]))
    cursor = answer.cursor
    assert.ok(slices.length < 10_000, 'it does not get further')
  }
  return {slices, counts, lines}
}

/** Everything below a folder by an independent look: contents of files, null for folders; names of ours left out. */
export function treeOf(folder: string, parent = ''): Record<string, string | null> {
  const found: Record<string, string | null> = {}
  for (const name of readdirSync(join(folder, parent)).sort()) {
    const path = parent === '' ? name : `${parent}/${name}`
    if (path === '.pi' || path === '.pi-complete') continue
    const entry = lstatSync(join(folder, path))
    if (entry.isDirectory()) Object.assign(found, {[path]: null}, treeOf(folder, path))
    else found[path] = entry.isFile() ? readFileSync(join(folder, path), 'latin1') : 'link'
  }
  return found
}

/** What `treeOf` finds in a generation that holds a bundle and nothing else. */
export function expected(...trees: readonly Tree[]): Record<string, string | null> {
  const found: Record<string, string | null> = {}
  for (const name of ['custom_jdbc', 'excel-data', 'files', 'images', 'keys', 'locale', 'svg', 'themes'])
    found[name] = null
  for (const tree of trees) {
    for (const [path, content] of Object.entries(tree)) {
      const names = path.split('/')
      for (let depth = 1; depth < names.length; depth++) found[names.slice(0, depth).join('/')] = null
      found[path] = content === null ? null : Buffer.from(content).toString('latin1')
    }
  }
  return found
}
