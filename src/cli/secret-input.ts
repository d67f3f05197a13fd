import {readFile} from 'node:fs/promises'
import {text} from 'node:stream/consumers'
import {NotFoundError, UsageError} from '../domain/errors.ts'

/**
 * Reads a secret from a file or, for `-`, from stdin. Its content is in no message.
 * @throws NotFoundError SECRET_FILE_NOT_FOUND; UsageError SECRET_FILE_UNREADABLE
 */
export async function readSecretFile(path: string): Promise<string> {
  try {
    return path === '-' ? await text(process.stdin) : await readFile(path, 'utf8')
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'ENOENT') {
      throw new NotFoundError(`File not found: there is no ${path}.`, {
        code: 'SECRET_FILE_NOT_FOUND',
        suggestions: ['Name the file, or - to read from stdin'],
      })
    }
    throw new UsageError(`File unreadable: ${path} (${code ?? 'unknown reason'}).`, {
      code: 'SECRET_FILE_UNREADABLE',
      cause: error,
    })
  }
}
