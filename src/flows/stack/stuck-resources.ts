import {statefulTypes} from '../../domain/change-set.ts'
import {OperatorNeededError} from '../../domain/errors.ts'
import {isMoving} from '../../domain/drift.ts'
import type {Report} from '../events.ts'
import type {StackDescription, Stacks} from '../ports.ts'

/** A resource that a failed rollback could not bring back. */
export interface StuckResource {
  /** `Logical` or `Nested.Logical`, as plans name it. */
  readonly name: string
  /** As ContinueUpdateRollback wants it: nested ones by the name of their own stack (API reference, ResourcesToSkip). */
  readonly apiName: string
  readonly stackId: string
  readonly logicalId: string
  readonly type: string
  /** As AWS put it. */
  readonly reason: string
}

const nested = 'AWS::CloudFormation::Stack'
/** Stopped because another one failed: the rollback did not come to it, and it cannot be skipped. */
const onlyStopped = /\bcancelled\b/i

/** What a stack in UPDATE_ROLLBACK_FAILED hangs on, nested stacks included. */
export async function stuckIn(
  stacks: Stacks,
  stack: Pick<StackDescription, 'id' | 'name'>,
  path: readonly string[] = [],
): Promise<readonly StuckResource[]> {
  const failed = (await stacks.resources(stack.id)).filter(({status}) => status === 'UPDATE_FAILED')
  const rows = await Promise.all(
    failed.map(async ({logicalId, physicalId, type, reason = 'AWS gave no reason'}) => {
      if (type === nested) {
        const child = await stacks.describe(physicalId)
        return child?.status === 'UPDATE_ROLLBACK_FAILED' ? stuckIn(stacks, child, [...path, logicalId]) : []
      }
      if (onlyStopped.test(reason)) return []
      const apiName = path.length === 0 ? logicalId : `${stack.name}.${logicalId}`
      return [{name: [...path, logicalId].join('.'), apiName, stackId: stack.id, logicalId, type, reason}]
    }),
  )
  return rows.flat()
}

/** What skipping a resource means, before it is done. */
export function meaningOfSkip(stack: string, {name, type, reason}: StuckResource): string {
  const data = statefulTypes.includes(type) ? ' It holds data, and nobody has looked whether they are whole.' : ''
  return `${stack}: ${name} (${type}) stays as the failed update left it (${reason}). CloudFormation takes it for rolled back, and works later updates out from what it is not.${data}`
}

/** The commands that leave single resources out of a rollback, for an operator who knows what that means. */
export function waysToSkip(stuck: readonly StuckResource[]): readonly string[] {
  return stuck.map(
    ({name, reason}) =>
      `To leave ${name} as it is (${reason}): pi-aws deploy --continue-rollback --skip-resource ${name}`,
  )
}

/**
 * Compares what was skipped with its template: nothing is built on what is not known.
 * @throws OperatorNeededError SKIPPED_DRIFTED
 */
export async function requireInSync(
  stacks: Stacks,
  stack: string,
  skipped: readonly StuckResource[],
  report: Report,
): Promise<void> {
  if (skipped.length === 0) return
  const rows = await Promise.all(
    skipped.map(async ({name, stackId, logicalId, type}) => {
      const drift = await stacks.drift(stackId, logicalId)
      if (drift === undefined) return `what ${name} is cannot be told by CloudFormation`
      if (drift.deleted) return `${name} is gone`
      const moved = drift.properties.filter((path) => !isMoving(type, path))
      return moved.length === 0 ? [] : `${name} differs in ${moved.join(', ')}`
    }),
  )
  const differing = rows.flat()
  if (differing.length === 0) {
    report({type: 'note', message: `${stack}: what was skipped is as its template says.`})
    return
  }
  throw new OperatorNeededError(
    `The rollback of ${stack} is over, and what was skipped is not as its template says: ${differing.join('; ')}. Nothing was built on it.`,
    {
      code: 'SKIPPED_DRIFTED',
      suggestions: [
        'See what differs: pi-aws drift',
        'Bring it by hand to what its template says, then deploy again without --skip-resource',
      ],
    },
  )
}
