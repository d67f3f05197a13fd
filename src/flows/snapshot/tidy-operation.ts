import type {EnvironmentName, OpId} from '../../domain/names.ts'
import type {Scribe} from '../ledger/once.ts'
import {beginOperation} from '../ledger/operation.ts'
import type {Run} from '../run.ts'
import type {SnapshotPorts} from './options.ts'
import {readSite, type Site, siteOf} from './site.ts'

/** What every work on sets that exist already is asked with. */
export interface TidyOptions {
  readonly environment: EnvironmentName
  readonly account: string | undefined
  /** Go on with this operation. */
  readonly resume: OpId | undefined
}

/** Works on the sets of an environment under its lock, as a journaled operation. */
export async function underLock<T>(
  options: TidyOptions,
  what: Readonly<Record<string, unknown>>,
  ports: SnapshotPorts,
  run: Run,
  work: (scribe: Scribe, site: Site) => Promise<T>,
): Promise<T & {readonly opId: OpId}> {
  const {environment, account, resume} = options
  const seen = await siteOf(ports, environment, account)
  const request = {kind: 'tidy', environment, caller: seen.caller, bucket: seen.recordsBucket, options: what} as const
  const operation = await beginOperation(ports, resume === undefined ? request : {...request, resume}, run)
  try {
    const site = await readSite(ports, environment, seen.caller)
    const result = {...(await work({operation, clock: ports.clock, run}, site)), opId: operation.opId}
    await operation.commit(result)
    return result
  } catch (error) {
    throw await operation.end(error)
  }
}
