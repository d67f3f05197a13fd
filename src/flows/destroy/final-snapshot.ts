import {FailedError} from '../../domain/errors.ts'
import {type Retained, retainedKey, retainedSchema} from '../../domain/landscape.ts'
import type {EnvironmentName, Generation, OpId} from '../../domain/names.ts'
import type {Clock, Databases, Objects, StackDescription} from '../ports.ts'

/** RDS leaves what is not finished by then to an operator (ms). */
const snapshotLimit = 4 * 3_600_000

export type SnapshotPorts = {readonly databases: Databases; readonly objects: Objects; readonly clock: Clock}

export interface FinalSnapshotRequest {
  readonly environment: EnvironmentName
  readonly opId: OpId
  readonly bucket: string
  readonly database: StackDescription
  readonly generations: {readonly database: Generation; readonly files: Generation}
  /** What an earlier destroy retained, if it was of this very generation and nothing was written since. */
  readonly earlier: Retained | undefined
  readonly stop: AbortSignal
}

/** The name of the last snapshot of a database, at most 63 characters as RDS wants it. */
export function finalSnapshotName(environment: EnvironmentName, generation: number, opId: OpId): string {
  return `pi-${environment}-${generation}-final-${opId.slice(0, 16).toLowerCase()}`
}

/**
 * Takes a named snapshot of the database, waits until it is usable, and writes down how to bring it back. The record
 * comes last: what it names exists.
 * @throws FailedError SNAPSHOT_FAILED
 */
export async function takeFinalSnapshot(ports: SnapshotPorts, request: FinalSnapshotRequest): Promise<Retained> {
  const {databases, objects, clock} = ports
  const {environment, generations, earlier} = request
  if (earlier !== undefined && (await databases.snapshot(earlier.database.snapshotIdentifier))?.status === 'available') return earlier
  const identifier = request.database.outputs['DatabaseIdentifier'] ?? ''
  const name = finalSnapshotName(environment, generations.database, request.opId)
  await databases.createSnapshot(identifier, name, {'pi:environment': environment, 'pi:final': 'yes'})
  const begun = clock.now().getTime()
  for (let pause = 1000; ; pause = Math.min(pause * 1.5, 20_000)) {
    const snapshot = await databases.snapshot(name)
    if (snapshot?.status === 'available') {
      const retained: Retained = {
        schemaVersion: 1,
        environment,
        at: clock.now().toISOString(),
        database: {
          generation: generations.database,
          snapshotIdentifier: name,
          allocatedStorage: snapshot.allocatedStorage,
          engineVersion: snapshot.engineVersion,
          parameterGroupFamily: request.database.parameters['ParameterGroupFamily'] ?? familyOf(snapshot.engineVersion),
          masterUsername: snapshot.masterUsername,
        },
        files: {generation: generations.files},
      }
      await objects.put(request.bucket, retainedKey(environment), new TextEncoder().encode(JSON.stringify(retainedSchema.parse(retained))))
      return retained
    }
    if (snapshot === undefined || snapshot.status.includes('fail') || clock.now().getTime() - begun > snapshotLimit) {
      throw new FailedError(`Final snapshot ${name} of ${identifier} is ${snapshot?.status ?? 'gone'}: nothing was deleted.`, {code: 'SNAPSHOT_FAILED'})
    }
    await clock.sleep(pause, request.stop)
  }
}

/** `10.11.8` belongs to `mariadb10.11`. */
export function familyOf(engineVersion: string): string {
  return `mariadb${engineVersion.split('.').slice(0, 2).join('.')}`
}
