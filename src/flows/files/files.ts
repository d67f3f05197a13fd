import * as z from 'zod'
import {sha256} from '../../domain/content.ts'
import {FailedError, NotFoundError, RefusedError, UsageError} from '../../domain/errors.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import type {Ports} from '../ports.ts'
import type {Run} from '../run.ts'
import {call, type Callee, FunctionRefusal, wake} from '../sideload/call.ts'
import {sideloadPlace, type SideloadPlace} from '../sideload/place.ts'
import type {OutputFiles} from './ports.ts'

export type FilesPorts = Pick<Ports, 'stacks' | 'identity' | 'objects' | 'functions' | 'clock'>

interface Where {
  readonly environment: EnvironmentName
  readonly account: string | undefined
  /** Below the active generation; '' is all of it. */
  readonly path: string
}

export interface ListedFile {
  /** Below the active generation. */
  readonly path: string
  readonly kind: 'file' | 'directory' | 'other'
  /** Bytes; 0 of anything but a file. */
  readonly size: number
  /** ISO 8601 UTC. */
  readonly modifiedAt: string
}

export interface FilesLsResult {
  readonly environment: string
  readonly generation: number
  readonly path: string
  readonly entries: readonly ListedFile[]
}

const listing = z.object({
  entries: z.array(
    z.object({
      path: z.string(),
      kind: z.enum(['file', 'directory', 'other']),
      size: z.number(),
      modifiedAt: z.string(),
    }),
  ),
  cursor: z.string().optional(),
})

const piece = z.object({size: z.number(), modifiedNs: z.string(), content: z.string(), sha256: z.string()})

/** The folder of the platform's private keys. */
const privateFolder = 'keys'

/**
 * What a folder of the active generation holds, as the function sees it.
 * @param where.recursive also what its folders hold
 * @throws NotFoundError FILE_NOT_FOUND; UsageError BAD_PATH, NOT_A_FOLDER; RefusedError NO_FOUNDATION, NO_FUNCTION
 */
export async function filesLs(
  where: Where & {readonly recursive: boolean},
  ports: FilesPorts,
  run: Run,
): Promise<FilesLsResult> {
  const path = plain(where.path)
  const {place, callee} = await reach(where, ports, run)
  const entries: ListedFile[] = []
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const answer: z.infer<typeof listing> = listing.parse(
      await ask(callee, {
        operation: 'list',
        path: ['gen', String(place.generation), ...(path === '' ? [] : [path])].join('/'),
        cursor,
        shallow: !where.recursive,
      }),
    )
    const above = path === '' ? '' : `${path}/`
    for (const entry of answer.entries) entries.push({...entry, path: above + entry.path})
    cursor = answer.cursor
  }
  return {environment: where.environment, generation: place.generation, path, entries}
}

export interface FilesGetResult {
  readonly environment: string
  readonly generation: number
  readonly path: string
  /** Where it lies now. */
  readonly file: string
  readonly bytes: number
  /** Hex. */
  readonly sha256: string
}

/**
 * Brings one file of the active generation to this machine, piece by piece, each compared with its hash.
 * @param where.out where to; the file's own name in the working directory without it
 * @throws RefusedError KEYS_REFUSED for what lies below `keys`, FILE_EXISTS; FailedError FILE_CHANGED, CHECKSUM_DIFFERS; as
 * `filesLs`
 */
export async function filesGet(
  where: Where & {readonly out: string | undefined},
  ports: FilesPorts & {readonly outputFiles: OutputFiles},
  run: Run,
): Promise<FilesGetResult> {
  const path = plain(where.path)
  if (path === privateFolder || path.startsWith(`${privateFolder}/`)) throw keysRefused(path)
  const {place, callee} = await reach(where, ports, run)
  const name = path.split('/').at(-1) ?? ''
  const {path: file, ...written} = await ports.outputFiles.write(
    where.out ?? `./${name}`,
    content(callee, place, path),
    where.out !== undefined,
  )
  return {environment: where.environment, generation: place.generation, path, file, ...written}
}

async function* content(callee: Callee, {generation}: SideloadPlace, path: string): AsyncGenerator<Uint8Array> {
  let first: z.infer<typeof piece> | undefined
  for (let offset = 0; first === undefined || offset < first.size;) {
    const answer = piece.parse(await ask(callee, {operation: 'read', generation, path, offset}))
    first ??= answer
    const bytes = Uint8Array.from(atob(answer.content), (character) => character.charCodeAt(0))
    if (
      answer.size !== first.size ||
      answer.modifiedNs !== first.modifiedNs ||
      (bytes.length === 0 && offset < first.size)
    ) {
      throw new FailedError(`${JSON.stringify(path)} was changed while it was read: it was not written.`, {
        code: 'FILE_CHANGED',
        suggestions: ['Run the same command again'],
      })
    }
    if (sha256(bytes) !== answer.sha256) {
      throw new FailedError(`${JSON.stringify(path)} arrived otherwise than it was sent: it was not written.`, {
        code: 'CHECKSUM_DIFFERS',
      })
    }
    offset += bytes.length
    yield bytes
  }
}

function keysRefused(path: string): RefusedError {
  return new RefusedError(`${JSON.stringify(path)} is refused: private keys never leave the file system this way.`, {
    code: 'KEYS_REFUSED',
    suggestions: ['Their names: pi-aws files ls keys'],
  })
}

/** A path as a person may write it: with a slash before it, or behind a folder. */
function plain(path: string): string {
  return path.replace(/^\/+/, '').replace(/\/+$/, '')
}

async function reach(
  {environment, account}: Where,
  ports: FilesPorts,
  run: Run,
): Promise<{readonly place: SideloadPlace; readonly callee: Callee}> {
  const place = await sideloadPlace(environment, account, ports)
  const callee = {...ports, functionName: place.functionName, stop: run.pause}
  await wake(callee, (reason) => run.report({type: 'note', message: reason}))
  return {place, callee}
}

async function ask(
  callee: Callee,
  request: {readonly operation: string; readonly path: string; readonly [field: string]: unknown},
): Promise<unknown> {
  callee.stop.throwIfAborted()
  try {
    return await call(callee, request)
  } catch (error) {
    throw error instanceof FunctionRefusal ? translated(error, request.path.replace(/^gen\/\d+\/?/, '')) : error
  }
}

function translated(error: FunctionRefusal, path: string): Error {
  const {message} = error
  switch (error.refusal) {
    case 'NOT_FOUND':
      return new NotFoundError(`There is no ${JSON.stringify(path)} in the active generation.`, {
        code: 'FILE_NOT_FOUND',
        suggestions: ['pi-aws files ls'],
        cause: error,
      })
    case 'BAD_PATH':
    case 'NOT_A_FILE':
      return new UsageError(message, {code: error.refusal, cause: error})
    case 'NOT_A_DIRECTORY':
      return new UsageError(message, {code: 'NOT_A_FOLDER', cause: error})
    case 'KEYS_REFUSED':
      return new RefusedError(message, {code: 'KEYS_REFUSED', cause: error})
    default:
      return error
  }
}
