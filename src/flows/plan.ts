import type {EnvironmentConfiguration} from '../domain/configuration.ts'
import {type Change, changeName, type GateFinding, gate} from '../domain/change-set.ts'
import type {EnvironmentName} from '../domain/names.ts'
import {type Part, parts, partsBefore, stackName} from '../domain/parts.ts'
import type {PlanFile} from '../domain/plan.ts'
import {statusTable} from '../domain/stack-status.ts'
import {preflight} from './deploy/preflight.ts'
import {fingerprintNow} from './deploy/stale-plan.ts'
import {survey} from './deploy/survey.ts'
import {type Surroundings, targetOf} from './deploy/targets.ts'
import {loadTemplates, type TemplateSet} from './deploy/templates.ts'
import {uploadArtifacts} from './deploy/uploads.ts'
import type {DeployOptions} from './deploy/options.ts'
import {isStanding, type Landscape, mergedOutputs, readLandscape, stackOf} from './landscape.ts'
import type {Ports, StackDescription} from './ports.ts'
import type {Run} from './run.ts'
import {prepareChangeSet} from './stack/change-stack.ts'
import {reported} from './steps.ts'

export interface PlanOptions {
  readonly environment: EnvironmentName
  readonly configuration: EnvironmentConfiguration
  readonly parts: readonly Part[]
  readonly cloudFormationRoleArn: string | undefined
}

export interface PlannedChange {
  readonly logicalId: string
  readonly type: string
  readonly action: 'Add' | 'Modify' | 'Remove' | 'Import' | 'Dynamic'
  readonly replacement: 'True' | 'False' | 'Conditional' | 'Unknown'
  /** Present where the change touches what holds data. */
  readonly gate?: 'refused' | 'review'
}

/** What happens to a part: `unknown` hangs on outputs that do not exist yet. */
export type PlannedAction = 'create' | 'update' | 'unchanged' | 'wait' | 'blocked'

export interface PlannedPart {
  readonly part: Part
  readonly stack: string
  readonly action: PlannedAction
  readonly changes: readonly PlannedChange[]
  /** Why it is blocked, or what its details wait for. */
  readonly note?: string
}

export interface PlanResult {
  readonly environment: string
  readonly changed: boolean
  readonly parts: readonly PlannedPart[]
  /** What `deploy --plan` compares. */
  readonly fingerprint: string
  readonly madeAt: string
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
  | 'serviceQuotas'
  | 'inventory'
>

/**
 * Shows what `deploy` would do and changes nothing: parts without a stack are compared locally, change sets of
 * existing ones are made and deleted again.
 */
export async function plan(options: PlanOptions, ports: PlanPorts, run: Run): Promise<PlanResult> {
  const caller = await ports.identity.caller()
  const templates = await loadTemplates(ports.packageFiles)
  const landscape = await readLandscape(ports, options.environment)
  const deployOptions = asDeployOptions(options)
  const surroundings = await survey(ports, options.configuration, templates, landscape, caller.partition)
  await preflight(ports, {options: deployOptions, caller, templates, landscape, surroundings}, run.report)
  await offerTemplates(ports, landscape, templates, surroundings, run)
  const wanted = parts.filter((part) => options.parts.length === 0 || options.parts.includes(part))
  const rows: PlannedPart[] = []
  for (const part of wanted) {
    const open = partsBefore(part).filter((before) =>
      rows.some((row) => row.part === before && row.action !== 'unchanged'),
    )
    const row = await reported(
      {clock: ports.clock, report: run.report},
      {step: `plan-${part}`, title: `Plan: ${part}`, part},
      async () => {
        const value = await planPart(part, {
          ports,
          options: deployOptions,
          templates,
          landscape,
          surroundings,
          run,
          open,
        })
        return {value, outcome: 'done', detail: value.action}
      },
    )
    rows.push(row)
  }
  return {
    environment: options.environment,
    changed: rows.some((row) => row.action !== 'unchanged'),
    parts: rows,
    fingerprint: fingerprintNow(options, templates, landscape),
    madeAt: ports.clock.now().toISOString(),
  }
}

/** The file that `deploy --plan` takes. */
export function planFileOf(result: PlanResult, options: PlanOptions): PlanFile {
  return {
    schemaVersion: 1,
    environment: result.environment,
    region: options.configuration.region,
    fingerprint: result.fingerprint,
    madeAt: result.madeAt,
    parts: [...options.parts],
  }
}

function asDeployOptions(options: PlanOptions): DeployOptions {
  return {
    ...options,
    wait: true,
    continueRollback: false,
    allowed: [],
    secrets: {},
    placeholderSecrets: false,
    resume: undefined,
    plan: undefined,
  }
}

/**
 * CloudFormation reads templates from the artifacts bucket, also for a change set that is never executed: those of
 * this version are put there under their content's hash. Nothing of the environment refers to them yet.
 */
async function offerTemplates(
  ports: PlanPorts,
  landscape: Landscape,
  templates: TemplateSet,
  surroundings: Surroundings,
  run: Run,
): Promise<void> {
  const bucket = mergedOutputs(landscape)['ArtifactsBucket']
  if (bucket === undefined) return
  const zip = await ports.packageFiles.lambdaZip()
  const sent = await uploadArtifacts(ports, bucket, {templates, zip, environmentFiles: surroundings.environmentFiles})
  if (sent > 0)
    run.report({
      type: 'note',
      message: `${sent} objects were put into the artifacts bucket for CloudFormation to read.`,
    })
}

interface PartContext {
  readonly ports: PlanPorts
  readonly options: DeployOptions
  readonly templates: TemplateSet
  readonly landscape: Landscape
  readonly surroundings: Surroundings
  readonly run: Run
  /** Parts before it whose outputs may still change. */
  readonly open: readonly Part[]
}

async function planPart(part: Part, context: PartContext): Promise<PlannedPart> {
  const {landscape, options, templates} = context
  const current = stackOf(landscape, part)
  const name = stackName(options.environment, part, landscape.generations.database)
  const status = current?.status ?? 'absent'
  const {deploy, meaning} = statusTable[status]
  if (deploy === 'wait') return {part, stack: name, action: 'wait', changes: [], note: `it is ${status}: ${meaning}`}
  if (deploy === 'refuse' || deploy === 'repair')
    return {part, stack: name, action: 'blocked', changes: [], note: `it is ${status}: ${meaning}`}
  if (!isStanding(current)) return {part, stack: name, action: 'create', changes: localChanges(part, templates)}
  const changes = await changeSetOf(part, current, context)
  const note = context.open.length === 0 ? {} : {note: `more may follow from new outputs of ${context.open.join(', ')}`}
  if (changes.length === 0) return {part, stack: name, action: 'unchanged', changes, ...note}
  return {part, stack: name, action: 'update', changes, ...note}
}

/** Every resource of a template and of the templates it nests, as additions. */
function localChanges(part: Part, templates: TemplateSet): readonly PlannedChange[] {
  return Object.entries(templates.models[part].Resources).map(([logicalId, {Type}]) => ({
    logicalId,
    type: Type,
    action: 'Add',
    replacement: 'False',
  }))
}

async function changeSetOf(
  part: Part,
  current: StackDescription,
  context: PartContext,
): Promise<readonly PlannedChange[]> {
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
  const findings = gate(changeSet.changes)
  return changeSet.changes.map((change) => planned(change, findings))
}

function planned(change: Change, findings: readonly GateFinding[]): PlannedChange {
  const finding = findings.find((candidate) => candidate.change === change)
  return {
    logicalId: changeName(change),
    type: change.type,
    action: change.action,
    replacement: change.replacement ?? 'False',
    ...(finding === undefined ? {} : {gate: finding.severity}),
  }
}
