import * as z from 'zod'
import {RefusedError} from '../../domain/errors.ts'
import type {OperationHead} from '../../domain/ledger.ts'
import {type EnvironmentName, type OpId, parseEnvironmentName} from '../../domain/names.ts'
import {requireAccount} from '../account.ts'
import type {Journal} from '../ledger/journal.ts'
import {beginOperation} from '../ledger/operation.ts'
import type {CallerIdentity} from '../ports.ts'
import type {Run} from '../run.ts'
import {copySnapshot, type SnapshotCopyResult} from './copy.ts'
import {handOverSchema, takeBack} from './hand-over.ts'
import type {SnapshotPorts} from './options.ts'

const optionsSchema = z.object({from: z.string(), snapshot: z.string(), given: handOverSchema.optional()})
const givenSchema = optionsSchema.extend({given: handOverSchema})

/** Opens another environment of pi-aws.yaml, with credentials of its own. */
export type OpenOther = (
  environment: EnvironmentName,
) => Promise<{readonly account: string | undefined; readonly ports: SnapshotPorts}>

/** Where nobody can open the other environment. @throws RefusedError COPY_AGAIN */
export function copyAgain({opId, environment, options}: OperationHead): RefusedError {
  const {from, snapshot} = optionsSchema.parse(options)
  return new RefusedError(`Operation ${opId} copies between two environments: its own command goes on with it.`, {
    code: 'COPY_AGAIN',
    suggestions: [`pi-aws snapshot copy ${snapshot} --environment ${from} --into ${environment}`],
  })
}

/** Goes on with a copy under its own id. @throws as `copySnapshot` */
export async function resumeCopy(
  {opId, environment, options}: OperationHead,
  target: {readonly account: string | undefined; readonly ports: SnapshotPorts},
  other: OpenOther,
  run: Run,
): Promise<SnapshotCopyResult> {
  const asked = optionsSchema.parse(options)
  const from = parseEnvironmentName(asked.from)
  const source = await other(from)
  return copySnapshot(
    {
      ...{environment: from, account: source.account, ref: {kind: 'prefix', text: asked.snapshot} as const},
      target: {environment: parseEnvironmentName(environment), account: target.account},
      resume: opId as OpId,
    },
    {source: source.ports, target: target.ports},
    run,
  )
}

/**
 * Gives a copy up that has given something to another account: that is taken back first. What was copied goes with
 * the next `snapshot gc`.
 * @returns what was taken back, in words
 * @throws RefusedError WRONG_ACCOUNT; LockedError LOCKED
 */
export async function abortCopy(
  {head}: Pick<Journal, 'head'>,
  place: {readonly caller: CallerIdentity; readonly bucket: string; readonly ports: SnapshotPorts},
  other: OpenOther,
  run: Run,
): Promise<readonly string[]> {
  const {from, given} = givenSchema.parse(head.options)
  const source = await other(parseEnvironmentName(from))
  requireAccount(await source.ports.identity.caller(), parseEnvironmentName(from), source.account)
  const {caller, bucket, ports} = place
  const environment = parseEnvironmentName(head.environment)
  const operation = await beginOperation(
    ports,
    {kind: 'copy', environment, caller, bucket, options: head.options, resume: head.opId as OpId},
    run,
  )
  const undone = [`database snapshot ${given.snapshot} is no longer shared with account ${given.account}`]
  try {
    await takeBack(source.ports, {operation, clock: ports.clock, run}, given)
    await operation.abort({undone})
    return undone
  } catch (error) {
    throw await operation.end(error)
  }
}
