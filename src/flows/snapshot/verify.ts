import {type Check, no, ok, unknown} from '../../domain/checks.ts'
import {sha256} from '../../domain/content.ts'
import {PiError} from '../../domain/errors.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import type {SnapshotRef} from '../../domain/snapshots/id.ts'
import {objectKey, prefixes} from '../../domain/snapshots/keys.ts'
import type {Manifest} from '../../domain/snapshots/manifest.ts'
import {inLanes} from '../assets/lanes.ts'
import {readLandscape, recordsBucketOf} from '../landscape.ts'
import type {Objects, Ports} from '../ports.ts'
import {readAssetList} from './capture-assets.ts'
import {findSet} from './sets.ts'

export interface SnapshotVerifyResult {
  readonly environment: string
  readonly id: string
  /** Whether every check said yes. */
  readonly good: boolean
  readonly checks: readonly Check[]
}

type VerifyPorts = Pick<Ports, 'stacks' | 'objects' | 'databases' | 'backups' | 'keys'>

/** Contents that are read at once. */
const lanes = 8

/** A question that cannot be asked is not answered with yes. */
async function asked(name: string, ask: () => Promise<Check>): Promise<Check> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof PiError)) throw error
    return error.code.startsWith('OBJECT_') ? no(name, error.message) : unknown(name, error.message)
  }
}

/**
 * Looks whether everything that a set names is there and can be used. The manifest has its own hash, which was compared
 * when it was opened.
 * @param options.content also reads every object and compares its hash, instead of its presence and size alone
 * @throws as `findSet`
 */
export async function verifySnapshot(
  options: {readonly environment: EnvironmentName; readonly ref: SnapshotRef; readonly content: boolean},
  ports: VerifyPorts,
): Promise<SnapshotVerifyResult> {
  const bucket = recordsBucketOf(await readLandscape(ports, options.environment))
  const {manifest} = await findSet(ports.objects, bucket, options.ref)
  const checks = await Promise.all([
    Promise.resolve(ok('manifest', `its hash is ${manifest.hash.slice(0, 12)}`)),
    asked('database', async () => checkDatabase(ports, manifest)),
    asked('files', async () => checkFiles(ports, manifest)),
    asked('key', async () => {
      const state = await ports.keys.state(manifest.keyArn)
      return state === 'Enabled'
        ? ok('key', 'enabled')
        : no('key', `the key is ${state ?? 'gone'}: nothing can be read`)
    }),
    asked('contents', async () => checkObjects(ports.objects, bucket, manifest, options.content)),
  ])
  const good = checks.every(({verdict}) => verdict === 'ok')
  return {environment: options.environment, id: manifest.id, good, checks}
}

async function checkDatabase({databases}: VerifyPorts, {database}: Manifest): Promise<Check> {
  const found = await databases.snapshot(database.snapshotIdentifier)
  if (found === undefined) return no('database', `${database.snapshotIdentifier} is gone`)
  const wrong = [
    ...(found.status === 'available' ? [] : [`it is ${found.status}`]),
    ...(found.instance === database.instance ? [] : [`it is of ${found.instance}`]),
    ...(found.engineVersion === database.engineVersion ? [] : [`it has MariaDB ${found.engineVersion}`]),
    ...(found.allocatedStorage === database.allocatedStorage ? [] : [`it has ${found.allocatedStorage} GiB`]),
    ...(found.keyArn === database.keyArn ? [] : ['it is encrypted with another key']),
  ]
  return wrong.length === 0
    ? ok('database', found.identifier)
    : no('database', `${found.identifier} is not what the manifest says: ${wrong.join('; ')}`)
}

async function checkFiles({backups}: VerifyPorts, {files}: Manifest): Promise<Check> {
  const point = await backups.recoveryPoint(files.vault, files.recoveryPointArn)
  return point?.status === 'COMPLETED'
    ? ok('files', point.arn)
    : no('files', `recovery point ${files.recoveryPointArn} is ${point?.status ?? 'gone'}`)
}

/** Templates, the list of assets, and the assets themselves. */
async function checkObjects(
  objects: Objects,
  bucket: string,
  {assets, configuration}: Manifest,
  content: boolean,
): Promise<Check> {
  const wanted = new Map<string, number | undefined>(configuration.stacks.map(({template}) => [template, undefined]))
  if (assets !== undefined) {
    wanted.set(assets.list, undefined)
    for (const {kind, sha256: hash, size} of await readAssetList(objects, bucket, assets.list))
      if (kind === 'file') wanted.set(hash, size)
  }
  const there = new Map((await objects.list(bucket, prefixes.objects)).map(({key, size}) => [key, size]))
  const wrong: string[] = []
  for (const [hash, size] of wanted) {
    const found = there.get(objectKey(hash))
    if (found === undefined) wrong.push(`${hash} is gone`)
    else if (size !== undefined && found !== size) wrong.push(`${hash} has ${found} bytes instead of ${size}`)
  }
  if (content && wrong.length === 0) {
    await inLanes(wanted.keys(), lanes, async (hash) => {
      const found = await objects.get(bucket, objectKey(hash))
      if (found === undefined || sha256(found.body) !== hash) wrong.push(`${hash} is damaged`)
    })
  }
  return wrong.length === 0
    ? ok('contents', `${wanted.size} objects${content ? ', every byte compared' : ''}`)
    : no('contents', `${wrong.length} of ${wanted.size} objects: ${wrong.slice(0, 3).join('; ')}`)
}
