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
      await rm(part, {force: true})
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
  return new FailedError(`${JSON.stringify(place)} cannot be written: ${error.message}`, {
    code: 'FILE_UNWRITABLE',
    cause: error,
  })
}
