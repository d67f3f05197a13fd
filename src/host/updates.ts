import {spawn} from 'node:child_process'
import {mkdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import * as z from 'zod'
import {compareVersions} from '../domain/version.ts'
import {runChild} from './child.ts'
import {replaceFile} from './whole-file.ts'

/** How long what was found out is believed (ms). */
const fresh = 24 * 3_600_000
/** How long npm may take to answer (ms). */
const patience = 30_000

const recordSchema = z.object({checkedAt: z.number(), latest: z.string().regex(/^\d+\.\d+\.\d+$/)})
type Record = z.infer<typeof recordSchema>

function fileIn(cache: string): string {
  return join(cache, 'update.json')
}

async function read(cache: string): Promise<Record | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(fileIn(cache), 'utf8')))
  } catch {
    return undefined
  }
}

/**
 * What is known of newer versions; asks nobody.
 * @param now milliseconds since 1970
 * @returns the version that is newer than ours, if one is known, and whether it is time to ask again
 */
export async function knownUpdate(
  cache: string,
  version: string,
  now: number,
): Promise<{readonly newer: string | undefined; readonly due: boolean}> {
  const known = await read(cache)
  const newer = known !== undefined && compareVersions(known.latest, version) > 0 ? known.latest : undefined
  return {newer, due: known === undefined || now - known.checkedAt > fresh || known.checkedAt > now}
}

/** Has another process ask, which nobody waits for. */
export function askInBackground(program: string, cache: string): void {
  try {
    const child = spawn(process.execPath, [program, cache], {detached: true, stdio: 'ignore', windowsHide: true})
    child.on('error', () => undefined)
    child.unref()
  } catch {
    // It is a courtesy: where no process can be made there is none.
  }
}

/**
 * Asks npm, by the registry and the proxies of its own configuration, and keeps the answer; no answer is kept as what we
 * are, so that a machine without a network asks once a day too.
 */
export async function askNpm(cache: string, version: string, now: number): Promise<void> {
  const file = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const {code, lines} = await runChild({file, args: ['view', 'pi-aws', 'version'], timeoutMs: patience}).catch(() => ({
    code: undefined,
    lines: [],
  }))
  const latest = code === 0 ? lines.map((line) => line.trim()).find((line) => /^\d+\.\d+\.\d+$/.test(line)) : undefined
  await mkdir(cache, {recursive: true})
  await replaceFile(fileIn(cache), JSON.stringify({checkedAt: now, latest: latest ?? version} satisfies Record))
}
