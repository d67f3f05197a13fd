import {writerFor} from '../stream.ts'
import {loadTheme, plainTheme, symbolsFor, type Theme} from '../theme.ts'
import {emptyBoard, keepRunning, record} from './board.ts'
import {frame} from './frame.ts'
import {type LiveList, openLive} from './live.ts'
import type {Output, Reporter, ReporterOptions} from './reporter.ts'

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
    const width = stderr.columns || traits.width
    // One row stays free below the list for the cursor, one above for the command that was typed.
    const height = last ? {} : {height: Math.max(3, (stderr.rows || traits.height) - 2)}
    const lines = frame(board, {theme, symbols, width, ...height, now: now()})
    // What comes after the last frame belongs to the next list.
    if (last) keepRunning(board)
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
        if (board.steps.length > 0 || board.notices.length > 0) ensureOpen()
      }
    },
    async finish() {
      finished = true
      await close()
      board.steps = []
      await writer.flush()
    },
  }
}
