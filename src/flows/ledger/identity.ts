import {canonicalJson} from '../../domain/content.ts'
import {RefusedError} from '../../domain/errors.ts'
import {type EnvironmentIdentity, identityDifferences, identityKey, identitySchema} from '../../domain/identity.ts'
import {type Landscape, mergedOutputs, stackOf} from '../landscape.ts'
import type {CallerIdentity, Databases, Objects} from '../ports.ts'
import {readRecord} from './record.ts'

export type IdentityPorts = {readonly objects: Objects; readonly databases: Databases}

/** Reads off AWS what the environment is made of now. */
async function identityOf(
  {databases}: IdentityPorts,
  caller: CallerIdentity,
  landscape: Landscape,
): Promise<EnvironmentIdentity> {
  const outputs = mergedOutputs(landscape)
  const identifier = outputs['DatabaseIdentifier']
  const instance = identifier === undefined ? undefined : await databases.instance(identifier)
  const fileSystemId = outputs['FileSystemId']
  return {
    schemaVersion: 1,
    environment: landscape.environment,
    account: caller.account,
    region: caller.region,
    foundationId: stackOf(landscape, 'foundation')?.id ?? '',
    ...(fileSystemId === undefined ? {} : {fileSystemId}),
    ...(instance === undefined
      ? {}
      : {database: {generation: landscape.generations.database, resourceId: instance.resourceId}}),
  }
}

function readPinned(
  {objects}: IdentityPorts,
  bucket: string,
  {environment}: Landscape,
): Promise<EnvironmentIdentity | undefined> {
  return readRecord(objects, bucket, identityKey(environment), identitySchema, `Identity of ${environment}`)
}

/**
 * Compares what is found with what the ledger pinned: an instance or a file system that was exchanged behind our back
 * holds other data.
 * @throws RefusedError IDENTITY_CHANGED before anything is changed
 */
export async function requireSameIdentity(
  ports: IdentityPorts,
  known: {readonly bucket: string; readonly caller: CallerIdentity; readonly landscape: Landscape},
): Promise<void> {
  const pinned = await readPinned(ports, known.bucket, known.landscape)
  if (pinned === undefined) return
  const differences = identityDifferences(pinned, await identityOf(ports, known.caller, known.landscape))
  if (differences.length === 0) return
  throw new RefusedError(
    `Environment ${known.landscape.environment} is not what it was: ${differences.join('; ')}. Nothing was changed.`,
    {
      code: 'IDENTITY_CHANGED',
      suggestions: [
        'Find out who exchanged it and where the data are',
        `If it was meant: delete ${identityKey(known.landscape.environment)} from the records bucket, then run the same command again`,
      ],
    },
  )
}

/** Pins what the environment is made of after an operation; written only when it differs from what is pinned. */
export async function pinIdentity(
  ports: IdentityPorts,
  known: {readonly bucket: string; readonly caller: CallerIdentity; readonly landscape: Landscape},
): Promise<void> {
  const [pinned, found] = await Promise.all([
    readPinned(ports, known.bucket, known.landscape),
    identityOf(ports, known.caller, known.landscape),
  ])
  if (pinned !== undefined && canonicalJson(pinned) === canonicalJson(found)) return
  await ports.objects.put(
    known.bucket,
    identityKey(known.landscape.environment),
    new TextEncoder().encode(JSON.stringify(found)),
  )
}
