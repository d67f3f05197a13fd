import type {DestroyResult} from '../../flows/destroy/options.ts'
import type {Layout} from './layout.ts'

export function formatDestroy(result: DestroyResult, layout: Layout): string {
  const groups = Map.groupBy(result.keptDetails, ({what, costs}) => `${what} (${costs})`)
  const kept = [...groups].map(
    ([head, things]) => `${head}\n${layout.bulletList(things.map(({id}) => id.split(':').at(-1) ?? id))}`,
  )
  return [
    `${layout.heading(`Environment ${result.environment} is taken down`)}${layout.bulletList(result.removed)}`,
    ...(kept.length === 0 ? [] : [`${layout.heading('These stay')}${kept.join('')}`]),
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
