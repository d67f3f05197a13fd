import {createHash, randomBytes} from 'node:crypto'
import {chmod, mkdir, open, rename, rm} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import type {BundleEntry} from '../../domain/assets/bundle.ts'
import {pathRefusal} from '../../domain/assets/paths.ts'
import {FailedError, RefusedError} from '../../domain/errors.ts'
import type {AssetFolder} from '../../flows/assets/ports.ts'
import {systemReason} from './stamps.ts'

/** Where an entry goes: never out of the folder, whatever a manifest says. */
function placeOf(folder: string, path: string): string {
  const reason = pathRefusal(path)
  if (reason !== undefined)
    throw new RefusedError(`${JSON.stringify(path)} is refused: ${reason}.`, {code: 'UNFIT_ASSETS'})
  return join(folder, path)
}

function cannotWrite(path: string, error: unknown): FailedError {
  const {code} = error as NodeJS.ErrnoException
  const full = code === 'ENOSPC' || code === 'EDQUOT'
  const reason = full
    ? `no space is left (${code})`
    : code === 'ENOTDIR' || code === 'EEXIST'
      ? `a file stands where a folder belongs (${code})`
      : code === 'EISDIR'
        ? `a folder stands where it belongs (${code})`
        : systemReason(error)
  return new FailedError(`${JSON.stringify(path)} cannot be written: ${reason}.`, {
    code: full ? 'DISK_FULL' : 'ASSET_UNWRITABLE',
    cause: error,
  })
}

/** Writes beside the place, and gives the file its name only when its hash is right. */
export const writeAsset: AssetFolder['write'] = async (folder, {path, sha256, size, mode}, content) => {
  const place = placeOf(folder, path)
  // A short name of its own: the file's own may be as long as a name can be.
  const part = join(dirname(place), `.pi-part-${randomBytes(6).toString('hex')}`)
  const hash = createHash('sha256')
  let written = 0
  try {
    await mkdir(dirname(place), {recursive: true})
    const handle = await open(part, 'wx', 0o600)
    try {
      for await (const chunk of content) {
        hash.update(chunk)
        written += chunk.byteLength
        await handle.writeFile(chunk)
      }
      await handle.chmod(mode)
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (written !== size || hash.digest('hex') !== sha256) {
      throw new FailedError(`${JSON.stringify(path)} arrived otherwise than the manifest says: it was not written.`, {
        code: 'CHECKSUM_DIFFERS',
      })
    }
    await rename(part, place)
  } catch (error) {
    // Where the folder is none, this fails too, and tells nothing new.
    await rm(part, {force: true}).catch(() => undefined)
    throw error instanceof Error && 'syscall' in error ? cannotWrite(path, error) : error
  }
}

export const makeAssetDirectory: AssetFolder['makeDirectory'] = async (folder, {path, mode}: BundleEntry) => {
  const place = placeOf(folder, path)
  try {
    await mkdir(place, {recursive: true})
    await chmod(place, mode)
  } catch (error) {
    throw cannotWrite(path, error)
  }
}
