import {join} from 'node:path'
import {SideloadError} from '../errors.ts'
import {ifMissing, lookFor, type Files} from '../files.ts'
import {activeGeneration} from '../generations.ts'
import {inside} from '../paths.ts'
import type {Settings} from '../settings.ts'
import {Deadline} from '../slice/deadline.ts'
import {marker} from './prepare.ts'

export interface DiscardRequest {
  /** The tree, relative to the root. */
  readonly path: string
  readonly cursor: string
  readonly deadlineMs: number
}

export interface Discarded {
  readonly state: 'continues' | 'complete'
  /** Things that went in this slice. */
  readonly removed: number
  readonly cursor?: string
}

/** Frozen copies, what AWS Backup brought back, and generations. */
const removable = /^(gen\/\.frozen\/[^/]+|aws-backup-(failed-)?restore_[^/]+|gen\/[1-9]\d{0,5})$/

/**
 * Removes a tree that the platform does not run on, slice by slice. A generation loses its mark first, so that half of
 * one never passes for whole. What is gone already is fine.
 * @throws SideloadError BAD_PATH for anything else, GENERATION_ACTIVE, GENERATION_UNKNOWN
 */
export async function discard(
  {filesRoot}: Settings,
  files: Files,
  {path, deadlineMs}: DiscardRequest,
  now: () => number,
): Promise<Discarded> {
  if (!removable.test(path))
    throw new SideloadError(
      'BAD_PATH',
      `path ${JSON.stringify(path.slice(0, 80))} is refused: it is no tree that may go`,
    )
  const tree = inside(filesRoot, path)
  const generation = Number(/^gen\/(\d+)$/.exec(path)?.[1] ?? 0)
  if (generation > 0) {
    const active = await activeGeneration(filesRoot, files)
    if (active === undefined)
      throw new SideloadError('GENERATION_UNKNOWN', 'nobody said which generation the platform runs on')
    if (active === generation)
      throw new SideloadError('GENERATION_ACTIVE', `the platform runs on generation ${generation}`)
    await files.removeFile(join(tree, marker)).catch(ifMissing(undefined))
  }
  using deadline = new Deadline(now, deadlineMs)
  const remover = new Remover(files, deadline)
  const isGone = await remover.remove(tree)
  return isGone
    ? {state: 'complete', removed: remover.removed}
    : {state: 'continues', removed: remover.removed, cursor: 'more'}
}

/** Removes from the leaves up until time is over. */
class Remover {
  removed = 0
  readonly #files: Files
  readonly #deadline: Deadline

  constructor(files: Files, deadline: Deadline) {
    this.#files = files
    this.#deadline = deadline
  }

  /** @returns whether all of it is gone; at least one thing goes in each slice */
  async remove(path: string): Promise<boolean> {
    const entry = await lookFor(path, this.#files)
    if (entry === undefined) return true
    if (entry.kind !== 'directory') {
      await this.#files.removeFile(path).catch(ifMissing(undefined))
      this.removed += 1
      return true
    }
    for (const name of await this.#files.names(path).catch(ifMissing([]))) {
      if (this.removed > 0 && this.#deadline.passed) return false
      if (!(await this.remove(join(path, name)))) return false
    }
    await this.#files.removeDirectory(path).catch(ifMissing(undefined))
    this.removed += 1
    return true
  }
}
