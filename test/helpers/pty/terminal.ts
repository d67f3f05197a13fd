import assert from 'node:assert/strict'
import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process'
import {join} from 'node:path'
import {stripVTControlCharacters} from 'node:util'
import {packageRoot} from '../e2e.ts'

/** Keys that have no letter. */
export const keys = {enter: '\r', down: '\u001b[B', up: '\u001b[A', interrupt: '\u0003', wipe: '\u0015'} as const

export interface TerminalOptions {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly columns?: number
  readonly rows?: number
  /** What runs in it instead of the command line. */
  readonly program?: readonly string[]
  /** ms until it is killed and the test fails. */
  readonly limit?: number
}

/** The command line in a terminal of its own, driven by what is seen. */
export class Terminal {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiting = new Set<() => void>()
  readonly ended: Promise<number | null>
  #raw = ''
  #seen = 0
  #over = false

  constructor(words: readonly string[], options: TerminalOptions) {
    const folder = process.env['PI_AWS_PYTHON_ENV']
    assert.ok(folder !== undefined, 'PI_AWS_PYTHON_ENV names the Python that makes terminals')
    const {cwd, env, columns = 80, rows = 24, limit = 60_000} = options
    const {program = [process.execPath, join(packageRoot, 'bin', 'run.js')]} = options
    const command = [...program, ...words]
    this.#child = spawn(
      join(folder, 'python'),
      [join(import.meta.dirname, 'run.py'), `${columns}`, `${rows}`, ...command],
      {cwd, env: {TERM: 'xterm-256color', ...env}},
    )
    const timer = setTimeout(() => this.#child.kill('SIGTERM'), limit)
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#raw += text
      this.#tell()
    })
    this.#child.stdin.on('error', () => undefined)
    this.ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject)
      this.#child.on('close', (code) => {
        clearTimeout(timer)
        this.#over = true
        this.#tell()
        resolve(code)
      })
    })
  }

  /** Everything that was written, escape sequences and all. */
  get raw(): string {
    return this.#raw
  }

  /** Everything that was written, as text. */
  get text(): string {
    return stripVTControlCharacters(this.#raw).replaceAll('\r', '')
  }

  /** Waits until something is seen that was not there when the last thing was found. */
  async sees(wanted: RegExp | string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        const found = this.#find(wanted)
        if (found !== undefined) this.#seen = found
        else if (!this.#over) return
        this.#waiting.delete(look)
        if (found === undefined) reject(new Error(`It ended and never showed ${String(wanted)}:\n${this.text}`))
        else resolve()
      }
      this.#waiting.add(look)
      look()
    })
  }

  type(text: string): void {
    this.#child.stdin.write(text)
  }

  /** Answers the question that is seen. */
  async answer(question: RegExp | string, text: string): Promise<void> {
    await this.sees(question)
    this.type(text)
  }

  /** Closes the window. */
  close(): void {
    this.#child.stdin.end()
  }

  #find(wanted: RegExp | string): number | undefined {
    const fresh = this.text.slice(this.#seen)
    if (typeof wanted === 'string') {
      const at = fresh.indexOf(wanted)
      return at === -1 ? undefined : this.#seen + at + wanted.length
    }
    const match = wanted.exec(fresh)
    return match === null ? undefined : this.#seen + match.index + match[0].length
  }

  #tell(): void {
    for (const look of [...this.#waiting]) look()
  }
}
