import {FailedError} from '../../domain/errors.ts'
import {openPolicy, protectingPolicy, samePolicy} from '../../domain/stack-policy.ts'
import type {StackDescription, Stacks} from '../ports.ts'

/** Whether a stack is guarded against replacement, removal and deletion. */
export interface Protection {
  readonly stackPolicy: boolean
  readonly terminationProtection: boolean
}

export async function protectionOf(stacks: Stacks, stack: StackDescription): Promise<Protection> {
  return {
    stackPolicy: samePolicy(await stacks.stackPolicy(stack.id), protectingPolicy),
    terminationProtection: stack.terminationProtection,
  }
}

/**
 * Sets stack policy and termination protection, which no change set carries, and reads them back.
 * @returns what was switched on now; empty when all was on already
 * @throws FailedError PROTECTION_NOT_SET
 */
export async function protect(stacks: Stacks, stack: StackDescription): Promise<readonly string[]> {
  const before = await protectionOf(stacks, stack)
  if (before.stackPolicy && before.terminationProtection) return []
  if (!before.stackPolicy) await stacks.setStackPolicy(stack.id, protectingPolicy)
  if (!before.terminationProtection) await stacks.setTerminationProtection(stack.id, true)
  const again = await stacks.describe(stack.id)
  const after = again === undefined ? undefined : await protectionOf(stacks, again)
  if (after?.stackPolicy !== true || !after.terminationProtection) {
    throw new FailedError(
      `Stack ${stack.name} is not protected: its stack policy or termination protection reads back otherwise than set.`,
      {
        code: 'PROTECTION_NOT_SET',
      },
    )
  }
  return [
    ...(before.stackPolicy ? [] : ['stack policy']),
    ...(before.terminationProtection ? [] : ['termination protection']),
  ]
}

/** Lifts both, before a stack is taken down on purpose. */
export async function unprotect(stacks: Stacks, stack: StackDescription): Promise<void> {
  if (!samePolicy(await stacks.stackPolicy(stack.id), openPolicy)) await stacks.setStackPolicy(stack.id, openPolicy)
  if (stack.terminationProtection) await stacks.setTerminationProtection(stack.id, false)
}
