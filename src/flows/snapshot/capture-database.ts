import * as z from 'zod'
import {FailedError} from '../../domain/errors.ts'
import {nextLook} from '../../domain/looks.ts'
import {type DatabaseFacts, readCheckLines} from '../../domain/snapshots/check-lines.ts'
import type {Clock, Databases, DatabaseSnapshot, DatabaseState, Ports} from '../ports.ts'
import {runTask} from '../stack/run-task.ts'
import type {Site} from './site.ts'

/** How long an instance may be busy with something else before a snapshot gives up (ms). */
const busyLimit = 1_800_000
/** RDS leaves what is not finished by then to an operator (ms). */
const snapshotLimit = 4 * 3_600_000
/** In these a snapshot may begin (API reference, CreateDBSnapshot). */
const ready = ['available', 'storage-optimization']

export type DatabasePorts = {readonly databases: Databases; readonly clock: Clock}

/** A database snapshot that RDS has begun and whose moment it knows. */
export const databaseCopySchema = z.object({identifier: z.string(), at: z.string()})
export type DatabaseCopy = z.infer<typeof databaseCopySchema>

/** Waits until RDS has ended whatever else it does with an instance. @throws FailedError DATABASE_BUSY */
export async function untilReady(
  {databases, clock}: DatabasePorts,
  instance: string,
  stop: AbortSignal,
): Promise<DatabaseState> {
  const begun = clock.now().getTime()
  for (let pause = 1000; ; pause = Math.min(pause * 1.5, 15_000)) {
    const found = await databases.instance(instance)
    if (found !== undefined && ready.includes(found.status)) return found
    if (found === undefined || clock.now().getTime() - begun > busyLimit) {
      throw new FailedError(`Database ${instance} is ${found?.status ?? 'gone'}: no snapshot of it can be taken.`, {
        code: 'DATABASE_BUSY',
        suggestions: ['Run the same command again when RDS has ended what it does'],
      })
    }
    await clock.sleep(pause, stop)
  }
}

/**
 * Begins a database snapshot, or adopts the one of this name, and waits until its moment is known: from then on what is
 * written to the instance is not in it any more.
 * @throws FailedError DATABASE_BUSY, SNAPSHOT_FAILED
 */
export async function beginDatabaseCopy(
  ports: DatabasePorts,
  request: {
    readonly instance: string
    readonly name: string
    readonly tags: Readonly<Record<string, string>>
    readonly stop: AbortSignal
  },
): Promise<DatabaseCopy> {
  const {instance, name, tags, stop} = request
  await untilReady(ports, instance, stop)
  await ports.databases.createSnapshot(instance, name, tags)
  const snapshot = await until(
    ports,
    name,
    ({status, databaseTime}) => status === 'available' || databaseTime !== undefined,
    stop,
  )
  return {identifier: name, at: snapshot.databaseTime ?? snapshot.createdAt ?? ports.clock.now().toISOString()}
}

/** Waits until a database snapshot can be restored. @throws FailedError SNAPSHOT_FAILED */
export async function untilUsable(ports: DatabasePorts, name: string, stop: AbortSignal): Promise<DatabaseSnapshot> {
  return until(ports, name, ({status}) => status === 'available', stop)
}

async function until(
  {databases, clock}: DatabasePorts,
  name: string,
  isEnough: (snapshot: DatabaseSnapshot) => boolean,
  stop: AbortSignal,
): Promise<DatabaseSnapshot> {
  const begun = clock.now().getTime()
  for (;;) {
    const snapshot = await databases.snapshot(name)
    const failed = snapshot === undefined || snapshot.status.includes('fail')
    if (failed || clock.now().getTime() - begun > snapshotLimit) {
      throw new FailedError(`Database snapshot ${name} is ${snapshot?.status ?? 'gone'}.`, {code: 'SNAPSHOT_FAILED'})
    }
    if (isEnough(snapshot)) return snapshot
    await clock.sleep(nextLook(clock.now().getTime() - begun), stop)
  }
}

type CheckPorts = Pick<Ports, 'containers' | 'logs' | 'clock'>

/**
 * Has the check task of a generation count what is in its database.
 * @param canary the set whose canary is put in, or looked for
 */
export async function askDatabase(
  ports: CheckPorts,
  site: Pick<Site, 'outputs' | 'cluster'>,
  request: {
    readonly taskDefinition: string
    readonly logGroup: string | undefined
    readonly title: string
    readonly canary: string
    readonly mode: 'mark' | 'look'
    readonly startedBy: string
    readonly stop: AbortSignal
  },
): Promise<DatabaseFacts> {
  const {outputs, cluster} = site
  const lines = await runTask(
    ports,
    {
      cluster,
      taskDefinition: request.taskDefinition,
      subnetIds: (outputs['ApplicationSubnetIds'] ?? '').split(','),
      securityGroupIds: [outputs['ApplicationSecurityGroupId'] ?? ''],
      capacityProvider: 'FARGATE',
      startedBy: request.startedBy,
      environment: {container: 'check', values: {PI_CANARY: request.canary, PI_CANARY_MODE: request.mode}},
    },
    {
      title: request.title,
      logGroup: request.logGroup,
      logStream: 'check/check',
      lastLine: 'check: ok',
      stop: request.stop,
    },
  )
  return readCheckLines(lines)
}
