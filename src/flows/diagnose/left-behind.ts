import type {StackEvent} from '../../domain/change-set.ts'
import {type Leftover, leftoversOf} from '../../domain/leftovers.ts'
import type {Databases, Stacks} from '../ports.ts'

/**
 * What updates left behind, out of the events of a stack and of those nested in it that changed; instances that are gone
 * by now are left out.
 */
export async function leftIn(
  {stacks, databases}: {readonly stacks: Stacks; readonly databases: Databases},
  stackId: string,
  since: string,
): Promise<readonly Leftover[]> {
  const all: StackEvent[] = []
  const known = new Set<string>()
  for (let more: readonly string[] = [stackId]; more.length > 0; more = changedChildren(all, known)) {
    for (const id of more) known.add(id)
    const read = await Promise.all(more.map((id) => stacks.eventsSince(id, since)))
    all.push(...read.flat())
  }
  const rows = await Promise.all(
    leftoversOf(all).map(async (one) => {
      const isGone = one.type === 'AWS::RDS::DBInstance' && (await databases.instance(one.physicalId)) === undefined
      return isGone ? [] : [one]
    }),
  )
  return rows.flat()
}

/** Nested stacks that changed and were not read yet. */
function changedChildren(events: readonly StackEvent[], known: ReadonlySet<string>): readonly string[] {
  const ids = events
    .filter(({type, status}) => type === 'AWS::CloudFormation::Stack' && /^(?:UPDATE|DELETE)_/.test(status))
    .map(({physicalId}) => physicalId)
  return [...new Set(ids)].filter((id) => id.startsWith('arn:') && !known.has(id))
}
