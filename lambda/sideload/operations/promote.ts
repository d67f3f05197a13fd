import {dirname, join, posix} from 'node:path'
import {SideloadError, systemCode} from '../errors.ts'
import {ensureOwnFolder, ifMissing, lookFor, type Files} from '../files.ts'
import {generationFolder} from '../generations.ts'
import {inside, namesOf} from '../paths.ts'
import type {Settings} from '../settings.ts'
import {Deadline} from '../slice/deadline.ts'
import {parseLine} from '../state/record.ts'
import {walk} from '../tree/walk.ts'
import {directoryModes, marker, readMarker, writeMarker} from './prepare.ts'

export interface PromoteRequest {
  /** The tree to move, relative to the root, such as `aws-backup-restore_2026-01-02T03-04-05/gen/3`. */
  readonly from: string
  /** What it becomes; nothing may stand there. */
  readonly generation: number
  /** The snapshot whose canary the tree must hold; '' asks for none. */
  readonly canary: string
  /** The cursor of the answer before, '' to begin. */
  readonly cursor: string
  readonly deadlineMs: number
}

export interface Promoted {
  readonly generation: number
  readonly from: string
  readonly state: 'continues' | 'complete'
  /** Things that were looked at in this slice. */
  readonly checked: number
  readonly cursor?: string
}

/** Things between two looks at the clock. */
const lookEvery = 64

/**
 * Moves a tree into a generation: looks at all of it first (slice by slice), then takes its mark away, renames it, and
 * marks it complete, last. What was begun is written down beforehand, so another call with the same request ends it
 * wherever the first one broke off; there is no moment at which half of a tree passes for a generation.
 * @throws SideloadError GENERATION_EXISTS, NOT_FOUND, NOT_A_DIRECTORY, BUSY, BAD_PATH for a link that leads out,
 * GENERATION_DAMAGED for a tree that lacks a directory
 */
export async function promote(
  {filesRoot}: Settings,
  files: Files,
  request: PromoteRequest,
  now: () => number,
): Promise<Promoted> {
  const {from, generation, canary, deadlineMs} = request
  const source = inside(filesRoot, mustBeMovable(from))
  const tree = join(filesRoot, generationFolder(generation))
  const intent = join(filesRoot, '.pi', 'promotions', `${generation}.json`)
  const begun = await readFrom(intent, files)
  const sourceStands = await isDirectory(source, files)
  const treeStands = (await lookFor(tree, files)) !== undefined

  if (begun !== undefined && begun !== from)
    throw new SideloadError('BUSY', `generation ${generation} is to become of ${begun}`)
  if (treeStands && (begun === undefined || sourceStands)) {
    const isDone = (await readFrom(join(tree, '.pi', 'promoted.json'), files)) === from && !sourceStands
    if (isDone && (await readMarker(tree, files)).length > 0) return done(request, 0)
    throw new SideloadError('GENERATION_EXISTS', `generation ${generation} exists`)
  }
  let checked = 0
  if (!treeStands) {
    if (!sourceStands) throw new SideloadError('NOT_FOUND', `there is no tree at ${JSON.stringify(from)}`)
    using deadline = new Deadline(now, deadlineMs)
    const scan = await look(source, request.cursor, deadline, files)
    if (scan.cursor !== undefined) return {generation, from, state: 'continues', ...scan}
    checked = scan.checked
    await mustBeWhole(source, canary, files)
    await writeIntent(filesRoot, intent, from, files)
    await move(source, tree, filesRoot, files)
  }
  await ensureOwnFolder(join(tree, '.pi'), files)
  await files.writeDurably(join(tree, '.pi', 'promoted.json'), `${JSON.stringify({from})}\n`)
  await files.settle(join(tree, '.pi'))
  await writeMarker(filesRoot, tree, Object.keys(directoryModes), files)
  await files.removeFile(intent).catch(ifMissing(undefined))
  await removeEmptyAbove(filesRoot, from, files)
  return done(request, checked)
}

function done({generation, from}: PromoteRequest, checked: number): Promoted {
  return {generation, from, state: 'complete', checked}
}

/** A live generation is never moved away, and neither is the root or what is ours. */
function mustBeMovable(from: string): string {
  const names = namesOf(from)
  const [first = ''] = names
  if (names.length < 2 || first === 'gen' || first === '.pi') {
    throw new SideloadError('BAD_PATH', `path ${JSON.stringify(from)} is refused: it is no restored tree`)
  }
  return from
}

/** Looks at the tree as far as time allows; a link that leads out of it would open other generations to the platform. */
async function look(
  source: string,
  cursor: string,
  deadline: Deadline,
  files: Files,
): Promise<{readonly checked: number; readonly cursor?: string}> {
  let checked = 0
  for await (const {path, entry} of walk(files, source, {after: cursor})) {
    checked += 1
    if (entry.kind === 'other') await mustStayInside(source, path, files)
    if (checked % lookEvery === 0 && deadline.passed) return {checked, cursor: path}
  }
  return {checked}
}

async function mustStayInside(source: string, path: string, files: Files): Promise<void> {
  const target = await files.linkTarget(join(source, path)).catch(() => undefined)
  // A pipe or a socket leads nowhere.
  if (target === undefined) return
  const leads = posix.normalize(posix.join(posix.dirname(path), target))
  if (!target.startsWith('/') && leads !== '..' && !leads.startsWith('../')) return
  throw new SideloadError(
    'BAD_PATH',
    `the link ${JSON.stringify(path)} leads out of the tree, to ${JSON.stringify(target)}`,
  )
}

async function mustBeWhole(source: string, canary: string, files: Files): Promise<void> {
  for (const name of Object.keys(directoryModes)) {
    if (await isDirectory(join(source, name), files)) continue
    throw new SideloadError('GENERATION_DAMAGED', `the tree has no directory ${name}`)
  }
  if (canary === '') return
  if ((await lookFor(join(source, '.pi', `canary-${canary}`), files)) !== undefined) return
  throw new SideloadError('NOT_FOUND', `the tree does not hold the canary of snapshot ${canary}`)
}

async function writeIntent(root: string, intent: string, from: string, files: Files): Promise<void> {
  await ensureOwnFolder(join(root, '.pi'), files)
  await ensureOwnFolder(dirname(intent), files)
  await files.writeDurably(`${intent}.new`, `${JSON.stringify({from})}\n`)
  await files.rename(`${intent}.new`, intent)
  await files.settle(dirname(intent))
}

async function move(source: string, tree: string, root: string, files: Files): Promise<void> {
  // It brought the mark of the generation it was; under its new name it is complete only when we say so.
  await files.removeFile(join(source, marker)).catch(ifMissing(undefined))
  await files.settle(source)
  await ensureOwnFolder(join(root, 'gen'), files)
  await files.rename(source, tree).catch((error: unknown) => {
    const code = systemCode(error)
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOTDIR') throw error
    throw new SideloadError('GENERATION_EXISTS', `${tree} exists`, error)
  })
  await files.settle(join(root, 'gen'))
  await files.settle(dirname(source))
}

/** Removes the folders that led to the tree, as long as nothing else is in them. */
async function removeEmptyAbove(root: string, from: string, files: Files): Promise<void> {
  for (let names = namesOf(from).slice(0, -1); names.length > 0; names = names.slice(0, -1)) {
    try {
      await files.removeDirectory(join(root, ...names))
    } catch (error) {
      if (systemCode(error) === 'ENOENT') continue
      if (systemCode(error) === 'ENOTEMPTY' || systemCode(error) === 'EEXIST') return
      throw error
    }
  }
}

async function readFrom(path: string, files: Files): Promise<string | undefined> {
  const from = parseLine(await files.read(path).catch(ifMissing('')))?.['from']
  return typeof from === 'string' ? from : undefined
}

async function isDirectory(path: string, files: Files): Promise<boolean> {
  return (await lookFor(path, files))?.kind === 'directory'
}
