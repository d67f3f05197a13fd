import type {DownloadAssetsResult} from '../../flows/assets/download.ts'
import type {AssetsDiffResult, AssetsListResult, AssetsStatusResult} from '../../flows/assets/places.ts'
import {formatBytes, formatDuration, type Layout, plural} from './layout.ts'

const placeWords = {folder: 'folder', bucket: 'bucket', efs: 'EFS'} as const

export function formatAssetsList({environment, assets}: AssetsListResult, layout: Layout): string {
  if (assets.length === 0) return `Environment ${environment} has no assets.\n`
  return layout.table(
    [{head: 'Path', wraps: true}, {head: 'Size', align: 'right'}, {head: 'In'}],
    assets.map(({path, kind, size, in: where}) => [
      kind === 'directory' ? `${path}/` : path,
      kind === 'file' ? formatBytes(size) : '',
      where.map((name) => placeWords[name]).join(', '),
    ]),
  )
}

export function formatAssetsStatus(
  {environment, bundle, uploadedAt, places, same, different}: AssetsStatusResult,
  layout: Layout,
): string {
  return [
    layout.keyValues([
      ['Environment', environment],
      ['Bundle', bundle === '' ? 'nothing was uploaded yet' : `${bundle}, begun ${uploadedAt}`],
      [
        'Differences',
        different === 0 ? `none, ${same} paths are the same` : `${different}, and ${same} paths are the same`,
      ],
    ]),
    layout.table(
      [{head: 'Place'}, {head: 'Files', align: 'right'}, {head: 'Size', align: 'right'}, {head: 'Categories'}],
      places.map(({place, files, bytes, categories}) => [
        placeWords[place],
        String(files),
        formatBytes(bytes),
        Object.entries(categories)
          .map(([category, count]) => `${category} ${count}`)
          .join(', '),
      ]),
    ),
    layout.nextSteps(different === 0 ? [] : [`pi-aws assets diff --environment ${environment}`]),
  ].join('\n')
}

export function formatAssetsDiff(result: AssetsDiffResult, layout: Layout): string {
  const {same, onlyFolder, onlyBucket, onlyEfs, changed, environment, places} = result
  const rows = [
    ...onlyFolder.map((path) => ['only in the folder', path]),
    ...onlyBucket.map((path) => ['only in the bucket', path]),
    ...onlyEfs.map((path) => ['only in EFS', path]),
    ...changed.map(({path, reason, in: where}) => [
      reason === 'missing' ? `only in ${where.map((name) => placeWords[name]).join(' and ')}` : `another ${reason}`,
      path,
    ]),
  ]
  const looked = places.map((name) => placeWords[name]).join(', ')
  const sum = `${plural(rows.length, 'difference')} between ${looked}; ${same} paths are the same.\n`
  if (rows.length === 0)
    return `Assets of ${environment}: no difference between ${looked}; ${same} paths are the same.\n`
  return `${layout.table([{head: 'Difference'}, {head: 'Path', wraps: true}], rows)}\n${sum}`
}

export function formatAssetsDownload(
  {bundle, folder, files, bytes, seconds}: DownloadAssetsResult,
  layout: Layout,
): string {
  return [
    layout.heading(`Bundle ${bundle} is in ${folder}`),
    `${plural(files, 'file')}, ${formatBytes(bytes)} in ${formatDuration(seconds * 1000)}\n`,
  ].join('')
}
