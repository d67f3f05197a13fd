import {chance} from './chance.ts'

/** Where a run is killed: at an entry of its journal, before S3 has it, once it has it, or some ms later. */
export interface Moment {
  readonly step: string
  readonly kind: 'intent' | 'done'
  readonly when: 'before' | 'after'
  readonly more: number
}

/** What a killed run left in its journal. */
export interface Left {
  /** Last entry that it wrote; '' where it wrote none. */
  readonly behind: string
  /** Steps that were under way. */
  readonly open: readonly string[]
}

interface Entry {
  readonly step: string
  readonly kind: string
}

/** Most that a run goes on behind an entry before it is killed, where it is not killed at once (ms). */
const longest = 400

/** Numbers of generations and of tries differ from run to run. */
export const plain = (step: string): string => step.replace(/-\d+$/, '')

const named = ({step, kind}: Entry): string => `${plain(step)}.${kind}`

export const told = ({step, kind, when, more}: Moment): string =>
  more > 0 ? `${more} ms after ${step}.${kind}` : `${when} ${step}.${kind}`

/** What the entries of a journal leave open, and which was the last. */
export function leftBy(entries: readonly Entry[]): Left {
  const open = new Set<string>()
  for (const {step, kind} of entries)
    if (kind === 'intent') open.add(step)
    else open.delete(step)
  const last = entries.at(-1)
  return {behind: last === undefined ? '' : `${last.step}.${last.kind}`, open: [...open]}
}

/**
 * The moments at which one command is killed, and which of its steps these hit. They are drawn by a seed in two rounds: in
 * the first each step has one moment, at its intent or at its end; in the second come those that are left, and times
 * between two entries, so that however long a command becomes, each of its steps comes before any comes twice.
 */
export class Moments {
  /** Every step of the undisturbed run. */
  readonly steps: ReadonlySet<string>
  readonly drawn: readonly Moment[]
  readonly #left: Set<string>
  /** Entries of the undisturbed run in their order. */
  readonly #order: readonly string[]

  /** @param entries those of an undisturbed run, in their order */
  constructor(entries: readonly Entry[], {seed, many}: {readonly seed: number; readonly many: number}) {
    const kinds = new Map<string, Set<string>>()
    for (const {step, kind} of entries) kinds.set(plain(step), (kinds.get(plain(step)) ?? new Set()).add(kind))
    this.steps = new Set(kinds.keys())
    this.#left = new Set(kinds.keys())
    this.#order = [...new Set(entries.map(named))]
    const random = chance(seed)
    const own = [...kinds].map(([step, its]) => shuffled(momentsIn(step, its.has('intent')), random))
    const first = shuffled(own, random).flatMap((ones) => ones.slice(0, 1))
    const rest = own.flatMap((ones) => ones.slice(1))
    const between = [...kinds].map(([step, its]): Moment => {
      const more = 1 + Math.floor(random() * longest)
      return {step, kind: its.has('intent') ? 'intent' : 'done', when: 'after', more}
    })
    this.drawn = [...first, ...shuffled([...rest, ...between], random)].slice(0, many)
  }

  /** Notes what a kill hit: what was under way, or, where nothing was, the step that it came behind. */
  hit({behind, open}: Left): void {
    const end = behind.slice(0, behind.lastIndexOf('.'))
    for (const step of [...open, end]) this.#left.delete(plain(step))
  }

  /** Steps that no kill hit so far. */
  get left(): readonly string[] {
    return [...this.#left]
  }

  /** Between which entries a journal ends: its last one, and the one that an undisturbed run writes next. */
  between(entries: readonly Entry[]): string {
    const written = new Set(entries.map(named))
    const next = this.#order.find((entry) => !written.has(entry)) ?? 'the end'
    const {behind, open} = leftBy(entries)
    const way = open.length === 0 ? '' : `, under way: ${open.join(' ')}`
    return `between ${behind === '' ? 'the start' : behind} and ${next}${way}`
  }
}

/** The moments that hit a step. Before its end S3 has heard of nothing but its intent. */
function momentsIn(step: string, hasIntent: boolean): readonly Moment[] {
  const end: Moment = {step, kind: 'done', when: 'after', more: 0}
  if (!hasIntent) return [end]
  return [{...end, kind: 'intent'}, {...end, when: 'before'}, end]
}

function shuffled<T>(values: readonly T[], random: () => number): readonly T[] {
  return values
    .map((value) => [random(), value] as const)
    .sort(([a], [b]) => a - b)
    .map(([, value]) => value)
}
