/** What is known of the terminal (or file, or pipe) behind a stream. Made by `traitsOf`, handed to everything else. */
export interface TerminalTraits {
  /** A terminal on which lines can be repainted; false for files, pipes and `TERM=dumb`. */
  readonly isTTY: boolean
  readonly color: boolean
  readonly unicode: boolean
  /** Columns. */
  readonly width: number
  /** Rows. */
  readonly height: number
}

/** The variables of an environment that decide how things look. */
export type LookEnvironment = Readonly<Record<string, string | undefined>>

/** The part of a stream that tells of a terminal. */
export interface MaybeTerminal {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly rows?: number | undefined
}

function wantsColor(isTerminal: boolean, env: LookEnvironment): boolean {
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  if ((env['NO_COLOR'] ?? '') !== '') return false
  return isTerminal
}

function knowsUnicode(env: LookEnvironment): boolean {
  if (env['OS'] === 'Windows_NT')
    return ['WT_SESSION', 'TERM_PROGRAM', 'ConEmuTask'].some((name) => (env[name] ?? '') !== '')
  if (env['TERM'] === 'linux') return false
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => (value ?? '') !== '')
  return locale === undefined || /utf-?8/i.test(locale)
}

function positive(...candidates: readonly (number | string | undefined)[]): number {
  return candidates.map(Number).find((number) => Number.isInteger(number) && number > 0) ?? 0
}

function isOn(text: string | undefined): boolean {
  return !['', '0', 'false'].includes(text ?? '')
}

/**
 * The one place that reads the environment for looks: FORCE_COLOR (`0` and `false` mean no) goes before NO_COLOR,
 * NO_COLOR before what the terminal can; `TERM=dumb` is no terminal, nor is one with PI_AWS_PLAIN, for screen readers; LC_ALL, LC_CTYPE and LANG tell of Unicode.
 */
export function traitsOf(stream: MaybeTerminal, env: LookEnvironment): TerminalTraits {
  const isTTY = stream.isTTY === true && env['TERM'] !== 'dumb' && !isOn(env['PI_AWS_PLAIN'])
  return {
    isTTY,
    color: wantsColor(isTTY, env),
    unicode: knowsUnicode(env),
    width: positive(stream.columns, env['COLUMNS'], 80),
    height: positive(stream.rows, env['LINES'], 24),
  }
}

export type Paint = (text: string) => string

/** Colours by meaning. Nothing outside of this file names a colour. */
export interface Theme {
  readonly ok: Paint
  readonly warn: Paint
  readonly bad: Paint
  readonly dim: Paint
  readonly strong: Paint
  /** Names of the parts of an environment. */
  readonly part: Paint
  /** What was searched for. */
  readonly mark: Paint
  /** Colours that tell several things of one kind apart; none where nothing is coloured. */
  readonly several: readonly Paint[]
}

const unchanged: Paint = (text) => text

/** No colours at all. */
export const plainTheme: Theme = {
  ok: unchanged,
  warn: unchanged,
  bad: unchanged,
  dim: unchanged,
  strong: unchanged,
  part: unchanged,
  mark: unchanged,
  several: [],
}

/** The theme for a stream; without colour nothing is loaded. */
export async function loadTheme(traits: Pick<TerminalTraits, 'color'>): Promise<Theme> {
  if (!traits.color) return plainTheme
  const {Chalk} = await import('chalk')
  const chalk = new Chalk({level: 1})
  return {
    ok: chalk.green,
    warn: chalk.yellow,
    bad: chalk.red,
    dim: chalk.dim,
    strong: chalk.bold,
    part: chalk.cyan,
    mark: chalk.inverse,
    several: [chalk.cyan, chalk.green, chalk.magenta, chalk.yellow, chalk.blue, chalk.cyanBright, chalk.greenBright],
  }
}

/** Signs, each one column wide. */
export interface Symbols {
  readonly ok: string
  readonly bad: string
  readonly warn: string
  readonly note: string
  readonly skipped: string
  readonly interrupted: string
  /** Before a row below another one; `fork` when more follow. */
  readonly branch: string
  readonly fork: string
  readonly ellipsis: string
  readonly bullet: string
  readonly spinner: readonly string[]
}

const unicodeSymbols: Symbols = {
  ok: '✔',
  bad: '✖',
  warn: '!',
  note: '·',
  skipped: '↓',
  interrupted: '■',
  branch: '└',
  fork: '├',
  ellipsis: '…',
  bullet: '•',
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
}

const asciiSymbols: Symbols = {
  ok: '+',
  bad: 'x',
  warn: '!',
  note: '-',
  skipped: '-',
  interrupted: '#',
  branch: '`',
  fork: '|',
  ellipsis: '~',
  bullet: '-',
  spinner: ['-', '\\', '|', '/'],
}

/** The signs a stream can show. */
export function symbolsFor(traits: Pick<TerminalTraits, 'unicode'>): Symbols {
  return traits.unicode ? unicodeSymbols : asciiSymbols
}
