import {type Change, statefulTypes} from '../../../src/domain/change-set.ts'
import {NotFoundError} from '../../../src/domain/errors.ts'
import {effectiveParameters} from '../../../src/domain/parameters.ts'
import {inProgress, statusTable} from '../../../src/domain/stack-status.ts'
import {parseTemplate, type Template, type TemplateResource} from '../../../src/domain/template.ts'
import type {ChangeSetRequest, Stacks, TemplateSource} from '../../../src/flows/ports.ts'
import type {Answers} from './answers.ts'
import {invalid} from './fake-stacks.ts'
import {obstacle} from './laws.ts'
import type {FakeChangeSet, FakeResource, FakeStack, Goal} from './state.ts'
import {type Failure, Timeline} from './timeline.ts'
import type {World} from './world.ts'

export type ChangeSets = Pick<
  Answers<Stacks>,
  'createChangeSet' | 'findChangeSet' | 'describeChangeSet' | 'executeChangeSet' | 'deleteChangeSet'
>

const inlineLimit = 51_200
const parsed = new Map<string, Template>()

/** Templates are parsed once for all tests. */
export function templateOf(text: string): Template {
  const known = parsed.get(text)
  if (known !== undefined) return known
  const template = parseTemplate(text)
  parsed.set(text, template)
  return template
}

/** Resources that exist with these parameters: a condition `IsX` asks whether the parameter X is true. */
function resourcesOf({template, parameters}: Goal): [string, TemplateResource][] {
  return Object.entries(templateOf(template).Resources).filter(
    ([, {Condition: condition}]) => condition === undefined || parameters[condition.slice(2)] === 'true',
  )
}

/** The half of CloudFormation that is about change sets. */
export function fakeChangeSets(world: World): ChangeSets {
  const find = (arn: string): {stack: FakeStack; changeSet: FakeChangeSet} | undefined => {
    for (const stack of world.state.stacks) {
      const changeSet = stack.changeSets.find((candidate) => candidate.arn === arn)
      if (changeSet !== undefined) return {stack, changeSet}
    }
    return undefined
  }
  const describe = (
    stack: FakeStack,
    {arn, readyAt, outcome, reason, description, executed, changes}: FakeChangeSet,
  ) => ({
    arn,
    stackId: stack.id,
    state: world.clock.time < readyAt ? ('pending' as const) : outcome,
    ...(reason === undefined ? {} : {reason}),
    description,
    executed,
    changes: outcome === 'ready' ? changes : [],
  })
  return {
    createChangeSet: (request) => create(world, request).arn,
    findChangeSet(name, changeSetName) {
      const stack = world.stack(name)
      const found = stack?.changeSets.find((candidate) => candidate.name === changeSetName)
      return stack === undefined || found === undefined ? undefined : describe(stack, found)
    },
    describeChangeSet(arn) {
      const found = find(arn)
      if (found === undefined)
        throw new NotFoundError(`There is no change set ${arn} any more.`, {code: 'CHANGE_SET_NOT_FOUND'})
      return describe(found.stack, found.changeSet)
    },
    executeChangeSet(arn, token) {
      const found = find(arn)
      if (found === undefined) throw invalid(`ChangeSet [${arn}] does not exist`)
      const {stack, changeSet} = found
      if (changeSet.executed) return
      if (changeSet.outcome !== 'ready' || inProgress(stack.status))
        throw invalid(`ChangeSet [${arn}] cannot be executed in ${stack.status}`)
      changeSet.executed = true
      stack.changeSets = [changeSet]
      execute(world, stack, changeSet, token)
    },
    deleteChangeSet(arn) {
      const found = find(arn)
      if (found?.changeSet.executed === false)
        found.stack.changeSets = found.stack.changeSets.filter((one) => one.arn !== arn)
    },
  }
}

function textOf(world: World, template: TemplateSource): string {
  if ('body' in template) {
    if (Buffer.byteLength(template.body) > inlineLimit) throw invalid('templateBody is longer than 51200 bytes')
    return template.body
  }
  const [bucket = '', ...key] = new URL(template.url).pathname.slice(1).split('/')
  const object = world.state.buckets.get(bucket)?.get(key.join('/'))
  if (object === undefined) throw invalid(`S3 error: The specified key does not exist (${template.url})`)
  return new TextDecoder().decode(object.body)
}

function create(world: World, request: ChangeSetRequest): FakeChangeSet {
  let stack = world.stack(request.stack)
  const again = stack?.changeSets.find(({name}) => name === request.name)
  if (again !== undefined) return again
  const allowed =
    request.kind === 'CREATE'
      ? stack === undefined || stack.status === 'REVIEW_IN_PROGRESS'
      : statusTable[stack?.status ?? 'absent'].deploy === 'update'
  if (!allowed) throw invalid(`Stack ${request.stack} is ${stack?.status ?? 'absent'}: no ${request.kind} change set`)
  const goal = goalOf(world, request, stack)
  stack ??= world.addStack(request.stack)
  const {changes, outcome, reason} = compare(world, stack, request.kind, goal)
  const changeSet: FakeChangeSet = {
    arn: `arn:aws:cloudformation:eu-west-1:111122223333:changeSet/${request.name}/${world.count('changeSet')}`,
    name: request.name,
    kind: request.kind,
    description: request.description,
    readyAt: world.clock.time + world.durations.changeSet,
    goal,
    changes,
    outcome,
    ...(reason === undefined ? {} : {reason}),
    executed: false,
  }
  stack.changeSets.push(changeSet)
  return changeSet
}

function goalOf(world: World, request: ChangeSetRequest, stack: FakeStack | undefined): Goal {
  const text = textOf(world, request.template)
  const template = templateOf(text)
  for (const [name, choice] of Object.entries(request.parameters)) {
    if (!(name in template.Parameters)) throw invalid(`Parameters: [${name}] do not exist in the template`)
    if ('previous' in choice && stack?.goal?.parameters[name] === undefined)
      throw invalid(`Invalid input for parameter key ${name}: no previous value`)
  }
  for (const [name, {Default: standard}] of Object.entries(template.Parameters)) {
    if (standard === undefined && !(name in request.parameters)) throw invalid(`Parameters: [${name}] must have values`)
  }
  return {
    template: text,
    parameters: {...effectiveParameters(template, request.parameters, stack?.goal?.parameters)},
    tags: {...request.tags},
  }
}

function compare(
  world: World,
  stack: FakeStack,
  kind: 'CREATE' | 'UPDATE',
  goal: Goal,
): Pick<FakeChangeSet, 'changes' | 'outcome' | 'reason'> {
  const broken = world.brokenChangeSets.get(stack.name)
  if (broken !== undefined) return {changes: [], outcome: 'failed', reason: broken}
  const before = kind === 'CREATE' ? undefined : stack.goal
  const changes = world.changes.get(stack.name) ?? differences(before, goal)
  const same = changes.length === 0 && kind === 'UPDATE'
  return same ? {changes: [], outcome: 'empty', reason: 'No updates are to be performed.'} : {changes, outcome: 'ready'}
}

/** Rows by resource: new and gone ones, and those that name a parameter that changes or whose own text does. */
function differences(before: Goal | undefined, goal: Goal): readonly Change[] {
  const row = (
    logicalId: string,
    type: string,
    action: Change['action'],
    replacement?: Change['replacement'],
  ): Change => ({
    path: [],
    logicalId,
    type,
    action,
    ...(replacement === undefined ? {} : {replacement}),
    properties: [],
  })
  const after = resourcesOf(goal)
  if (before === undefined) return after.map(([name, {Type}]) => row(name, Type, 'Add'))
  const old = new Map(resourcesOf(before))
  const now = new Map(after)
  const changed = Object.keys(goal.parameters).filter((name) => goal.parameters[name] !== before.parameters[name])
  const rows = [
    ...after.flatMap(([name, resource]) => {
      const was = old.get(name)
      if (was === undefined) return [row(name, resource.Type, 'Add')]
      const text = JSON.stringify(resource)
      const touched =
        text !== JSON.stringify(was) || changed.some((parameter) => text.includes(`{"Ref":"${parameter}"}`))
      return touched ? [row(name, resource.Type, 'Modify', 'False')] : []
    }),
    ...[...old].flatMap(([name, {Type}]) => (now.has(name) ? [] : [row(name, Type, 'Remove')])),
  ]
  const [first] = after
  const differs =
    changed.length > 0 || before.template !== goal.template || JSON.stringify(before.tags) !== JSON.stringify(goal.tags)
  return rows.length === 0 && differs && first !== undefined ? [row(first[0], first[1].Type, 'Modify', 'False')] : rows
}

/** What the stack's policy says to a row. */
function denied({policy}: FakeStack, change: Change): boolean {
  const gone = change.action === 'Remove' || change.replacement === 'True'
  return gone && statefulTypes.includes(change.type) && policy?.includes('Deny') === true
}

function execute(world: World, stack: FakeStack, changeSet: FakeChangeSet, token: string): void {
  const {goal, changes} = changeSet
  const timeline = new Timeline(world, stack, token)
  const rows = changes.map(({logicalId, type}) => ({
    logicalId,
    type,
    physicalId: world.nestedIds.get(logicalId) ?? physicalIdOf(stack, goal, logicalId, type),
  }))
  stack.next = goal
  if (changeSet.kind === 'CREATE') {
    stack.goal = goal
    timeline.create(
      rows,
      world.durations.create,
      world.takeFailure(stack.name, 'create') ?? obstacle(world, stack, 'create', goal),
    )
  } else {
    stack.updatedAt = new Date(world.clock.time).toISOString()
    const removed = (row: Pick<FakeResource, 'logicalId'>): boolean =>
      changes.some(({logicalId, action}) => logicalId === row.logicalId && action === 'Remove')
    const failure =
      policyFailure(stack, changes) ?? world.takeFailure(stack.name, 'update') ?? obstacle(world, stack, 'update', goal)
    const back = failure === undefined ? undefined : world.takeFailure(stack.name, 'rollback')
    const staying = rows.filter((row) => !removed(row))
    const left = failure === undefined ? world.takeFailure(stack.name, 'cleanup') : undefined
    timeline.update(staying, rows.filter(removed), world.durations.update, failure, back, left)
  }
  world.tick()
}

function physicalIdOf(stack: FakeStack, goal: Goal, logicalId: string, type: string): string {
  if (type !== 'AWS::ECS::Service') return `${stack.name}-${logicalId}-${stack.id.split('/').at(-1) ?? ''}`
  const cluster = `${goal.parameters['EnvironmentName'] ?? ''}-cluster`
  return `arn:aws:ecs:eu-west-1:111122223333:service/${cluster}/${stack.name}-${logicalId.replace(/Service$/, '-Service')}`
}

function policyFailure(stack: FakeStack, changes: readonly Change[]): Failure | undefined {
  const change = changes.find((row) => denied(stack, row))
  return change === undefined ? undefined : {logicalId: change.logicalId, reason: 'Action denied by stack policy'}
}
