import {type Change, type ChangeSet, changeName, type GateFinding, gate} from '../../domain/change-set.ts'
import {FailedError, RefusedError} from '../../domain/errors.ts'
import {type ParameterChoice} from '../../domain/parameters.ts'
import type {Part} from '../../domain/parts.ts'
import {openPolicy, protectingPolicy} from '../../domain/stack-policy.ts'
import type {Report} from '../events.ts'
import type {Clock, StackDescription, Stacks, TemplateSource} from '../ports.ts'
import {type FollowPorts, follow, requireSuccess} from './follow.ts'
import {goesOn} from './not-waited.ts'
import {settle} from './settle.ts'

/** A stack as it shall be. */
export interface StackTarget {
  readonly part: Part
  readonly name: string
  readonly template: TemplateSource
  readonly tags: Readonly<Record<string, string>>
  /** Parameters, given what the stack is now. */
  readonly parameters: (current: StackDescription | undefined) => Readonly<Record<string, ParameterChoice>>
  /**
   * Values that follow a living system (the count of a scaled service) and so change nothing by themselves:
   * they are sent only together with a real change.
   */
  readonly alongside?: () => Promise<Readonly<Record<string, string>>>
}

/** How a stack is changed. */
export interface ChangeOptions {
  readonly changeSetName: string
  readonly description: string
  readonly token: string
  readonly allowed: readonly string[]
  readonly wait: boolean
  /** Continue a failed rollback first. */
  readonly continueRollback: boolean
  readonly roleArn: string | undefined
  readonly stop: AbortSignal
  /** Called once, after the gate and before anything of the stack changes. */
  readonly beforeExecute: (changes: readonly Change[]) => Promise<void>
}

export interface StackChangeResult {
  readonly stack: StackDescription
  readonly outcome: 'created' | 'updated' | 'unchanged'
}

/** Makes a change set and waits until CloudFormation has worked it out. */
export async function prepareChangeSet(
  {stacks, clock}: {readonly stacks: Stacks; readonly clock: Clock},
  target: StackTarget,
  current: StackDescription | undefined,
  choices: Readonly<Record<string, ParameterChoice>>,
  options: Pick<ChangeOptions, 'changeSetName' | 'description' | 'token' | 'roleArn' | 'stop'>,
): Promise<ChangeSet> {
  const arn = await stacks.createChangeSet({
    stack: target.name,
    name: options.changeSetName,
    kind: current === undefined ? 'CREATE' : 'UPDATE',
    template: target.template,
    parameters: choices,
    tags: target.tags,
    token: options.token,
    description: options.description,
    ...(options.roleArn === undefined ? {} : {roleArn: options.roleArn}),
  })
  for (let pause = 250; ; pause = nextPause(pause)) {
    const changeSet = await stacks.describeChangeSet(arn)
    if (changeSet.state === 'failed') {
      await stacks.deleteChangeSet(arn)
      throw new FailedError(`Change set of ${target.name} failed: ${changeSet.reason ?? 'AWS gave no reason'}`, {
        code: 'CHANGE_SET_FAILED',
      })
    }
    if (changeSet.state !== 'pending') return changeSet
    await clock.sleep(pause, options.stop)
  }
}

/**
 * Pause before the next look at a change set (ms). Most are worked out within ten seconds: until then half a second is
 * the most that is lost, later a tenth more each time, up to two seconds.
 */
function nextPause(pause: number): number {
  return pause < 500 ? 500 : Math.min(Math.round(pause * 1.1), 2000)
}

/** The gate's refusal as an error. */
export function refusal(stack: string, findings: readonly GateFinding[]): RefusedError {
  const refused = findings.filter((finding) => finding.severity === 'refused')
  const rows = refused.map((finding) => `${finding.name} (${finding.change.type}): ${finding.why}`)
  return new RefusedError(`Refused to change ${stack}: it would touch what holds data. ${rows.join('; ')}.`, {
    code: 'DATA_AT_RISK',
    suggestions: [
      'pi-aws plan shows the whole change',
      ...refused.map((finding) => `Take a snapshot, then name it: --allow-replacement ${finding.name}`),
    ],
  })
}

/**
 * Takes one stack to its target: settle, change set, gate, execute, follow.
 * @throws RefusedError DATA_AT_RISK before anything changed; what `requireSuccess` throws; PendingError without wait
 */
export async function changeStack(
  ports: FollowPorts,
  target: StackTarget,
  options: ChangeOptions,
  report: Report,
): Promise<StackChangeResult> {
  const current = await settle(ports, {...options, part: target.part, name: target.name}, report)
  const choices = target.parameters(current)
  let changeSet = await prepareChangeSet(ports, target, current, choices, options)
  if (changeSet.state === 'ready' && current !== undefined && target.alongside !== undefined) {
    const live = moved(await target.alongside(), current)
    if (Object.keys(live).length > 0) {
      await ports.stacks.deleteChangeSet(changeSet.arn)
      const again = {...options, changeSetName: `${options.changeSetName}-live`, token: `${options.token}-live`}
      const values = Object.fromEntries(Object.entries(live).map(([name, value]) => [name, {value}]))
      changeSet = await prepareChangeSet(ports, target, current, {...choices, ...values}, again)
    }
  }
  if (changeSet.state === 'empty' && current !== undefined) {
    await ports.stacks.deleteChangeSet(changeSet.arn)
    return {stack: current, outcome: 'unchanged'}
  }
  const findings = gate(changeSet.changes, options.allowed)
  if (findings.some((finding) => finding.severity === 'refused')) {
    await ports.stacks.deleteChangeSet(changeSet.arn)
    throw refusal(target.name, findings)
  }
  for (const finding of findings)
    report({type: 'warning', code: 'MAY_REPLACE', message: `${target.name}: ${finding.name}: ${finding.why}.`})
  return execute(ports, target, options, changeSet, current, report)
}

function moved(live: Readonly<Record<string, string>>, current: StackDescription): Record<string, string> {
  return Object.fromEntries(
    Object.entries(live).filter(([name, value]) => name in current.parameters && current.parameters[name] !== value),
  )
}

async function execute(
  ports: FollowPorts,
  target: StackTarget,
  options: ChangeOptions,
  changeSet: ChangeSet,
  current: StackDescription | undefined,
  report: Report,
): Promise<StackChangeResult> {
  const before = await ports.stacks.events(changeSet.stackId)
  await options.beforeExecute(changeSet.changes)
  // What the operator allowed by name passed the gate; the stack's policy would still deny it.
  const permitted = current !== undefined && gate(changeSet.changes).some((finding) => finding.severity === 'refused')
  if (permitted) await ports.stacks.setStackPolicy(changeSet.stackId, openPolicy)
  if (!changeSet.executed) await ports.stacks.executeChangeSet(changeSet.arn, options.token)
  if (!options.wait) throw goesOn(target.name)
  const after = before.at(-1)?.id
  // Not every CloudFormation tells the changes of nested stacks: then the root's own resources are counted.
  const nested = changeSet.changes.some((change) => change.path.length > 0)
  const counted = nested
    ? changeSet.changes.filter((change) => change.type !== 'AWS::CloudFormation::Stack')
    : changeSet.changes
  const request = {
    part: target.part,
    stackId: changeSet.stackId,
    stackName: target.name,
    expected: counted.length,
    nested,
    stop: options.stop,
  }
  const {stack, events} = await follow(ports, after === undefined ? request : {...request, after}, report)
  if (permitted) await ports.stacks.setStackPolicy(changeSet.stackId, protectingPolicy)
  return {
    stack: await requireSuccess(ports, stack, events),
    outcome: current === undefined ? 'created' : 'updated',
  }
}

/** Names of the changes, for plans and journals. */
export function changeNames(changes: readonly Change[]): readonly string[] {
  return changes.map(changeName)
}
