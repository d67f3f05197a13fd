import type {PropertyDifference} from '../../domain/drift.ts'
import type {ComparedPart, DriftedResource, DriftResult} from '../../flows/drift/drift.ts'
import {type Layout, plural} from './layout.ts'
import {oneLine} from './visible.ts'

/** Longest value that is shown; JSON output has all of it. */
const longestValue = 60

const verdicts = {'in-sync': 'in sync', drifted: 'drifted', unknown: 'not known'} as const
const weights = {data: 'HOLDS DATA', access: 'decides access', other: ''} as const

function shown(value: string): string {
  const text = oneLine(value)
  return text.length > longestValue ? `${text.slice(0, longestValue - 3)}...` : text
}

function differenceLine({path, kind, expected, actual}: PropertyDifference): string {
  if (kind === 'added') return `${path}: ${shown(actual)} was added`
  if (kind === 'removed') return `${path}: ${shown(expected)} was removed`
  return `${path}: ${shown(expected)} -> ${shown(actual)}`
}

function resourceBlock(resource: DriftedResource, {theme}: Layout): string {
  const {name, stack, type, state, weight, physicalId, differences} = resource
  const sign = weight === 'data' ? theme.bad(weights.data) : weights[weight]
  const what = {deleted: theme.bad('gone'), modified: 'changed', unknown: 'could not be read'}[state]
  const head = [`${theme.strong(oneLine(name))} of ${oneLine(stack)} (${oneLine(type)}): ${what}`, sign]
  return [
    `${head.filter((text) => text !== '').join('  ')}\n`,
    `  ${theme.dim(oneLine(physicalId))}\n`,
    ...differences.map((difference) => `  ${oneLine(differenceLine(difference))}\n`),
  ].join('')
}

function stackRow({stack, verdict, inSync, drifted, notComparable}: ComparedPart): readonly string[] {
  return [stack, verdicts[verdict], String(inSync), String(drifted), String(notComparable)]
}

/** What differs, what matters most first, and how much could be compared at all. */
export function formatDrift(result: DriftResult, layout: Layout): string {
  const {environment, verdict, stacks, resources, notComparable} = result
  const {theme} = layout
  const painted = verdict === 'in-sync' ? theme.ok(verdicts[verdict]) : theme.bad(verdicts[verdict])
  const table = layout.table(
    [
      {head: 'Stack'},
      {head: 'Verdict'},
      {head: 'In sync', align: 'right'},
      {head: 'Differ', align: 'right'},
      {head: 'Not comparable', align: 'right'},
    ],
    stacks.map(stackRow),
  )
  const unknown = stacks.flatMap((stack) => stack.unknown)
  const counts = Object.values(notComparable)
  const beyond = counts.reduce((sum, count) => sum + count, 0)
  return [
    `${layout.heading(`Environment ${environment}`).trimEnd()}  ${painted}\n`,
    table,
    ...resources.map((resource) => resourceBlock(resource, layout)),
    ...(unknown.length === 0 ? [] : [`${theme.strong('Not known')}\n${layout.bulletList(unknown)}`]),
    ...(beyond === 0
      ? []
      : [
          theme.dim(
            `${plural(beyond, 'resource')} of ${plural(counts.length, 'type')} CloudFormation cannot compare.\n`,
          ),
        ]),
    ...(resources.some(({state}) => state !== 'unknown')
      ? [
          layout.nextSteps([
            'Take the change back where it was made, or bring it into pi-aws.yaml and deploy',
            `pi-aws diagnose ${environment}`,
          ]),
        ]
      : []),
  ].join('\n')
}
