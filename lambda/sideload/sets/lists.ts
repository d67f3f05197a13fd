import {createHash} from 'node:crypto'
import {join} from 'node:path'
import {ifMissing, type Files} from '../files.ts'
import {comparePaths} from '../paths.ts'
import {parseLine} from '../state/record.ts'
import type {Line} from './recorder.ts'

/** What is said of a tree as a whole. */
export interface TreeFacts {
  readonly files: number
  readonly directories: number
  readonly bytes: number
  /** SHA-256 of the list. */
  readonly treeHash: string
  readonly uid: number
  readonly gid: number
}

export function listPath(tree: string, snapshot: string): string {
  return join(tree, '.pi', `list-${snapshot}.ndjson`)
}

export function canaryPath(tree: string, snapshot: string): string {
  return join(tree, '.pi', `canary-${snapshot}`)
}

/** The lines of a list. */
export function linesOf(text: string): readonly Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
}

export function factsOf(text: string, {uid, gid}: {readonly uid: number; readonly gid: number}): TreeFacts {
  const lines = linesOf(text)
  return {
    files: lines.filter(({kind}) => kind !== 'directory').length,
    directories: lines.filter(({kind}) => kind === 'directory').length,
    bytes: lines.reduce((sum, {size}) => sum + size, 0),
    treeHash: createHash('sha256').update(text).digest('hex'),
    uid,
    gid,
  }
}

/** What the canary of a set says; undefined where there is none. */
export async function readCanary(tree: string, snapshot: string, files: Files): Promise<TreeFacts | undefined> {
  const text = await files.read(canaryPath(tree, snapshot)).catch(ifMissing(''))
  const value = parseLine(text)
  return typeof value?.['treeHash'] === 'string' ? (value as unknown as TreeFacts) : undefined
}

/** Gives a list its name, and then puts the canary beside it: with it the tree is whole. */
export async function finishList(
  tree: string,
  snapshot: string,
  draft: string,
  facts: TreeFacts,
  files: Files,
): Promise<void> {
  const folder = join(tree, '.pi')
  await files.rename(draft, listPath(tree, snapshot))
  await files.settle(folder)
  const canary = canaryPath(tree, snapshot)
  await files.writeDurably(join(folder, `list-${snapshot}.canary`), `${JSON.stringify(facts)}\n`)
  await files.rename(join(folder, `list-${snapshot}.canary`), canary)
  await files.settle(folder)
}

/** Paths that are named in an answer. */
const differencesShown = 10

export interface Comparison {
  readonly same: number
  readonly changed: number
  readonly missing: number
  readonly extra: number
  readonly differences: readonly string[]
}

/** Compares what a list says with what a tree holds; both are in the order of paths. */
export function compareLists(wanted: readonly Line[], found: readonly Line[]): Comparison {
  const counts = {same: 0, changed: 0, missing: 0, extra: 0}
  const differences: string[] = []
  const differs = (what: 'changed' | 'missing' | 'extra', path: string): void => {
    counts[what] += 1
    if (differences.length < differencesShown) differences.push(path)
  }
  let [left, right] = [0, 0]
  while (left < wanted.length || right < found.length) {
    const [a, b] = [wanted[left], found[right]]
    const order = a === undefined ? 1 : b === undefined ? -1 : comparePaths(a.path, b.path)
    if (order < 0 && a !== undefined) differs('missing', a.path)
    else if (order > 0 && b !== undefined) differs('extra', b.path)
    else if (a !== undefined && JSON.stringify(a) === JSON.stringify(b)) counts.same += 1
    else if (a !== undefined) differs('changed', a.path)
    if (order <= 0) left += 1
    if (order >= 0) right += 1
  }
  return {...counts, differences}
}
