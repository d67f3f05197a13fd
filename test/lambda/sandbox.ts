import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {nodeFiles, type Files} from '../../lambda/sideload/files.ts'
import type {Settings} from '../../lambda/sideload/settings.ts'

/** Runs `use` on an empty folder that stands for the mounted file system. */
export async function withRoot<T>(use: (root: string) => Promise<T>): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), 'pi-aws-lambda-'))
  try {
    return await use(root)
  } finally {
    await rm(root, {recursive: true, force: true})
  }
}

/** Ownership that any user may give: their own. */
export function settingsFor(filesRoot: string, owner: Partial<Settings> = {}): Settings {
  return {filesRoot, dataUid: process.getuid?.() ?? 0, dataGid: process.getgid?.() ?? 0, ...owner}
}

/** Thrown in place of a call: what a killed function leaves behind. */
export class Killed extends Error {}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: made up by a test`), {code})
}

const changing = [
  'makeDirectory',
  'removeDirectory',
  'setOwner',
  'setMode',
  'rename',
  'writeDurably',
  'settle',
] as const

/** The real file system, which breaks off after `calls` changing calls; `used()` says how many were made. */
export function mortal(calls: number): {readonly files: Files; readonly used: () => number} {
  let used = 0
  const files: Files = {...nodeFiles}
  for (const name of changing) {
    const real = nodeFiles[name] as (...values: unknown[]) => Promise<void>
    const killing = async (...values: unknown[]): Promise<void> => {
      if (used === calls) throw new Killed()
      used += 1
      return real(...values)
    }
    Object.assign(files, {[name]: killing})
  }
  return {files, used: () => used}
}
