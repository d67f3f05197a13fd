import {createHash} from 'node:crypto'
import {dirname, join} from 'node:path'
import {SideloadError} from '../errors.ts'
import {ensureOwnFolder, ifMissing, lookFor, type Entry, type Files} from '../files.ts'
import {marker} from '../operations/prepare.ts'
import {draftPrefix} from '../paths.ts'
import type {Deadline} from '../slice/deadline.ts'
import {Pool} from '../slice/pool.ts'
import {parseLine} from '../state/record.ts'
import {walk, type Walked} from '../tree/walk.ts'
import {copyFile, hashOf} from './copy-file.ts'

/** One thing of a tree, as the list of a set has it: ascending by the bytes of the paths. */
export interface Line {
  readonly path: string
  readonly kind: 'file' | 'directory' | 'link'
  readonly size: number
  /** Of a file its content's, of a link its target's; '' of a directory. */
  readonly sha256: string
  /** Octal. */
  readonly mode: string
}

/** Things that are copied or hashed side by side, and after which the list is written. */
const batch = 64
const sideBySide = 16

/** What is ours in a generation and says nothing of its content: locks, marks, and the lists of sets themselves. */
const ownFiles = /^\.pi\/(locks(\/|$)|canary-|list-|promoted\.json|parts(\/|$))/

/** Our own folder is in every tree that has a list: it counts for nothing, what the side-load keeps in it does. */
const ownFolder = '.pi'

function isContent(path: string): boolean {
  if (path === ownFolder || path === marker || path === `${marker}.new` || path.startsWith('.pi-preparing-'))
    return false
  return !ownFiles.test(path) && !path.slice(path.lastIndexOf('/') + 1).startsWith(draftPrefix)
}

function enter(path: string): boolean {
  return path === ownFolder || isContent(path)
}

export interface Recording {
  readonly source: string
  /** Where a copy is made; undefined where the tree is only counted and hashed. */
  readonly target: string | undefined
  /** The list that is being written; a broken-off one is gone on with. */
  readonly draft: string
}

/** How far a slice got. */
export interface Recorded {
  readonly done: boolean
  /** The last path that is in the list. */
  readonly cursor: string
}

/**
 * Lists a tree with the hash of everything in it, and copies it in passing where a copy is wanted. What is in the list is
 * on the disk: after a death the next slice goes on behind the last whole line.
 */
export async function recordTree(
  {source, target, draft}: Recording,
  deadline: Deadline,
  files: Files,
): Promise<Recorded> {
  if (target !== undefined) await ensureOwnFolder(target, files)
  const written = await wholeLines(draft, files)
  let cursor = lastPath(written)
  await ensureOwnFolder(dirname(draft), files)
  await using list = await files.openToChange(draft)
  let at = Buffer.byteLength(written)
  const flush = async (some: readonly Walked[]): Promise<void> => {
    const lines = await recordAll(some, source, target, files)
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    await list.write(bytes, at)
    await list.sync()
    at += bytes.byteLength
    cursor = some.at(-1)?.path ?? cursor
  }
  let waiting: Walked[] = []
  for await (const walked of walk(files, source, {after: cursor, enter})) {
    if (!isContent(walked.path)) continue
    waiting.push(walked)
    if (waiting.length < batch) continue
    await flush(waiting)
    waiting = []
    if (deadline.passed) return {done: false, cursor}
  }
  if (waiting.length > 0) await flush(waiting)
  return {done: true, cursor}
}

async function recordAll(
  some: readonly Walked[],
  source: string,
  target: string | undefined,
  files: Files,
): Promise<readonly Line[]> {
  const lines = new Map<string, Line>()
  const pool = new Pool(sideBySide)
  for (const walked of some) {
    const work = async (): Promise<void> => {
      const line = await recordOne(walked, source, target, files)
      if (line !== undefined) lines.set(walked.path, line)
    }
    // A folder stands before anything is put into it.
    if (walked.entry.kind === 'directory') await work()
    else await pool.run(work)
  }
  await pool.idle()
  return some.flatMap(({path}) => lines.get(path) ?? [])
}

async function recordOne(
  {path, entry}: Walked,
  source: string,
  target: string | undefined,
  files: Files,
): Promise<Line | undefined> {
  const from = join(source, path)
  const to = target === undefined ? undefined : join(target, path)
  const mode = entry.mode.toString(8).padStart(4, '0')
  if (entry.kind === 'directory') {
    if (to !== undefined) await copyDirectory(to, entry, files)
    return {path, kind: 'directory', size: 0, sha256: '', mode}
  }
  if (entry.kind === 'file') {
    const found = to === undefined ? await hashOf(from, files) : await copyFile(from, to, entry, files)
    return found === undefined ? undefined : {path, kind: 'file', ...found, mode}
  }
  const goal = await files.linkTarget(from).catch(() => undefined)
  // A socket or a device is nothing that a set could bring back.
  if (goal === undefined) throw new SideloadError('NOT_A_FILE', `${path} is neither file, folder nor link`)
  if (to !== undefined && (await lookFor(to, files)) === undefined) await files.symlink(goal, to)
  return {path, kind: 'link', size: goal.length, sha256: createHash('sha256').update(goal).digest('hex'), mode: '0777'}
}

async function copyDirectory(to: string, {uid, gid, mode}: Entry, files: Files): Promise<void> {
  await ensureOwnFolder(to, files)
  const made = await files.look(to)
  if (made.uid !== uid || made.gid !== gid) await files.setOwner(to, uid, gid)
  if (made.mode !== mode) await files.setMode(to, mode)
}

/** The lines of a list that came to their end; a death leaves half of one. */
async function wholeLines(draft: string, files: Files): Promise<string> {
  const text = await files.read(draft).catch(ifMissing(''))
  return text.slice(0, text.lastIndexOf('\n') + 1)
}

function lastPath(lines: string): string {
  const from = lines.lastIndexOf('\n', lines.length - 2) + 1
  const path = parseLine(lines.slice(from, -1))?.['path']
  return typeof path === 'string' ? path : ''
}
