import {writerFor} from '../stream.ts'
import {loadTheme, plainTheme, symbolsFor, type Theme} from '../theme.ts'
import {emptyBoard, forget, record} from './board.ts'
import {frame} from './frame.ts'
import {type LiveList, openLive} from './live.ts'
import type {Output, Reporter, ReporterOptions} from './reporter.ts'

/** Some terminals say that they have no columns at all. */
function sizeOr(own: number | undefined, otherwise: number): number {
  return own !== undefined && own > 0 ? own : otherwise
}

/** A list that repaints itself while work goes on and stays as a summary when it ends. */
export function tasksReporter(out: Output, {now = Date.now}: ReporterOptions): Reporter {
  const {stderr, traits} = out
  const writer = writerFor(stderr)
  const symbols = symbolsFor(traits)
  const board = emptyBoard()
  let theme: Theme = plainTheme
  let opening: Promise<LiveList> | undefined
  let asides = 0
  let finished = false

  const drawLines = (last: boolean): readonly string[] => {
    const width = sizeOr(stderr.columns, traits.width)
    // One row stays free below the list for the cursor, one above for the command that was typed.
    const height = last ? {} : {height: Math.max(3, sizeOr(stderr.rows, traits.height) - 2)}
    // What steps aside comes back, and shows then what still runs.
    const shown = last && asides > 0 ? {...board, steps: board.steps.filter((step) => step.state !== 'running')} : board
    const lines = frame(shown, {theme, symbols, width, ...height, now: now()})
    // What comes after the last frame belongs to the next list.
    if (last) forget(board, asides > 0)
    return lines
  }

  const writeLast = (): void =>
    writer.write(
      drawLines(true)
        .map((line) => `${line}\n`)
        .join(''),
    )

  async function open(): Promise<LiveList> {
    theme = await loadTheme(traits)
    return openLive(stderr, drawLines)
  }

  async function close(): Promise<void> {
    if (!opening) return
    const list = opening
    opening = undefined
    try {
      await (await list).close()
    } catch {
      writeLast()
    }
  }

  const hasContent = (): boolean => board.steps.length > 0 || board.notices.length > 0

  const ensureOpen = (): void => {
    if (opening || asides > 0 || finished) return
    opening = open()
    // Told in `close`, where the list is written without being live.
    opening.catch(() => undefined)
  }

  return {
    report(event) {
      if (finished && event.type !== 'warning') return
      record(board, event, now())
      if (finished) writeLast()
      else ensureOpen()
    },
    async aside(work) {
      asides += 1
      try {
        await close()
        return await work()
      } finally {
        asides -= 1
        // Not at once: another question may follow.
        setImmediate(() => {
          if (hasContent()) ensureOpen()
        })
      }
    },
    async finish() {
      finished = true
      await close()
      // What came while a question was put, with no list since.
      if (hasContent()) writeLast()
      await writer.flush()
    },
  }
}
