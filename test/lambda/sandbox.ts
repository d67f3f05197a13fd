import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {nodeFiles, type Files, type OpenFile} from '../../lambda/sideload/files.ts'
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
  'removeFile',
  'link',
  'setOwner',
  'setMode',
  'rename',
  'writeDurably',
  'settle',
] as const

const opening = ['create', 'openToChange'] as const
const changingOpen = ['write', 'sync', 'setOwner', 'setMode'] as const

export interface Mortal {
  readonly files: Files
  /** How many changing calls were made. */
  readonly used: () => number
}

/** Waits for what a `mortal` file system may end; how many calls it makes depends on which of them go together. */
export async function mayDie(attempt: Promise<unknown>): Promise<void> {
  await attempt.catch((error: unknown) => {
    if (!(error instanceof Killed)) throw error
  })
}

/** The real file system, which breaks off after `calls` changing calls: none of them happens any more. */
export function mortal(calls: number, real: Files = nodeFiles): Mortal {
  let used = 0
  const killing =
    <T>(call: (...values: unknown[]) => Promise<T>) =>
    async (...values: unknown[]): Promise<T> => {
      if (used >= calls) throw new Killed()
      used += 1
      return call(...values)
    }
  const files: Files = {...real}
  for (const name of changing) {
    Object.assign(files, {[name]: killing(real[name] as (...values: unknown[]) => Promise<void>)})
  }
  for (const name of opening) {
    const open = killing(real[name] as (...values: unknown[]) => Promise<OpenFile>)
    Object.assign(files, {
      [name]: async (path: string): Promise<OpenFile> => {
        const file = await open(path)
        const mortals = changingOpen.map((call) => [
          call,
          killing(file[call] as (...values: unknown[]) => Promise<void>),
        ])
        return {...file, ...(Object.fromEntries(mortals) as object)}
      },
    })
  }
  return {files, used: () => used}
}
