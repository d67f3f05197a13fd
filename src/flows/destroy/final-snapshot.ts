import {FailedError} from '../../domain/errors.ts'
import {type Retained, retainedKey, retainedSchema} from '../../domain/landscape.ts'
import type {EnvironmentName, Generation, OpId} from '../../domain/names.ts'
import {neededOutput} from '../landscape.ts'
import type {Clock, Databases, DatabaseSnapshot, Objects, StackDescription} from '../ports.ts'

/** RDS leaves what is not finished by then to an operator (ms). */
const snapshotLimit = 4 * 3_600_000

export type SnapshotPorts = {readonly databases: Databases; readonly objects: Objects; readonly clock: Clock}

export interface FinalSnapshotRequest {
  readonly environment: EnvironmentName
  readonly opId: OpId
  readonly bucket: string
  readonly database: StackDescription
  readonly generations: {readonly database: Generation; readonly files: Generation}
  /**
   * Interrupted operations that this one takes up: no other ran in between, so what they saved with the services at zero
   * is still the last that was written.
   */
  readonly earlier: readonly OpId[]
  readonly stop: AbortSignal
}

/** The name of the last snapshot of a database, at most 63 characters as RDS wants it. */
function finalSnapshotName(environment: EnvironmentName, generation: number, opId: OpId): string {
  return `pi-${environment}-${generation}-final-${opId.slice(0, 16).toLowerCase()}`
}

/**
 * Takes a named snapshot of the database, or adopts the one that an interrupted run took, waits until it is usable, and
 * writes down how to bring it back. The record comes last: what it names exists.
 * @throws FailedError SNAPSHOT_FAILED
 */
export async function takeFinalSnapshot(ports: SnapshotPorts, request: FinalSnapshotRequest): Promise<Retained> {
  const {databases, objects} = ports
  const {environment, database} = request
  const identifier = neededOutput(database.outputs, 'DatabaseIdentifier')
  const name =
    (await adoptable(databases, request)) ?? finalSnapshotName(environment, request.generations.database, request.opId)
  await databases.createSnapshot(identifier, name, {'pi:environment': environment, 'pi:final': 'yes'})
  const snapshot = await untilAvailable(ports, identifier, name, request.stop)
  const retained = retainedOf(ports.clock, request, snapshot)
  await objects.put(
    request.bucket,
    retainedKey(environment),
    new TextEncoder().encode(JSON.stringify(retainedSchema.parse(retained))),
  )
  return retained
}

async function adoptable(
  databases: Databases,
  {environment, generations, earlier}: FinalSnapshotRequest,
): Promise<string | undefined> {
  for (const opId of earlier) {
    const name = finalSnapshotName(environment, generations.database, opId)
    const snapshot = await databases.snapshot(name)
    if (snapshot !== undefined && !snapshot.status.includes('fail')) return name
  }
  return undefined
}

async function untilAvailable(
  {databases, clock}: SnapshotPorts,
  identifier: string,
  name: string,
  stop: AbortSignal,
): Promise<DatabaseSnapshot> {
  const begun = clock.now().getTime()
  for (let pause = 1000; ; pause = Math.min(pause * 1.5, 20_000)) {
    const snapshot = await databases.snapshot(name)
    if (snapshot?.status === 'available') return snapshot
    if (snapshot === undefined || snapshot.status.includes('fail') || clock.now().getTime() - begun > snapshotLimit) {
      throw new FailedError(
        `Final snapshot ${name} of ${identifier} is ${snapshot?.status ?? 'gone'}: nothing was deleted.`,
        {code: 'SNAPSHOT_FAILED'},
      )
    }
    await clock.sleep(pause, stop)
  }
}

function retainedOf(
  clock: Clock,
  {environment, generations, database}: FinalSnapshotRequest,
  snapshot: DatabaseSnapshot,
): Retained {
  return {
    schemaVersion: 1,
    environment,
    at: clock.now().toISOString(),
    database: {
      generation: generations.database,
      snapshotIdentifier: snapshot.identifier,
      allocatedStorage: snapshot.allocatedStorage,
      engineVersion: snapshot.engineVersion,
      parameterGroupFamily: database.parameters['ParameterGroupFamily'] ?? familyOf(snapshot.engineVersion),
      masterUsername: snapshot.masterUsername,
    },
    files: {generation: generations.files},
  }
}

/** `10.11.8` belongs to `mariadb10.11`. */
function familyOf(engineVersion: string): string {
  return `mariadb${engineVersion.split('.').slice(0, 2).join('.')}`
}
