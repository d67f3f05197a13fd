import type {EnvironmentConfiguration} from '../domain/configuration.ts'
import type {EnvironmentName} from '../domain/names.ts'
import {type OpenOutputs, openOutputs} from '../domain/open-outputs.ts'
import {type Part, parts, partsBefore} from '../domain/parts.ts'
import type {PlanFile} from '../domain/plan.ts'
import {fingerprintNow} from './deploy/stale-plan.ts'
import {survey} from './deploy/survey.ts'
import type {Surroundings} from './deploy/targets.ts'
import {loadTemplates, type TemplateSet} from './deploy/templates.ts'
import {uploadArtifacts} from './deploy/uploads.ts'
import type {DeployOptions} from './deploy/options.ts'
import {requireOwnFunction} from './function-zip/own.ts'
import {type Landscape, mergedOutputs, readLandscape} from './landscape.ts'
import {type PlannedPart, planPart, type PlanPorts as PartPorts} from './plan-part.ts'
import type {PreflightPorts} from './preflight/context.ts'
import {requireReady} from './preflight/gate.ts'
import {fittingRows} from './preflight/rows/index.ts'
import {runChecks} from './preflight/run-checks.ts'
import type {Run} from './run.ts'
import {reported} from './steps.ts'

export interface PlanOptions {
  readonly environment: EnvironmentName
  readonly configuration: EnvironmentConfiguration
  readonly parts: readonly Part[]
  readonly cloudFormationRoleArn: string | undefined
}

export interface PlanResult {
  readonly environment: string
  readonly changed: boolean
  readonly parts: readonly PlannedPart[]
  /** What `deploy --plan` compares. */
  readonly fingerprint: string
  readonly madeAt: string
}

export type PlanPorts = PartPorts & PreflightPorts

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
  const asked = {...deployOptions, embedded: deployOptions.placeholderSecrets}
  const checks = await runChecks(fittingRows, {ports, options: asked, caller, templates, landscape})
  requireReady(checks, deployOptions.strict, run.report)
  await offerTemplates(ports, options.environment, landscape, templates, surroundings, run)
  const wanted = parts.filter((part) => options.parts.length === 0 || options.parts.includes(part))
  const rows: PlannedPart[] = []
  let openNames: OpenOutputs = new Map()
  for (const part of wanted) {
    const open = partsBefore(part).filter((before) =>
      rows.some((row) => row.part === before && row.action !== 'unchanged'),
    )
    const {row, changes} = await reported(
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
          openNames,
        })
        return {value, outcome: 'done', detail: value.row.action}
      },
    )
    rows.push(row)
    openNames = openOutputs(part, templates.models[part], {created: row.action === 'create', changes}, openNames)
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
    assetsFolder: undefined,
    placeholderSecrets: false,
    createLinkedRoles: false,
    skip: [],
    strict: false,
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
  environment: EnvironmentName,
  landscape: Landscape,
  templates: TemplateSet,
  surroundings: Surroundings,
  run: Run,
): Promise<void> {
  const bucket = mergedOutputs(landscape)['ArtifactsBucket']
  if (bucket === undefined) return
  const {ownFunction} = surroundings
  if (ownFunction !== undefined) await requireOwnFunction(ports, environment, bucket, ownFunction, run.report)
  const zip = ownFunction === undefined ? await ports.packageFiles.lambdaZip() : undefined
  const sent = await uploadArtifacts(ports, bucket, {templates, zip, environmentFiles: surroundings.environmentFiles})
  if (sent > 0)
    run.report({
      type: 'note',
      message: `${sent} objects were put into the artifacts bucket for CloudFormation to read.`,
    })
}
