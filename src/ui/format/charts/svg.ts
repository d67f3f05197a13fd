import {scaleLinear, scaleUtc} from 'd3-scale'
import {line} from 'd3-shape'
import type {MetricsResult} from '../../../flows/metrics/options.ts'
import {axisEnd, axisUnit, tickLabel, timeLabel} from './axes.ts'
import {type Curve, type Panel, panelsOf} from './panels.ts'

/** Colours that people with a colour deficiency tell apart too (Okabe and Ito, "Color Universal Design"). */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#555555'] as const
const [ink, quiet, grid, paper] = ['#1f2328', '#59636e', '#e3e7ec', '#ffffff'] as const

/** Sizes in pixels. */
const [width, edge, header] = [1200, 28, 76] as const
const [panelWidth, panelHeight, between] = [558, 230, 28] as const
const plot = {left: 74, right: 10, top: 46, bottom: 30} as const
const perLine = 2

export const fontFamily = 'DejaVu Sans'

interface Point {
  readonly at: number
  readonly value: number | undefined
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

interface TextLook {
  readonly size: number
  readonly fill?: string
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly bold?: boolean
}

function text(x: number, y: number, content: string, {size, fill = ink, anchor = 'start', bold}: TextLook): string {
  const weight = bold === true ? ' font-weight="bold"' : ''
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${fill}" text-anchor="${anchor}"${weight}>${escaped(content)}</text>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** Names of the curves at the right edge, each behind a sign in its colour; hard blanks, since renderers differ in `dx`. */
function legend(curves: readonly Curve[]): string {
  const names = curves.map(
    ({label}, index) => `<tspan fill="${colourOf(index)}" font-weight="bold">▬</tspan>\u00a0${escaped(label)}`,
  )
  const right = panelWidth - plot.right
  return `<text x="${right}" y="18" font-size="12" fill="${quiet}" text-anchor="end">${names.join('\u00a0\u00a0\u00a0\u00a0')}</text>`
}

function colourOf(index: number): string {
  return colours[index % colours.length] ?? ink
}

/** Points without a neighbour: no line would show them. */
function alone(points: readonly Point[]): readonly Point[] {
  return points.filter(
    ({value}, index) =>
      value !== undefined && points[index - 1]?.value === undefined && points[index + 1]?.value === undefined,
  )
}

function panelOf({title, unit, curves}: Panel, from: number, to: number): string {
  const most = Math.max(0, ...curves.flatMap(({points}) => points.map(({value}) => value ?? 0)))
  const axis = axisUnit(unit, most)
  const [left, right] = [plot.left, panelWidth - plot.right]
  const [top, bottom] = [plot.top, panelHeight - plot.bottom]
  const x = scaleUtc().domain([from, to]).range([left, right])
  const y = scaleLinear()
    .domain([0, axisEnd(unit, most / axis.divisor)])
    .nice(4)
    .range([bottom, top])
  // There is no half request.
  const marks = y.ticks(4).filter((tick) => unit !== 'count' || axis.divisor > 1 || Number.isInteger(tick))
  const rules = marks.map((tick) => {
    const at = round(y(tick))
    const label = text(left - 8, at + 4, tickLabel(tick, axis), {size: 11, fill: quiet, anchor: 'end'})
    return `<path d="M${left} ${at}H${right}" stroke="${grid}"/>${label}`
  })
  const times = x.ticks(6).map((tick) => {
    const at = round(x(tick))
    const label = text(at, bottom + 18, timeLabel(tick, to - from), {size: 11, fill: quiet, anchor: 'middle'})
    return `<path d="M${at} ${bottom}v4" stroke="${quiet}"/>${label}`
  })
  const height = ({value = 0}: Point): number => round(y(value / axis.divisor))
  const path = line<Point>(({at}) => round(x(at)), height).defined(({value}) => value !== undefined)
  const drawn = curves.map(({points}, index) => {
    const dots = alone(points).map(
      (point) => `<circle cx="${round(x(point.at))}" cy="${height(point)}" r="2.5" fill="${colourOf(index)}"/>`,
    )
    return `<path d="${path([...points]) ?? ''}" fill="none" stroke="${colourOf(index)}" stroke-width="1.8" stroke-linejoin="round"/>${dots.join('')}`
  })
  return [
    text(0, 18, title, {size: 14, bold: true}),
    curves.length > 1 ? legend(curves) : '',
    ...rules,
    ...times,
    `<path d="M${left} ${bottom}H${right}" stroke="${quiet}"/>`,
    ...drawn,
  ].join('')
}

/** `2026-11-22 09:00` */
function moment(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ')
}

/** The result as one picture: a diagram for each kind of metric, two beside each other. */
export function metricsSvg(result: MetricsResult): string {
  const {environment, from, to, periodSeconds} = result
  const panels = panelsOf(result)
  const lines = Math.max(1, Math.ceil(panels.length / perLine))
  const height = header + lines * (panelHeight + between) + edge - between
  const placed = panels.map((panel, index) => {
    const x = edge + (index % perLine) * (panelWidth + between)
    const y = header + Math.floor(index / perLine) * (panelHeight + between)
    return `<g transform="translate(${x} ${y})">${panelOf(panel, Date.parse(from), Date.parse(to))}</g>`
  })
  const about = `${moment(from)} to ${moment(to)} UTC, a value each ${periodSeconds / 60} min`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${fontFamily}, Verdana, sans-serif">`,
    `<title>${escaped(`Metrics of ${environment}`)}</title>`,
    `<rect width="${width}" height="${height}" fill="${paper}"/>`,
    text(edge, 36, `Metrics of ${environment}`, {size: 20, bold: true}),
    text(edge, 56, about, {size: 12, fill: quiet}),
    ...(panels.length === 0 ? [text(edge, header + 40, 'CloudWatch has no values of this span.', {size: 14})] : placed),
    '</svg>\n',
  ].join('\n')
}
