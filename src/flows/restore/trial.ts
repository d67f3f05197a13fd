import * as z from 'zod'
import {FailedError} from '../../domain/errors.ts'
import type {JournalEntry} from '../../domain/ledger.ts'
import {isOpId, type OpId} from '../../domain/names.ts'
import {trialStackName} from '../../domain/parts.ts'
import {prefixes} from '../../domain/snapshots/keys.ts'
import {inProgress} from '../../domain/stack-status.ts'
import {unprotectAndDelete} from '../destroy/stack-remover.ts'
import {Journal} from '../ledger/journal.ts'
import {once, type Scribe} from '../ledger/once.ts'
import type {Ports, StackDescription} from '../ports.ts'
import {treeOf} from '../snapshot/abort.ts'
import type {SnapshotPorts} from '../snapshot/options.ts'
import {removeKey} from '../snapshot/reap.ts'
import type {Site} from '../snapshot/site.ts'
import {follow} from '../stack/follow.ts'
import {reported} from '../steps.ts'
import {dropLeftovers, leftBy, leftSchema, restoredFolders} from './back.ts'
import {untilNoRestoreRuns} from './until-no-restore.ts'

/** A restore on trial that has, or may have, something in AWS. */
export interface Trial {
  readonly opId: OpId
  readonly snapshot: string
}

/** A trial with its journal. */
type Remembered = Trial & {readonly entries: readonly JournalEntry[]}

const trialSchema = z.object({schemaVersion: z.literal(1), opId: z.string(), snapshot: z.string()})

function trialKey(opId: OpId): string {
  return `${prefixes.trials}${opId}.json`
}

/** Says that a trial is going to have something, before it has; whoever finds it may remove it. */
export async function writeTrial({objects}: Pick<Ports, 'objects'>, site: Site, trial: Trial): Promise<void> {
  const bytes = new TextEncoder().encode(`${JSON.stringify({schemaVersion: 1, ...trial})}\n`)
  await objects.putIfAbsent(site.recordsBucket, trialKey(trial.opId), bytes)
}

/** Trials that did not come to remove what they made. Only who holds the lock knows that none of them is alive. */
export async function strayTrials(
  {objects}: Pick<Ports, 'objects'>,
  {recordsBucket}: Site,
  own: OpId,
): Promise<readonly Trial[]> {
  const keys = await objects.list(recordsBucket, prefixes.trials)
  const trials = await Promise.all(
    keys.map(async ({key}): Promise<readonly Trial[]> => {
      const opId = key.slice(prefixes.trials.length).replace(/\.json$/, '')
      const found = await objects.get(recordsBucket, key)
      if (!isOpId(opId) || opId === own || found === undefined) return []
      try {
        const {snapshot} = trialSchema.parse(JSON.parse(new TextDecoder().decode(found.body)))
        return [{opId, snapshot}]
      } catch (error) {
        throw new FailedError(`The record of trial ${opId} is unreadable.`, {code: 'LEDGER_UNREADABLE', cause: error})
      }
    }),
  )
  return trials.flat()
}

/**
 * Removes everything that a trial made: its database with its secrets and the snapshot that goes with it, its files, and
 * last the record of it. What is gone already is passed over.
 * @returns what was removed, in words
 */
export async function removeTrial(
  ports: SnapshotPorts,
  scribe: Scribe,
  site: Site,
  trial: Trial,
  roleArn: string | undefined,
): Promise<readonly string[]> {
  const {operation} = scribe
  const own = trial.opId === operation.opId
  const {entries} = own ? operation.journal : await Journal.read(ports, site.recordsBucket, trial.opId)
  const removed = [
    ...(await removeDatabase(ports, scribe, site, {...trial, entries}, roleArn)),
    ...(await removeFiles(ports, scribe, site, {...trial, entries})),
  ]
  await removeKey(ports.objects, site.recordsBucket, trialKey(trial.opId))
  return removed
}

async function removeDatabase(
  ports: SnapshotPorts,
  scribe: Scribe,
  site: Site,
  {opId, entries}: Remembered,
  roleArn: string | undefined,
): Promise<readonly string[]> {
  const {operation, clock, run} = scribe
  const name = trialStackName(site.environment, opId)
  const stack = await settled(ports, scribe, name)
  const key = opId.slice(-6)
  const leave = {step: `leave-${key}`, title: `Database: what ${name} leaves`, part: 'database'} as const
  // Written down first: once the stack is gone nothing else tells what it leaves.
  // A trial that got as far wrote it into its own journal, whoever removes the rest.
  const before = entries.findLast((entry) => entry.step === leave.step && entry.kind === 'done')?.result
  const left = await once(
    scribe,
    leave,
    leftSchema,
    async () => leftSchema.safeParse(before).data ?? leftBy(ports, site, stack),
  )
  const step = {step: `drop-database-${key}`, title: `Database: ${name} goes`, part: 'database'} as const
  return reported({clock, report: run.report}, step, async () => {
    const value = await operation.record(step.step, async (token) => {
      if (stack !== undefined)
        await unprotectAndDelete(ports, {part: 'database', stack, token, roleArn, stop: operation.stop}, run)
      await dropLeftovers(ports, site, {...left, stack: name, stop: operation.stop})
      for (const arn of left.secrets) await ports.secrets.delete(arn)
      return stack === undefined && left.instance === '' ? [] : [name]
    })
    return {value, outcome: 'done'}
  })
}

/** A stack once CloudFormation has ended what it does with it: only then its outputs tell what it has. */
async function settled(
  ports: SnapshotPorts,
  {operation, run}: Scribe,
  name: string,
): Promise<StackDescription | undefined> {
  const stack = await ports.stacks.describe(name)
  if (stack === undefined || !inProgress(stack.status)) return stack
  const wait = {part: 'database', stackId: stack.id, stackName: name, expected: 0, stop: operation.stop} as const
  const {stack: after} = await follow(ports, wait, run.report)
  return after.status === 'DELETE_COMPLETE' ? undefined : after
}

async function removeFiles(
  ports: SnapshotPorts,
  scribe: Scribe,
  site: Site,
  {opId, snapshot, entries}: Remembered,
): Promise<readonly string[]> {
  if (!entries.some(({step}) => step === 'stage-files')) return []
  const {operation, clock, run} = scribe
  const step = {step: `drop-files-${opId.slice(-6)}`, title: 'Files: those on trial go', part: 'files'} as const
  return reported({clock, report: run.report}, step, async () => {
    const value = await operation.record(step.step, async () => {
      await untilNoRestoreRuns(ports, site, {entries, opId, snapshot, stop: operation.stop})
      const tree = treeOf(ports, scribe, site)
      await tree.wake()
      const folders = await restoredFolders(tree, snapshot)
      for (const folder of folders) await tree.discard(folder)
      return folders
    })
    return {value, outcome: 'done'}
  })
}
