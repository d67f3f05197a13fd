import type {ExpandedResource} from '../expansion.ts'
import {type Part, parts} from '../parts.ts'
import type {QuotaMode} from './modes.ts'
import {nothingStands, type Standing} from './standing.ts'
import {type TaskDemand, taskDemandOf} from './tasks.ts'

/** Everything that a mode asks of the account beyond what it has. */
export interface Demand {
  readonly mode: QuotaMode
  /** The whole environment, extras of the mode included. */
  readonly all: readonly ExpandedResource[]
  /** Those of them that are still to be made. */
  readonly made: readonly ExpandedResource[]
  readonly tasks: TaskDemand
  /** The tasks as if none ran yet. */
  readonly tasksAnew: TaskDemand
  readonly standing: Standing
}

const nested = 'AWS::CloudFormation::Stack'

/** The stacks of the parts themselves, which no template lists. */
function roots(resources: readonly ExpandedResource[]): readonly ExpandedResource[] {
  return parts
    .filter((part) => resources.some((resource) => resource.part === part))
    .map((part) => ({part, path: [], logicalId: '', type: nested, properties: {}, reference: part}))
}

function besides(resource: ExpandedResource): ExpandedResource {
  return {...resource, path: ['beside', ...resource.path], reference: `beside/${resource.reference}`}
}

/** What a restore makes beside the environment; all of it unless it is told otherwise. */
export interface Beside {
  readonly database: boolean
  readonly files: boolean
  /** A snapshot of the present database before anything else. */
  readonly safety: boolean
}

const everything: Beside = {database: true, files: true, safety: true}

/**
 * What a mode makes beside the environment. A restore puts a second database beside the first and takes a snapshot of
 * the present one before; files come back into a file system of their own where they may not touch the first; then
 * services are flipped to other directories, whose access points are made before the old ones go.
 */
function extras(mode: QuotaMode, whole: readonly ExpandedResource[], beside: Beside): readonly ExpandedResource[] {
  if (mode !== 'restore' && mode !== 'verify') return []
  const isDoubled = ({part, type}: ExpandedResource): boolean =>
    (beside.database && part === 'database') ||
    (beside.files && type === 'AWS::EFS::FileSystem') ||
    (beside.files && mode === 'restore' && type === 'AWS::EFS::AccessPoint')
  const second = whole.filter((resource) => isDoubled(resource)).map((resource) => besides(resource))
  const snapshot = {part: 'database', path: [], logicalId: 'Snapshot', properties: {}} as const
  return mode === 'verify' || !beside.safety
    ? second
    : [...second, {...snapshot, type: 'AWS::RDS::DBSnapshot', reference: 'beside/snapshot'}]
}

/**
 * Works out what a mode asks for, from the resources that `deploy` would make.
 * @param resources the whole environment, from the templates and the parameters
 * @param wanted only what these parts add is asked for; all when empty
 * @param beside what a restore makes
 */
export function demandOf(
  mode: QuotaMode,
  resources: readonly ExpandedResource[],
  standing: Standing,
  wanted: readonly Part[] = [],
  beside: Beside = everything,
): Demand {
  const counts = (part: Part): boolean => wanted.length === 0 || wanted.includes(part)
  const wantedResources = resources.filter(({part}) => counts(part))
  const whole = [...roots(resources), ...resources]
  const all = [...whole, ...extras(mode, whole, beside)]
  return {
    mode,
    all,
    made: all.filter(({part, reference}) => counts(part) && !standing.physical.has(reference)),
    tasks: taskDemandOf(mode, wantedResources, standing),
    tasksAnew: taskDemandOf(mode, wantedResources, nothingStands),
    standing,
  }
}

/** The same demand as if nothing of the environment stood. */
export function anew(demand: Demand): Demand {
  return {...demand, made: demand.all, tasks: demand.tasksAnew}
}
