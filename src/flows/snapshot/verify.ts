import {type Answer, type Check, fail, ok} from '../../domain/checks.ts'
import {sha256} from '../../domain/content.ts'
import type {PiError} from '../../domain/errors.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import type {SnapshotRef} from '../../domain/snapshots/id.ts'
import {objectKey, prefixes} from '../../domain/snapshots/keys.ts'
import type {Manifest} from '../../domain/snapshots/manifest.ts'
import {inLanes} from '../assets/lanes.ts'
import {readLandscape, recordsBucketOf} from '../landscape.ts'
import type {Objects, Ports} from '../ports.ts'
import {asked} from '../recovery/asked.ts'
import {namedObjects} from './capture-assets.ts'
import {findSet} from './sets.ts'

export interface SnapshotVerifyResult {
  readonly environment: string
  readonly id: string
  /** Whether every check said yes. */
  readonly good: boolean
  readonly checks: readonly Check[]
  /** What came of a restore on trial; absent where none was asked for, or where the set was not worth one. */
  readonly proof?: SnapshotTrial
}

/** A restore under throwaway names. */
export interface SnapshotTrial {
  readonly opId: string
  readonly proven: boolean
  /** ms until both halves were back and compared; a trial that was interrupted counts its pauses. */
  readonly restoreMs: number
  /** Why the set is not proven; '' where it is. */
  readonly reason: string
}

type VerifyPorts = Pick<Ports, 'stacks' | 'objects' | 'databases' | 'backups' | 'keys'>

/** Contents that are read at once. */
const lanes = 8

/** Contents that are not what they should be are an answer. */
function isDamage({code}: PiError): boolean {
  return code.startsWith('OBJECT_')
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
    asked('manifest', () => ok(`its hash is ${manifest.hash.slice(0, 12)}`)),
    asked('database', async () => checkDatabase(ports, manifest)),
    asked('files', async () => checkFiles(ports, manifest)),
    asked('key', async () => {
      const state = await ports.keys.state(manifest.keyArn)
      return state === 'Enabled' ? ok('enabled') : fail(`the key is ${state ?? 'gone'}: nothing can be read`)
    }),
    asked('contents', () => checkObjects(ports.objects, bucket, manifest, options.content), isDamage),
  ])
  const good = checks.every(({verdict}) => verdict === 'OK')
  return {environment: options.environment, id: manifest.id, good, checks}
}

async function checkDatabase({databases, backups}: VerifyPorts, {database}: Manifest): Promise<Answer> {
  if (database.vault !== undefined) {
    const point = await backups.recoveryPoint(database.vault, database.snapshotArn)
    if (point?.status !== 'COMPLETED')
      return fail(`recovery point ${database.snapshotArn} is ${point?.status ?? 'gone'}`)
  }
  const found = await databases.snapshot(database.snapshotIdentifier)
  if (found === undefined) return fail(`${database.snapshotIdentifier} is gone`)
  const wrong = [
    ...(found.status === 'available' ? [] : [`it is ${found.status}`]),
    ...(found.instance === database.instance ? [] : [`it is of ${found.instance}`]),
    ...(found.engineVersion === database.engineVersion ? [] : [`it has MariaDB ${found.engineVersion}`]),
    ...(found.allocatedStorage === database.allocatedStorage ? [] : [`it has ${found.allocatedStorage} GiB`]),
    ...(found.keyArn === database.keyArn ? [] : ['it is encrypted with another key']),
  ]
  return wrong.length === 0
    ? ok(found.identifier)
    : fail(`${found.identifier} is not what the manifest says: ${wrong.join('; ')}`)
}

async function checkFiles({backups}: VerifyPorts, {files}: Manifest): Promise<Answer> {
  const point = await backups.recoveryPoint(files.vault, files.recoveryPointArn)
  return point?.status === 'COMPLETED'
    ? ok(point.arn)
    : fail(`recovery point ${files.recoveryPointArn} is ${point?.status ?? 'gone'}`)
}

/** Everything of the set that lies in the bucket as an object. */
async function checkObjects(objects: Objects, bucket: string, manifest: Manifest, content: boolean): Promise<Answer> {
  const wanted = await namedObjects(objects, bucket, manifest)
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
    ? ok(`${wanted.size} objects${content ? ', every byte compared' : ''}`)
    : fail(`${wrong.length} of ${wanted.size} objects: ${wrong.slice(0, 3).join('; ')}`)
}
