import {registryLogin} from '../../domain/parameters.ts'
import {makeOpId, type OpId} from '../../domain/names.ts'
import {parts} from '../../domain/parts.ts'
import type {Landscape} from '../landscape.ts'
import {hasLedger, mergedOutputs, readLandscape, recordsBucketOf, stackOf} from '../landscape.ts'
import {pinIdentity, requireSameIdentity} from '../ledger/identity.ts'
import {beginOperation} from '../ledger/operation.ts'
import type {Run} from '../run.ts'
import {forgetChangeSets} from '../stack/forgotten-change-sets.ts'
import {reported} from '../steps.ts'
import {createFoundation} from './foundation.ts'
import type {DeployedPart, DeployOptions, DeployPorts, DeployResult, SecretValues} from './options.ts'
import {PartDeployer} from './part-deployer.ts'
import {preflight} from './preflight.ts'
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
 * @throws RefusedError before anything changed; LockedError; PausedError; RolledBackError; OperatorNeededError; PendingError
 */
export async function deploy(options: DeployOptions, ports: DeployPorts, run: Run): Promise<DeployResult> {
  const caller = await ports.identity.caller()
  const templates = await loadTemplates(ports.packageFiles)
  const landscape = await readLandscape(ports, options.environment)
  const surroundings = await survey(ports, options.configuration, templates, landscape, caller.partition)
  const foundation = stackOf(landscape, 'foundation')
  if (hasLedger(foundation)) {
    await requireSameIdentity(ports, {bucket: recordsBucketOf(landscape), caller, landscape})
  }
  await reported({clock: ports.clock, report: run.report}, {step: 'preflight', title: 'Preflight'}, async () => {
    const passed = await preflight(ports, {options, caller, templates, landscape, surroundings}, run.report)
    return {value: passed, outcome: 'done', detail: `${passed} checks passed`}
  })
  if (options.plan !== undefined) requireFreshPlan(options.plan, options, templates, landscape)
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
      options: {parts: options.parts, allowed: options.allowed, continueRollback: options.continueRollback},
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
    const result = summarise(options, operation.opId, done, deployer.landscape)
    await pinIdentity(ports, {bucket: recordsBucketOf(now), caller, landscape: deployer.landscape})
    await operation.commit({changed: result.changed, parts: result.parts})
    return result
  } catch (error) {
    throw await operation.end(error, deployer?.stack('app')?.parameters['Quiesced'] === 'true')
  }
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
  landscape: Landscape,
): DeployResult {
  return {
    environment: options.environment,
    changed: done.some((part) => part.status !== 'unchanged'),
    opId,
    parts: parts.flatMap((part) => done.filter((row) => row.part === part)),
    outputs: mergedOutputs(landscape),
  }
}
