import {StringDecoder} from 'node:string_decoder'
import {Transform} from 'node:stream'

/** A terminal as questions read it. */
export interface Keyboard extends NodeJS.ReadableStream {
  readonly isTTY?: boolean
  setRawMode?(mode: boolean): unknown
}

const [begin, end] = ['\u001b[200~', '\u001b[201~']
/** A beginning of either mark that a chunk may end in; less could be the Escape key. */
const unfinished = /\u001b\[2(0[01]?)?$/
/** What stands for a line end inside of a paste, and how many characters of one line are let through. */
export interface Fit {
  readonly joint: string
  readonly longest: number
}

/** Of an answer that is seen: more characters than any has, since each of them paints the line anew. */
const seen: Fit = {joint: ' ', longest: 1100}
/** What begins a line anew: its end, Ctrl-C, Ctrl-U. */
const lineEnds = '\r\n\u0003\u0015'

/**
 * Keys as they come, and pasted text as one line: a line end inside of it would answer the questions that follow. Pastes
 * are known by the marks of bracketed paste, or by a line end with text behind it in one read.
 */
export class PastedAsOneLine extends Transform {
  readonly isTTY = true
  readonly #keyboard: Keyboard
  readonly #fit: Fit
  readonly #decoder = new StringDecoder('utf8')
  #pasting = false
  #line = 0
  #held = ''

  constructor(keyboard: Keyboard, fit: Fit = seen) {
    super({decodeStrings: false, encoding: 'utf8'})
    this.#keyboard = keyboard
    this.#fit = fit
  }

  setRawMode(mode: boolean): this {
    this.#keyboard.setRawMode?.(mode)
    return this
  }

  override _transform(chunk: Buffer | string, _encoding: string, done: () => void): void {
    let text = this.#held + (typeof chunk === 'string' ? chunk : this.#decoder.write(chunk))
    this.#held = unfinished.exec(text)?.[0] ?? ''
    text = text.slice(0, text.length - this.#held.length)
    while (text !== '') {
      const mark = text.indexOf(this.#pasting ? end : begin)
      const part = mark === -1 ? text : text.slice(0, mark)
      const {joint} = this.#fit
      this.push(this.#fitting(this.#pasting ? part.replaceAll(/[\r\n]+/g, joint) : typed(part, joint)))
      text = mark === -1 ? '' : text.slice(mark + begin.length)
      if (mark !== -1) this.#pasting = !this.#pasting
    }
    done()
  }

  /** What of a text still has room on its line; keys without a letter always do. */
  #fitting(text: string): string {
    let kept = ''
    for (const character of text) {
      if (lineEnds.includes(character)) this.#line = 0
      else if (character >= ' ' && !text.startsWith('\u001b')) this.#line += 1
      if (this.#line <= this.#fit.longest || character < ' ') kept += character
    }
    return kept
  }
}

/** What was typed, or pasted where the terminal does not mark it. */
function typed(text: string, joint: string): string {
  return text.replaceAll(/[\r\n]+(?=[^\r\n])/g, joint)
}

/** Says to the terminal that pastes shall be marked, or no longer. */
export const [markPastes, leavePastes] = ['\u001b[?2004h', '\u001b[?2004l']
