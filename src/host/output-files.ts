import {createHash, randomBytes} from 'node:crypto'
import {link, mkdir, open, rename, rm} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import {FailedError, RefusedError} from '../domain/errors.ts'
import type {OutputFiles} from '../flows/files/ports.ts'

/** Files of this machine, written whole or not at all, for their owner alone. */
export const outputFiles: OutputFiles = {
  async write(path, content, replace) {
    const place = resolve(path)
    // A short name of its own: the file's own may be as long as a name can be.
    const part = join(dirname(place), `.pi-part-${randomBytes(6).toString('hex')}`)
    const hash = createHash('sha256')
    let bytes = 0
    try {
      const handle = await open(part, 'wx', 0o600)
      try {
        for await (const chunk of content) {
          hash.update(chunk)
          bytes += chunk.byteLength
          await handle.writeFile(chunk)
        }
        await handle.sync()
      } finally {
        await handle.close()
      }
      if (replace) await rename(part, place)
      else await link(part, place)
    } catch (error) {
      throw error instanceof Error && 'syscall' in error ? unwritable(place, error as NodeJS.ErrnoException) : error
    } finally {
      // Where the folder is none, this fails too, and tells nothing new.
      await rm(part, {force: true}).catch(() => undefined)
    }
    return {path: place, bytes, sha256: hash.digest('hex')}
  },
  async makeFolder(path) {
    try {
      await mkdir(resolve(path), {recursive: true})
    } catch (error) {
      throw unwritable(resolve(path), error as NodeJS.ErrnoException)
    }
  },
}

function unwritable(place: string, error: NodeJS.ErrnoException): Error {
  if (error.code === 'EEXIST' && error.syscall !== 'mkdir') {
    return new RefusedError(`${JSON.stringify(place)} is there already: it was left as it is.`, {
      code: 'FILE_EXISTS',
      suggestions: ['Name the file with --out to replace it'],
      cause: error,
    })
  }
  return new FailedError(`${JSON.stringify(place)} cannot be written: ${reasonOf(error)}.`, {
    code: 'FILE_UNWRITABLE',
    suggestions: ['Name a file in a folder that is there and may be written to'],
    cause: error,
  })
}

/** What is wrong with the place, and not with the piece of it that was written first. */
function reasonOf({code, message}: NodeJS.ErrnoException): string {
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'its folder is not there',
    ENOTDIR: 'what should be its folder is a file',
    EISDIR: 'it is a folder',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the disk is for reading only',
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk is full',
    ENAMETOOLONG: 'its name is too long',
  }
  return code === undefined ? message : `${words[code] ?? message} (${code})`
}
