import {scaleLinear, scaleUtc} from 'd3-scale'
import type {MetricsResult} from '../../../flows/metrics/options.ts'
import {axisEnd, axisUnit, tickLabel, timeLabel} from './axes.ts'
import {type Curve, type Panel, panelsOf} from './panels.ts'

/** Colours that people with a colour deficiency tell apart too (Okabe and Ito, "Color Universal Design"). */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#555555'] as const
const [ink, quiet, grid] = ['#1f2328', '#59636e', '#e3e7ec'] as const

/** What lies below everything. */
export const paper = '#ffffff'

/** Sizes in pixels. */
const [width, edge, header] = [1200, 28, 76] as const
const [panelWidth, panelHeight, between] = [558, 230, 28] as const
const plot = {left: 74, right: 10, top: 46, bottom: 30} as const
const perLine = 2

/** A stretch of writing in one colour. */
export interface Run {
  readonly content: string
  readonly fill: string
  readonly bold: boolean
}

/** A place in pixels, from the left and from the top. */
export type Place = readonly [x: number, y: number]

/** What a chart is made of; what comes later lies above. */
export type Shape =
  | {
      readonly kind: 'text'
      readonly at: Place
      readonly size: number
      readonly anchor: 'start' | 'middle' | 'end'
      readonly runs: readonly Run[]
    }
  | {
      readonly kind: 'lines'
      readonly lines: readonly (readonly Place[])[]
      readonly stroke: string
      readonly width: number
    }
  | {readonly kind: 'dot'; readonly at: Place; readonly radius: number; readonly fill: string}

/** A chart before it is SVG or pixels. */
export interface Drawing {
  readonly title: string
  readonly width: number
  readonly height: number
  readonly shapes: readonly Shape[]
}

interface Point {
  readonly at: number
  readonly value: number | undefined
}

interface Look {
  readonly size: number
  readonly fill?: string
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly bold?: boolean
}

function text(at: Place, content: string, {size, fill = ink, anchor = 'start', bold = false}: Look): Shape {
  return {kind: 'text', at, size, anchor, runs: [{content, fill, bold}]}
}

function rule(from: Place, to: Place, stroke: string): Shape {
  return {kind: 'lines', lines: [[from, to]], stroke, width: 1}
}

function colourOf(index: number): string {
  return colours[index % colours.length] ?? ink
}

/** Names of the curves at the right edge, each behind a sign in its colour. */
function legend(curves: readonly Curve[], at: Place): Shape {
  const runs = curves.flatMap(({label}, index) => [
    {content: `${index === 0 ? '' : '\u00a0\u00a0\u00a0\u00a0'}▬`, fill: colourOf(index), bold: true},
    {content: `\u00a0${label}`, fill: quiet, bold: false},
  ])
  return {kind: 'text', at, size: 12, anchor: 'end', runs}
}

/** Stretches of points without a gap. */
function stretches(points: readonly Point[]): readonly (readonly Point[])[] {
  const found: Point[][] = [[]]
  for (const point of points) {
    if (point.value === undefined) found.push([])
    else found.at(-1)?.push(point)
  }
  return found.filter(({length}) => length > 0)
}

function panelShapes({title, unit, curves}: Panel, [x0, y0]: Place, from: number, to: number): readonly Shape[] {
  const most = Math.max(0, ...curves.flatMap(({points}) => points.map(({value}) => value ?? 0)))
  const axis = axisUnit(unit, most)
  const [left, right] = [x0 + plot.left, x0 + panelWidth - plot.right]
  const [top, bottom] = [y0 + plot.top, y0 + panelHeight - plot.bottom]
  const x = scaleUtc().domain([from, to]).range([left, right])
  const y = scaleLinear()
    .domain([0, axisEnd(unit, most / axis.divisor)])
    .nice(4)
    .range([bottom, top])
  // There is no half request.
  const marks = y.ticks(4).filter((tick) => unit !== 'count' || axis.divisor > 1 || Number.isInteger(tick))
  const rules = marks.flatMap((tick) => [
    rule([left, y(tick)], [right, y(tick)], grid),
    text([left - 8, y(tick) + 4], tickLabel(tick, axis), {size: 11, fill: quiet, anchor: 'end'}),
  ])
  const times = x
    .ticks(6)
    .flatMap((tick) => [
      rule([x(tick), bottom], [x(tick), bottom + 4], quiet),
      text([x(tick), bottom + 18], timeLabel(tick, to - from), {size: 11, fill: quiet, anchor: 'middle'}),
    ])
  const placeOf = ({at, value = 0}: Point): Place => [x(at), y(value / axis.divisor)]
  const drawn = curves.flatMap(({points}, index): readonly Shape[] => {
    const fill = colourOf(index)
    const lines = stretches(points).map((stretch) => stretch.map(placeOf))
    return [
      {kind: 'lines', lines, stroke: fill, width: 1.8},
      // No line would show a value without a neighbour.
      ...lines.flatMap(([at, ...more]): readonly Shape[] =>
        at === undefined || more.length > 0 ? [] : [{kind: 'dot', at, radius: 2.5, fill}],
      ),
    ]
  })
  return [
    text([x0, y0 + 18], title, {size: 14, bold: true}),
    ...(curves.length > 1 ? [legend(curves, [right, y0 + 18])] : []),
    ...rules,
    ...times,
    rule([left, bottom], [right, bottom], quiet),
    ...drawn,
  ]
}

/** `2026-11-22 09:00` */
function moment(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ')
}

/** The result as one picture: a diagram for each kind of metric, two beside each other. */
export function drawingOf(result: MetricsResult): Drawing {
  const {environment, from, to, periodSeconds} = result
  const panels = panelsOf(result)
  const lines = Math.max(1, Math.ceil(panels.length / perLine))
  const title = `Metrics of ${environment}`
  const about = `${moment(from)} to ${moment(to)} UTC, a value each ${periodSeconds / 60} min`
  const placed = panels.flatMap((panel, index) => {
    const x = edge + (index % perLine) * (panelWidth + between)
    const y = header + Math.floor(index / perLine) * (panelHeight + between)
    return panelShapes(panel, [x, y], Date.parse(from), Date.parse(to))
  })
  const nothing = text([edge, header + 40], 'CloudWatch has no values of this span.', {size: 14})
  return {
    title,
    width,
    height: header + lines * (panelHeight + between) + edge - between,
    shapes: [
      text([edge, 36], title, {size: 20, bold: true}),
      text([edge, 56], about, {size: 12, fill: quiet}),
      ...(panels.length === 0 ? [nothing] : placed),
    ],
  }
}
