import {isUnfinished, leftQuiesced, operationState} from '../../domain/ledger.ts'
import type {EnvironmentName, OpId} from '../../domain/names.ts'
import {readLandscape, recordsBucketOf} from '../landscape.ts'
import {Journal} from '../ledger/journal.ts'
import {beginOperation} from '../ledger/operation.ts'
import type {Ports} from '../ports.ts'
import type {Run} from '../run.ts'
import {abortSet} from '../snapshot/abort.ts'
import {siteOf} from '../snapshot/site.ts'
import {opsAbort, type OpsAbortResult} from './ops.ts'

export interface AbortOptions {
  readonly environment: EnvironmentName
  readonly account: string | undefined
  readonly opId: OpId
}

/**
 * Gives an unfinished operation up in the way of its kind: what a set has made goes, services come up again.
 * @throws as `opsAbort`; RefusedError NOT_DEPLOYED
 */
export async function abortOperation(options: AbortOptions, ports: Ports, run: Run): Promise<OpsAbortResult> {
  const {environment, opId} = options
  const bucket = recordsBucketOf(await readLandscape(ports, environment))
  const {head, entries} = await Journal.read(ports, bucket, opId)
  const unfinished = isUnfinished(operationState(entries.map(({step}) => step)))
  if (!unfinished || head.kind !== 'snapshot') return opsAbort(options, ports)
  const site = await siteOf(ports, environment, options.account)
  const request = {kind: head.kind, environment, caller: site.caller, bucket, options: head.options, resume: opId}
  const operation = await beginOperation(ports, request, run)
  try {
    const undone = await abortSet(ports, {operation, clock: ports.clock, run}, site)
    await operation.abort({undone})
    return {environment, opId, state: 'aborted', undone}
  } catch (error) {
    throw await operation.end(error, leftQuiesced(operation.journal.entries))
  }
}
