import {createHash} from 'node:crypto'
import {join} from 'node:path'
import {SideloadError, systemCode} from './errors.ts'
import {ensureOwnFolder, ifMissing, lookFor, type Files} from './files.ts'

/** How long others wait for a lock (ms), and how often they look. */
const waitMs = 10_000
const lookMs = 100
/** A lock older than this was left by an invocation that died: what it guards takes milliseconds. */
const staleMs = 60_000

export interface LockClock {
  readonly now: () => number
  readonly pause: (ms: number) => Promise<void>
}

/**
 * Does something that only one invocation at a time may do with a path of a generation.
 * @throws SideloadError BUSY when another one does not let go
 */
export async function holding<T>(
  files: Files,
  tree: string,
  path: string,
  {now, pause}: LockClock,
  use: () => Promise<T>,
): Promise<T> {
  const folder = join(tree, '.pi', 'locks')
  await ensureOwnFolder(join(tree, '.pi'), files)
  await ensureOwnFolder(folder, files)
  const lock = join(folder, createHash('sha256').update(path).digest('hex'))
  const begun = now()
  while (!(await taken(files, lock, now))) {
    if (now() - begun > waitMs) throw new SideloadError('BUSY', `another call is loading ${JSON.stringify(path)}`)
    await pause(lookMs)
  }
  try {
    return await use()
  } finally {
    await files.removeFile(lock).catch(ifMissing(undefined))
  }
}

async function taken(files: Files, lock: string, now: () => number): Promise<boolean> {
  try {
    await (await files.create(lock))[Symbol.asyncDispose]()
    return true
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
  }
  const found = await lookFor(lock, files)
  if (found !== undefined && now() - found.modifiedAt.getTime() > staleMs) {
    await files.removeFile(lock).catch(ifMissing(undefined))
  }
  return false
}
