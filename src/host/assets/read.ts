import {closeSync, constants, fstatSync, open as openWithCallback, read as readWithCallback} from 'node:fs'
import {type FileHandle, open} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {partsFrom} from '../../domain/assets/part-size.ts'
import {FailedError} from '../../domain/errors.ts'
import type {Lease, OpenFile, ReadFile} from '../../flows/assets/ports.ts'
import {changed, modeOf, stampOf, unreadable} from './stamps.ts'

/** Not to hang on a FIFO that took the place of a file since it was looked at; Windows has neither. */
const {O_NONBLOCK: nonBlocking = 0} = constants as Partial<typeof constants>
const flags = constants.O_RDONLY | nonBlocking

const openDescriptor = promisify(openWithCallback)
const readDescriptor = promisify(readWithCallback)

async function openFile(folder: string, path: string): Promise<FileHandle> {
  try {
    return await open(join(folder, path), flags)
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** Reads exactly so many bytes, or fewer where the file ends before. */
async function fill(handle: FileHandle, bytes: Uint8Array, position: number): Promise<number> {
  let filled = 0
  while (filled < bytes.byteLength) {
    const {bytesRead} = await handle.read(bytes, filled, bytes.byteLength - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}

/**
 * One file of thousands: what may wait for the disk is asynchronous, and what the kernel answers from memory once the file
 * is open is not, since waiting for it costs more than it does.
 */
async function readOnce(folder: string, path: string, lease: Lease): Promise<ReadFile> {
  let file: number | undefined
  try {
    file = await openDescriptor(join(folder, path), flags)
    const before = fstatSync(file, {bigint: true})
    const size = Number(before.size)
    // What has grown so large since it was looked at is being written.
    if (!before.isFile() || size >= 2 * partsFrom) throw changed(path)
    const bytes = lease.room(size)
    let filled = 0
    while (filled < size) {
      const {bytesRead} = await readDescriptor(file, bytes, filled, size - filled, filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    const stamp = stampOf(before)
    const after = stampOf(fstatSync(file, {bigint: true}))
    if (filled !== size || stamp.mark !== after.mark) throw changed(path)
    return {bytes, mode: modeOf(before), stamp}
  } catch (error) {
    throw error instanceof FailedError ? error : unreadable(path, error)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** Reads a file whole; one that changed meanwhile once more. @throws FailedError ASSET_CHANGED, ASSET_UNREADABLE */
export async function readWhole(folder: string, path: string, lease: Lease): Promise<ReadFile> {
  try {
    return await readOnce(folder, path, lease)
  } catch (error) {
    if (error instanceof FailedError && error.code === 'ASSET_CHANGED') return readOnce(folder, path, lease)
    throw error
  }
}

/** Opens a large file. @throws FailedError ASSET_UNREADABLE, ASSET_CHANGED when it is a file no more */
export async function openLarge(folder: string, path: string): Promise<OpenFile> {
  const handle = await openFile(folder, path)
  try {
    const stats = await handle.stat({bigint: true})
    if (!stats.isFile()) throw changed(path)
    const stamp = stampOf(stats)
    const size = Number(stats.size)
    return {
      size,
      mode: modeOf(stats),
      stamp,
      async read(offset, length, lease) {
        const bytes = lease.room(length)
        const filled = await fill(handle, bytes, offset).catch((error: unknown) => {
          throw unreadable(path, error)
        })
        if (filled < length) throw changed(path)
        return bytes
      },
      async confirm() {
        const now = stampOf(await handle.stat({bigint: true}))
        if (now.mark !== stamp.mark) throw changed(path)
      },
      close: () => handle.close(),
    }
  } catch (error) {
    await handle.close()
    throw error instanceof FailedError ? error : unreadable(path, error)
  }
}
