import {FailedError, NotFoundError} from '../../../src/domain/errors.ts'
import type {StackDescription, Stacks} from '../../../src/flows/ports.ts'
import {inProgress} from '../../../src/domain/stack-status.ts'
import type {Answers} from './answers.ts'
import {type ChangeSets, fakeChangeSets} from './fake-change-sets.ts'
import {obstacle} from './laws.ts'
import type {FakeStack} from './state.ts'
import {Timeline} from './timeline.ts'
import type {World} from './world.ts'

/** A refusal of CloudFormation. */
export function invalid(message: string): FailedError {
  return new FailedError(`AWS answered ValidationError: ${message}`, {code: 'AWS_VALIDATION_ERROR'})
}

export function describeFake(stack: FakeStack): StackDescription {
  const {statusReason, updatedAt} = stack
  return {
    id: stack.id,
    name: stack.name,
    status: stack.status,
    ...(statusReason === undefined ? {} : {statusReason}),
    createdAt: stack.createdAt,
    ...(updatedAt === undefined ? {} : {updatedAt}),
    parameters: {...stack.goal?.parameters},
    outputs: {...stack.outputs},
    tags: {...stack.goal?.tags},
    terminationProtection: stack.terminationProtection,
  }
}

/** CloudFormation, as far as flows ask of it. See README.md for how it behaves. */
export function fakeStacks(world: World): Answers<Stacks> {
  const must = (name: string): FakeStack => {
    const stack = world.stack(name)
    if (stack === undefined) throw invalid(`Stack with id ${name} does not exist`)
    return stack
  }
  const changeSets: ChangeSets = fakeChangeSets(world)
  return {
    ...changeSets,
    describe(stack) {
      const found = world.stack(stack)
      return found === undefined ? undefined : describeFake(found)
    },
    list: (prefix) =>
      world.state.stacks
        .filter(({name, status}) => name.startsWith(prefix) && status !== 'DELETE_COMPLETE')
        .map(describeFake),
    drift: (_stack, logicalId) =>
      world.drift.has(logicalId) ? world.drift.get(logicalId) : {deleted: false, properties: []},
    events(stack, after) {
      const child = world.children.get(stack)
      if (child !== undefined) {
        const told = child.filter(({at}) => Date.parse(at) <= world.clock.time)
        return told.slice(after === undefined ? 0 : told.findIndex(({id}) => id === after) + 1)
      }
      const all = world.stack(stack)?.events ?? []
      if (after === undefined) return all.slice(-100)
      return all.slice(all.findIndex(({id}) => id === after) + 1)
    },
    eventsSince(stack, since) {
      const events = world.children.get(stack) ?? world.stack(stack)?.events ?? []
      return events.filter(({at}) => at >= since && Date.parse(at) <= world.clock.time)
    },
    resources: (stack) => [...(world.stack(stack)?.resources ?? [])],
    template(stack) {
      const text = world.stack(stack)?.goal?.template
      if (text === undefined) throw new NotFoundError(`There is no stack ${stack}.`, {code: 'STACK_NOT_FOUND'})
      return text
    },
    stackPolicy: (stack) => must(stack).policy,
    setStackPolicy(stack, policy) {
      if (!world.ignores.has('setStackPolicy')) must(stack).policy = policy
    },
    setTerminationProtection(stack, enabled) {
      must(stack).terminationProtection = enabled
    },
    deleteStack(name, token, {retain = []} = {}) {
      const stack = world.stack(name)
      if (stack === undefined || stack.status === 'DELETE_COMPLETE' || stack.status === 'DELETE_IN_PROGRESS') return
      if (stack.terminationProtection)
        throw invalid(`Stack [${name}] cannot be deleted while TerminationProtection is enabled`)
      if (inProgress(stack.status)) throw invalid(`Stack [${name}] is in ${stack.status} state and can not be deleted`)
      if (known(stack, token)) return
      const timeline = new Timeline(world, stack, token)
      if (stack.status === 'REVIEW_IN_PROGRESS' || stack.goal === undefined) timeline.remove([], 0, undefined)
      else {
        const failure = world.takeFailure(stack.name, 'delete') ?? obstacle(world, stack, 'delete', stack.goal)
        const rows = stack.resources.filter(({status}) => status !== 'DELETE_COMPLETE')
        const held = failure === undefined || retain.includes(failure.logicalId) ? undefined : failure
        timeline.remove(rows, world.durations.delete, held)
      }
      world.tick()
    },
    continueRollback(name, token, skip) {
      const stack = must(name)
      if (stack.status !== 'UPDATE_ROLLBACK_FAILED') throw invalid(`Stack ${name} is in ${stack.status}`)
      if (known(stack, token)) return
      const unknown = skip.find((one) => !stuckNames(world, stack).includes(one))
      if (unknown !== undefined) throw invalid(`Resource ${unknown} did not fail to roll back`)
      const failure = world.takeFailure(stack.name, 'rollback')
      const held = failure !== undefined && skip.includes(failure.logicalId) ? undefined : failure
      new Timeline(world, stack, token).rollBack(world.durations.update, held)
      world.tick()
    },
    cancelUpdate(name, token) {
      const stack = must(name)
      if (stack.status !== 'UPDATE_IN_PROGRESS')
        throw invalid(`CancelUpdateStack cannot be called from ${stack.status}`)
      if (known(stack, token)) return
      stack.timeline = []
      stack.next = undefined
      new Timeline(world, stack, token).rollBack(world.durations.update, undefined, 'User Initiated')
      world.tick()
    },
  }
}

/** What may be skipped: what failed to roll back, nested ones by the name of their own stack. */
function stuckNames(world: World, {resources}: FakeStack): readonly string[] {
  return resources
    .filter(({status}) => status === 'UPDATE_FAILED')
    .flatMap(({logicalId, physicalId, type}) => {
      const child = type === 'AWS::CloudFormation::Stack' ? world.stack(physicalId) : undefined
      return child === undefined ? [logicalId] : stuckNames(world, child).map((name) => `${child.name}.${name}`)
    })
}

/** The same token again is the same call, whatever has happened since. */
function known(stack: FakeStack, token: string): boolean {
  if (stack.tokens.includes(token)) return true
  stack.tokens.push(token)
  return false
}
