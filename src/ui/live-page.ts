import {stripVTControlCharacters} from 'node:util'
import {displayWidth} from './format/width.ts'
import type {OutputStream} from './stream.ts'

const [hideCursor, showCursor] = ['\u001b[?25l', '\u001b[?25h']
/** Terminals that know it show everything between the two at once (synchronized output). */
const [hold, release] = ['\u001b[?2026h', '\u001b[?2026l']

/** A page on a terminal that is written over again and again. */
export interface LivePage {
  show(text: string): void
  /** Leaves the last page standing and gives the cursor back. */
  close(): void
}

/** Each row is rewritten where it stands and only its rest erased, in one write: nothing is ever blank in between. */
export function livePage(stream: OutputStream): LivePage {
  let rows = 0
  const onExit = (): void => void stream.write(showCursor)
  process.once('exit', onExit)
  stream.write(hideCursor)
  return {
    show(text) {
      const columns = Math.max(1, stream.columns ?? 80)
      const most = Math.max(1, (stream.rows ?? 24) - 1)
      const heightOf = (line: string): number =>
        Math.max(1, Math.ceil(displayWidth(stripVTControlCharacters(line)) / columns))
      let used = 0
      const shown = text
        .trimEnd()
        .split('\n')
        .filter((line) => (used += heightOf(line)) <= most)
      const up = rows === 0 ? '' : `\r\u001b[${rows}A`
      stream.write(`${hold}${up}${shown.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J${release}`)
      rows = shown.reduce((sum, line) => sum + heightOf(line), 0)
    },
    close() {
      process.removeListener('exit', onExit)
      stream.write(showCursor)
    },
  }
}
