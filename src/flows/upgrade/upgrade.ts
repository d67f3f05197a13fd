import {CancelledError, PausedError, PendingError, PiError, RolledBackError, UsageError} from '../../domain/errors.ts'
import type {AssetPorts} from '../assets/ports.ts'
import {requireName} from '../confirm.ts'
import {deploy} from '../deploy/deploy.ts'
import type {DeployResult, TagMove} from '../deploy/options.ts'
import type {Ask} from '../ports.ts'
import type {Run} from '../run.ts'
import {createSnapshot} from '../snapshot/create.ts'
import {keepTag, requireWritable} from './keep-tag.ts'
import type {UpgradeOptions, UpgradePlan, UpgradePorts, UpgradeResult} from './options.ts'
import {type PlannedUpgrade, planUpgrade} from './plan-upgrade.ts'

/**
 * Moves an environment to another release of the platform, to the templates of this pi-aws, or back: plan, confirmation,
 * snapshot, the tag into pi-aws.yaml, deploy. The tag is written before the deploy, so that whatever is run after a crash
 * goes on forward; a deploy that CloudFormation rolled back takes it out again.
 * @param assetPorts what only a configured folder of assets needs
 * @throws as `planUpgrade`, `createSnapshot` and `deploy`; UsageError CONFIRMATION_MISSING, CONFIRMATION_WRONG; CancelledError;
 * RefusedError CONFIGURATION_UNWRITABLE
 */
export async function upgrade(
  options: UpgradeOptions,
  ports: UpgradePorts,
  run: Run,
  assetPorts: () => Promise<AssetPorts>,
): Promise<UpgradeResult> {
  const planned = await planUpgrade(options, ports, run)
  const {plan} = planned
  if (!planned.needed) return {state: 'unchanged', plan}
  if (options.dryRun) return {state: 'planned', plan}
  await requireConsent(options, plan, ports.ask)
  const {environment} = options
  if (plan.file !== undefined) await requireWritable(ports.tagFiles, plan.file, environment, plan.tag.to)
  const snapshot = options.snapshotFirst ? await snapshotBefore(options, plan, ports, run) : undefined
  const before =
    plan.file === undefined ? undefined : await keepTag(ports.tagFiles, plan.file, environment, plan.tag.to)
  const move: TagMove = {...plan.tag, ...(snapshot === undefined ? {} : {snapshot})}
  try {
    const result = await deployPlanned(options, planned, move, ports, run, assetPorts)
    return {
      state: 'upgraded',
      plan,
      ...(snapshot === undefined ? {} : {snapshot}),
      opId: result.opId,
      deployed: result.parts,
    }
  } catch (error) {
    if (error instanceof RolledBackError && plan.file !== undefined)
      await keepTag(ports.tagFiles, plan.file, environment, before)
    throw withWayBack(error, environment, move)
  }
}

/** With a snapshot first a yes is enough; without one the name is wanted. */
async function requireConsent(
  {environment, confirmed, confirm, embedded}: UpgradeOptions,
  plan: UpgradePlan,
  ask: Ask,
): Promise<void> {
  const {from, to} = plan.tag
  const what = from === to ? 'moves the templates' : `takes ${environment} from ${from} to ${to}`
  if (!plan.snapshotFirst) {
    if (embedded && confirmed && confirm === undefined) return
    const question = `This ${what} without a snapshot first.`
    await requireName(ask, environment, confirm, {flag: '--confirm', question})
    return
  }
  if (confirmed) return
  if (!ask.possible) {
    throw new UsageError(`Confirmation missing: this ${what}. Nobody can be asked.`, {
      code: 'CONFIRMATION_MISSING',
      suggestions: ['Look at it: --dry-run', 'Then: --yes'],
    })
  }
  const more = [...plan.downtime, ...plan.warnings].map((text) => `${text}.`)
  if (!(await ask.confirm([`This ${what}.`, ...more, 'Go on?'].join(' '))))
    throw new CancelledError('Cancelled. Nothing was changed.', {code: 'CANCELLED'})
}

async function snapshotBefore(
  options: UpgradeOptions,
  {tag}: UpgradePlan,
  ports: UpgradePorts,
  run: Run,
): Promise<string> {
  const {environment, configuration, consistency, maxQuiesceMs} = options
  const note = tag.from === tag.to ? 'before new templates' : `before the upgrade from ${tag.from} to ${tag.to}`
  const {id} = await createSnapshot(
    {
      ...{environment, account: configuration.account, consistency, maxQuiesceMs},
      ...{note, tags: ['upgrade'], vaulted: false, resume: undefined},
    },
    ports,
    run,
  )
  return id
}

function deployPlanned(
  options: UpgradeOptions,
  {configuration, fingerprint}: PlannedUpgrade,
  move: TagMove,
  ports: UpgradePorts,
  run: Run,
  assetPorts: () => Promise<AssetPorts>,
): Promise<DeployResult> {
  const {environment, cloudFormationRoleArn, embedded, assetsFolder, wait = true} = options
  return deploy(
    {
      ...{environment, configuration, cloudFormationRoleArn, assetsFolder, parts: [], allowed: [], skip: []},
      ...{wait, continueRollback: false, strict: false, createLinkedRoles: false},
      ...{secrets: {}, placeholderSecrets: embedded, resume: undefined, plan: fingerprint, upgrade: move},
    },
    ports,
    run,
    assetPorts,
  )
}

/** The same error, with how to go back behind its own next steps. */
function withWayBack(error: unknown, environment: string, {from, to, snapshot}: TagMove): unknown {
  if (!(error instanceof PiError) || error instanceof PausedError || error instanceof PendingError) return error
  const steps = [
    ...(error instanceof RolledBackError || from === to
      ? []
      : [`Go back: pi-aws upgrade ${environment} --tag ${from}`]),
    ...(snapshot === undefined
      ? []
      : [`If ${to} changed the data before it failed: pi-aws restore run ${snapshot} --environment ${environment}`]),
  ]
  const Same = error.constructor as new (...args: ConstructorParameters<typeof RolledBackError>) => PiError
  return new Same(error.message, {code: error.code, suggestions: [...error.suggestions, ...steps], cause: error})
}
