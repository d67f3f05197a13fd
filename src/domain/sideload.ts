import type {BundleEntry} from './assets/bundle.ts'
import type {OpId} from './names.ts'

/** What the side-load function does with a bundle, slice by slice. */
export const sliceWorks = ['sideload', 'prune', 'verify'] as const
export type SliceWork = (typeof sliceWorks)[number]

/** Paths from `from` up to and without `to`; '' stands for the first and for the end. */
export interface KeyRange {
  readonly from: string
  readonly to: string
}

/** Ranges that are worked on at once: each is an invocation, and a new account has ten of them in all. */
const mostRanges = 4
/** Below so much work in all (bytes) another invocation costs more than it saves. */
const rangeWorth = 32 * 1024 * 1024
/** What opening, writing and settling a file costs, told in bytes. */
const entryCost = 65_536

/** Cuts a bundle into ranges of about equal work. The same entries give the same ranges. */
export function rangesOf(entries: readonly Pick<BundleEntry, 'path' | 'size'>[]): readonly KeyRange[] {
  const work = entries.reduce((sum, {size}) => sum + size + entryCost, 0)
  const count = Math.max(1, Math.min(mostRanges, Math.ceil(work / rangeWorth)))
  const cuts: string[] = []
  let done = 0
  for (const {path, size} of entries) {
    if (cuts.length < count - 1 && done >= (work * (cuts.length + 1)) / count) cuts.push(path)
    done += size + entryCost
  }
  return ['', ...cuts].map((from, index) => ({from, to: cuts[index] ?? ''}))
}

/** Names one slice within its operation. */
export interface SliceName {
  readonly work: SliceWork
  /** From 0; another one after a round in which something failed, whose answers must not come back. */
  readonly round: number
  /** Which range, from 0. */
  readonly range: number
  /** From 1. */
  readonly number: number
}

export function sliceId({work, round, range, number}: SliceName): string {
  return `${work}-${round}-${range}-${number}`
}

/** Where the function writes a slice's results, in the records bucket. */
export function resultKey(opId: OpId, id: string): string {
  return `${resultPrefix(opId)}${id}.ndjson`
}

export function resultPrefix(opId: OpId): string {
  return `ops/${opId}/result-`
}

/** Reads the name of a slice off its key; undefined for any other key. */
export function parseResultKey(key: string): SliceName | undefined {
  const match = /^ops\/[^/]+\/result-(sideload|prune|verify)-(\d+)-(\d+)-(\d+)\.ndjson$/.exec(key)
  if (match === null) return undefined
  const [, work = '', ...numbers] = match
  const [round = 0, range = 0, number = 0] = numbers.map(Number)
  return {work: work as SliceWork, round, range, number}
}

/** What became of one path. */
export interface FileResult {
  readonly path: string
  /** `copied`, `skipped`, `removed`, `kept`, `same`, `changed`, `missing` or `failed`. */
  readonly result: string
  readonly reason?: string
}

/** What a slice came to: the first line of its results, and the lines behind it. */
export interface SliceResults {
  readonly counts: Readonly<Record<string, number>>
  /** Absent when nothing is left of the range. */
  readonly cursor?: string
  readonly files: readonly FileResult[]
}

/** @returns undefined for a text that is no results of a slice */
export function parseResults(text: string): SliceResults | undefined {
  try {
    const [first = '', ...lines] = text.trimEnd().split('\n')
    const {counts, cursor} = JSON.parse(first) as {counts?: unknown; cursor?: unknown}
    if (!isCounts(counts) || (cursor !== undefined && typeof cursor !== 'string')) return undefined
    const files = lines.flatMap((line) => fileResult(JSON.parse(line)) ?? [])
    if (files.length < lines.length) return undefined
    return {counts, files, ...(cursor === undefined ? {} : {cursor})}
  } catch {
    return undefined
  }
}

function isCounts(value: unknown): value is Record<string, number> {
  return typeof value === 'object' && value !== null && Object.values(value).every((count) => typeof count === 'number')
}

/** Undefined of what is no line of results. */
function fileResult(value: unknown): FileResult | undefined {
  const {path, result, reason} = (value ?? {}) as Readonly<Record<string, unknown>>
  if (typeof path !== 'string' || typeof result !== 'string') return undefined
  return {path, result, ...(typeof reason === 'string' ? {reason} : {})}
}

/** Adds counts to counts, name by name. */
export function addCounts(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const sum: Record<string, number> = {...a}
  for (const [name, count] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + count
  return sum
}
