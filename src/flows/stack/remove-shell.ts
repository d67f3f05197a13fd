import {statefulTypes} from '../../domain/change-set.ts'
import {OperatorNeededError} from '../../domain/errors.ts'
import type {Part} from '../../domain/parts.ts'
import {settledAs, statusTable} from '../../domain/stack-status.ts'
import type {Report} from '../events.ts'
import type {StackDescription} from '../ports.ts'
import {type FollowPorts, follow} from './follow.ts'
import {goesOn} from './not-waited.ts'

export interface RemovalRequest {
  readonly part: Part
  readonly stack: StackDescription
  readonly token: string
  readonly roleArn: string | undefined
  /** False ends with PendingError once the deletion runs; true without it. */
  readonly wait?: boolean
  readonly stop: AbortSignal
}

/**
 * Removes what a failed creation left, so that the stack can be created again. Never where something that holds data
 * is still there: a person decides that.
 * @throws OperatorNeededError SHELL_HOLDS_DATA, STACK_STUCK
 */
export async function removeShell(ports: FollowPorts, request: RemovalRequest, report: Report): Promise<void> {
  const {stack} = request
  const resources = await ports.stacks.resources(stack.id)
  const data = resources.filter(
    (resource) =>
      statefulTypes.includes(resource.type) &&
      resource.physicalId !== '' &&
      resource.status !== 'DELETE_COMPLETE' &&
      resource.status !== 'CREATE_FAILED',
  )
  if (data.length > 0) {
    const names = data.map((resource) => `${resource.logicalId} (${resource.physicalId})`).join(', ')
    throw new OperatorNeededError(
      `Stack ${stack.name} is ${stack.status}: ${statusTable[stack.status].meaning}, and still has what may hold data: ${names}.`,
      {
        code: 'SHELL_HOLDS_DATA',
        suggestions: ['Look whether it holds anything, remove it or keep it elsewhere, then delete the stack by hand'],
      },
    )
  }
  report({type: 'note', message: `Stack ${stack.name} is ${stack.status}: it is removed and made again.`})
  if (stack.terminationProtection) await ports.stacks.setTerminationProtection(stack.id, false)
  await deleteAndFollow(ports, request, report)
}

/**
 * Deletes a stack and waits until it is gone.
 * @throws OperatorNeededError STACK_STUCK; PendingError NOT_WAITED without wait
 */
export async function deleteAndFollow(ports: FollowPorts, request: RemovalRequest, report: Report): Promise<void> {
  const {stack} = request
  const before = (await ports.stacks.events(stack.id)).at(-1)?.id
  await ports.stacks.deleteStack(
    stack.id,
    request.token,
    request.roleArn === undefined ? {} : {roleArn: request.roleArn},
  )
  if (request.wait === false) throw goesOn(stack.name)
  const resources = await ports.stacks.resources(stack.id).catch(() => [])
  const expected = resources.filter((resource) => resource.type !== 'AWS::CloudFormation::Stack').length
  const base = {part: request.part, stackId: stack.id, stackName: stack.name, expected, stop: request.stop}
  const {stack: after, events} = await follow(ports, before === undefined ? base : {...base, after: before}, report)
  if (settledAs(after.status) === 'succeeded') return
  const failed = events.filter((event) => event.status === 'DELETE_FAILED' && event.physicalId !== stack.id)
  const reasons = failed.map((event) => `${event.logicalId} (${event.type}): ${event.reason ?? 'AWS gave no reason'}`)
  throw new OperatorNeededError(
    `Stack ${stack.name} was not deleted (${after.status}): ${reasons.join('; ') || (after.statusReason ?? 'AWS gave no reason')}`,
    {
      code: 'STACK_STUCK',
      suggestions: [
        'Remove what holds it, then run the same command again',
        ...(failed.length === 0
          ? []
          : [
              `Or keep it: aws cloudformation delete-stack --stack-name ${stack.name} --retain-resources ${[...new Set(failed.map((event) => event.logicalId))].join(' ')}`,
            ]),
      ],
    },
  )
}
