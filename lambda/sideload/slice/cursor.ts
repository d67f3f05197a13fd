import {SideloadError} from '../errors.ts'

/** An entry of the manifest that was begun and must be taken up again. */
export interface Unfinished {
  /** Where its line begins. */
  readonly offset: number
  /** How far hashing got, in the words of `hashFile`. */
  readonly mark?: string
}

/** Where the next slice goes on. Callers hand it back as they got it. */
export interface Cursor {
  /** The manifest's content. */
  readonly etag: string
  /** Entries from this byte on have not been begun. */
  readonly offset: number
  readonly unfinished: readonly Unfinished[]
  /** Which of several passes this is; 0 unless an operation has more than one. */
  readonly pass?: number
  /** The last path of a pass that follows the file system and not the manifest. */
  readonly path?: string
}

export function encodeCursor(cursor: Cursor): string {
  return Buffer.from(JSON.stringify({v: 1, ...cursor})).toString('base64url')
}

/**
 * Undefined of '', which begins at the beginning.
 * @throws SideloadError BAD_CURSOR
 */
export function decodeCursor(text: string): Cursor | undefined {
  if (text === '') return undefined
  const value = parsed(text)
  const {etag, offset, unfinished, pass, path} = value
  const isWhole =
    value['v'] === 1 &&
    typeof etag === 'string' &&
    isOffset(offset) &&
    Array.isArray(unfinished) &&
    unfinished.every(isUnfinished) &&
    (pass === undefined || isOffset(pass)) &&
    (path === undefined || typeof path === 'string')
  if (!isWhole) throw new SideloadError('BAD_CURSOR', 'the cursor is none that this function gave out')
  return {
    etag,
    offset,
    unfinished,
    ...(pass === undefined ? {} : {pass}),
    ...(path === undefined ? {} : {path}),
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function isOffset(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isUnfinished(value: unknown): value is Unfinished {
  if (typeof value !== 'object' || value === null) return false
  const {offset, mark} = value as Record<string, unknown>
  return isOffset(offset) && (mark === undefined || typeof mark === 'string')
}
