import {leftQuiesced} from '../../domain/ledger.ts'
import {bytesOfSet} from '../../domain/snapshots/manifest.ts'
import {beginOperation} from '../ledger/operation.ts'
import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import {makeSet} from './make-set.ts'
import type {SnapshotCreateOptions, SnapshotCreateResult, SnapshotPorts} from './options.ts'
import {requireWords, snapshotPreflight} from './preflight.ts'
import {readSite, siteOf} from './site.ts'

/**
 * Takes a recovery set of an environment: database, files, assets and configuration under one id.
 * @throws UsageError for words that do not fit; RefusedError NO_FOUNDATION, NOT_DEPLOYED, WRONG_ACCOUNT,
 * IDENTITY_CHANGED, PREFLIGHT_REFUSED, OPERATION_UNFINISHED; LockedError; FailedError DATABASE_BUSY, SNAPSHOT_FAILED,
 * BACKUP_FAILED, QUIESCE_FAILED, RELEASE_FAILED
 */
export async function createSnapshot(
  options: SnapshotCreateOptions,
  ports: SnapshotPorts,
  run: Run,
): Promise<SnapshotCreateResult> {
  const {environment, consistency, note, tags, maxQuiesceMs, vaulted, resume} = options
  requireWords(options)
  const seen = await siteOf(ports, environment, options.account)
  // What is resumed has begun already: it may be what keeps a check from being ok.
  if (resume === undefined) {
    await reported({clock: ports.clock, report: run.report}, {step: 'preflight', title: 'Preflight'}, async () => {
      const passed = await snapshotPreflight(ports, seen, {vaulted, report: run.report})
      return {value: undefined, outcome: 'done', detail: `${passed} checks passed`}
    })
  }
  const request = {
    kind: 'snapshot',
    environment,
    caller: seen.caller,
    bucket: seen.recordsBucket,
    options: {consistency, note, tags, maxQuiesceMs, vaulted},
  } as const
  const operation = await beginOperation(ports, resume === undefined ? request : {...request, resume}, run)
  try {
    // Only under the lock nobody changes what is seen.
    const site = await readSite(ports, environment, seen.caller)
    const manifest = await makeSet(ports, {operation, clock: ports.clock, run}, site, options)
    const result: SnapshotCreateResult = {
      environment,
      id: manifest.id,
      state: 'COMMITTED',
      consistency: manifest.consistency,
      skewMs: manifest.skewMs,
      downMs: manifest.downMs,
      bytes: bytesOfSet(manifest),
      vaulted: manifest.database.vault !== undefined,
      opId: operation.opId,
    }
    await operation.commit(result)
    return result
  } catch (error) {
    throw await operation.end(error, leftQuiesced(operation.journal.entries))
  }
}
