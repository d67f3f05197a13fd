import {isAbsolute} from 'node:path'
import {SideloadError} from './errors.ts'

/** What the stack tells the function through its environment. */
export interface Settings {
  /** Where the file system is mounted: an absolute path. */
  readonly filesRoot: string
  /** Owner of everything that the platform reads and writes. */
  readonly dataUid: number
  readonly dataGid: number
}

/** The buckets that the stack names. */
export interface Buckets {
  readonly assets: string
  readonly records: string
}

/** The largest id of a POSIX user; 4294967295 means "leave as it is" to chown. */
const largestId = 4_294_967_294

/** @throws SideloadError MISCONFIGURED, which names the variable */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const filesRoot = environment['FILES_ROOT'] ?? ''
  if (!isAbsolute(filesRoot)) throw new SideloadError('MISCONFIGURED', 'FILES_ROOT must be an absolute path')
  return {filesRoot, dataUid: id(environment, 'DATA_UID'), dataGid: id(environment, 'DATA_GID')}
}

/** @throws SideloadError MISCONFIGURED, which names the variable */
export function readBuckets(environment: Readonly<Record<string, string | undefined>>): Buckets {
  return {assets: bucket(environment, 'ASSETS_BUCKET'), records: bucket(environment, 'RECORDS_BUCKET')}
}

function bucket(environment: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = environment[name] ?? ''
  if (value === '') throw new SideloadError('MISCONFIGURED', `${name} must name a bucket`)
  return value
}

function id(environment: Readonly<Record<string, string | undefined>>, name: string): number {
  const text = environment[name] ?? ''
  const value = Number(text)
  if (!/^\d{1,10}$/.test(text) || value > largestId) {
    throw new SideloadError('MISCONFIGURED', `${name} must be a number from 0 to ${largestId}`)
  }
  return value
}
