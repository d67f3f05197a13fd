import {completed} from './next-step.ts'
import type {TerminalTraits, Theme} from '../theme.ts'
import {loadTheme, symbolsFor} from '../theme.ts'
import {oneLine} from './visible.ts'
import {cut, displayWidth, padEnd, wrap} from './width.ts'

/** A duration with its units: `450ms`, `4.2s`, `42s`, `3m 05s`, `2h 03m`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))}ms`
  if (milliseconds < 9950) return `${(milliseconds / 1000).toFixed(1)}s`
  return formatElapsed(milliseconds)
}

/** The same in whole seconds, for a duration that is still growing. */
export function formatElapsed(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  const two = (number: number): string => String(number).padStart(2, '0')
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`
  return `${Math.floor(seconds / 3600)}h ${two(Math.floor((seconds % 3600) / 60))}m`
}

/** A size with its unit, in powers of 1024: `512 B`, `1.5 KiB`, `20.0 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let value = bytes
  let unit = 0
  // 1023.95 would be rounded to 1024.0 of the smaller unit.
  while (value >= (unit === 0 ? 1024 : 1023.95) && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** `1 resource`, `2 resources`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

export interface Column {
  readonly head: string
  readonly align?: 'left' | 'right'
  /** Goes on below where a terminal has no room for it, instead of being cut: what one must read or copy whole. */
  readonly wraps?: boolean
  /** How a cell is painted, given the bare text. */
  readonly paint?: (text: string) => string
}

/** Everything a formatter of results may use; each helper returns whole lines ending in a newline. */
export interface Layout {
  readonly traits: TerminalTraits
  readonly theme: Theme
  heading(text: string): string
  /** Two columns: names and values. Rows without a value are left out; further lines of a value stand below its first. */
  keyValues(rows: readonly (readonly [name: string, value: string | undefined])[]): string
  /** A table without borders. On a terminal its widest columns are cut or wrapped so that it fits; elsewhere nothing is. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): string
  bulletList(items: readonly string[]): string
  /** A next step as it can be pasted here. */
  step(text: string): string
  /** What a person may do next, each a command or an imperative sentence; nothing for an empty list. */
  nextSteps(steps: readonly string[]): string
}

const gap = 2
const narrowest = 6

/** Shrinks the widest columns, one column at a time, until all fit into `width` or none may shrink further. */
export function fitColumns(natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural]
  let excess = widths.reduce((sum, value) => sum + value, 0) + gap * (widths.length - 1) - width
  for (; excess > 0; excess -= 1) {
    const widest = Math.max(...widths)
    if (widest <= narrowest) break
    widths[widths.lastIndexOf(widest)] = widest - 1
  }
  return widths
}

const noBorder = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
  ].map((place) => [place, '']),
)

/**
 * Loads what layouts need (colours, tables) and gives the helpers for one stream.
 * @param flags what commands among the next steps need to find the same environment
 */
export async function loadLayout(traits: TerminalTraits, flags = ''): Promise<Layout> {
  const [theme, {default: Table}] = await Promise.all([loadTheme(traits), import('cli-table3')])
  const symbols = symbolsFor(traits)

  function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
    const cells = rows.map((row) => columns.map((_, index) => oneLine(row[index] ?? '')))
    const natural = columns.map(({head}, index) =>
      Math.max(displayWidth(head), ...cells.map((row) => displayWidth(row[index] ?? ''))),
    )
    const widths = traits.isTTY ? fitColumns(natural, traits.width - 1) : natural
    // The gap is a part of each column but the last, and a right-aligned text would fill it.
    const spaced = (text: string, index: number): string =>
      columns[index]?.align === 'right' && index < columns.length - 1 ? text + ' '.repeat(gap) : text
    const drawn = new Table({
      head: columns.map(({head}, index) => theme.strong(spaced(head, index))),
      colAligns: columns.map(({align}) => align ?? 'left'),
      colWidths: widths.map((width, index) => width + (index === columns.length - 1 ? 0 : gap)),
      chars: {...noBorder, middle: ''},
      style: {'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true},
      truncate: symbols.ellipsis,
    })
    for (const row of cells) {
      drawn.push(
        row.map((cell, index) => {
          const {paint = (text: string): string => text, wraps = false} = columns[index] ?? {}
          const width = widths[index] ?? 0
          const lines = wraps && displayWidth(cell) > width ? wrap(cell, width) : [cut(cell, width, symbols.ellipsis)]
          return lines.map((line) => paint(spaced(line, index))).join('\n')
        }),
      )
    }
    return drawn
      .toString()
      .split('\n')
      .map((line) => `${line.trimEnd()}\n`)
      .join('')
  }

  const bulletList = (items: readonly string[]): string =>
    items.map((item) => `  ${symbols.bullet} ${oneLine(item)}\n`).join('')

  return {
    traits,
    theme,
    heading: (text) => `${theme.strong(oneLine(text))}\n`,
    keyValues(rows) {
      const shown = rows.filter((row): row is readonly [string, string] => row[1] !== undefined)
      const width = Math.max(0, ...shown.map(([name]) => displayWidth(name)))
      return shown
        .map(([name, value]) => {
          const [first = '', ...others] = value.split('\n').map(oneLine)
          const below = others.map((line) => `${' '.repeat(width + gap)}${line}\n`).join('')
          return `${theme.dim(padEnd(name, width))}${' '.repeat(gap)}${first}\n${below}`
        })
        .join('')
    },
    table,
    step: (text) => completed(text, flags),
    bulletList,
    nextSteps: (steps) =>
      steps.length === 0
        ? ''
        : `${theme.strong('Next steps')}\n${bulletList(steps.map((step) => completed(step, flags)))}`,
  }
}
