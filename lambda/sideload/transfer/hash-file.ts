import {ifMissing} from '../files.ts'
import {blockBytes} from '../sha256.ts'
import type {Deadline} from '../slice/deadline.ts'
import type {Room} from '../slice/slice.ts'
import {contents, hasherAt, savedOf} from './checkpoint.ts'

/** Files that are hashed side by side: each takes a mebibyte of memory. */
export const hashedAtOnce = 32

/** What hashing a file came to: its hash, or how far it got, or nothing since the file is gone. */
export type Hashed = {readonly sha256: string} | {readonly mark: string} | undefined

/**
 * The SHA-256 of a file on the file system. Files beyond `sizes.rehash` stop at the deadline, after at least one piece, with a
 * mark from which the next slice goes on as long as the file stays untouched.
 */
export async function hashFile(
  {files, sizes}: Pick<Room, 'files' | 'sizes'>,
  path: string,
  deadline: Deadline,
  mark?: string,
): Promise<Hashed> {
  const file = await files.openToRead(path).catch(ifMissing(undefined))
  if (file === undefined) return undefined
  await using open = file
  const {size, modifiedNs} = await open.look()
  const stamp = String(modifiedNs)
  const begun = begunAt(mark, stamp)
  const hasher = await hasherAt(open, size, begun, sizes)
  // Beyond the limit nothing was hashed yet when there is no mark; below it everything before `offset` is 0 bytes.
  let at = begun.offset
  for await (const bytes of contents(open, at, size)) {
    hasher.update(bytes)
    at += bytes.byteLength
    const mayStop = size > sizes.rehash && at % blockBytes === 0 && at < size
    if (mayStop && deadline.passed) return {mark: `${at}:${savedOf(hasher).saved ?? ''}:${stamp}`}
  }
  return {sha256: hasher.digest()}
}

function begunAt(mark: string | undefined, stamp: string): {readonly offset: number; readonly saved?: string} {
  const [offset = '', saved = '', seen = ''] = mark?.split(':') ?? []
  const isOurs = /^\d{1,16}$/.test(offset) && /^[0-9a-f]{64}$/.test(saved) && Number(offset) % blockBytes === 0
  return isOurs && seen === stamp ? {offset: Number(offset), saved} : {offset: 0}
}
