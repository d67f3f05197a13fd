import type {DiagnoseResult} from '../../flows/diagnose/diagnose.ts'
import type {Layout} from './layout.ts'
import {oneLine} from './visible.ts'
import {wrap} from './width.ts'

/** Findings, the likeliest first cause first. */
export function formatDiagnose({environment, healthy, findings, bundle}: DiagnoseResult, layout: Layout): string {
  const {theme, traits} = layout
  const verdict = healthy ? theme.ok('healthy') : theme.bad('not healthy')
  const width = Math.max(40, Math.min(traits.width, 120)) - 6
  const broken = (text: string): string =>
    wrap(oneLine(text), width)
      .map((line) => `     ${line}\n`)
      .join('')
  const rows = findings.map(({rank, what, why, evidence, next}) => {
    const seen = evidence.filter((text) => text !== why)
    return [
      `${String(rank).padStart(3)}. ${theme.strong(oneLine(what))}\n`,
      broken(why),
      ...seen.map((text) => theme.dim(broken(text))),
      ...next.map((step) => `     > ${theme.part(oneLine(layout.step(step)))}\n`),
    ].join('')
  })
  return [
    `${layout.heading(`Environment ${environment}`).trimEnd()}  ${verdict}\n`,
    ...rows,
    ...(bundle === undefined ? [] : [`Everything that was looked at, secrets removed: ${oneLine(bundle)}\n`]),
  ].join('\n')
}
