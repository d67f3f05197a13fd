import {createHash} from 'node:crypto'
import {join} from 'node:path'
import {SideloadError, systemCode} from '../errors.ts'
import {ifMissing, lookFor, type Files, type OpenFile} from '../files.ts'
import {generationFolder} from '../generations.ts'
import {namesOf} from '../paths.ts'
import type {Settings} from '../settings.ts'

/** Bytes in one answer at most: in base64 they stay below the 6 MB that Lambda lets an answer have. */
export const largestPiece = 3 * 1_048_576

export interface ReadRequest {
  readonly generation: number
  /** Below the generation. */
  readonly path: string
  /** Bytes before the piece. */
  readonly offset: number
  /** Bytes wanted, 1 to `largestPiece`. */
  readonly length: number
}

export interface ReadPiece {
  readonly path: string
  /** Bytes of the whole file. */
  readonly size: number
  /** Nanoseconds since 1970: another number in the next answer says that the file was changed in between. */
  readonly modifiedNs: string
  readonly offset: number
  /** The piece in base64; empty at the end. */
  readonly content: string
  /** SHA-256 of the piece, hex. */
  readonly sha256: string
}

/** The folder of the platform's private keys: what it holds never leaves the file system this way. */
const privateFolder = 'keys'

/**
 * Gives a piece of a file. Nothing is read through a link, neither at the end of the path nor on it.
 * @throws SideloadError BAD_PATH, KEYS_REFUSED, NOT_FOUND, NOT_A_FILE
 */
export async function read(
  {filesRoot}: Settings,
  files: Files,
  {generation, path, offset, length}: ReadRequest,
): Promise<ReadPiece> {
  const names = namesOf(path)
  const shown = JSON.stringify(path)
  if (names.length === 0) throw new SideloadError('BAD_PATH', 'the path names no file')
  if (names[0] === privateFolder) {
    throw new SideloadError('KEYS_REFUSED', `${shown} is refused: private keys never leave the file system`)
  }
  const root = await files.realPath(filesRoot)
  const folder = join(root, generationFolder(generation), ...names.slice(0, -1))
  const place = join(folder, names.at(-1) ?? '')
  const real = await files.realPath(folder).catch(ifMissing(undefined))
  const found = real === undefined ? undefined : await lookFor(place, files)
  if (found === undefined) throw new SideloadError('NOT_FOUND', `there is no ${shown}`)
  if (real !== folder) throw new SideloadError('BAD_PATH', `path ${shown} is refused: a link stands on it`)
  if (found.kind !== 'file') throw new SideloadError('NOT_A_FILE', `${shown} is no plain file`)
  await using file = await opened(files, place, shown)
  const {size, modifiedNs} = await file.look()
  const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - offset)))
  let filled = 0
  while (filled < bytes.byteLength) {
    const count = await file.read(bytes.subarray(filled), offset + filled)
    if (count === 0) break
    filled += count
  }
  const piece = bytes.subarray(0, filled)
  const sha256 = createHash('sha256').update(piece).digest('hex')
  return {path, size, modifiedNs: String(modifiedNs), offset, content: piece.toString('base64'), sha256}
}

async function opened(files: Files, place: string, shown: string): Promise<OpenFile> {
  return files.openToRead(place).catch((error: unknown) => {
    if (systemCode(error) !== 'ELOOP') throw error
    throw new SideloadError('NOT_A_FILE', `${shown} is no plain file`, error)
  })
}
