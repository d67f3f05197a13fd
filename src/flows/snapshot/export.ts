import type {BundleEntry} from '../../domain/assets/bundle.ts'
import {foldersAbove} from '../../domain/assets/paths.ts'
import {sha256} from '../../domain/content.ts'
import {FailedError} from '../../domain/errors.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import type {SnapshotRef} from '../../domain/snapshots/id.ts'
import {objectKey} from '../../domain/snapshots/keys.ts'
import {type Manifest, sealManifest} from '../../domain/snapshots/manifest.ts'
import {inLanes} from '../assets/lanes.ts'
import {Meter} from '../assets/meter.ts'
import type {AssetPorts, BucketOf} from '../assets/ports.ts'
import type {OutputFiles} from '../files/ports.ts'
import {readLandscape, recordsBucketOf} from '../landscape.ts'
import type {Ports} from '../ports.ts'
import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import {type AssetLine, readAssetList} from './capture-assets.ts'
import {findSet} from './sets.ts'

/** Files under way at once. */
const lanes = 16

export interface SnapshotExportOptions {
  readonly environment: EnvironmentName
  readonly ref: SnapshotRef
  /** Made when it is missing; what it holds under the same names is replaced, everything else stays. */
  readonly folder: string
}

export interface SnapshotExportResult {
  readonly environment: string
  readonly id: string
  readonly folder: string
  readonly files: number
  /** Bytes. */
  readonly bytes: number
  /** Halves that are not in the folder, by what AWS knows them by: they only exist inside AWS. */
  readonly notExported: {readonly database: string; readonly files: string}
}

export type ExportPorts = Pick<Ports, 'stacks' | 'objects' | 'identity' | 'clock'> &
  Pick<AssetPorts, 'assetFolder' | 'assetBucket'> & {readonly outputFiles: OutputFiles}

/** A file of the export that is small enough to be held. */
interface Piece {
  readonly path: string
  readonly sha256: string
  readonly bytes: Uint8Array
}

/**
 * Brings everything of a set that is a plain file into a folder: the manifest, the assets under their own names,
 * templates and environment files, and a list of hashes that `sha256sum --check` reads. Each file is compared with its
 * hash before it gets its name; the list is written last.
 * @throws as `findSet`; FailedError OBJECT_MISSING, OBJECT_DAMAGED, CHECKSUM_DIFFERS, DISK_FULL; NotFoundError OBJECT_GONE
 */
export async function exportSnapshot(
  options: SnapshotExportOptions,
  ports: ExportPorts,
  run: Run,
): Promise<SnapshotExportResult> {
  const {environment, folder} = options
  const [bucket, {account}] = await Promise.all([
    readLandscape(ports, environment).then(recordsBucketOf),
    ports.identity.caller(),
  ])
  const {manifest} = await findSet(ports.objects, bucket, options.ref)
  const {assets} = manifest
  const lines = assets === undefined ? [] : await readAssetList(ports.objects, bucket, assets.list)
  const files = lines.filter(({kind}) => kind === 'file')
  const pieces = await piecesOf(ports, bucket, manifest)
  const bytes =
    files.reduce((sum, {size}) => sum + size, 0) + pieces.reduce((sum, piece) => sum + piece.bytes.byteLength, 0)
  const step = {step: 'export', title: `Snapshot ${manifest.id}: into ${folder}`}
  await reported({clock: ports.clock, report: run.report}, step, async () => {
    const meter = new Meter(ports.clock, run.report, {files: files.length, bytes})
    for (const name of ['', '/assets', '/templates', '/environment'])
      await ports.outputFiles.makeFolder(`${folder}${name}`)
    await inLanes(files, lanes, async (line) => {
      run.pause.throwIfAborted()
      const content = contentOf(ports, {bucket, owner: account}, objectKey(line.sha256), meter)
      await ports.assetFolder.write(`${folder}/assets`, entryOf(line), content)
      meter.file()
    })
    // From below, so that a folder that may not be written to does not keep its own files out.
    const folders = lines.filter(({kind}) => kind === 'directory')
    for (const line of folders.sort((a, b) => foldersAbove(b.path).length - foldersAbove(a.path).length))
      await ports.assetFolder.makeDirectory(`${folder}/assets`, entryOf(line))
    const named = files.map(({path, sha256: hash}) => ({path: `assets/${path}`, sha256: hash}))
    for (const piece of [...pieces, listOf([...named, ...pieces])])
      await ports.outputFiles.write(`${folder}/${piece.path}`, once(piece.bytes), true)
    return {value: undefined, outcome: 'done', detail: `${files.length + pieces.length} files`}
  })
  return {
    environment,
    id: manifest.id,
    folder,
    files: files.length + pieces.length,
    bytes,
    notExported: {database: manifest.database.snapshotArn, files: manifest.files.recoveryPointArn},
  }
}

/** Everything that is no asset, each compared with its hash. */
async function piecesOf({objects}: ExportPorts, bucket: string, manifest: Manifest): Promise<readonly Piece[]> {
  const {configuration} = manifest
  const wanted = [
    ...configuration.stacks.map(({name, template}) => ({path: `templates/${name}.yaml`, hash: template})),
    ...(configuration.environmentFiles ?? []).map(({key, content}) => ({
      path: `environment/${key.split('/').at(-1) ?? ''}`,
      hash: content,
    })),
  ]
  const contents = await Promise.all(
    wanted.map(async ({path, hash}) => {
      const found = await objects.get(bucket, objectKey(hash))
      if (found === undefined) throw new FailedError(`Object ${hash} of the set is gone.`, {code: 'OBJECT_MISSING'})
      if (sha256(found.body) === hash) return {path, sha256: hash, bytes: found.body}
      throw new FailedError(`Object ${hash} of the set is damaged.`, {code: 'OBJECT_DAMAGED'})
    }),
  )
  const {hash: _, ...body} = manifest
  const {bytes} = sealManifest(body)
  return [{path: 'manifest.json', sha256: sha256(bytes), bytes}, ...contents]
}

/** As `sha256sum` writes it: a name with a line break or a backslash is escaped, and its line says so. */
function listOf(files: readonly {readonly path: string; readonly sha256: string}[]): Piece {
  const lines = files.map(({path, sha256: hash}) => {
    const name = path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
    return `${name === path ? '' : '\\'}${hash}  ${name}\n`
  })
  const bytes = new TextEncoder().encode(lines.sort().join(''))
  return {path: 'SHA256SUMS', sha256: sha256(bytes), bytes}
}

function entryOf(line: AssetLine): BundleEntry {
  return {...line, key: line.path, versionId: ''}
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function* contentOf(
  {assetBucket}: ExportPorts,
  place: BucketOf,
  key: string,
  meter: Meter,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of assetBucket.read(place, key, '')) {
    meter.bytes(chunk.byteLength)
    yield chunk
  }
}
