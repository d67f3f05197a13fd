import {randomBytes} from 'node:crypto'
import {join} from 'node:path'
import {systemCode} from '../errors.ts'
import {ensureOwnFolder, ifMissing, lookFor, type Files} from '../files.ts'
import {merged, openRun, type RecordSource} from './runs.ts'

/** Runs that are read side by side before they are merged into one. */
const runsLimit = 24
/** A merge older than this was broken off: no invocation lasts longer (ms). */
const mergeLimitMs = 20 * 60_000
/** How long merged runs stay for those who are still reading them (ms). */
const keepMs = 60 * 60_000
const writeBytes = 1_048_576

/**
 * Merges the runs of a state into one when they have become many. The merged one appears whole, before the others go:
 * whoever reads meanwhile sees some records twice and none never. Only one invocation at a time does it.
 */
export async function mergeRuns(files: Files, folder: string, now: () => number): Promise<void> {
  const runs = (await files.names(folder)).filter((name) => name.endsWith('.run')).sort()
  if (runs.length <= runsLimit) return
  const lock = join(folder, 'merging')
  if (!(await take(files, lock, now))) return
  try {
    await merge(files, folder, runs)
    await retire(files, folder, runs, now)
  } finally {
    await files.removeFile(lock).catch(ifMissing(undefined))
  }
}

async function take(files: Files, lock: string, now: () => number): Promise<boolean> {
  const found = await lookFor(lock, files)
  if (found !== undefined) {
    if (now() - found.modifiedAt.getTime() < mergeLimitMs) return false
    await files.removeFile(lock).catch(ifMissing(undefined))
  }
  try {
    await (await files.create(lock))[Symbol.asyncDispose]()
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
}

async function merge(files: Files, folder: string, runs: readonly string[]): Promise<void> {
  const turn = Math.max(...runs.map((name) => Number.parseInt(name, 10) || 0))
  const name = `${String(turn).padStart(9, '0')}-merged-${randomBytes(4).toString('hex')}`
  const draft = join(folder, `${name}.new`)
  const sources: RecordSource[] = []
  try {
    for (const run of runs) sources.push(await openRun(files, join(folder, run)))
    await using file = await files.create(draft)
    let [lines, length, position]: [string[], number, number] = [[], 0, 0]
    const write = async (): Promise<void> => {
      const bytes = Buffer.from(lines.join(''))
      await file.write(bytes, position)
      position += bytes.byteLength
      ;[lines, length] = [[], 0]
    }
    for await (const record of merged(sources, '')) {
      if (record.gone === true) continue
      const line = `${JSON.stringify(record)}\n`
      length += line.length
      lines.push(line)
      if (length >= writeBytes) await write()
    }
    await write()
    await file.sync()
  } finally {
    await Promise.all(sources.map(async (source) => source[Symbol.asyncDispose]()))
  }
  await files.rename(draft, join(folder, `${name}.run`))
  await files.settle(folder)
}

/** Takes merged runs out of the way, removes those that were taken an hour ago, and runs that were never finished. */
async function retire(files: Files, folder: string, runs: readonly string[], now: () => number): Promise<void> {
  const old = join(folder, 'old')
  await ensureOwnFolder(old, files)
  for (const run of runs) {
    await files.rename(join(folder, run), join(old, `${now()}-${run}`)).catch(ifMissing(undefined))
  }
  for (const name of await files.names(old)) {
    if (now() - Number.parseInt(name, 10) > keepMs) await files.removeFile(join(old, name)).catch(ifMissing(undefined))
  }
  for (const name of await files.names(folder)) {
    if (!name.endsWith('.new')) continue
    const found = await lookFor(join(folder, name), files)
    if (found === undefined || now() - found.modifiedAt.getTime() < keepMs) continue
    await files.removeFile(join(folder, name)).catch(ifMissing(undefined))
  }
}
