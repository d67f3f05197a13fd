import {createHash} from 'node:crypto'
import {ifMissing, type Entry, type Files, type OpenFile} from '../files.ts'

/** Bytes that are read at once. */
const piece = 1024 * 1024

export interface Hashed {
  readonly size: number
  readonly sha256: string
}

/** Size and hash of a file; undefined when it went away meanwhile. */
export async function hashOf(path: string, files: Files): Promise<Hashed | undefined> {
  const file = await files.openToRead(path).catch(ifMissing(undefined))
  if (file === undefined) return undefined
  await using open = file
  return await through(open, async () => undefined)
}

/** Copies a file with owner and mode, and hashes what it copies; undefined when it went away meanwhile. */
export async function copyFile(from: string, to: string, entry: Entry, files: Files): Promise<Hashed | undefined> {
  const file = await files.openToRead(from).catch(ifMissing(undefined))
  if (file === undefined) return undefined
  await using open = file
  // What a try that was broken off left may be longer.
  await files.removeFile(to).catch(ifMissing(undefined))
  await using copy = await files.create(to, 0o600)
  const found = await through(open, (bytes, at) => copy.write(bytes, at))
  const made = await copy.look()
  if (made.uid !== entry.uid || made.gid !== entry.gid) await copy.setOwner(entry.uid, entry.gid)
  await copy.setMode(entry.mode)
  await copy.sync()
  return found
}

async function through(file: OpenFile, write: (bytes: Uint8Array, at: number) => Promise<void>): Promise<Hashed> {
  const hasher = createHash('sha256')
  const buffer = new Uint8Array(piece)
  let at = 0
  for (;;) {
    const read = await file.read(buffer, at)
    if (read === 0) return {size: at, sha256: hasher.digest('hex')}
    const bytes = buffer.subarray(0, read)
    hasher.update(bytes)
    await write(bytes, at)
    at += read
  }
}
