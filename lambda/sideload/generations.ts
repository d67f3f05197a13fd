import {join} from 'node:path'
import {SideloadError} from './errors.ts'
import {ensureOwnFolder, ifMissing, type Files} from './files.ts'
import {readMarker} from './operations/prepare.ts'

/** Where a generation lies below the root of the file system. */
export function generationFolder(generation: number): string {
  return join('gen', String(generation))
}

/** @throws SideloadError GENERATION_MISSING of one that was never prepared to its end */
export async function mustBeComplete(tree: string, generation: number, files: Files): Promise<void> {
  const names = await readMarker(tree, files)
  if (names.length > 0) return
  throw new SideloadError('GENERATION_MISSING', `generation ${generation} of the files is not prepared`)
}

/** Numbers of all generations that stand, complete or not. */
export async function generationsIn(root: string, files: Files): Promise<number[]> {
  const names = await files.names(join(root, 'gen')).catch(ifMissing([]))
  return names
    .filter((name) => /^[1-9]\d{0,5}$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
}

/** Remembers which generation the platform runs on: the one that events are loaded into. */
export async function rememberActive(root: string, generation: number, files: Files): Promise<void> {
  const folder = join(root, '.pi')
  await ensureOwnFolder(folder, files)
  await files.writeDurably(join(folder, 'active.new'), `${JSON.stringify({generation})}\n`)
  await files.rename(join(folder, 'active.new'), join(folder, 'active'))
  await files.settle(folder)
}

/** The generation that was said to be active, or the only one that there is; undefined where neither is so. */
export async function activeGeneration(root: string, files: Files): Promise<number | undefined> {
  const text = await files.read(join(root, '.pi', 'active')).catch(ifMissing('{}'))
  const {generation} = JSON.parse(text) as {generation?: unknown}
  if (typeof generation === 'number') return generation
  const all = await generationsIn(root, files)
  return all.length === 1 ? all[0] : undefined
}
