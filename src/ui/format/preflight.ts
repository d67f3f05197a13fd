import type {Check, Verdict} from '../../domain/checks.ts'
import type {PreflightResult} from '../../flows/preflight/preflight.ts'
import {answersInFull} from './checks.ts'
import type {Layout} from './layout.ts'

/** Worst first. */
const order: readonly Verdict[] = ['FAIL', 'UNKNOWN', 'WARN', 'OK', 'SKIP']

export function formatPreflight(result: PreflightResult, layout: Layout): string {
  const {theme} = layout
  const sorted = result.checks.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict))
  const paint = (text: string): string => {
    const verdict = text.trim()
    if (verdict === 'FAIL') return theme.bad(text)
    return verdict === 'OK' ? theme.ok(text) : verdict === 'SKIP' ? theme.dim(text) : theme.warn(text)
  }
  const verdict = result.ok ? theme.ok('may begin') : theme.bad('must not begin')
  const table = layout.table(
    [{head: 'Check'}, {head: 'Verdict', paint}, {head: 'Reason', wraps: true}],
    sorted.map(({name, verdict: each, reason}) => [name, each, reason]),
  )
  return [
    `${layout.heading(`A deploy of ${result.environment}`).trimEnd()} ${verdict}\n`,
    table,
    answersInFull(sorted, layout),
    layout.nextSteps(nextSteps(result, sorted)),
  ]
    .filter((block) => block !== '')
    .join('\n')
}

function nextSteps({environment, ok}: PreflightResult, checks: readonly Check[]): readonly string[] {
  const steps = [...new Set(checks.flatMap(({next}) => next))]
  return ok ? [...steps, `pi-aws deploy ${environment}`] : steps
}
