import {createHash} from 'node:crypto'
import {access, constants, readFile, realpath, stat} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import {LockedError, RefusedError, UsageError} from '../domain/errors.ts'
import type {ConfigurationFiles} from '../flows/config/ports.ts'
import type {Clock, Machine} from '../flows/ports.ts'
import {FolderLock} from './folder-lock.ts'
import {replaceFile} from './whole-file.ts'

/** A writer holds the lock for as long as a small file takes. */
const [tries, betweenMs] = [100, 50]
/** Read by everybody who may work here, as any other file beside it. */
const newFileMode = 0o644

/**
 * pi-aws.yaml files, one writer at a time.
 * @param state folder for the locks: none is left beside the files
 */
export function configurationFiles(state: string, machine: Machine, clock: Clock): ConfigurationFiles {
  async function locked<T>(file: string, work: () => Promise<T>): Promise<T> {
    const lock = new FolderLock(lockFolder(state, file), machine, clock)
    for (let attempt = 1; ; attempt++) {
      const taken = await lock.tryTake().catch((error: unknown) => {
        throw unwritable(state, error as NodeJS.ErrnoException)
      })
      if ('release' in taken) {
        try {
          return await work()
        } finally {
          await taken.release()
        }
      }
      if (attempt === tries) {
        const {pid, host} = taken.holder
        throw new LockedError(`Somebody else writes ${file}: process ${pid} on ${host}.`, {
          code: 'CONFIGURATION_BUSY',
          suggestions: ['Try again'],
        })
      }
      await clock.sleep(betweenMs)
    }
  }

  return {
    read: readText,
    async update(path, edit) {
      // A link stays a link: what it leads to is written.
      const file = await realpath(path).catch(() => resolve(path))
      return locked(file, async () => {
        for (let attempt = 1; ; attempt++) {
          const before = await readText(file)
          const text = edit(before)
          if (text === before) return {changed: false, text}
          // An editor takes no locks: whatever it saved meanwhile is what has to be changed.
          if ((await readText(file)) !== before && attempt < tries) continue
          try {
            await replaceFile(file, text, before === undefined ? newFileMode : (await stat(file)).mode & 0o777)
          } catch (error) {
            throw unwritable(file, error as NodeJS.ErrnoException)
          }
          return {changed: true, text}
        }
      })
    },
  }
}

/** Whether a file could be replaced: it and its folder may be written, and nobody took its right to be written away. */
export async function isWritable(path: string): Promise<boolean> {
  const file = await realpath(path).catch(() => resolve(path))
  try {
    await Promise.all([file, dirname(file)].map((one) => access(one, constants.W_OK)))
    // A superuser may write anything, and yet a file without any such right was meant to stay as it is.
    return ((await stat(file)).mode & 0o222) !== 0
  } catch {
    return false
  }
}

/** Folder of the lock of one file. */
export function lockFolder(state: string, file: string): string {
  return join(state, 'configuration', createHash('sha256').update(file).digest('hex').slice(0, 16))
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new UsageError(`Configuration unreadable: ${path}: ${(error as Error).message}`, {
      code: 'CONFIGURATION_UNREADABLE',
      cause: error,
    })
  }
}

function unwritable(path: string, error: NodeJS.ErrnoException): Error {
  return new RefusedError(`${path} cannot be written: ${error.code ?? error.message}. Nothing was changed.`, {
    code: 'CONFIGURATION_UNWRITABLE',
    suggestions: ['Name a file in a folder that may be written: --config FILE'],
    cause: error,
  })
}
