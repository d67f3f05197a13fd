import type {PlannedChange} from '../../flows/plan-part.ts'
import type {PlanResult} from '../../flows/plan.ts'
import type {Layout} from './layout.ts'

function remark(change: PlannedChange): string {
  if (change.gate === 'refused') return 'HOLDS DATA: deploy refuses this'
  if (change.gate === 'review') return 'holds data: may be replaced'
  if (change.unknownUntil !== undefined) return `unknown until ${change.unknownUntil.join(', ')}`
  return {True: 'replaced', Conditional: 'may be replaced', Unknown: 'known later', False: ''}[change.replacement]
}

export function formatPlan(result: PlanResult, layout: Layout): string {
  const {theme} = layout
  const blocks = result.parts.map((part) => {
    const title = `${part.part} (${part.stack}): ${part.action}${part.changes.length === 0 ? '' : `, ${part.changes.length} resources`}`
    const note = part.note === undefined ? '' : `  ${theme.dim(part.note)}\n`
    // A new stack is all additions: its resources are counted by type instead of listed.
    if (part.action === 'create') return `${layout.heading(title)}${note}`
    const table = layout.table(
      [
        {head: 'Resource', wraps: true},
        {head: 'Type'},
        {head: 'Action'},
        {head: 'Remark', wraps: true, paint: theme.bad},
      ],
      part.changes.map((change) => [change.logicalId, change.type, change.action, remark(change)]),
    )
    return `${layout.heading(title)}${note}${part.changes.length === 0 ? '' : table}`
  })
  const last = result.changed
    ? layout.nextSteps([`pi-aws deploy ${result.environment}`])
    : layout.heading(`Environment ${result.environment}: nothing to change`)
  return [...blocks, last].join('\n')
}
