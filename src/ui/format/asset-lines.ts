import type {AssetsDiffResult, AssetsListResult, AssetsStatusResult} from '../../flows/assets/places.ts'

/** A result for ndjson: its entries a line each, and the rest. */
interface Split {
  readonly lines: Iterable<object>
  readonly rest: object
}

export function assetsListLines({assets, ...rest}: AssetsListResult): Split {
  return {lines: assets.map((asset) => ({type: 'asset', ...asset})), rest: {...rest, count: assets.length}}
}

export function assetsStatusLines({places, ...rest}: AssetsStatusResult): Split {
  return {lines: places.map((place) => ({type: 'place', ...place})), rest}
}

/** Differences in the form of `changed`, whichever list of the result they stand in. */
export function assetsDiffLines({onlyFolder, onlyBucket, onlyEfs, changed, ...rest}: AssetsDiffResult): Split {
  const only = (paths: readonly string[], place: string) =>
    paths.map((path) => ({type: 'difference', path, reason: 'missing', in: [place]}))
  const lines = [
    ...only(onlyFolder, 'folder'),
    ...only(onlyBucket, 'bucket'),
    ...only(onlyEfs, 'efs'),
    ...changed.map((one) => ({type: 'difference', ...one})),
  ]
  return {lines, rest: {...rest, different: lines.length}}
}
