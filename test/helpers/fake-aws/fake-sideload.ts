import {parseBundle} from '../../../src/domain/assets/bundle.ts'
import type {FakeFileSystem} from './state.ts'
import type {World} from './world.ts'

/** What the side-load function is asked with, as far as a slice needs it. */
export interface SlicePayload {
  readonly operation: string
  readonly generation: number
  readonly opId: string
  readonly sliceId: string
  readonly manifest: {readonly key: string}
  readonly cursor: string
  readonly from: string
  readonly to: string
}

/** Paths that one slice gets through: few, so that there are several slices. */
const slicePaths = 2

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export function isSlice(operation: string): boolean {
  return ['sideload', 'verify', 'prune'].includes(operation)
}

/** One slice of the function, over the bundles and results in the fake S3: the same asked twice is done once. */
export function sliceAnswer(world: World, files: FakeFileSystem, payload: SlicePayload): object {
  const {operation, generation, opId, sliceId, manifest, cursor} = payload
  const key = `ops/${opId}/result-${sliceId}.ndjson`
  const records = [...world.state.buckets].find(([name]) => name.startsWith('records-'))?.[1]
  const assets = [...world.state.buckets].find(([name]) => name.startsWith('assets-'))?.[1]
  const body = assets?.get(manifest.key)?.body
  const bundle = body === undefined ? undefined : parseBundle(body)
  if (bundle === undefined) return refusal('OBJECT_GONE', `there is no ${manifest.key}`)
  if (!files.generations.has(generation))
    return refusal('GENERATION_MISSING', `generation ${generation} is not prepared`)
  const known = records?.get(key)
  if (known !== undefined) return {ok: true, ...(JSON.parse(decoder.decode(known.body).split('\n')[0] ?? '') as object)}

  files.assets ??= new Map()
  const held = files.assets
  const wanted = new Map(bundle.entries.map((entry) => [entry.path, entry.kind === 'file' ? entry.sha256 : 'folder']))
  const isFolder = (content: string | undefined): boolean => content === 'folder'
  const isStray = (path: string): boolean =>
    !wanted.has(path) || isFolder(wanted.get(path)) !== isFolder(held.get(path))
  const all = operation === 'prune' ? [...held.keys()].filter(isStray) : [...wanted.keys()]
  const rest = all
    .filter((path) => path >= payload.from && (payload.to === '' || path < payload.to) && path > cursor)
    .sort()
  const counts: Record<string, number> = {failed: 0, bytes: 0}
  const lines = rest.slice(0, slicePaths).map((path) => {
    const result = settle(world, held, operation, path, wanted.get(path) ?? '')
    counts[result.result] = (counts[result.result] ?? 0) + 1
    if (result.reason === inTheWay) counts['inTheWay'] = (counts['inTheWay'] ?? 0) + 1
    if (result.result === 'copied') counts['bytes'] = (counts['bytes'] ?? 0) + 1
    return {path, ...result}
  })
  const last = rest.length > slicePaths ? rest[slicePaths - 1] : undefined
  const answer = {
    state: 'complete',
    counts,
    failures: [],
    resultKey: key,
    ...(last === undefined ? {} : {cursor: last}),
  }
  const text = [answer, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('')
  records?.set(key, {body: encoder.encode(text), etag: `"${world.count('etag')}"`, modified: world.clock.time})
  return {ok: true, ...answer}
}

const inTheWay = 'something of another kind stands there'

/** Whether a file stands on the way to a path, or at it where a folder belongs; or a folder where a file does. */
function stands(held: ReadonlyMap<string, string>, path: string, content: string): boolean {
  const above = path.split('/').map((_, index, names) => names.slice(0, index).join('/'))
  if (above.some((folder) => held.has(folder) && held.get(folder) !== 'folder')) return true
  const there = held.get(path)
  if (content === 'folder') return there !== undefined && there !== 'folder'
  return there === 'folder' || [...held.keys()].some((other) => other.startsWith(`${path}/`))
}

function settle(
  world: World,
  held: Map<string, string>,
  operation: string,
  path: string,
  content: string,
): {readonly result: string; readonly reason?: string} {
  const reason = world.brokenPaths.get(path)
  if (reason !== undefined) return {result: 'failed', reason}
  const there = held.get(path)
  if (operation === 'sideload' && stands(held, path, content)) return {result: 'failed', reason: inTheWay}
  if (operation === 'verify') return {result: there === undefined ? 'missing' : there === content ? 'same' : 'changed'}
  if (operation === 'prune') {
    held.delete(path)
    return {result: 'removed'}
  }
  if (there === content) return {result: 'skipped'}
  held.set(path, content)
  return {result: 'copied'}
}

function refusal(code: string, message: string): object {
  return {ok: false, error: {code, message}}
}
