import type {Demand} from '../../domain/quotas/demand.ts'
import {type Answer, type QuotaFacts, usedOf} from '../../domain/quotas/judge.ts'
import type {Amounts, QuotaRow, Thing} from '../../domain/quotas/model.ts'
import type {Asked} from './asked.ts'
import type {UsageMetric} from './ports.ts'

/** A limit with where it came from, and what kept a better source from answering. */
export type Limit = QuotaFacts['limit'] & {readonly metric?: UsageMetric}

/**
 * The limit of a quota: the applied value, else AWS's default, else the service's own word, else what ships with this
 * version. Whatever could not be asked before the last one is told, since nobody may rely on that one.
 */
export async function limitOf(row: QuotaRow, asked: Asked): Promise<Limit> {
  const failures: string[] = []
  if (row.code !== '') {
    const address = {service: row.service, global: row.global === true}
    for (const source of ['applied', 'default'] as const) {
      const answer = await (source === 'applied' ? asked.applied(address) : asked.defaults(address))
      if ('failure' in answer) failures.push(answer.failure)
      else {
        const found = answer.value.find(({code}) => code === row.code)
        if (found?.value !== undefined)
          return {value: found.value, source, ...(found.metric === undefined ? {} : {metric: found.metric})}
      }
    }
  }
  if (row.own !== undefined) {
    const answer = await asked.own(row.own.call)
    if ('failure' in answer) failures.push(answer.failure)
    else {
      const limit = answer.value[row.own.name]?.limit
      if (limit !== undefined) return {value: limit, source: 'account'}
    }
  }
  const [failure] = failures
  return {value: row.fallback, source: 'stale', ...(failure === undefined ? {} : {failure})}
}

/** Those whose lists are asked: what stands of ours, and what the configuration names. */
function parentsOf(row: QuotaRow, demand: Demand): readonly string[] {
  const ours = new Set(demand.all.map(({reference}) => reference))
  return (row.parents?.(demand) ?? []).flatMap((parent) => {
    const physical = demand.standing.physical.get(parent)
    if (physical !== undefined) return [physical]
    return ours.has(parent) ? [] : [parent]
  })
}

interface Counted {
  readonly used: Answer<Amounts>
  readonly things: readonly Thing[]
}

async function countOf(row: QuotaRow, demand: Demand, asked: Asked): Promise<Counted> {
  if (row.list === undefined) return {used: await ownCount(row, asked), things: []}
  const parents = parentsOf(row, demand)
  if (row.parents !== undefined && parents.length === 0) return {used: {value: new Map()}, things: []}
  const [things, beside] = await Promise.all([
    asked.list(row.list, parents),
    row.beside === undefined ? {value: []} : asked.list(row.beside, []),
  ])
  if ('failure' in things) return {used: things, things: []}
  if ('failure' in beside) return {used: beside, things: []}
  return {used: {value: usedOf(row, things.value, beside.value)}, things: things.value}
}

/** What a service itself says is used; limits of one thing begin at nothing. */
async function ownCount(row: QuotaRow, asked: Asked): Promise<Answer<Amounts>> {
  if (row.own === undefined) return {value: new Map()}
  const answer = await asked.own(row.own.call)
  if ('failure' in answer) return answer
  const used = answer.value[row.own.name]?.used
  return {value: new Map([['', used ?? 0]])}
}

/** Everything that the account says on one quota. */
export async function factsOf(row: QuotaRow, demand: Demand, asked: Asked): Promise<QuotaFacts> {
  const [limit, counted] = await Promise.all([limitOf(row, asked), countOf(row, demand, asked)])
  const {metric} = limit
  if (row.metric !== true || metric === undefined) return {limit, ...counted}
  return {limit, ...counted, metric: await asked.highest(metric)}
}
