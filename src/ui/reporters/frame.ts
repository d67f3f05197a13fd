import type {Part} from '../../domain/parts.ts'
import {formatElapsed, plural} from '../format/layout.ts'
import {cut, displayWidth, padStart, wrap} from '../format/width.ts'
import type {Board, Step} from './board.ts'
import {type Detail, durationWidth, Pen, type Surface, widestRow} from './rows.ts'

export type {Surface} from './rows.ts'

const everything: Detail = {notices: Infinity, causeRows: Infinity, foldParts: false, foldAll: false, below: true}
const details: readonly Detail[] = [
  {...everything, causeRows: 6},
  {...everything, causeRows: 6, notices: 4},
  {...everything, causeRows: 4, notices: 4, foldParts: true},
  {...everything, causeRows: 3, notices: 2, foldParts: true},
  {...everything, causeRows: 3, notices: 2, foldAll: true},
  {...everything, causeRows: 1, notices: 1, foldAll: true, below: false},
  {...everything, causeRows: 0, notices: 0, foldAll: true, below: false},
]

interface Group {
  readonly part: Part | undefined
  readonly steps: Step[]
}

/** Steps by part, parts in the order in which they first appear; steps of no part stay where they happened. */
function groupsOf(steps: readonly Step[]): readonly Group[] {
  const groups: Group[] = []
  for (const step of steps) {
    const last = groups.at(-1)
    const home =
      step.part === undefined
        ? last?.part === undefined
          ? last
          : undefined
        : groups.find((group) => group.part === step.part)
    if (home) home.steps.push(step)
    else groups.push({part: step.part, steps: [step]})
  }
  return groups
}

function rowsOfGroup(pen: Pen, {part, steps}: Group): readonly string[] {
  const finished = steps.filter((step) => step.state === 'finished')
  const fold = pen.detail.foldParts && finished.length > 1
  const shown = fold ? steps.filter((step) => step.state !== 'finished') : steps
  const head = fold ? pen.folded(finished, part) : []
  const again = part === undefined ? undefined : ''
  return [...head, ...shown.flatMap((step, index) => pen.step(step, index === 0 && !fold ? part : again))]
}

function rowsOfSteps(pen: Pen, steps: readonly Step[]): readonly string[] {
  if (!pen.detail.foldAll) return groupsOf(steps).flatMap((group) => rowsOfGroup(pen, group))
  const finished = steps.filter((step) => step.state === 'finished')
  const open = steps.filter((step) => step.state !== 'finished')
  const head = finished.length > 0 ? pen.folded(finished, undefined) : []
  return [...head, ...groupsOf(open).flatMap((group) => rowsOfGroup(pen, group))]
}

function header(board: Board, surface: Surface): readonly string[] {
  if (!board.operation) return []
  const {theme, width, now, symbols} = surface
  const {kind, environment, opId, startedAt} = board.operation
  const rowWidth = Math.min(Math.max(20, width - 1), widestRow)
  const elapsed = padStart(formatElapsed(now - startedAt), durationWidth)
  const name = cut(`${kind} ${environment}`, rowWidth - durationWidth - 2, symbols.ellipsis)
  const beside = rowWidth - displayWidth(name) - durationWidth - 4
  const last = surface.height === undefined
  const id = last && displayWidth(opId) > beside ? '' : cut(opId, beside, symbols.ellipsis)
  const fill = ' '.repeat(Math.max(0, rowWidth - displayWidth(name) - 2 - displayWidth(id) - durationWidth))
  const below = id === '' && last ? wrap(opId, rowWidth).map((line) => theme.dim(line)) : []
  return [`${theme.strong(name)}  ${theme.dim(id)}${fill}${theme.dim(elapsed)}`, ...below, '']
}

function draw(board: Board, surface: Surface, detail: Detail): readonly string[] {
  const pen = new Pen(
    surface,
    detail,
    board.steps.some((step) => step.part !== undefined),
  )
  const steps = rowsOfSteps(pen, board.steps)
  const hidden = Math.max(0, board.notices.length - detail.notices)
  const notices = [
    ...(hidden > 0 && detail.notices > 0
      ? [surface.theme.dim(`${surface.symbols.note} ${plural(hidden, 'earlier message')}, shown at the end`)]
      : []),
    ...board.notices.slice(hidden).flatMap((notice) => pen.notice(notice)),
  ]
  return [...header(board, surface), ...steps, ...(steps.length > 0 && notices.length > 0 ? [''] : []), ...notices]
}

/** Draws the board: as much of it as fits into the surface's height, or all of it. No row is longer than the width minus one. */
export function frame(board: Board, surface: Surface): readonly string[] {
  const {height} = surface
  if (height === undefined) return draw(board, surface, everything)
  for (const detail of details) {
    const lines = draw(board, surface, detail)
    if (lines.length <= height) return lines
  }
  const least = draw(board, surface, details.at(-1) ?? everything)
  const shown = Math.max(1, height - 1)
  return [...least.slice(0, shown), surface.theme.dim(`  ${plural(least.length - shown, 'more row')}`)]
}
