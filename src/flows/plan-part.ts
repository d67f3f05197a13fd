import {type Change, changeName, type GateFinding, gate} from '../domain/change-set.ts'
import {type OpenOutputs, unknownUntil} from '../domain/open-outputs.ts'
import {type Part, stackName} from '../domain/parts.ts'
import {statusTable} from '../domain/stack-status.ts'
import type {DeployOptions} from './deploy/options.ts'
import {type Surroundings, targetOf} from './deploy/targets.ts'
import type {TemplateSet} from './deploy/templates.ts'
import {isStanding, type Landscape, mergedOutputs, stackOf} from './landscape.ts'
import type {Ports, StackDescription} from './ports.ts'
import type {Run} from './run.ts'
import {prepareChangeSet} from './stack/change-stack.ts'

export interface PlannedChange {
  readonly logicalId: string
  readonly type: string
  readonly action: 'Add' | 'Modify' | 'Remove' | 'Import' | 'Dynamic'
  readonly replacement: 'True' | 'False' | 'Conditional' | 'Unknown'
  /** Present where the change touches what holds data. */
  readonly gate?: 'refused' | 'review'
  /** Parts whose outputs decide it and are still to come; absent when all is known. */
  readonly unknownUntil?: readonly Part[]
}

/** What happens to a part. */
export type PlannedAction = 'create' | 'update' | 'unchanged' | 'wait' | 'blocked'

export interface PlannedPart {
  readonly part: Part
  readonly stack: string
  readonly action: PlannedAction
  readonly changes: readonly PlannedChange[]
  /** Why it is blocked, or what its details wait for. */
  readonly note?: string
}

export type PlanPorts = Pick<
  Ports,
  | 'identity'
  | 'stacks'
  | 'objects'
  | 'clock'
  | 'machine'
  | 'networks'
  | 'certificates'
  | 'hostedZones'
  | 'packageFiles'
  | 'containers'
>

export interface PartContext {
  readonly ports: PlanPorts
  readonly options: DeployOptions
  readonly templates: TemplateSet
  readonly landscape: Landscape
  readonly surroundings: Surroundings
  readonly run: Run
  /** Parts before it whose outputs may still change. */
  readonly open: readonly Part[]
  /** The outputs before it that are still to come. */
  readonly openNames: OpenOutputs
}

/** A row of the plan, and the change set's own rows that it was made from. */
export interface PartPlan {
  readonly row: PlannedPart
  readonly changes: readonly Change[]
}

/**
 * Compares one part with what its stack is: locally where there is none, by a change set that is deleted again where
 * it stands.
 */
export async function planPart(part: Part, context: PartContext): Promise<PartPlan> {
  const {landscape, options} = context
  const current = stackOf(landscape, part)
  const name = stackName(options.environment, part, landscape.generations.database)
  const status = current?.status ?? 'absent'
  const {deploy, meaning} = statusTable[status]
  if (deploy === 'wait' || deploy === 'refuse' || deploy === 'repair') {
    const action = deploy === 'wait' ? 'wait' : 'blocked'
    return {row: {part, stack: name, action, changes: [], note: `it is ${status}: ${meaning}`}, changes: []}
  }
  if (!isStanding(current)) {
    return {row: {part, stack: name, action: 'create', changes: localChanges(part, context)}, changes: []}
  }
  const changes = await changeSetOf(part, current, context)
  const findings = gate(changes)
  const rows = [
    ...changes.map((change) => planned(part, change, findings, context)),
    ...stillUnknown(part, changes, context),
  ]
  const note = context.open.length === 0 ? {} : {note: `more may follow from new outputs of ${context.open.join(', ')}`}
  return {
    row: {part, stack: name, action: rows.length === 0 ? 'unchanged' : 'update', changes: rows, ...note},
    changes,
  }
}

/** Every resource of a template, as additions. */
function localChanges(part: Part, context: PartContext): readonly PlannedChange[] {
  return Object.entries(context.templates.models[part].Resources).map(([logicalId, {Type}]) => ({
    logicalId,
    type: Type,
    action: 'Add',
    replacement: 'False',
    ...waitsFor(part, logicalId, context),
  }))
}

/** The parts before it that a resource of a template hangs on, as a field of its row. */
function waitsFor(
  part: Part,
  logicalId: string,
  {templates, openNames}: PartContext,
): {readonly unknownUntil?: readonly Part[]} {
  const template = templates.models[part]
  const resource = template.Resources[logicalId]
  const waitedFor = resource === undefined ? [] : unknownUntil(resource, template, openNames)
  return waitedFor.length === 0 ? {} : {unknownUntil: waitedFor}
}

/** Resources that no change set names today, and that outputs to come may yet change. */
function stillUnknown(part: Part, changes: readonly Change[], context: PartContext): readonly PlannedChange[] {
  const named = new Set(changes.map(({path, logicalId}) => path[0] ?? logicalId))
  return Object.entries(context.templates.models[part].Resources).flatMap(([logicalId, {Type}]) => {
    const waiting = named.has(logicalId) ? {} : waitsFor(part, logicalId, context)
    if (waiting.unknownUntil === undefined) return []
    return [{logicalId, type: Type, action: 'Modify', replacement: 'Unknown', ...waiting}]
  })
}

async function changeSetOf(part: Part, current: StackDescription, context: PartContext): Promise<readonly Change[]> {
  const {ports, landscape, options, run} = context
  const target = targetOf(part, {...context, outputs: mergedOutputs(landscape)}, {containers: ports.containers})
  const id = ports.machine.randomHex(12)
  const changeSet = await prepareChangeSet(ports, target, current, target.parameters(current), {
    changeSetName: `pi-plan-${id}`,
    description: 'pi-aws plan: never executed',
    token: `pi-plan-${id}`,
    roleArn: options.cloudFormationRoleArn,
    stop: run.pause,
  })
  await ports.stacks.deleteChangeSet(changeSet.arn)
  return changeSet.changes
}

function planned(part: Part, change: Change, findings: readonly GateFinding[], context: PartContext): PlannedChange {
  const finding = findings.find((candidate) => candidate.change === change)
  return {
    logicalId: changeName(change),
    type: change.type,
    action: change.action,
    replacement: change.replacement ?? 'False',
    ...(finding === undefined ? {} : {gate: finding.severity}),
    ...waitsFor(part, change.path[0] ?? change.logicalId, context),
  }
}
