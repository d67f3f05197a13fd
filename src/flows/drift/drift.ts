import {
  byWeight,
  type DriftVerdict,
  type DriftWeight,
  isMoving,
  type PropertyDifference,
  verdictOver,
  weightOf,
  withoutSecrets,
} from '../../domain/drift.ts'
import {NotFoundError} from '../../domain/errors.ts'
import {partOf} from '../../domain/landscape.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import type {Part} from '../../domain/parts.ts'
import {Budget} from '../assets/lanes.ts'
import {type Landscape, readLandscape} from '../landscape.ts'
import type {Objects} from '../ports.ts'
import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import {together} from '../together.ts'
import {type ComparedStack, type ComparePorts, compareStack, nestedIn, type TreeStack} from './compare-stack.ts'

export type DriftPorts = ComparePorts & {readonly objects: Objects}

/** A resource that is not as its template says, or of which that is not known. */
export interface DriftedResource {
  readonly part: Part
  readonly stack: string
  /** `Nested.Logical` or `Logical`, as plans name it. */
  readonly name: string
  readonly type: string
  readonly physicalId: string
  /** `unknown`: CloudFormation could not read it. */
  readonly state: 'modified' | 'deleted' | 'unknown'
  /** What holds data, what decides who may reach what, or something else. */
  readonly weight: DriftWeight
  readonly differences: readonly PropertyDifference[]
}

/** One of the environment's stacks, those nested in it included. */
export interface ComparedPart {
  readonly part: Part
  readonly stack: string
  readonly verdict: DriftVerdict
  /** Resources that are as their template says. */
  readonly inSync: number
  /** Resources that differ from it, or are gone. */
  readonly drifted: number
  /** Resources of types that CloudFormation cannot compare. */
  readonly notComparable: number
  /** Why not all of it is known. */
  readonly unknown: readonly string[]
}

/** What scripts get from `drift --json`. */
export interface DriftResult {
  readonly environment: string
  readonly verdict: DriftVerdict
  /** When it was looked at (ISO 8601 UTC). */
  readonly checkedAt: string
  readonly stacks: readonly ComparedPart[]
  /** What matters most first. */
  readonly resources: readonly DriftedResource[]
  /** How many resources CloudFormation cannot compare, by type. */
  readonly notComparable: Readonly<Record<string, number>>
}

/** Stacks that are compared at once: CloudFormation reads each resource by its own service's API, and these have limits. */
const atOnce = 6

/**
 * Compares every stack of an environment, nested ones included, with what there is. Changes nothing.
 * @throws NotFoundError NOT_DEPLOYED; AccessError where CloudFormation may not be asked
 */
export async function drift(
  {environment}: {readonly environment: EnvironmentName},
  ports: DriftPorts,
  run: Run,
): Promise<DriftResult> {
  const landscape = await readLandscape(ports, environment)
  const standing = landscape.stacks.filter(({status}) => status !== 'REVIEW_IN_PROGRESS')
  if (standing.length === 0) {
    throw new NotFoundError(`Environment ${environment} is not deployed: there is nothing to compare.`, {
      code: 'NOT_DEPLOYED',
      suggestions: [`pi-aws deploy ${environment}`],
    })
  }
  const budget = new Budget(atOnce)
  const trees = await together(
    ...standing.map(({name, id, status}) => {
      const part = partIn(landscape, name)
      return reported(
        {clock: ports.clock, report: run.report},
        {step: `drift-${name}`, title: `Compare ${name}`, part},
        async () => {
          const compared = await compareTree(ports, budget, {id, status, path: []}, run.pause)
          const value = {part, name, compared}
          return {value, outcome: 'done', detail: summaryOf(value).verdict}
        },
      )
    }),
  )
  const stacks = trees.map(summaryOf)
  return {
    environment,
    verdict: verdictOver(stacks.map(({verdict}) => verdict)),
    checkedAt: ports.clock.now().toISOString(),
    stacks,
    resources: trees.flatMap(driftedIn).toSorted(byWeight),
    notComparable: countsByType(trees.flatMap(({compared}) => compared)),
  }
}

/** A stack of the environment with everything nested in it. */
interface Tree {
  readonly part: Part
  readonly name: string
  readonly compared: readonly ComparedStack[]
}

function partIn(landscape: Landscape, name: string): Part {
  // A landscape holds stacks of parts alone.
  return partOf(landscape.environment, name) as Part
}

async function compareTree(
  ports: DriftPorts,
  budget: Budget,
  stack: TreeStack,
  stop: AbortSignal,
): Promise<readonly ComparedStack[]> {
  await budget.take(1)
  const compared = await compareStack(ports, stack, stop).finally(() => {
    budget.give(1)
  })
  const {children, gone} = await nestedIn(ports, compared)
  const below = await together(...children.map((child) => compareTree(ports, budget, child, stop)))
  const lost = new Set(gone.map(({logicalId}) => logicalId))
  const found = [...compared.found.filter(({logicalId}) => !lost.has(logicalId)), ...gone]
  return [{...compared, found}, ...below.flat()]
}

/** What counts as drift: what only AWS or pi-aws itself moved does not. */
function driftedIn({part, name: stack, compared}: Tree): readonly DriftedResource[] {
  return compared.flatMap(({path, found}) =>
    found.flatMap(({logicalId, physicalId, type, state, differences}): readonly DriftedResource[] => {
      if (state === 'in-sync') return []
      const own = differences.filter((difference) => !isMoving(type, difference.path)).map(withoutSecrets)
      if (state === 'modified' && own.length === 0 && differences.length > 0) return []
      const name = [...path, logicalId].join('.')
      return [{part, stack, name, type, physicalId, state, weight: weightOf(type), differences: own}]
    }),
  )
}

function summaryOf(tree: Tree): ComparedPart {
  const {part, name: stack, compared} = tree
  const rows = driftedIn(tree)
  const drifted = rows.filter(({state}) => state !== 'unknown').length
  const unknown = compared.flatMap((one) =>
    one.unknown === undefined ? [] : [`${[stack, ...one.path].join('.')}: ${one.unknown}`],
  )
  return {
    part,
    stack,
    verdict: drifted > 0 ? 'drifted' : unknown.length > 0 ? 'unknown' : 'in-sync',
    inSync: compared.flatMap(({found}) => found).length - rows.length,
    drifted,
    notComparable: compared.flatMap(notCompared).length,
    unknown,
  }
}

/** Resources of a stack of which nothing was found; a nested stack is compared itself. */
function notCompared({resources, found, unknown}: ComparedStack): readonly string[] {
  // Where nothing was compared it is the stack that is unknown, and not what it holds.
  if (found.length === 0 && unknown !== undefined) return []
  const known = new Set(found.map(({logicalId}) => logicalId))
  return resources
    .filter(({logicalId, type}) => !known.has(logicalId) && type !== 'AWS::CloudFormation::Stack')
    .map(({type}) => type)
}

function countsByType(stacks: readonly ComparedStack[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>()
  for (const type of stacks.flatMap(notCompared).toSorted()) counts.set(type, (counts.get(type) ?? 0) + 1)
  return Object.fromEntries(counts)
}
