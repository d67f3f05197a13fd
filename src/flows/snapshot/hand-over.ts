import * as z from 'zod'
import {AccessError, FailedError, PiError} from '../../domain/errors.ts'
import type {SnapshotId} from '../../domain/snapshots/id.ts'
import {databaseSnapshotName} from '../../domain/snapshots/keys.ts'
import type {Manifest} from '../../domain/snapshots/manifest.ts'
import type {Scribe} from '../ledger/once.ts'
import {reported} from '../steps.ts'
import {untilUsable} from './capture-database.ts'
import type {BothPorts, Side} from './copy-side.ts'
import type {SnapshotPorts} from './options.ts'
import {deleteDatabaseSnapshot} from './reap.ts'

/** What is given to another account while it copies the database half, and is taken back afterwards. */
export const handOverSchema = z.object({
  /** The account that it is given to. */
  account: z.string(),
  /** Name of the manual snapshot that is shared. */
  snapshot: z.string(),
  /** ARN of the key that encrypts it, and the name under which it is lent. */
  keyArn: z.string(),
  loan: z.string(),
  /** Whether that snapshot was made for this alone: only manual ones can be shared, and a half in the vault is none. */
  spare: z.boolean(),
})
export type HandOver = z.infer<typeof handOverSchema>

/** KMS may take five minutes until a grant counts everywhere (API reference, CreateGrant); a little more is waited (ms). */
const loanLimit = 10 * 60_000
const pauseMs = 5000

/** Undefined where both environments are of one account: nothing has to be given. */
export function handOverOf(manifest: Manifest, source: Side, target: Side): HandOver | undefined {
  const {account} = target.caller
  if (source.caller.account === account) return undefined
  const spare = manifest.database.vault !== undefined
  const id = manifest.id as SnapshotId
  return {
    account,
    snapshot: spare
      ? `${databaseSnapshotName(source.environment, id, 1)}-to-${account}`
      : manifest.database.snapshotIdentifier,
    keyArn: manifest.database.keyArn,
    loan: `pi-aws-${id}-${account}`,
    spare,
  }
}

/**
 * Shares the database snapshot with the other account and lends it the key, which takes effect only there and then.
 * @returns ARN of the snapshot that may be copied now
 * @throws FailedError KEY_NOT_LENT, SNAPSHOT_FAILED
 */
export async function handOver(
  ports: BothPorts,
  scribe: Scribe,
  given: HandOver,
  {manifest, target}: {readonly manifest: Manifest; readonly target: Side},
): Promise<string> {
  const {operation, run, clock} = scribe
  const step = {
    step: 'share',
    title: `Database: snapshot shared with account ${given.account}`,
    part: 'database',
  } as const
  return reported({clock, report: run.report}, step, async () => {
    // Not once: whoever goes on may find it taken back.
    const value = await operation.record(step.step, async () => {
      const {databases, keys} = ports.source
      if (given.spare) {
        const tags = {'pi:environment': manifest.environment, 'pi:snapshot': manifest.id}
        await databases.copySnapshot(manifest.database.snapshotArn, given.snapshot, {keyArn: given.keyArn, tags})
        await untilUsable(ports.source, given.snapshot, operation.stop)
      }
      await keys.lend(given.keyArn, {to: target.caller.arn, name: given.loan})
      await databases.share(given.snapshot, given.account)
      await untilLent(ports.target, scribe, given)
      return (await databases.snapshot(given.snapshot))?.arn ?? manifest.database.snapshotArn
    })
    return {value, outcome: 'done'}
  })
}

/** Asks as the other account whether it sees the key. @throws FailedError KEY_NOT_LENT */
async function untilLent({keys, clock}: SnapshotPorts, {operation}: Scribe, given: HandOver): Promise<void> {
  const begun = clock.now().getTime()
  for (;;) {
    try {
      if ((await keys.state(given.keyArn)) !== undefined) return
    } catch (error) {
      if (!(error instanceof AccessError) || error.code !== 'ACCESS_DENIED') throw error
    }
    if (clock.now().getTime() - begun > loanLimit) throw notLent(given)
    await clock.sleep(pauseMs, operation.stop)
  }
}

/**
 * Begins the copy; a grant that one part of AWS has seen may be news to another.
 * @throws FailedError KEY_NOT_LENT; as `copySnapshot` of the port
 */
export async function copyShared(
  {clock}: SnapshotPorts,
  {operation}: Scribe,
  given: HandOver | undefined,
  begin: () => Promise<void>,
): Promise<void> {
  const begun = clock.now().getTime()
  for (;;) {
    try {
      await begin()
      return
    } catch (error) {
      const shut = given !== undefined && error instanceof PiError && error.code === 'AWS_KMSKEY_NOT_ACCESSIBLE'
      if (!shut) throw error
      if (clock.now().getTime() - begun > loanLimit) throw notLent(given, error)
    }
    await clock.sleep(pauseMs, operation.stop)
  }
}

function notLent({keyArn, account}: HandOver, cause?: unknown): FailedError {
  return new FailedError(`Account ${account} cannot use the key ${keyArn} of the snapshot, though it was lent to it.`, {
    code: 'KEY_NOT_LENT',
    suggestions: [
      `aws kms list-grants --key-id ${keyArn}`,
      'Look for a service control policy or a permissions boundary of that account that denies kms:CreateGrant, kms:Decrypt or kms:DescribeKey on keys of others',
      `Or allow arn:aws:iam::${account}:root these actions in the policy of the key, and kms:ReEncrypt*`,
    ],
    ...(cause === undefined ? {} : {cause}),
  })
}

/** Takes everything back, also after Ctrl-C; what is taken back already is passed over. */
export async function takeBack(source: SnapshotPorts, scribe: Scribe, given: HandOver): Promise<void> {
  const {operation, run, clock} = scribe
  const step = {
    step: 'unshare',
    title: `Database: snapshot no longer shared with account ${given.account}`,
    part: 'database',
  } as const
  await reported({clock, report: run.report}, step, async () => {
    await operation.recordAnyway(step.step, async () => {
      await source.databases.unshare(given.snapshot, given.account)
      await source.keys.endLoans(given.keyArn, given.loan)
      if (given.spare) await deleteDatabaseSnapshot(source, given.snapshot, new AbortController().signal)
    })
    return {value: undefined, outcome: 'done'}
  })
}
