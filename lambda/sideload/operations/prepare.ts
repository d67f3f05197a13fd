import {join} from 'node:path'
import {SideloadError, systemCode} from '../errors.ts'
import {ensureOwnFolder, lookFor, type Entry, type Files} from '../files.ts'
import {giveAway} from '../ownership.ts'
import type {Settings} from '../settings.ts'

/**
 * What a generation holds, and who may do what there: the platform's user and group write, and only they see the keys.
 */
export const directoryModes = {
  themes: 0o775,
  images: 0o775,
  files: 0o775,
  svg: 0o775,
  locale: 0o775,
  keys: 0o770,
  custom_jdbc: 0o775,
  'excel-data': 0o775,
} as const satisfies Record<string, number>

/** Its presence says: this generation was whole once. It lists the directories that it promises. */
export const marker = '.pi-complete'

export interface PreparedDirectory {
  /** As an access point names it, such as /gen/1/themes. */
  readonly path: string
  /** False when this call made it. */
  readonly existed: boolean
  readonly uid: number
  readonly gid: number
  /** Octal, such as 0775. */
  readonly mode: string
  /** Whether owner and mode are the ones that a new directory gets. Existing ones are reported, never changed. */
  readonly asExpected: boolean
}

export interface Prepared {
  readonly generation: number
  readonly directories: readonly PreparedDirectory[]
}

/**
 * Makes what is missing of a generation's tree and marks the tree complete, last. What exists is never touched: a new
 * directory is made under another name, given its owner and mode, and then renamed, so that one that stands under its
 * name is always finished. Breaking off anywhere leaves no mark, and the next call goes on.
 * @throws SideloadError GENERATION_DAMAGED when a directory of a complete generation is gone; NOT_A_DIRECTORY;
 * OWNERSHIP_REFUSED
 */
export async function prepare(settings: Settings, files: Files, generation: number): Promise<Prepared> {
  const parent = join(settings.filesRoot, 'gen')
  const tree = join(parent, String(generation))
  await ensureOwnFolder(parent, files)
  await ensureOwnFolder(tree, files)

  const promised = await readMarker(tree, files)
  const directories: PreparedDirectory[] = []
  for (const [name, mode] of Object.entries(directoryModes)) {
    const path = join(tree, name)
    const found = await lookForDirectory(path, files)
    if (found === undefined && promised.includes(name)) {
      throw new SideloadError('GENERATION_DAMAGED', `generation ${generation} was complete and has lost its ${name}`)
    }
    const entry = found ?? (await make(tree, name, mode, settings, files))
    directories.push(report(`/gen/${generation}/${name}`, found !== undefined, entry, mode, settings))
  }
  const names = Object.keys(directoryModes)
  if (!names.every((name) => promised.includes(name))) await writeMarker(settings.filesRoot, tree, names, files)
  return {generation, directories}
}

async function make(tree: string, name: string, mode: number, settings: Settings, files: Files): Promise<Entry> {
  const draft = join(tree, `.pi-preparing-${name}`)
  await ensureOwnFolder(draft, files)
  const fresh = await files.look(draft)
  await giveAway(fresh, settings, files, (uid, gid) => files.setOwner(draft, uid, gid))
  await files.setMode(draft, mode)
  const path = join(tree, name)
  await files.rename(draft, path).catch((error: unknown) => {
    // Another call was faster and the platform has already written there: that directory stays.
    if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST') throw error
    return files.removeDirectory(draft)
  })
  return files.look(path)
}

async function lookForDirectory(path: string, files: Files): Promise<Entry | undefined> {
  const entry = await lookFor(path, files)
  if (entry !== undefined && entry.kind !== 'directory') {
    throw new SideloadError('NOT_A_DIRECTORY', `${path} is no directory`)
  }
  return entry
}

/** The names that the mark promises; none while the generation is not complete. */
export async function readMarker(tree: string, files: Files): Promise<readonly string[]> {
  const text = await files.read(join(tree, marker)).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return '[]'
    throw error
  })
  const names: unknown = JSON.parse(text)
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []
}

/** Marks a tree complete, once everything that leads to it is on the disk. */
export async function writeMarker(root: string, tree: string, names: readonly string[], files: Files): Promise<void> {
  for (const folder of [root, join(root, 'gen'), tree]) await files.settle(folder)
  const draft = join(tree, `${marker}.new`)
  await files.writeDurably(draft, `${JSON.stringify(names)}\n`)
  await files.rename(draft, join(tree, marker))
  await files.settle(tree)
}

function report(path: string, existed: boolean, entry: Entry, mode: number, settings: Settings): PreparedDirectory {
  const {uid, gid} = entry
  const asExpected = uid === settings.dataUid && gid === settings.dataGid && entry.mode === mode
  return {path, existed, uid, gid, mode: entry.mode.toString(8).padStart(4, '0'), asExpected}
}
