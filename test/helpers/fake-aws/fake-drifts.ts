import type {PropertyDifference} from '../../../src/domain/drift.ts'
import type {Drifts, ResourceDrift} from '../../../src/flows/drift/ports.ts'
import type {Answers} from './answers.ts'
import type {World} from './world.ts'

/** What CloudFormation's comparisons answer; how resources differ is `world.drift`, as for single ones. */
export class FakeDrifts {
  /** How long a comparison takes (ms). */
  duration = 2000
  /** Logical ids of what CloudFormation cannot read. */
  readonly unreadable = new Set<string>()
  /** Types that it cannot compare. */
  readonly notComparable = new Set<string>()
  /** Values of differences, by logical id and path; those without are changed from `old` to `new`. */
  readonly values = new Map<string, Partial<PropertyDifference>>()
  /** How often a comparison of the stack is refused because one runs already. */
  readonly busy = new Map<string, number>()
  /** Logical ids whose findings are of an earlier comparison. */
  readonly stale = new Set<string>()
  readonly begun: {readonly stack: string; readonly at: number}[] = []

  port(world: World): Answers<Drifts> {
    return {
      begin: (stack) => {
        const busy = this.busy.get(stack) ?? 0
        this.busy.set(stack, busy - 1)
        if (busy > 0) return undefined
        this.begun.push({stack, at: world.clock.time})
        return String(this.begun.length - 1)
      },
      progress: (detection) => {
        const {stack, at} = this.begun[Number(detection)] ?? {stack: '', at: 0}
        const startedAt = new Date(at)
        if (world.clock.time < at + this.duration) return {state: 'running', startedAt}
        const unread = this.#comparable(world, stack).filter(({logicalId}) => this.unreadable.has(logicalId))
        if (unread.length === 0) return {state: 'complete', startedAt}
        const reason = `Failed to detect drift on resources [${unread.map(({logicalId}) => logicalId).join(', ')}]`
        return {state: 'partial', startedAt, reason}
      },
      found: (stack) => this.#comparable(world, stack).map((row) => this.#finding(world, row)),
    }
  }

  #comparable(world: World, stack: string) {
    return (world.stack(stack)?.resources ?? []).filter(
      ({type, status}) =>
        status !== 'DELETE_COMPLETE' && type !== 'AWS::CloudFormation::Stack' && !this.notComparable.has(type),
    )
  }

  #finding(
    world: World,
    {logicalId, physicalId, type}: {readonly logicalId: string; readonly physicalId: string; readonly type: string},
  ): ResourceDrift {
    const drift = world.drift.get(logicalId)
    const at = new Date(this.stale.has(logicalId) ? world.clock.time - 3_600_000 : world.clock.time)
    const differences = (drift?.properties ?? []).map((path): PropertyDifference => {
      const value = this.values.get(`${logicalId}${path}`)
      return {path, kind: 'changed', expected: 'old', actual: 'new', ...value}
    })
    const state = drift === undefined ? 'in-sync' : drift.deleted ? 'deleted' : 'modified'
    return {logicalId, physicalId, type, at, differences, state: this.unreadable.has(logicalId) ? 'unknown' : state}
  }
}
