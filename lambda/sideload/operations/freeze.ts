import {join} from 'node:path'
import {SideloadError} from '../errors.ts'
import {ensureOwnFolder, ifMissing, lookFor, type Files} from '../files.ts'
import {generationFolder, mustBeComplete} from '../generations.ts'
import type {Settings} from '../settings.ts'
import {canaryPath, factsOf, finishList, listPath, readCanary, type TreeFacts} from '../sets/lists.ts'
import {recordTree} from '../sets/recorder.ts'
import {Deadline} from '../slice/deadline.ts'

export interface SealRequest {
  readonly generation: number
  /** The set that list and canary belong to. */
  readonly snapshot: string
  readonly cursor: string
  readonly deadlineMs: number
}

export interface FreezeRequest extends SealRequest {
  /** Name of the copy, below `gen/.frozen`. */
  readonly name: string
}

export type Sealed = ({readonly state: 'complete'} & TreeFacts) | {readonly state: 'continues'; readonly cursor: string}

/** Where frozen copies lie, relative to the root: beside the generations, under a name that no generation has. */
export const frozenFolder = join('gen', '.frozen')

/**
 * Copies a generation into a tree that nobody writes to, slice by slice, with a list of everything in it and, last, a
 * canary. The generation itself is not touched. A copy that has its canary is answered from it.
 * @throws SideloadError GENERATION_MISSING, DISK_FULL, NOT_A_FILE
 */
export async function freeze(
  {filesRoot}: Settings,
  files: Files,
  {generation, snapshot, name, deadlineMs}: FreezeRequest,
  now: () => number,
): Promise<Sealed> {
  const source = join(filesRoot, generationFolder(generation))
  const target = join(filesRoot, frozenFolder, name)
  await ensureOwnFolder(join(filesRoot, frozenFolder), files)
  await ensureOwnFolder(target, files)
  return record({source, target, tree: target, generation, snapshot, deadlineMs}, files, now)
}

/**
 * Counts and hashes a generation where it is, and puts list and canary into it. Whoever writes meanwhile is not stopped:
 * the list is that of the moments at which each file was read.
 * @throws SideloadError GENERATION_MISSING, NOT_A_FILE
 */
export async function seal(
  {filesRoot}: Settings,
  files: Files,
  {generation, snapshot, deadlineMs}: SealRequest,
  now: () => number,
): Promise<Sealed> {
  const tree = join(filesRoot, generationFolder(generation))
  return record({source: tree, target: undefined, tree, generation, snapshot, deadlineMs}, files, now)
}

/** Takes list and canary of a set out of a generation again, also those that are not finished. */
export async function unseal(
  {filesRoot}: Settings,
  files: Files,
  {generation, snapshot}: Pick<SealRequest, 'generation' | 'snapshot'>,
): Promise<{readonly generation: number}> {
  const tree = join(filesRoot, generationFolder(generation))
  for (const path of [canaryPath(tree, snapshot), draftOf(tree, snapshot), listPath(tree, snapshot)])
    await files.removeFile(path).catch(ifMissing(undefined))
  return {generation}
}

function draftOf(tree: string, snapshot: string): string {
  return `${listPath(tree, snapshot)}.draft`
}

interface Work {
  readonly source: string
  readonly target: string | undefined
  readonly tree: string
  readonly generation: number
  readonly snapshot: string
  readonly deadlineMs: number
}

async function record(
  {source, target, tree, generation, snapshot, deadlineMs}: Work,
  files: Files,
  now: () => number,
): Promise<Sealed> {
  const known = await readCanary(tree, snapshot, files)
  if (known !== undefined) return {state: 'complete', ...known}
  await mustBeComplete(source, generation, files)
  await ensureOwnFolder(join(tree, '.pi'), files)
  // Killed between the name of the list and the canary: the list is whole.
  const draft = draftOf(tree, snapshot)
  if ((await lookFor(listPath(tree, snapshot), files)) !== undefined)
    await files.rename(listPath(tree, snapshot), draft)
  using deadline = new Deadline(now, deadlineMs)
  const {done, cursor} = await recordTree({source, target, draft}, deadline, files).catch((error: unknown) => {
    throw asDiskFull(error)
  })
  if (!done) return {state: 'continues', cursor}
  const owner = await files.look(join(source, 'themes')).catch(async () => files.look(source))
  const facts = factsOf(await files.read(draft), owner)
  await finishList(tree, snapshot, draft, facts, files)
  return {state: 'complete', ...facts}
}

function asDiskFull(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new SideloadError('DISK_FULL', 'the file system has no room for the copy', error)
    : error
}
