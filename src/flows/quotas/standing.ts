import type {Standing} from '../../domain/quotas/standing.ts'
import {type Part, parts} from '../../domain/parts.ts'
import type {ParameterValues} from '../../domain/parameters.ts'
import {type Landscape, stackOf} from '../landscape.ts'
import type {StackDescription, Stacks} from '../ports.ts'
import {statusTable} from '../../domain/stack-status.ts'
import type {Asked} from './asked.ts'

const nested = 'AWS::CloudFormation::Stack'

/** The stacks that an environment keeps over its next deploy. */
function keptStacks(landscape: Landscape): readonly (readonly [Part, StackDescription])[] {
  return parts.flatMap((part) => {
    const stack = stackOf(landscape, part)
    if (stack === undefined) return []
    const {deploy} = statusTable[stack.status]
    return deploy === 'create' || deploy === 'recreate' ? [] : [[part, stack] as const]
  })
}

/** Parameters of the stacks that stand. */
export function currentParameters(landscape: Landscape): Partial<Record<Part, ParameterValues>> {
  return Object.fromEntries(keptStacks(landscape).map(([part, {parameters}]) => [part, parameters]))
}

async function resourcesOf(
  stacks: Stacks,
  stack: string,
  reference: string,
): Promise<readonly (readonly [string, string])[]> {
  const resources = await stacks.resources(stack)
  const rows = resources
    .filter(({physicalId, status}) => physicalId !== '' && !status.startsWith('DELETE_') && status !== 'CREATE_FAILED')
    .map(async ({logicalId, physicalId, type}): Promise<readonly (readonly [string, string])[]> => {
      const own = [`${reference}/${logicalId}`, physicalId] as const
      return type === nested ? [own, ...(await resourcesOf(stacks, physicalId, own[0]))] : [own]
    })
  return (await Promise.all(rows)).flat()
}

/** Looks up what stands of an environment: resources under their references in the templates, tasks, instances. */
export async function standingOf(stacks: Stacks, asked: Asked, landscape: Landscape): Promise<Standing> {
  const rows = await Promise.all(
    keptStacks(landscape).map(async ([part, {id}]) => [[part, id] as const, ...(await resourcesOf(stacks, id, part))]),
  )
  const physical = new Map<string, string>(rows.flat())
  const cluster = [...physical].find(([reference]) => reference === 'app/Cluster/Cluster')?.[1]
  const group = [...physical].find(([reference]) => reference === 'app/Capacity/Instances')?.[1]
  const [services, instances] = await Promise.all([
    cluster === undefined ? [] : asked.things('services', [cluster]),
    group === undefined ? [] : asked.things('instances', []),
  ])
  return {
    physical,
    services: new Map(
      services.map(({id, counts}) => [
        id,
        {desired: counts?.['desired'] ?? 0, running: (counts?.['running'] ?? 0) + (counts?.['pending'] ?? 0)},
      ]),
    ),
    instances: new Map(
      group === undefined ? [] : [[group, instances.filter(({within}) => within === group).length] as const],
    ),
  }
}
