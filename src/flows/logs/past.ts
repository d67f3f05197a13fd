import type {LogLine} from '../../domain/logs/line.ts'
import {PastMerge} from '../../domain/logs/past-merge.ts'
import type {Span} from '../../domain/logs/moments.ts'
import type {Pacer} from './pacer.ts'
import type {Source} from './source.ts'

/** By so much (ms) the pages of one source may be out of order. */
const pageDisorder = 1000

/** A generator that is one page ahead of its reader. */
class Ahead<T> {
  readonly #generator: AsyncGenerator<T>
  #next: Promise<IteratorResult<T>>

  constructor(generator: AsyncGenerator<T>) {
    this.#generator = generator
    this.#next = this.#ask()
  }

  async next(): Promise<IteratorResult<T>> {
    const page = await this.#next
    if (page.done !== true) this.#next = this.#ask()
    return page
  }

  #ask(): Promise<IteratorResult<T>> {
    const next = this.#generator.next()
    // Its error is met when the page is read, or never, when another source failed first.
    next.catch(() => undefined)
    return next
  }
}

/**
 * Reads what is stored of all sources as one ordered stream. Holds a few pages of each at a time, however much there is.
 * @param emit takes lines in order; the next page waits for it
 */
export async function readPast(
  sources: readonly Source[],
  {from, to}: Span,
  pacer: Pacer,
  emit: (lines: readonly LogLine[]) => Promise<void>,
): Promise<void> {
  const merge = new PastMerge(sources.length, pageDisorder)
  const lanes = sources.map((source) => new Ahead(source.pages(from, to, pacer)))
  for (let lane = merge.lagging(); lane !== undefined; lane = merge.lagging()) {
    const page = await (lanes[lane] as Ahead<readonly LogLine[]>).next()
    if (page.done === true) merge.end(lane)
    else merge.add(lane, page.value)
    await emit(merge.take())
  }
}
