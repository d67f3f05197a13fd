import type {ListrDefaultRendererLogLevels} from 'listr2'
import type {OutputStream} from '../stream.ts'
import {displayWidth} from '../format/width.ts'
import {stripVTControlCharacters} from 'node:util'

/** Draws the present state; the last time with `last`, when nothing will be repainted any more. */
export type DrawLines = (last: boolean) => readonly string[]

export interface LiveList {
  /** Paints a last time and gives the terminal back. */
  close(): Promise<void>
}

const showCursor = '\u001b[?25h'
const eraseDown = '\u001b[J'
const cursorUp = (rows: number): string => `\r\u001b[${rows}A`

/**
 * After a resize the terminal has broken the painted lines anew. Wipes the rows they take now, and puts the cursor where
 * the renderer believes it to be: as many rows down as it has lines.
 */
function wipeRewrapped(painted: readonly string[], columns: number): string {
  const rows = painted.reduce(
    (sum, line) => sum + Math.max(1, Math.ceil(displayWidth(stripVTControlCharacters(line)) / columns)),
    0,
  )
  return rows === painted.length ? '' : cursorUp(rows) + eraseDown + '\n'.repeat(painted.length)
}

/**
 * Puts listr2's default renderer to work on lines of our own. One task of listr2 stands for the whole list and ends with
 * `close`: listr2 repaints (only what changed, ten times a second), hides the cursor and holds back what others write to
 * the stream meanwhile. Its own list cannot fold, reopen a part or stay below the terminal's height.
 */
export async function openLive(stream: OutputStream, drawLines: DrawLines): Promise<LiveList> {
  const {DefaultRenderer, Listr, ListrLogger, ProcessOutput} = await import('listr2')
  const write = stream.write.bind(stream)
  let painted: readonly string[] = []
  let last = false

  class LinesRenderer extends DefaultRenderer {
    // Whether a list may be shown was decided by whoever chose this reporter.
    static override nonTTY = true

    override create(): string {
      painted = drawLines(last)
      return painted.join('\n')
    }

    override end(): void {
      last = true
      super.end()
    }
  }

  // listr2 knows one stream to paint on and calls it stdout.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- it uses `write` and the size, which any OutputStream has
  const terminal = stream as NodeJS.WriteStream
  const logger = new ListrLogger<ListrDefaultRendererLogLevels>({processOutput: new ProcessOutput(terminal, terminal)})
  const {promise: closed, resolve: close} = Promise.withResolvers<undefined>()
  const list = new Listr([{title: 'list', task: () => closed}], {
    renderer: LinesRenderer,
    rendererOptions: {logger},
    registerSignalListeners: false,
  })

  const onResize = (): void => {
    const wipe = wipeRewrapped(painted, Math.max(1, stream.columns ?? 80))
    if (wipe !== '') write(wipe)
  }
  // An exit in the middle of the list (the second Ctrl-C) must not leave the terminal without a cursor.
  const onExit = (): void => void write(showCursor)
  stream.on('resize', onResize)
  process.once('exit', onExit)
  const run = list.run()
  return {
    async close() {
      close(undefined)
      try {
        await run
      } finally {
        stream.removeListener('resize', onResize)
        process.removeListener('exit', onExit)
      }
    },
  }
}
