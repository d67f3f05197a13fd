import {readFile} from 'node:fs/promises'
import {text} from 'node:stream/consumers'
import {NotFoundError, UsageError} from '../domain/errors.ts'
import {normaliseLicence} from '../domain/licence.ts'
import type {RotatableSecret} from '../domain/rotation.ts'
import type {Ask} from '../flows/ports.ts'
import {askUnlessSilent} from './missing-value.ts'

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

/**
 * The new value of a secret as it is stored, from a file, stdin or a hidden prompt; undefined for one that is made here.
 * @throws as `readSecretFile`; UsageError VALUE_MISSING, EMPTY_LICENCE, EMPTY_CREDENTIALS
 */
export async function newSecretValue(
  secret: RotatableSecret,
  flags: {
    readonly 'licence-file'?: string | undefined
    readonly 'registry-username'?: string | undefined
    readonly 'registry-password-file'?: string | undefined
  },
  ask: Ask,
): Promise<string | undefined> {
  if (secret === 'database') return undefined
  const given = async (
    flag: '--licence-file' | '--registry-password-file',
    path: string | undefined,
    question: string,
  ) => (path === undefined ? askUnlessSilent(ask, flag, (asked) => asked.secret(question)) : readSecretFile(path))
  if (secret === 'licence')
    return normaliseLicence(await given('--licence-file', flags['licence-file'], 'Panintelligence licence (not shown)'))
      .value
  const asked =
    flags['registry-username'] ??
    (await askUnlessSilent(ask, '--registry-username', (one) => one.text('User name at the image registry')))
  const token = await given(
    '--registry-password-file',
    flags['registry-password-file'],
    'Token of the image registry (not shown)',
  )
  const [username, password] = [asked.trim(), token.trim()]
  if (username !== '' && password !== '') return JSON.stringify({username, password})
  throw new UsageError('Empty registry credentials: both a user name and a token are needed.', {
    code: 'EMPTY_CREDENTIALS',
  })
}
