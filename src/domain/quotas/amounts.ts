import type {ExpandedResource} from '../expansion.ts'
import {textOf, type TemplateValue} from '../expression.ts'
import type {Demand} from './demand.ts'
import type {Amounts, Thing} from './model.ts'

/** Adds amounts up by where they count. */
export function sumOf(rows: Iterable<readonly [where: string, amount: number]>): Amounts {
  const sums = new Map<string, number>()
  for (const [where, amount] of rows) sums.set(where, (sums.get(where) ?? 0) + amount)
  return sums
}

/** One amount that counts in the region, or in the account. */
export function anywhere(amount: number): Amounts {
  return new Map([['', amount]])
}

type Weight = number | ((resource: ExpandedResource) => number)

/**
 * Counts resources that are to be made.
 * @param weights type without `AWS::` -> what one of it takes
 * @param where the property that says where it counts, or a function
 */
export function made(
  weights: Readonly<Record<string, Weight>>,
  where: (resource: ExpandedResource) => string = () => '',
): (demand: Demand) => Amounts {
  return (demand) => weighed(demand.made, weights, where)
}

/** As `made`, over the whole environment: for limits of one thing, which do not add up. */
export function weighed(
  resources: readonly ExpandedResource[],
  weights: Readonly<Record<string, Weight>>,
  where: (resource: ExpandedResource) => string,
): Amounts {
  return sumOf(
    resources.flatMap((resource): readonly (readonly [string, number])[] => {
      const weight = weights[resource.type.replace(/^AWS::/, '')]
      if (weight === undefined) return []
      return [[where(resource), typeof weight === 'number' ? weight : weight(resource)]]
    }),
  )
}

/** What a property refers to; of an attribute, the resource. */
export function target(value: TemplateValue): string {
  return textOf(value).replace(/\.(GroupId|Arn|VpcId|Name|Id|VpcArn)$/, '')
}

export function at(property: string): (resource: ExpandedResource) => string {
  return ({properties}) => target(properties[property])
}

/** The largest amount over resources, of things that are not counted together. */
export function largest(resources: readonly ExpandedResource[], of: (resource: ExpandedResource) => number): Amounts {
  return anywhere(Math.max(0, ...resources.map((resource) => of(resource))))
}

/** Things by what they count in. */
export function perWithin(things: readonly Thing[]): Amounts {
  return sumOf(things.map(({within, amount}) => [within, amount]))
}

/** Things of some kinds. */
export function ofKind(...kinds: readonly string[]): (things: readonly Thing[]) => Amounts {
  return (things) => anywhere(total(things.filter(({kind}) => kind !== undefined && kinds.includes(kind))))
}

export function total(things: readonly Thing[]): number {
  return things.reduce((sum, {amount}) => sum + amount, 0)
}

/** The larger of two counts of each thing: limits that hold each way apart. */
export function oneWay(things: readonly Thing[]): Amounts {
  return new Map(
    things.map(({id, counts}) => [id, Math.max(counts?.['inbound'] ?? 0, counts?.['outbound'] ?? 0)] as const),
  )
}
