import {LockedError, PiError} from '../../domain/errors.ts'
import {lockExpired, lockKey, lockRenewalMs, lockSchema, type LockRecord, type LockScope} from '../../domain/ledger.ts'
import type {EnvironmentName, OpId} from '../../domain/names.ts'
import type {Clock, Holder, Machine, ObjectBody, Objects, WriteResult} from '../ports.ts'

export type LockPorts = {readonly objects: Objects; readonly machine: Machine; readonly clock: Clock}

/** A lock that is held and renewed in the background. */
export interface Lock {
  /** Aborted as soon as the lock is no longer ours: no new work may begin. */
  readonly lost: AbortSignal
  /** The dead holder whose lock was taken over, if there was one. */
  readonly tookOverFrom: LockRecord | undefined
  release(): Promise<void>
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function read(object: ObjectBody): LockRecord | undefined {
  try {
    return lockSchema.parse(JSON.parse(decoder.decode(object.body)))
  } catch {
    return undefined
  }
}

/** How a holder is named in messages. */
export function holderText(holder: Holder): string {
  return `${holder.user} on ${holder.host} (process ${holder.pid})`
}

/** How a scope is spoken of: what is locked, and the word that stands for it. */
const scopeWords: Readonly<Record<LockScope, (environment: EnvironmentName) => readonly [string, string]>> = {
  environment: (environment) => [`Environment ${environment} is`, 'it'],
  assets: (environment) => [`The assets of ${environment} are`, 'them'],
  files: (environment) => [`The files of ${environment} are`, 'them'],
  alarms: (environment) => [`The alarms of ${environment} are`, 'them'],
  verification: (environment) => [`The verification of ${environment} is`, 'it'],
}

function lockedBy(
  environment: EnvironmentName,
  scope: LockScope,
  record: LockRecord | undefined,
  object: ObjectBody,
): LockedError {
  const age = Math.max(0, Math.round((object.serverTime.getTime() - object.lastModified.getTime()) / 1000))
  const who = record === undefined ? 'somebody unknown' : holderText(record.holder)
  const what = record === undefined ? '' : ` with operation ${record.opId}, begun ${record.acquiredAt}`
  const [place, it] = scopeWords[scope](environment)
  return new LockedError(`${place} locked: ${who} works on ${it}${what}; renewed ${age} s ago.`, {
    code: 'LOCKED',
    suggestions: [
      ...(record === undefined ? [] : [`pi-aws ops show ${record.opId} --environment ${environment}`]),
      `Wait for it to end; a dead holder's lock frees itself after two minutes, or: pi-aws ops unlock ${environment}`,
    ],
  })
}

function dead(record: LockRecord | undefined, object: ObjectBody, machine: Machine): boolean {
  return (
    lockExpired(object.lastModified, object.serverTime) || (record !== undefined && !machine.mayBeAlive(record.holder))
  )
}

/** @throws LockedError LEDGER_GONE when there is no bucket any more: a removal of everything was interrupted behind it */
async function firstTry(
  {objects}: LockPorts,
  bucket: string,
  key: string,
  body: Uint8Array,
  environment: EnvironmentName,
): Promise<WriteResult> {
  try {
    return await objects.putIfAbsent(bucket, key, body)
  } catch (error) {
    if (!(error instanceof PiError) || error.code !== 'AWS_NO_SUCH_BUCKET') throw error
    throw new LockedError(
      `Environment ${environment} is half removed: its foundation stands, the bucket of its ledger is gone.`,
      {
        code: 'LEDGER_GONE',
        suggestions: [`pi-aws destroy ${environment} --with-data ends the removal`],
        cause: error,
      },
    )
  }
}

/**
 * Takes a lock of an environment: by If-None-Match where there is none, by If-Match over a dead one.
 * @throws LockedError LOCKED naming the holder, LEDGER_GONE
 */
export async function acquireLock(
  ports: LockPorts,
  bucket: string,
  environment: EnvironmentName,
  opId: OpId,
  scope: LockScope = 'environment',
): Promise<Lock> {
  const {objects, machine, clock} = ports
  const key = lockKey(environment, scope)
  const body = encoder.encode(
    JSON.stringify({
      schemaVersion: 1,
      environment,
      opId,
      holder: machine.holder(),
      acquiredAt: clock.now().toISOString(),
    } satisfies LockRecord),
  )
  const fresh = await firstTry(ports, bucket, key, body, environment)
  if (fresh.written) return hold(ports, bucket, key, body, fresh.etag, opId, undefined)
  const found = await objects.get(bucket, key)
  if (found === undefined) return acquireLock(ports, bucket, environment, opId, scope)
  const record = read(found)
  const ours = record?.opId === opId && sameHolder(record.holder, machine.holder())
  if (!ours && !dead(record, found, machine)) throw lockedBy(environment, scope, record, found)
  const taken = await objects.putIfMatch(bucket, key, body, found.etag)
  if (!taken.written) throw lockedBy(environment, scope, record, found)
  return hold(ports, bucket, key, body, taken.etag, opId, ours ? undefined : record)
}

function sameHolder(a: Holder, b: Holder): boolean {
  return a.host === b.host && a.pid === b.pid
}

function hold(
  {objects, clock}: LockPorts,
  bucket: string,
  key: string,
  body: Uint8Array,
  firstEtag: string,
  opId: OpId,
  tookOverFrom: LockRecord | undefined,
): Lock {
  const lost = new AbortController()
  const stop = new AbortController()
  let etag = firstEtag
  const renew = async (): Promise<void> => {
    const result = await objects.putIfMatch(bucket, key, body, etag)
    if (result.written) {
      etag = result.etag
      return
    }
    // The answer of an earlier renewal may have been lost: then what lies there is still ours.
    const found = await objects.get(bucket, key)
    if (found !== undefined && read(found)?.opId === opId && equal(found.body, body)) etag = found.etag
    else lost.abort(new LockedError('The lock was lost: somebody took it over.', {code: 'LOCK_LOST'}))
  }
  const loop = async (): Promise<void> => {
    let failures = 0
    while (!stop.signal.aborted && !lost.signal.aborted) {
      try {
        await clock.sleep(lockRenewalMs, stop.signal)
      } catch {
        return
      }
      try {
        await renew()
        failures = 0
      } catch (error) {
        failures += 1
        // Three failed renewals are a minute: half of the lock's life, time enough to stop before somebody else starts.
        if (failures >= 3)
          lost.abort(new LockedError('The lock was lost: it could not be renewed.', {code: 'LOCK_LOST', cause: error}))
      }
    }
  }
  const running = loop()
  return {
    lost: lost.signal,
    tookOverFrom,
    async release() {
      stop.abort()
      await running
      if (!lost.signal.aborted) await objects.deleteIfMatch(bucket, key, etag)
    },
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}

/** The lock as it lies there, for `ops unlock` and for messages. */
export async function readLock(
  {objects, machine}: Pick<LockPorts, 'objects' | 'machine'>,
  bucket: string,
  environment: EnvironmentName,
  scope: LockScope = 'environment',
): Promise<
  | {readonly record: LockRecord | undefined; readonly etag: string; readonly dead: boolean; readonly ageMs: number}
  | undefined
> {
  const found = await objects.get(bucket, lockKey(environment, scope))
  if (found === undefined) return undefined
  const record = read(found)
  return {
    record,
    etag: found.etag,
    dead: dead(record, found, machine),
    ageMs: Math.max(0, found.serverTime.getTime() - found.lastModified.getTime()),
  }
}
