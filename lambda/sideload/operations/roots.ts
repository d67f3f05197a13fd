import {join} from 'node:path'
import {ifMissing, lookFor, type Files} from '../files.ts'
import {activeGeneration, generationFolder, generationsIn, rememberActive, mustBeComplete} from '../generations.ts'
import type {Settings} from '../settings.ts'
import {frozenFolder} from './freeze.ts'
import {readMarker} from './prepare.ts'

export interface GenerationRoot {
  readonly generation: number
  /** Whether it was prepared, or promoted, to its end. */
  readonly complete: boolean
  readonly active: boolean
}

export interface RestoredRoot {
  /** As `promote` takes it, such as `aws-backup-restore_2026-01-02T03-04-05/gen/3`. */
  readonly path: string
  /** Snapshots whose canaries lie in it. */
  readonly canaries: readonly string[]
}

export interface Roots {
  readonly generations: readonly GenerationRoot[]
  /** Trees that a backup brought back and that nobody has promoted yet. */
  readonly restored: readonly RestoredRoot[]
  /** Frozen copies of generations, by name; complete once their canary is there. */
  readonly frozen: readonly {readonly name: string; readonly complete: boolean}[]
  /** Whatever else lies at the root, by name: failed restores, loose pieces, foreign things. */
  readonly others: readonly string[]
  readonly freeBytes: number
}

/** Where AWS Backup puts what it restores (AWS Backup guide, restoring EFS). */
const restoredPrefix = 'aws-backup-restore_'
const canaryPrefix = 'canary-'

/** Says which trees there are at the root of the file system. */
export async function roots({filesRoot}: Settings, files: Files): Promise<Roots> {
  const names = (await files.names(filesRoot)).sort()
  const active = await activeGeneration(filesRoot, files)
  const generations: GenerationRoot[] = []
  for (const generation of await generationsIn(filesRoot, files)) {
    const promised = await readMarker(join(filesRoot, generationFolder(generation)), files)
    generations.push({generation, complete: promised.length > 0, active: generation === active})
  }
  const restored: RestoredRoot[] = []
  for (const name of names.filter((name) => name.startsWith(restoredPrefix))) {
    restored.push(...(await treesIn(filesRoot, name, files)))
  }
  const others = names.filter((name) => name !== 'gen' && name !== '.pi' && !name.startsWith(restoredPrefix))
  return {
    generations,
    restored,
    frozen: await frozenIn(filesRoot, files),
    others,
    freeBytes: await files.freeBytes(filesRoot),
  }
}

/** Remembers which generation the platform runs on: events are loaded into it. */
export async function activate(settings: Settings, files: Files, generation: number): Promise<{generation: number}> {
  const tree = join(settings.filesRoot, generationFolder(generation))
  await mustBeComplete(tree, generation, files)
  await rememberActive(settings.filesRoot, generation, files)
  return {generation}
}

async function frozenIn(root: string, files: Files): Promise<Roots['frozen']> {
  const names = (await files.names(join(root, frozenFolder)).catch(ifMissing([]))).sort()
  return Promise.all(
    names.map(async (name) => ({name, complete: (await canariesOf(join(root, frozenFolder, name), files)).length > 0})),
  )
}

async function canariesOf(tree: string, files: Files): Promise<string[]> {
  const inside = await files.names(join(tree, '.pi')).catch(ifMissing([]))
  return inside
    .filter((file) => file.startsWith(canaryPrefix))
    .map((file) => file.slice(canaryPrefix.length))
    .sort()
}

async function treesIn(root: string, name: string, files: Files): Promise<RestoredRoot[]> {
  const found: RestoredRoot[] = []
  const frozen = await files.names(join(root, name, frozenFolder)).catch(ifMissing([]))
  const paths = [
    ...(await generationsIn(join(root, name), files)).map((generation) => `${name}/gen/${generation}`),
    ...frozen.sort().map((copy) => `${name}/gen/.frozen/${copy}`),
  ]
  for (const path of paths) {
    if ((await lookFor(join(root, path), files))?.kind !== 'directory') continue
    found.push({path, canaries: await canariesOf(join(root, path), files)})
  }
  return found
}
