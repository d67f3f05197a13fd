import type {Part} from '../../domain/parts.ts'
import {formatDuration, formatElapsed, plural} from '../format/layout.ts'
import {transferShare, transferText} from '../format/transfer.ts'
import {cut, displayWidth, padEnd, padStart, wrap} from '../format/width.ts'
import type {Symbols, Theme} from '../theme.ts'
import type {Notice, Resource, Step} from './board.ts'

/** The surface on which a frame is drawn. */
export interface Surface {
  readonly theme: Theme
  readonly symbols: Symbols
  /** Columns. */
  readonly width: number
  /** Rows that may be used, or undefined for the last frame, which shows everything uncut. */
  readonly height?: number
  /** Milliseconds of the reporter's clock. */
  readonly now: number
}

/** How much of a board a frame shows; tried in this order until it fits. */
export interface Detail {
  readonly notices: number
  /** Rows of text below a failed step. */
  readonly causeRows: number
  /** Several finished steps of a part, or side by side without one, become one row. */
  readonly foldParts: boolean
  /** All that is finished becomes one row. */
  readonly foldAll: boolean
  /** Rows below a step that runs: its resource, its service. */
  readonly below: boolean
}

/** Rows wider than this make the eye lose the line between title and duration. */
export const widestRow = 100
const partWidth = 10
const stateWidth = 15
export const durationWidth = 7
/** A title with less room takes the columns of state and duration too. */
const narrowestTitle = 20

function shortType(type: string): string {
  return type.replace(/^AWS::/, '')
}

/** The first rows of a wrapped text, and a sign that there is more. */
function shorten(lines: readonly string[], rows: number, width: number, ellipsis: string): readonly string[] {
  if (rows < 1) return []
  return [...lines.slice(0, rows - 1), cut(`${lines[rows - 1] ?? ''} ${ellipsis}`, width, ellipsis)]
}

/** How far a step is, in a word. */
function progressOf({progress, transfer}: Step): string {
  if (progress !== undefined) return `${progress.done}/${plural(progress.total, 'resource')}`
  return transfer === undefined ? '' : `${transferShare(transfer)} %`
}

/** Draws rows of one surface. */
export class Pen {
  readonly surface: Surface
  readonly detail: Detail
  readonly withParts: boolean

  constructor(surface: Surface, detail: Detail, withParts: boolean) {
    this.surface = surface
    this.detail = detail
    this.withParts = withParts
  }

  /** Columns before what stands below a row: icon and part. */
  get indent(): number {
    return 2 + (this.withParts ? partWidth + 2 : 0)
  }

  /** Columns that may be used; the last one stays free, where some terminals break the line. */
  get columns(): number {
    return Math.max(20, this.surface.width - 1)
  }

  /**
   * One step: icon, part, title, detail, state, duration. A step of no part begins where the others' part stands. What has
   * no room is cut while the list is live, and stands below the row in the end.
   */
  row(
    icon: string,
    part: Part | '' | undefined,
    title: string,
    state: string,
    duration: string,
    detail = '',
  ): readonly string[] {
    const {theme, symbols, height} = this.surface
    const name = this.withParts && part !== undefined ? `${theme.part(padEnd(part, partWidth))}  ` : ''
    const left = 2 + (name === '' ? 0 : partWidth + 2)
    const margin = ' '.repeat(left)
    const spread = (text: string, width: number): readonly string[] =>
      height === undefined ? wrap(text, width) : [cut(text, width, symbols.ellipsis)]
    const right = `${padStart(state, stateWidth)}  ${padStart(duration, durationWidth)}`
    const room = Math.min(this.columns, widestRow) - left - displayWidth(right) - 2
    if (room < narrowestTitle) {
      const told = [title, detail, state, duration].filter((text) => text !== '').join('  ')
      return spread(told, this.columns - left).map((line, index) =>
        index === 0 ? `${icon} ${name}${line}` : margin + line,
      )
    }
    const [first = '', ...others] = spread(title, room)
    const fits = others.length === 0 && displayWidth(first) + 2 + displayWidth(detail) <= room
    const beside = detail !== '' && fits ? `  ${detail}` : ''
    const fill = ' '.repeat(Math.max(0, room - displayWidth(first + beside)))
    const row = `${icon} ${name}${first}${theme.dim(beside)}${fill}  ${theme.dim(right)}`
    const below = detail === '' || fits || height !== undefined ? [] : wrap(detail, room).map((line) => theme.dim(line))
    return [row, ...[...others, ...below].map((line) => margin + line)]
  }

  /** Text below a row, wrapped and cut to so many rows. */
  text(text: string, rows: number, paint: (text: string) => string, sign = ' '): readonly string[] {
    const margin = ' '.repeat(this.indent)
    const width = Math.max(8, this.columns - this.indent - 2)
    const lines = wrap(text, width)
    const shown = lines.length > rows ? shorten(lines, rows, width, this.surface.symbols.ellipsis) : lines
    return shown.map((line, index) => `${margin}${paint(`${index === 0 ? sign : ' '} ${line}`)}`)
  }

  step(step: Step, part: Part | '' | undefined): readonly string[] {
    const {theme, symbols, now, height} = this.surface
    if (step.state === 'finished') {
      const {outcome = 'done', detail, durationMs = 0} = step
      const icon = outcome === 'skipped' || outcome === 'running' ? theme.dim(symbols.skipped) : theme.ok(symbols.ok)
      return this.row(icon, part, step.title, outcome, formatDuration(durationMs), detail)
    }
    if (step.state === 'failed') {
      const row = this.row(theme.bad(symbols.bad), part, step.title, 'failed', formatDuration(step.durationMs ?? 0))
      const causes = [...this.text(step.message ?? '', this.detail.causeRows, theme.bad), ...this.#failures(step)]
      return [...row, ...causes.slice(0, this.detail.causeRows)]
    }
    const elapsed = formatElapsed(now - step.startedAt)
    if (height === undefined) {
      return [
        ...this.row(theme.warn(symbols.interrupted), part, step.title, 'not finished', elapsed),
        ...this.#failures(step),
      ]
    }
    const frames = symbols.spinner
    const icon = theme.warn(frames[Math.floor(now / 120) % frames.length] ?? '')
    const done = progressOf(step)
    const row = this.row(icon, part, step.title, step.rollingBack ? 'rolling back' : done, elapsed)
    return this.detail.below
      ? [...row, ...this.#failures(step).slice(0, this.detail.causeRows), ...this.#current(step)]
      : row
  }

  #failures(step: Step): readonly string[] {
    const {theme, symbols, height} = this.surface
    const shown = height === undefined ? step.failures : step.failures.slice(0, 2)
    return shown.flatMap(({name, type, status, reason}) => {
      const text = `${name}  ${shortType(type)}  ${status}${reason === undefined ? '' : `: ${reason}`}`
      return this.text(text, height === undefined ? Infinity : 3, theme.bad, symbols.bad)
    })
  }

  #current(step: Step): readonly string[] {
    const {theme, symbols} = this.surface
    const rows: string[] = []
    const resource: Resource | undefined = [...step.working.values()].at(-1)
    const room = this.columns - this.indent - 2
    if (resource) {
      const others = step.working.size > 1 ? `  +${step.working.size - 1} more` : ''
      rows.push(
        cut(
          `${resource.name}  ${shortType(resource.type)}  ${resource.status}`,
          room - others.length,
          symbols.ellipsis,
        ) + others,
      )
    }
    if (step.transfer !== undefined) rows.push(cut(transferText(step.transfer), room, symbols.ellipsis))
    if (step.service !== undefined) rows.push(cut(step.service, room, symbols.ellipsis))
    return rows.map((text, index) => {
      const sign = index < rows.length - 1 ? symbols.fork : symbols.branch
      return `${' '.repeat(this.indent)}${theme.dim(`${sign} ${text}`)}`
    })
  }

  folded(steps: readonly Step[], part: Part | undefined): readonly string[] {
    const {theme, symbols} = this.surface
    const duration = steps.reduce((sum, step) => sum + (step.durationMs ?? 0), 0)
    return this.row(theme.ok(symbols.ok), part, plural(steps.length, 'step'), 'done', formatDuration(duration))
  }

  notice({kind, text}: Notice): readonly string[] {
    const {theme, symbols, height} = this.surface
    const sign = {note: symbols.note, warning: symbols.warn, failure: symbols.bad, paused: symbols.interrupted}[kind]
    const paint = {note: theme.dim, warning: theme.warn, failure: theme.bad, paused: theme.warn}[kind]
    const lines = wrap(text, this.columns - 2)
    const shown =
      height === undefined || lines.length <= 2 ? lines : shorten(lines, 2, this.columns - 2, symbols.ellipsis)
    return shown.map((line, index) => paint(`${index === 0 ? sign : ' '} ${line}`))
  }
}
