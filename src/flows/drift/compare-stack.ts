import {inProgress, type StackStatus} from '../../domain/stack-status.ts'
import type {Clock, StackResource, Stacks} from '../ports.ts'
import type {DriftDetection, Drifts, ResourceDrift} from './ports.ts'

export type ComparePorts = {readonly stacks: Stacks; readonly drifts: Drifts; readonly clock: Clock}

/** A stack of the environment or one nested in it. */
export interface TreeStack {
  readonly id: string
  readonly status: StackStatus
  /** Logical ids from the part's own stack down; empty for that one. */
  readonly path: readonly string[]
}

/** What one stack was found to be. */
export interface ComparedStack extends TreeStack {
  readonly resources: readonly StackResource[]
  readonly found: readonly ResourceDrift[]
  /** Why not all of it is known; absent where it is. */
  readonly unknown?: string
}

/** CloudFormation speaks of minutes for a stack (API reference, DetectStackDrift); ours have 60 resources at most. */
const longestMs = 15 * 60_000
const firstPauseMs = 500
const longestPauseMs = 5000
/** Times are told in whole seconds by some answers and in parts of them by others. */
const roundingMs = 1000

const nested = 'AWS::CloudFormation::Stack'

/** Statuses in which CloudFormation compares (user guide, drift detection). */
const comparable: readonly StackStatus[] = [
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'UPDATE_ROLLBACK_FAILED',
]

/** Compares one stack, without those nested in it. What could not be compared is said, and never taken for equal. */
export async function compareStack(ports: ComparePorts, stack: TreeStack, stop: AbortSignal): Promise<ComparedStack> {
  const resources = (await ports.stacks.resources(stack.id)).filter(({status}) => status !== 'DELETE_COMPLETE')
  if (!comparable.includes(stack.status)) {
    const when = inProgress(stack.status) ? 'while it changes' : 'in this state'
    return {
      ...stack,
      resources,
      found: [],
      unknown: `it is ${stack.status}: CloudFormation does not compare it ${when}`,
    }
  }
  const detection = await detect(ports, stack.id, stop)
  if (detection === undefined) {
    return {...stack, resources, found: [], unknown: 'CloudFormation did not end its comparison within 15 minutes'}
  }
  const since = detection.startedAt.getTime() - roundingMs
  // A finding of an earlier comparison is no finding of this one.
  const found = (await ports.drifts.found(stack.id)).map((row): ResourceDrift =>
    row.at.getTime() < since ? {...row, state: 'unknown', differences: []} : row,
  )
  const unread = found.filter(({state}) => state === 'unknown').map(({logicalId}) => logicalId)
  if (detection.state !== 'partial' && unread.length === 0) return {...stack, resources, found}
  return {...stack, resources, found, unknown: detection.reason ?? `${unread.join(', ')} could not be read`}
}

/** Waits for a comparison to end; undefined where it takes too long. */
async function detect(
  {drifts, clock}: ComparePorts,
  stack: string,
  stop: AbortSignal,
): Promise<DriftDetection | undefined> {
  const deadline = clock.now().getTime() + longestMs
  let id = await drifts.begin(stack)
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    const detection = id === undefined ? undefined : await drifts.progress(id)
    if (detection !== undefined && detection.state !== 'running') return detection
    if (clock.now().getTime() >= deadline) return undefined
    await clock.sleep(pause, stop)
    // Somebody else had it compared: what they find began before we asked.
    id ??= await drifts.begin(stack)
  }
}

/** The stacks nested in a compared one; those that somebody deleted are found to be gone. */
export async function nestedIn(
  {stacks, clock}: ComparePorts,
  parent: ComparedStack,
): Promise<{readonly children: readonly TreeStack[]; readonly gone: readonly ResourceDrift[]}> {
  const rows = parent.resources.filter(({type, physicalId}) => type === nested && physicalId !== '')
  const described = await Promise.all(rows.map(async (row) => ({row, stack: await stacks.describe(row.physicalId)})))
  const standing = described.filter(({stack}) => stack !== undefined && stack.status !== 'DELETE_COMPLETE')
  return {
    children: standing.flatMap(({row, stack}) =>
      stack === undefined ? [] : [{id: stack.id, status: stack.status, path: [...parent.path, row.logicalId]}],
    ),
    gone: described
      .filter((one) => !standing.includes(one))
      .map(({row: {logicalId, physicalId, type}}) => ({
        ...{logicalId, physicalId, type},
        ...{state: 'deleted', at: clock.now(), differences: []},
      })),
  }
}
