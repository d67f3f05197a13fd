import {LockedError, RefusedError} from '../../domain/errors.ts'
import type {ChangeSet} from '../../domain/change-set.ts'
import {inProgress} from '../../domain/stack-status.ts'
import type {Report} from '../events.ts'
import {holderText} from '../ledger/lock.ts'
import type {Holder, Machine, StackDescription} from '../ports.ts'
import {type ChangeOptions, changeStack, type StackChangeResult, type StackTarget} from '../stack/change-stack.ts'
import type {FollowPorts} from '../stack/follow.ts'

/** The one change set that may create the foundation: until the ledger exists, its name is the mutex. */
export const foundationChangeSet = 'pi-create'

function holderOf(changeSet: ChangeSet): Holder | undefined {
  try {
    const value = JSON.parse(changeSet.description ?? '') as Partial<Holder>
    return typeof value.host === 'string' && typeof value.pid === 'number' && typeof value.user === 'string'
      ? {host: value.host, pid: value.pid, user: value.user}
      : undefined
  } catch {
    return undefined
  }
}

function sameHolder(a: Holder | undefined, b: Holder): boolean {
  return a?.host === b.host && a.pid === b.pid
}

/** @throws LockedError FOUNDATION_LOCKED while somebody alive creates it */
function requireOurs(name: string, changeSet: ChangeSet, machine: Machine): void {
  const holder = holderOf(changeSet)
  if (sameHolder(holder, machine.holder())) return
  if (holder === undefined || machine.mayBeAlive(holder)) {
    throw new LockedError(
      `Stack ${name} is being created by ${holder === undefined ? 'somebody else' : holderText(holder)}.`,
      {
        code: 'FOUNDATION_LOCKED',
        suggestions: [
          'Wait for it to end, then run the same command again',
          `If nobody works on it any more: aws cloudformation delete-change-set --stack-name ${name} --change-set-name ${foundationChangeSet}`,
        ],
      },
    )
  }
}

/**
 * Creates the foundation, the only stack that is made before there is a lock or a journal.
 * What a run that died began is taken up.
 */
export async function createFoundation(
  ports: FollowPorts & {readonly machine: Machine},
  target: StackTarget,
  current: StackDescription | undefined,
  options: Omit<ChangeOptions, 'changeSetName' | 'description' | 'beforeExecute'>,
  report: Report,
): Promise<StackChangeResult> {
  const {stacks, machine} = ports
  if (current !== undefined) {
    const left = await stacks.findChangeSet(target.name, foundationChangeSet)
    if (left !== undefined) {
      if (!left.executed || inProgress(current.status)) requireOurs(target.name, left, machine)
      if (!left.executed) await stacks.deleteChangeSet(left.arn)
    } else if (inProgress(current.status) && current.status !== 'DELETE_IN_PROGRESS') {
      report({type: 'note', message: `Stack ${target.name} is ${current.status}; nobody says who began it.`})
    }
  }
  return changeStack(
    ports,
    target,
    {
      ...options,
      changeSetName: foundationChangeSet,
      description: JSON.stringify(machine.holder()),
      // Two runs may have met at the same change set: only its maker executes it.
      beforeExecute: async () => {
        const found = await stacks.findChangeSet(target.name, foundationChangeSet)
        if (found === undefined)
          throw new RefusedError(`Change set of ${target.name} vanished.`, {code: 'CHANGE_SET_GONE'})
        requireOurs(target.name, found, machine)
      },
    },
    report,
  )
}
