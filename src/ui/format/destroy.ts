import type {DestroyResult} from '../../flows/destroy/options.ts'
import type {Layout} from './layout.ts'

export function formatDestroy(result: DestroyResult, layout: Layout): string {
  const kept = layout.table(
    [{head: 'Stays'}, {head: 'Name', wraps: true}, {head: 'Costs', wraps: true}],
    result.keptDetails.map(({what, id, costs}) => [what, id.split(':').at(-1) ?? id, costs]),
  )
  return [
    `${layout.heading(`Environment ${result.environment} is taken down`)}${layout.bulletList(result.removed)}`,
    ...(result.keptDetails.length === 0 ? [] : [kept]),
    layout.nextSteps(
      result.keptDetails.length === 0
        ? []
        : [
            `Bring it back with its data: pi-aws deploy ${result.environment}`,
            `Remove these too: pi-aws destroy ${result.environment} --confirm ${result.environment} --with-data --confirm-data ${result.environment}`,
          ],
    ),
  ].join('\n')
}
