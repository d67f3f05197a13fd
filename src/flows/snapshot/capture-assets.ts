import * as z from 'zod'
import type {BundleEntry} from '../../domain/assets/bundle.ts'
import {sha256} from '../../domain/content.ts'
import {FailedError} from '../../domain/errors.ts'
import {linesOf} from '../../domain/lines.ts'
import {objectKey, prefixes} from '../../domain/snapshots/keys.ts'
import {inLanes} from '../assets/lanes.ts'
import {readLatest, visitBundle} from '../assets/latest.ts'
import type {AssetPlace} from '../assets/place.ts'
import type {Manifest} from '../../domain/snapshots/manifest.ts'
import type {Objects} from '../ports.ts'
import type {Site} from './site.ts'

/** Copies under way at once: S3 does the work, each waits for its answer. */
const lanes = 32
/** Characters of the list that are text at once. */
const pieceLength = 100_000

/** Assets of a set: which bundle, and under which hash the list of them lies. `none` before the first upload. */
export const assetsCopySchema = z.union([
  z.object({bundle: z.string(), count: z.number(), bytes: z.number(), list: z.string()}),
  z.literal('none'),
])
export type AssetsCopy = z.infer<typeof assetsCopySchema>

/** One asset of a set, as the list has it. */
export const assetLineSchema = z.object({
  path: z.string(),
  kind: z.enum(['file', 'directory']),
  size: z.number().int(),
  sha256: z.string(),
  mode: z.number().int(),
})
export type AssetLine = z.infer<typeof assetLineSchema>

/** What every part of a set that is an object goes through: written once under its own hash. */
export async function keepObject(objects: Objects, bucket: string, bytes: Uint8Array): Promise<string> {
  const hash = sha256(bytes)
  await objects.putIfAbsent(bucket, objectKey(hash), bytes)
  return hash
}

/** Where an environment has its assets. */
export function assetsOf(site: Site): AssetPlace {
  const {environment, caller, assetsBucket, recordsBucket} = site
  return {environment, caller, assets: {bucket: assetsBucket, owner: caller.account}, recordsBucket}
}

/**
 * Copies the assets of the committed bundle into the records bucket, each under the hash of its content: what another
 * set has already is not copied again, and what happens to the assets bucket afterwards does not touch the set.
 * @throws NotFoundError OBJECT_GONE, FailedError CHECKSUM_DIFFERS
 */
export async function copyAssets(objects: Objects, site: Site): Promise<AssetsCopy> {
  const place = assetsOf(site)
  const latest = await readLatest(objects, place)
  if (latest === undefined) return 'none'
  const there = new Set<string>()
  await objects.listEach(site.recordsBucket, prefixes.objects, ({key}) => there.add(key))
  const wanted = new Map<string, BundleEntry>()
  const list = new Pieces()
  let [count, bytes] = [0, 0]
  const {id} = await visitBundle(objects, place, latest.pointer, (entry) => {
    const {path, kind, size, sha256: hash, mode} = entry
    list.add(`${JSON.stringify({path, kind, size, sha256: hash, mode})}\n`)
    if (kind === 'directory') return
    count += 1
    bytes += size
    const key = objectKey(hash)
    if (!there.has(key)) wanted.set(key, entry)
  })
  await inLanes(wanted.values(), lanes, ({key, versionId, size, sha256: hash}) =>
    objects.copy(
      {bucket: site.assetsBucket, key, versionId, size},
      {bucket: site.recordsBucket, key: objectKey(hash), sha256: hash},
    ),
  )
  return {bundle: id, count, bytes, list: await keepObject(objects, site.recordsBucket, list.bytes())}
}

/** A long text that is bytes as soon as there is enough of it: as one text, or as its lines, it would take several times its size. */
class Pieces {
  readonly #encoder = new TextEncoder()
  readonly #pieces: Uint8Array[] = []
  #text = ''

  add(text: string): void {
    this.#text += text
    if (this.#text.length > pieceLength) this.#cut()
  }

  bytes(): Uint8Array {
    this.#cut()
    return Buffer.concat(this.#pieces)
  }

  #cut(): void {
    this.#pieces.push(this.#encoder.encode(this.#text))
    this.#text = ''
  }
}

/**
 * Reads the list of a set's assets back.
 * @throws FailedError OBJECT_MISSING, OBJECT_DAMAGED
 */
export async function readAssetList(objects: Objects, bucket: string, list: string): Promise<readonly AssetLine[]> {
  const found = await objects.get(bucket, objectKey(list))
  if (found === undefined) throw new FailedError(`Object ${list} of the set is gone.`, {code: 'OBJECT_MISSING'})
  if (sha256(found.body) !== list)
    throw new FailedError(`Object ${list} of the set is damaged.`, {code: 'OBJECT_DAMAGED'})
  const lines: AssetLine[] = []
  for (const line of linesOf(found.body)) lines.push(assetLineSchema.parse(JSON.parse(line)))
  return lines
}

/**
 * Hashes of all contents that a set names: templates, environment files, the list of its assets and the assets, each
 * with its size where the set knows it.
 * @throws as `readAssetList`
 */
export async function namedObjects(
  objects: Objects,
  bucket: string,
  {assets, configuration}: Pick<Manifest, 'assets' | 'configuration'>,
): Promise<Map<string, number | undefined>> {
  const named = new Map<string, number | undefined>([
    ...configuration.stacks.map(({template}) => [template, undefined] as const),
    ...(configuration.environmentFiles ?? []).map(({content}) => [content, undefined] as const),
  ])
  if (assets === undefined) return named
  named.set(assets.list, undefined)
  for (const {kind, sha256: hash, size} of await readAssetList(objects, bucket, assets.list))
    if (kind === 'file') named.set(hash, size)
  return named
}
