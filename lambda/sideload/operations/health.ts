import {randomUUID} from 'node:crypto'
import {join} from 'node:path'
import {SideloadError, systemCode} from '../errors.ts'
import type {Files} from '../files.ts'
import type {Settings} from '../settings.ts'

/** Raised when the answers or the layout of a generation change; `health` tells it to the command line. */
export const functionVersion = '1.2.0'

export interface Health {
  readonly version: string
  readonly root: string
  readonly mounted: boolean
  readonly writable: boolean
  readonly freeBytes: number
}

/**
 * Says whether the file system is there and takes writes. It really writes: on a network file system the permission
 * bits alone say little.
 * @throws SideloadError NOT_FOUND, NOT_A_DIRECTORY, NOT_WRITABLE
 */
export async function health({filesRoot}: Settings, files: Files): Promise<Health> {
  const root = await files.look(filesRoot).catch((error: unknown) => {
    throw new SideloadError('NOT_FOUND', `the file system is not mounted at ${filesRoot}: ${systemCode(error)}`, error)
  })
  if (root.kind !== 'directory') throw new SideloadError('NOT_A_DIRECTORY', `${filesRoot} is no directory`)
  const probe = join(filesRoot, `.pi-probe-${randomUUID()}`)
  try {
    await files.makeDirectory(probe)
    await files.removeDirectory(probe)
  } catch (error) {
    throw new SideloadError(
      'NOT_WRITABLE',
      `the file system at ${filesRoot} takes no writes: ${systemCode(error)}`,
      error,
    )
  }
  const freeBytes = await files.freeBytes(filesRoot)
  return {version: functionVersion, root: filesRoot, mounted: true, writable: true, freeBytes}
}
