import {OperatorNeededError} from '../../domain/errors.ts'
import type {Part} from '../../domain/parts.ts'
import {settledAs, statusTable} from '../../domain/stack-status.ts'
import type {Report} from '../events.ts'
import type {StackDescription} from '../ports.ts'
import {type FollowPorts, follow, requireSuccess} from './follow.ts'
import {removeShell} from './remove-shell.ts'
import {requireInSync, stuckIn, waysToSkip} from './stuck-resources.ts'

interface SettleRequest {
  readonly part: Part
  readonly name: string
  readonly token: string
  /** Continue a failed rollback first. */
  readonly continueRollback: boolean
  /** What of it is left as it is: `Logical` or `Nested.Logical`. */
  readonly skip?: readonly string[]
  readonly roleArn: string | undefined
  readonly stop: AbortSignal
}

/** Shells of failed creations that are removed one after the other before a person is asked. */
const recreations = 3

/**
 * Brings a stack from whatever state it is in to where a change set may be made.
 * @returns the stack to update; undefined where one is to be created, also over a shell that was only reviewed
 * @throws OperatorNeededError STACK_STUCK, SHELL_HOLDS_DATA
 */
export async function settle(
  ports: FollowPorts,
  request: SettleRequest,
  report: Report,
): Promise<StackDescription | undefined> {
  const {part, name, token, roleArn, stop} = request
  for (let round = 0; ; round++) {
    const current = await ports.stacks.describe(name)
    const {deploy, meaning} = statusTable[current?.status ?? 'absent']
    if (current === undefined || deploy === 'create') return undefined
    if (deploy === 'update') return current
    const stuck = `Stack ${name} is ${current.status}: ${meaning}.`
    if (deploy === 'wait') {
      report({type: 'note', message: `${stuck} Waiting for it to end.`})
      await follow(ports, {part, stackId: current.id, stackName: name, expected: 0, stop}, report)
    } else if (deploy === 'recreate' && round < recreations) {
      await removeShell(ports, {part, stack: current, token: `${token}-shell`, roleArn, stop}, report)
    } else if (deploy === 'repair' && request.continueRollback) {
      report({type: 'note', message: `${stuck} Continuing the rollback.`})
      await continueRollback(ports, request, current, report)
    } else {
      throw new OperatorNeededError(stuck, {
        code: 'STACK_STUCK',
        suggestions:
          deploy === 'repair'
            ? ['pi-aws deploy --continue-rollback']
            : ['pi-aws status', 'Look at the stack in the CloudFormation console'],
      })
    }
  }
}

/**
 * Continues a failed rollback, once: what makes it fail again is for a person. What is skipped by name is compared with
 * its template afterwards.
 * @throws OperatorNeededError STACK_STUCK with the first cause, SKIPPED_DRIFTED
 */
async function continueRollback(
  ports: FollowPorts,
  request: SettleRequest,
  {id, name}: StackDescription,
  report: Report,
): Promise<void> {
  const before = (await ports.stacks.events(id)).at(-1)?.id
  const {skip = []} = request
  const skipped =
    skip.length === 0 ? [] : (await stuckIn(ports.stacks, {id, name})).filter((one) => skip.includes(one.name))
  await ports.stacks.continueRollback(
    id,
    `${request.token}-rollback`,
    skipped.map(({apiName}) => apiName),
  )
  const watch = {part: request.part, stackId: id, stackName: name, expected: 0, stop: request.stop}
  const {stack, events} = await follow(ports, before === undefined ? watch : {...watch, after: before}, report)
  if (settledAs(stack.status) !== 'failed') return requireInSync(ports.stacks, name, skipped, report)
  try {
    await requireSuccess(ports, stack, events)
  } catch (error) {
    if (!(error instanceof OperatorNeededError)) throw error
    const {message, code, suggestions} = error
    const ways = waysToSkip(await stuckIn(ports.stacks, {id, name}))
    throw new OperatorNeededError(message, {code, suggestions: [...suggestions, ...ways], cause: error})
  }
}
