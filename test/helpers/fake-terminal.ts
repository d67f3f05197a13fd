import {Writable} from 'node:stream'

/** A stream that keeps what was written to it; with a size it says it is a terminal. */
export class FakeTerminal extends Writable {
  readonly isTTY: boolean
  columns: number | undefined
  rows: number | undefined
  text = ''
  #waiting: {readonly pattern: RegExp; readonly resolve: () => void}[] = []

  constructor(size?: {readonly columns: number; readonly rows: number}) {
    super({decodeStrings: false})
    this.isTTY = size !== undefined
    this.columns = size?.columns
    this.rows = size?.rows
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    this.#waiting = this.#waiting.filter(({pattern, resolve}) => {
      if (!pattern.test(this.text)) return true
      resolve()
      return false
    })
    done()
  }

  /** As with the standard streams of a process, whoever pipes into it cannot close it. */
  override end(): this {
    return this
  }

  /** Resolves as soon as the text written so far matches. */
  async shows(pattern: RegExp): Promise<void> {
    if (pattern.test(this.text)) return
    await new Promise<void>((resolve) => this.#waiting.push({pattern, resolve}))
  }
}

/** A stream whose reader has gone: every write ends with EPIPE, as on a closed pipe. */
export class BrokenPipe extends Writable {
  writes = 0

  override _write(_chunk: unknown, _encoding: string, done: (error: Error) => void): void {
    this.writes += 1
    done(Object.assign(new Error('write EPIPE'), {code: 'EPIPE'}))
  }
}

/** What a terminal of endless height shows after these bytes: one string a row. Knows the sequences that live lists use. */
export function screenOf(bytes: string): readonly string[] {
  const rows: string[] = ['']
  let row = 0
  let column = 0
  const put = (text: string): void => {
    const line = (rows[row] ?? '').padEnd(column)
    rows[row] = line.slice(0, column) + text + line.slice(column + text.length)
    column += text.length
  }
  for (const [token, parameter = '', command = ''] of bytes.matchAll(/\u001b\[([?\d;]*)([A-Za-z])|[^\u001b]/g)) {
    const count = Number(parameter) || 1
    if (token === '\n') {
      row += 1
      column = 0
      rows[row] ??= ''
    } else if (token === '\r') column = 0
    else if (command === '') put(token)
    else if (command === 'A') row = Math.max(0, row - count)
    else if (command === 'B') row += count
    else if (command === 'G') column = 0
    else if (command === 'K') rows[row] = parameter === '2' ? '' : (rows[row] ?? '').slice(0, column)
    else if (command === 'J') {
      rows.length = row + 1
      rows[row] = (rows[row] ?? '').slice(0, column)
    } else if (!'mhl'.includes(command))
      throw new RangeError(`A sequence this screen does not know: ${parameter}${command}`)
  }
  return rows.map((line) => line.trimEnd())
}
