import {bytesOf} from '../../domain/assets/bundle.ts'
import {
  countByCategory,
  diffPlaces,
  type PlacedEntry,
  type PlaceName,
  type Places,
  type PlacesDiff,
  sideBySide,
} from '../../domain/assets/places.ts'
import {categories as allCategories, type Category} from '../../domain/assets/paths.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import {readLandscape} from '../landscape.ts'
import type {Ports} from '../ports.ts'
import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import {compareEfs, marked} from './compare-efs.ts'
import {functionOf, listEfs} from './efs.ts'
import {type Latest, latestEntries, readLatest} from './latest.ts'
import {look} from './look.ts'
import {assetPlace} from './place.ts'
import type {AssetPorts} from './ports.ts'
import {transfer} from './transfer.ts'

export interface PlacesOptions {
  readonly environment: EnvironmentName
  readonly account: string | undefined
  /** Compared too, if there is one. */
  readonly folder: string | undefined
  /** All when empty. */
  readonly categories: readonly Category[]
  readonly followSymlinks: boolean
  /** Whether EFS is asked. */
  readonly efs: boolean
}

/** How EFS is looked at: by names, kinds and sizes, or by content too. */
type Depth = 'names' | 'content'

export type PlacesPorts = AssetPorts &
  Pick<Ports, 'stacks' | 'identity' | 'objects' | 'clock' | 'functions' | 'machine'>

interface Found {
  readonly latest: Latest | undefined
  readonly places: Places
}

/** Looks into the places; nothing is changed anywhere. */
async function lookIntoPlaces(options: PlacesOptions, depth: Depth, ports: PlacesPorts, run: Run): Promise<Found> {
  const {environment, account} = options
  const categories = options.categories.length === 0 ? allCategories : options.categories
  const wanted = ({path}: {readonly path: string}): boolean =>
    categories.some((category) => path === category || path.startsWith(`${category}/`))
  const at = {clock: ports.clock, report: run.report}
  const place = await assetPlace(environment, account, ports)
  const latest = await readLatest(ports.objects, place)
  const bucket = await latestEntries(ports.objects, place, latest)
  const ofFolder = async (asked: string): Promise<readonly PlacedEntry[]> => {
    const folder = await ports.assetFolder.resolve(asked)
    const indexPlace = {folder, bucket: place.assets.bucket, environment}
    const remembered = await ports.assetIndexes.load(indexPlace)
    const index = remembered?.etag === latest?.etag ? remembered : undefined
    const before = new Map(bucket.map((entry) => [entry.path, entry]))
    const lookOptions = {
      folder,
      categories: options.categories,
      prune: true,
      checksum: false,
      followSymlinks: options.followSymlinks,
    }
    const {settled, toRead} = await look(lookOptions, ports, bucket, index, run.report)
    const maySend = () => Promise.resolve()
    const read = await transfer(
      {folder, bucket: place.assets, index: indexPlace, toRead, before, maySend, dryRun: true},
      ports,
      run,
    )
    return [...settled, ...read.entries]
  }
  const {folder} = options
  const inFolder =
    folder === undefined
      ? undefined
      : await reported(at, {step: 'folder', title: 'Look through the folder'}, async () => ({
          value: await ofFolder(folder),
          outcome: 'done',
        }))
  const ofEfs = async (): Promise<readonly PlacedEntry[]> => {
    const landscape = await readLandscape(ports, environment)
    const entries = await listEfs(ports, landscape, categories, run.pause)
    if (depth === 'names' || latest === undefined) return entries
    const where = {landscape, functionName: functionOf(landscape), recordsBucket: place.recordsBucket}
    const compared = await compareEfs(ports, where, latest, run.pause)
    for (const [path, reason] of compared.failed)
      run.report({type: 'warning', code: 'NOT_COMPARED', message: `${JSON.stringify(path)} in EFS: ${reason}`})
    return marked(entries, compared)
  }
  const inEfs = options.efs
    ? await reported(at, {step: 'efs', title: 'Look into EFS'}, async () => ({value: await ofEfs(), outcome: 'done'}))
    : undefined
  return {
    latest,
    places: {
      ...(inFolder === undefined ? {} : {folder: inFolder}),
      bucket: bucket.filter(wanted),
      ...(inEfs === undefined ? {} : {efs: inEfs}),
    },
  }
}

export interface AssetsDiffResult extends PlacesDiff {
  readonly environment: string
  /** Places that were looked at; all are compared by content. */
  readonly places: readonly PlaceName[]
}

/** What differs between folder, bucket and EFS. */
export async function assetsDiff(options: PlacesOptions, ports: PlacesPorts, run: Run): Promise<AssetsDiffResult> {
  const {places} = await lookIntoPlaces(options, 'content', ports, run)
  return {environment: options.environment, places: Object.keys(places) as PlaceName[], ...diffPlaces(places)}
}

export interface ListedAsset {
  readonly path: string
  readonly kind: 'file' | 'directory' | 'other'
  /** Bytes, as the first of folder, bucket, EFS that has it says. */
  readonly size: number
  readonly sha256?: string
  readonly in: readonly PlaceName[]
}

export interface AssetsListResult {
  readonly environment: string
  readonly places: readonly PlaceName[]
  readonly assets: readonly ListedAsset[]
}

/** Every path with the places that have it. */
export async function assetsList(options: PlacesOptions, ports: PlacesPorts, run: Run): Promise<AssetsListResult> {
  const {places} = await lookIntoPlaces(options, 'names', ports, run)
  const names = Object.keys(places) as PlaceName[]
  const assets = [...sideBySide(places)].flatMap(([path, row]): readonly ListedAsset[] => {
    const where = names.filter((name) => row[name] !== undefined)
    const [entry] = where.flatMap((name) => row[name] ?? [])
    if (entry === undefined) return []
    const sha256 = where.flatMap((name) => row[name]?.sha256 || []).at(0)
    return [{path, kind: entry.kind, size: entry.size, ...(sha256 === undefined ? {} : {sha256}), in: where}]
  })
  return {environment: options.environment, places: names, assets}
}

export interface PlaceStatus {
  readonly place: PlaceName
  readonly files: number
  /** Bytes. */
  readonly bytes: number
  /** Files of each category that has some. */
  readonly categories: Readonly<Record<string, number>>
}

export interface AssetsStatusResult {
  readonly environment: string
  /** Id of the committed bundle; empty before the first upload. */
  readonly bundle: string
  /** ISO 8601 UTC; empty before the first upload. */
  readonly uploadedAt: string
  readonly places: readonly PlaceStatus[]
  /** Paths that are the same in all places that were looked at, and that are not. */
  readonly same: number
  readonly different: number
}

/** The three places in numbers. */
export async function assetsStatus(options: PlacesOptions, ports: PlacesPorts, run: Run): Promise<AssetsStatusResult> {
  const {latest, places} = await lookIntoPlaces(options, 'content', ports, run)
  const diff = diffPlaces(places)
  return {
    environment: options.environment,
    bundle: latest?.pointer.id ?? '',
    uploadedAt: latest?.pointer.createdAt ?? '',
    places: (Object.entries(places) as [PlaceName, readonly PlacedEntry[]][]).map(([place, entries]) => {
      const counts = [...countByCategory(entries)]
      return {
        place,
        files: counts.reduce((sum, [, {files}]) => sum + files, 0),
        bytes: bytesOf(entries),
        categories: Object.fromEntries(counts.map(([category, {files}]) => [category, files])),
      }
    }),
    same: diff.same,
    different: diff.onlyFolder.length + diff.onlyBucket.length + diff.onlyEfs.length + diff.changed.length,
  }
}
