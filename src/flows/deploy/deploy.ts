import {registryLogin} from '../../domain/parameters.ts'
import {makeOpId, type OpId} from '../../domain/names.ts'
import {parts} from '../../domain/parts.ts'
import {configuredTag} from '../../domain/upgrade.ts'
import type {Landscape} from '../landscape.ts'
import {hasLedger, mergedOutputs, readLandscape, recordsBucketOf, stackOf} from '../landscape.ts'
import {pinIdentity, requireSameIdentity} from '../ledger/identity.ts'
import {beginOperation} from '../ledger/operation.ts'
import {withConsent} from '../preflight/consent.ts'
import {requireReady, requireUsable} from '../preflight/gate.ts'
import {allRows} from '../preflight/rows/index.ts'
import {requireKnown, runChecks} from '../preflight/run-checks.ts'
import type {Run} from '../run.ts'
import {forgetChangeSets} from '../stack/forgotten-change-sets.ts'
import {reported} from '../steps.ts'
import type {AssetPorts} from '../assets/ports.ts'
import {agreeOnSkips} from './agree-on-skips.ts'
import {activateGeneration, deployAssets} from './assets.ts'
import {createFoundation} from './foundation.ts'
import type {DeployedAssets, DeployedPart, DeployOptions, DeployPorts, DeployResult, SecretValues} from './options.ts'
import {PartDeployer} from './part-deployer.ts'
import {collectSecrets} from './secrets.ts'
import {requireFreshPlan} from './stale-plan.ts'
import {survey} from './survey.ts'
import {type Surroundings, targetOf} from './targets.ts'
import {loadTemplates, type TemplateSet} from './templates.ts'
import {deployParts} from './sequence.ts'

/**
 * Takes an environment from whatever it is to what its configuration says: preflight, foundation, lock and journal,
 * uploads, then each part in the order of the graph. Converges: run again after any interruption, it ends as an
 * undisturbed run would.
 * @param assetPorts what only a configured folder of assets needs
 * @throws RefusedError before anything changed; LockedError; PausedError; RolledBackError; OperatorNeededError; PendingError
 */
export async function deploy(
  options: DeployOptions,
  ports: DeployPorts,
  run: Run,
  assetPorts: () => Promise<AssetPorts>,
): Promise<DeployResult> {
  requireKnown(allRows, options.skip)
  requireUsable(options.secrets)
  const folder = hasFiles(options) ? options.assetsFolder : undefined
  // One that is not there is told of before anything is changed.
  if (folder !== undefined) await (await assetPorts()).assetFolder.resolve(folder)
  const caller = await ports.identity.caller()
  const templates = await loadTemplates(ports.packageFiles)
  const landscape = await readLandscape(ports, options.environment)
  const surroundings = await survey(ports, options.configuration, templates, landscape, caller.partition)
  const foundation = stackOf(landscape, 'foundation')
  if (hasLedger(foundation)) {
    await requireSameIdentity(ports, {bucket: recordsBucketOf(landscape), caller, landscape})
  }
  const asked = await withConsent({...options, embedded: options.placeholderSecrets}, ports)
  await reported({clock: ports.clock, report: run.report}, {step: 'preflight', title: 'Preflight'}, async () => {
    const checks = await runChecks(allRows, {ports, options: asked, caller, templates, landscape, surroundings})
    const passed = requireReady(checks, options.strict, run.report)
    return {value: passed, outcome: 'done', detail: `${passed} checks passed`}
  })
  if (options.plan !== undefined) requireFreshPlan(options.plan, options, templates, landscape)
  await agreeOnSkips(options, ports, landscape, run.report)
  const secretValues = await secretsToWrite(options, ports, landscape, run)

  const opId = options.resume ?? makeOpId('deploy', ports.clock.now(), ports.machine.randomHex(6))
  const first = await foundationFirst(options, ports, run, {templates, landscape, surroundings}, opId)
  const standing = first === undefined ? landscape : await readLandscape(ports, options.environment)
  const operation = await beginOperation(
    ports,
    {
      kind: 'deploy',
      environment: options.environment,
      caller,
      bucket: recordsBucketOf(standing),
      options: {
        parts: options.parts,
        allowed: options.allowed,
        continueRollback: options.continueRollback,
        ...(options.skipped === undefined ? {} : {skipResources: options.skipped.resources}),
        skip: options.skip,
        ...tagMoveOf(options, templates, standing),
        ...(options.upgrade === undefined ? {} : {upgrade: options.upgrade}),
      },
      ...(options.resume === undefined ? {opId} : {resume: options.resume}),
    },
    run,
  )
  let deployer: PartDeployer | undefined
  try {
    // Only under the lock nobody changes what is seen.
    const now = await readLandscape(ports, options.environment)
    if (options.plan !== undefined && first === undefined) requireFreshPlan(options.plan, options, templates, now)
    await forgetChangeSets(ports.stacks, now, operation.takenUp)
    deployer = new PartDeployer({ports, run, operation, options, templates, surroundings, landscape: now, secretValues})
    const done = await deployParts(deployer, first)
    if (hasFiles(options)) await activateGeneration(deployer)
    const assets = folder === undefined ? undefined : await deployAssets(deployer, folder, assetPorts)
    const result = summarise(options, operation.opId, done, deployer, assets)
    await pinIdentity(ports, {bucket: recordsBucketOf(now), caller, landscape: deployer.landscape})
    const {changed, parts: deployed, leftovers} = result
    await operation.commit({changed, parts: deployed, ...(leftovers === undefined ? {} : {leftovers})})
    return result
  } catch (error) {
    throw await operation.end(error, deployer?.stack('app')?.parameters['Quiesced'] === 'true')
  }
}

/** From which release of the platform to which, for whoever wants to go back; nothing where it stays. */
function tagMoveOf(
  {environment, configuration}: DeployOptions,
  {models}: TemplateSet,
  landscape: Landscape,
): {readonly tag?: {readonly from: string; readonly to: string}} {
  const from = stackOf(landscape, 'app')?.parameters['ImageTag']
  const to = configuredTag(environment, configuration, models.app)
  return from === undefined || from === to ? {} : {tag: {from, to}}
}

/** Whether the deploy ends with the files: a whole one does, and one of their part. */
function hasFiles({parts: wanted}: DeployOptions): boolean {
  return wanted.length === 0 || wanted.includes('files')
}

/** Asks for what is missing now, while nothing has begun. Parts without tasks need no secrets. */
async function secretsToWrite(
  options: DeployOptions,
  ports: DeployPorts,
  landscape: Landscape,
  run: Run,
): Promise<SecretValues> {
  const {configuration, environment, parts: wanted, placeholderSecrets, secrets} = options
  if (wanted.length > 0 && !wanted.includes('app')) return {}
  const outputs = mergedOutputs(landscape)
  return collectSecrets(
    ports,
    {licence: outputs['LicenceSecretArn'], registry: outputs['RegistrySecretArn']},
    {
      environment,
      given: secrets,
      placeholders: placeholderSecrets,
      registryNeeded: registryLogin(configuration) === 'secret',
    },
    run.report,
  )
}

/** Makes the foundation where it does not stand yet: its stack's name is the mutex until the ledger is there. */
async function foundationFirst(
  options: DeployOptions,
  ports: DeployPorts,
  run: Run,
  known: {readonly templates: TemplateSet; readonly landscape: Landscape; readonly surroundings: Surroundings},
  opId: OpId,
): Promise<DeployedPart | undefined> {
  const current = stackOf(known.landscape, 'foundation')
  if (hasLedger(current)) return undefined
  const target = targetOf('foundation', {options, outputs: {}, ...known})
  const result = await reported(
    {clock: ports.clock, report: run.report},
    {step: 'foundation', title: 'Foundation', part: 'foundation'},
    async () => {
      const value = await createFoundation(
        ports,
        target,
        current,
        {
          token: `${opId}-foundation`,
          allowed: options.allowed,
          wait: true,
          continueRollback: options.continueRollback,
          roleArn: options.cloudFormationRoleArn,
          stop: run.pause,
        },
        run.report,
      )
      return {value, outcome: value.outcome === 'unchanged' ? 'unchanged' : 'done', detail: value.outcome}
    },
  )
  return {part: 'foundation', stack: result.stack.name, stackId: result.stack.id, status: result.outcome}
}

function summarise(
  options: DeployOptions,
  opId: string,
  done: readonly DeployedPart[],
  {landscape, leftovers}: PartDeployer,
  assets: DeployedAssets | undefined,
): DeployResult {
  const moved = assets !== undefined && assets.sent + assets.copied > 0
  return {
    environment: options.environment,
    changed: moved || done.some((part) => part.status !== 'unchanged'),
    opId,
    parts: parts.flatMap((part) => done.filter((row) => row.part === part)),
    ...(leftovers.length === 0 ? {} : {leftovers}),
    outputs: mergedOutputs(landscape),
    ...(assets === undefined ? {} : {assets}),
  }
}
