import {RefusedError} from '../../domain/errors.ts'
import {isStillShared, isUnfinished, leftQuiesced, type OperationKind, operationState} from '../../domain/ledger.ts'
import type {EnvironmentName, OpId} from '../../domain/names.ts'
import {requireAccount} from '../account.ts'
import {settledLandscape} from '../destroy/settled-landscape.ts'
import {readLandscape, recordsBucketOf} from '../landscape.ts'
import {Journal} from '../ledger/journal.ts'
import type {Scribe} from '../ledger/once.ts'
import {beginOperation} from '../ledger/operation.ts'
import type {Ports} from '../ports.ts'
import {abortRestore, abortUndo} from '../restore/abort.ts'
import {abortProof} from '../restore/prove.ts'
import {abortRotation} from '../rotate/abort.ts'
import type {Run} from '../run.ts'
import {abortSet} from '../snapshot/abort.ts'
import {abortCopy, copyAgain, type OpenOther} from '../snapshot/resume-copy.ts'
import {type Site, siteOf} from '../snapshot/site.ts'
import {opsAbort, type OpsAbortResult} from './ops.ts'

export interface AbortOptions {
  readonly environment: EnvironmentName
  readonly account: string | undefined
  readonly opId: OpId
  readonly cloudFormationRoleArn: string | undefined
}

type TakeBack = (ports: Ports, scribe: Scribe, site: Site, roleArn: string | undefined) => Promise<readonly string[]>

/** Kinds that take back what they began; the others leave what was changed, and the next one of them converges. */
const ways: Partial<Record<OperationKind, TakeBack>> = {
  snapshot: abortSet,
  restore: abortRestore,
  prove: abortProof,
  undo: abortUndo,
  rotate: abortRotation,
}

/**
 * Gives an unfinished operation up in the way of its kind: what a set or a restore has made goes, services come up again.
 * @throws as `opsAbort`; RefusedError NOT_DEPLOYED, ONLY_FORWARD
 */
export async function abortOperation(
  options: AbortOptions,
  ports: Ports,
  run: Run,
  other?: OpenOther,
): Promise<OpsAbortResult> {
  const {environment, opId} = options
  const bucket = recordsBucketOf(await readLandscape(ports, environment))
  const journal = await Journal.read(ports, bucket, opId)
  const {head, entries} = journal
  const unfinished = isUnfinished(operationState(entries.map(({step}) => step)))
  if (unfinished && head.kind === 'finalize' && entries.some(({kind}) => kind === 'intent')) {
    throw new RefusedError(`Operation ${opId} can only go on: what it removed does not come back by itself.`, {
      code: 'ONLY_FORWARD',
      suggestions: [`pi-aws ops resume ${opId} --environment ${environment}`],
    })
  }
  if (unfinished && head.kind === 'copy' && isStillShared(entries)) {
    if (other === undefined) throw copyAgain(head)
    const caller = await ports.identity.caller()
    requireAccount(caller, environment, options.account)
    const undone = await abortCopy(journal, {caller, bucket, ports}, other, run)
    return {environment, opId, state: 'aborted', undone}
  }
  const takeBack = ways[head.kind]
  if (!unfinished || takeBack === undefined) return opsAbort(options, ports)
  await settledLandscape(ports, environment, run.pause, run.report)
  const site = await siteOf(ports, environment, options.account)
  const request = {kind: head.kind, environment, caller: site.caller, bucket, options: head.options, resume: opId}
  const operation = await beginOperation(ports, request, run)
  try {
    const scribe = {operation, clock: ports.clock, run}
    const undone = await takeBack(ports, scribe, site, options.cloudFormationRoleArn)
    await operation.abort({undone})
    return {environment, opId, state: 'aborted', undone}
  } catch (error) {
    throw await operation.end(error, leftQuiesced(operation.journal.entries))
  }
}
