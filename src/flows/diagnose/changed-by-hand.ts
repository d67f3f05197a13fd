import type {Facts} from '../../domain/diagnosis/facts.ts'
import {isMoving} from '../../domain/drift.ts'
import {FailedError} from '../../domain/errors.ts'
import {inProgress} from '../../domain/stack-status.ts'
import {type Landscape, stackOf} from '../landscape.ts'
import type {Stacks} from '../ports.ts'

/** What holds data, in the part that makes it. */
const holders = {database: 'AWS::RDS::DBInstance', files: 'AWS::EFS::FileSystem'} as const

/**
 * What somebody changed in database and file system past their stacks. Two short calls: everything else is compared by
 * `pi-aws drift`, which takes its time. A stack that changes is left out; CloudFormation compares none of these.
 * @throws FailedError DRIFT_UNKNOWN where CloudFormation cannot read what it should compare
 */
export async function changedByHand(
  stacks: Pick<Stacks, 'resources' | 'drift'>,
  landscape: Landscape,
  part: keyof typeof holders,
): Promise<Facts['changes']> {
  const stack = stackOf(landscape, part)
  if (stack === undefined || inProgress(stack.status)) return []
  const resources = (await stacks.resources(stack.id)).filter(({type}) => type === holders[part])
  const compared = resources.map(async ({logicalId}) => {
    const drift = await stacks.drift(stack.id, logicalId)
    if (drift === undefined)
      throw new FailedError(`CloudFormation does not tell of ${logicalId}.`, {code: 'DRIFT_UNKNOWN'})
    const properties = drift.properties.filter((path) => !isMoving(holders[part], path))
    return drift.deleted || properties.length > 0 ? [{part, logicalId, deleted: drift.deleted, properties}] : []
  })
  return (await Promise.all(compared)).flat()
}
