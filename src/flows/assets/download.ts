import type {BundleEntry} from '../../domain/assets/bundle.ts'
import {type Category, categoryOf, foldersAbove} from '../../domain/assets/paths.ts'
import {NotFoundError} from '../../domain/errors.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import type {Ports} from '../ports.ts'
import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import {inLanes} from './lanes.ts'
import {readBundle, readLatest} from './latest.ts'
import {Meter} from './meter.ts'
import {assetPlace, type AssetPlace} from './place.ts'
import type {AssetPorts} from './ports.ts'

/** Files under way at once. */
const lanes = 16

export interface DownloadAssetsOptions {
  readonly environment: EnvironmentName
  readonly account: string | undefined
  /** Made when it is missing; what it holds under the same names is replaced, everything else stays. */
  readonly folder: string
  /** All when empty. */
  readonly categories: readonly Category[]
}

export interface DownloadAssetsResult {
  readonly environment: string
  /** Id of the bundle that was brought. */
  readonly bundle: string
  readonly folder: string
  readonly files: number
  /** Bytes. */
  readonly bytes: number
  readonly seconds: number
}

export type DownloadPorts = AssetPorts & Pick<Ports, 'stacks' | 'identity' | 'objects' | 'clock'>

/**
 * Brings the committed bundle into a folder: each file by its version, compared with its hash before it gets its name.
 * @throws NotFoundError NO_BUNDLE, OBJECT_GONE; FailedError CHECKSUM_DIFFERS, DISK_FULL; the reason of the first Ctrl-C
 */
export async function downloadAssets(
  options: DownloadAssetsOptions,
  ports: DownloadPorts,
  run: Run,
): Promise<DownloadAssetsResult> {
  const {environment, account, folder, categories} = options
  const begun = ports.clock.now().getTime()
  const place = await assetPlace(environment, account, ports)
  const latest = await readLatest(ports.objects, place)
  if (latest === undefined) {
    throw new NotFoundError(`Environment ${environment} has no assets yet: nothing was uploaded.`, {
      code: 'NO_BUNDLE',
      suggestions: [`pi-aws upload assets FOLDER --environment ${environment}`],
    })
  }
  const {entries} = await readBundle(ports.objects, place, latest.pointer)
  const wanted = entries.filter(
    ({path}) => categories.length === 0 || (categories as readonly string[]).includes(categoryOf(path)),
  )
  const files = wanted.filter(({kind}) => kind === 'file')
  const bytes = files.reduce((sum, {size}) => sum + size, 0)
  await reported({clock: ports.clock, report: run.report}, {step: 'download', title: 'Bring files'}, async () => {
    const meter = new Meter(ports.clock, run.report, {files: files.length, bytes})
    await inLanes(files, lanes, async (entry) => {
      run.pause.throwIfAborted()
      await ports.assetFolder.write(folder, entry, counted(ports, place, entry, meter))
      meter.file()
    })
    // Last and from below, so that a folder that may not be written to does not keep its own files out.
    const folders = wanted
      .filter(({kind}) => kind === 'directory')
      .sort((a, b) => foldersAbove(b.path).length - foldersAbove(a.path).length)
    for (const entry of folders) await ports.assetFolder.makeDirectory(folder, entry)
    return {value: undefined, outcome: 'done', detail: `${files.length} files`}
  })
  const seconds = (ports.clock.now().getTime() - begun) / 1000
  return {environment, bundle: latest.pointer.id, folder, files: files.length, bytes, seconds}
}

async function* counted(
  ports: DownloadPorts,
  {assets}: AssetPlace,
  {key, versionId}: BundleEntry,
  meter: Meter,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of ports.assetBucket.read(assets, key, versionId)) {
    meter.bytes(chunk.byteLength)
    yield chunk
  }
}
