import type {BigIntStats} from 'node:fs'
import {FailedError} from '../../domain/errors.ts'
import type {FileStamp} from '../../domain/assets/stamp.ts'

/** What tells a touched file from an untouched one. */
export function stampOf({size, mtimeNs, ctimeNs, dev, ino}: BigIntStats): FileStamp {
  const touched = mtimeNs > ctimeNs ? mtimeNs : ctimeNs
  return {mark: `${size}:${mtimeNs}:${ctimeNs}:${dev}:${ino}`, touchedMs: Number(touched / 1_000_000n)}
}

/** Permission bits; what Unix adds for running programs has no business on the file system of the platform. */
export function modeOf({mode}: BigIntStats): number {
  return Number(mode) & 0o777
}

/** A failed call as a person reads it: `permission denied (EACCES)`. */
export function systemReason(error: unknown): string {
  const {code, message} = error as NodeJS.ErrnoException
  const words: Readonly<Record<string, string>> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    ENOENT: 'it is gone',
    ELOOP: 'its links lead in a circle',
    EIO: 'the disk reports an error',
    ENOTDIR: 'it is gone',
  }
  return code === undefined ? message : `${words[code] ?? message} (${code})`
}

export function unreadable(path: string, error: unknown): FailedError {
  return new FailedError(`${JSON.stringify(path)} cannot be read: ${systemReason(error)}.`, {
    code: 'ASSET_UNREADABLE',
    cause: error,
  })
}

export function changed(path: string): FailedError {
  return new FailedError(`${JSON.stringify(path)} changes while it is read.`, {
    code: 'ASSET_CHANGED',
    suggestions: ['Let the program that writes it come to its end, then run the same command again'],
  })
}
