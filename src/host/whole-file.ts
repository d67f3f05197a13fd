import {randomBytes} from 'node:crypto'
import {type FileHandle, link, open, rename, rm} from 'node:fs/promises'

/** A new file beside `path`, complete and flushed, and still open. */
async function besides(
  path: string,
  text: string,
  mode = 0o600,
): Promise<{readonly name: string; readonly handle: FileHandle}> {
  const name = `${path}.${randomBytes(6).toString('hex')}.tmp`
  const handle = await open(name, 'wx', mode)
  try {
    await handle.writeFile(text)
    await handle.sync()
    return {name, handle}
  } catch (error) {
    await handle.close()
    await rm(name, {force: true})
    throw error
  }
}

/** Replaces a file; a reader sees the old text or the new one, never a part. Without a mode it is its owner's alone. */
export async function replaceFile(path: string, text: string, mode?: number): Promise<void> {
  const {name, handle} = await besides(path, text, mode)
  await handle.close()
  try {
    await rename(name, path)
  } catch (error) {
    await rm(name, {force: true})
    throw error
  }
}

/**
 * Makes a file that must not exist yet; a reader sees all of it or nothing. One of many callers wins.
 * @returns the open file, or undefined when there is one of that name already
 */
export async function createFile(path: string, text: string): Promise<FileHandle | undefined> {
  const {name, handle} = await besides(path, text)
  try {
    await link(name, path)
    return handle
  } catch (error) {
    await handle.close()
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined
    throw error
  } finally {
    await rm(name, {force: true})
  }
}
