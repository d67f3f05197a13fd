import {join} from 'node:path'
import {SideloadError} from '../errors.ts'
import {ensureOwnFolder, ifMissing, type Files} from '../files.ts'
import {inside} from '../paths.ts'
import type {Settings} from '../settings.ts'
import {compareLists, factsOf, linesOf, listPath, readCanary, type Comparison, type TreeFacts} from '../sets/lists.ts'
import {recordTree} from '../sets/recorder.ts'
import {Deadline} from '../slice/deadline.ts'

export interface ExamineRequest {
  /** The tree, relative to the root. */
  readonly path: string
  readonly snapshot: string
  readonly cursor: string
  readonly deadlineMs: number
}

export type Examined =
  | ({readonly state: 'complete'; readonly tree: TreeFacts} & Comparison)
  | {readonly state: 'continues'; readonly cursor: string}

/**
 * Hashes everything in a tree and compares it with the list that a set left in it. The tree is not touched; what is
 * found is written beside the generations until it is told.
 * @throws SideloadError NOT_FOUND where list or canary are not there, BAD_PATH
 */
export async function examine(
  {filesRoot}: Settings,
  files: Files,
  {path, snapshot, cursor, deadlineMs}: ExamineRequest,
  now: () => number,
): Promise<Examined> {
  const tree = inside(filesRoot, path)
  if ((await readCanary(tree, snapshot, files)) === undefined)
    throw new SideloadError('NOT_FOUND', `the tree does not hold the canary of snapshot ${snapshot}`)
  const wanted = await files.read(listPath(tree, snapshot)).catch((error: unknown) => {
    throw new SideloadError('NOT_FOUND', `the tree does not hold the list of snapshot ${snapshot}`, error)
  })
  const folder = join(filesRoot, '.pi', 'examined')
  await ensureOwnFolder(join(filesRoot, '.pi'), files)
  await ensureOwnFolder(folder, files)
  const draft = join(folder, `${snapshot}.ndjson`)
  // Who begins anew does not want what somebody else found some time ago.
  if (cursor === '') await files.removeFile(draft).catch(ifMissing(undefined))
  using deadline = new Deadline(now, deadlineMs)
  const recorded = await recordTree({source: tree, target: undefined, draft}, deadline, files)
  if (!recorded.done) return {state: 'continues', cursor: recorded.cursor}
  const found = await files.read(draft)
  const owner = await files.look(join(tree, 'themes')).catch(async () => files.look(tree))
  await files.removeFile(draft)
  return {state: 'complete', tree: factsOf(found, owner), ...compareLists(linesOf(wanted), linesOf(found))}
}
