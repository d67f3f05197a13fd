import {type Part, parts} from '../../domain/parts.ts'
import {requireOwnFunction} from '../function-zip/own.ts'
import {isStanding} from '../landscape.ts'
import {runTask} from '../stack/run-task.ts'
import type {DeployedPart} from './options.ts'
import type {PartDeployer} from './part-deployer.ts'
import {lookAhead} from './look-ahead.ts'
import {prepareGeneration} from './prepare-files.ts'
import {writeSecrets} from './secrets.ts'
import {templatesPrefix, uploadArtifacts} from './uploads.ts'

/**
 * The order of a deploy: uploads, a look at all changes ahead, foundation, secrets, network, then files with their
 * generation beside the database, the app quiesced, seeding and release beside operations. What does not need each
 * other runs side by side; the first failure waits for the others to end, so that nothing is left unwatched.
 */
export async function deployParts(
  deployer: PartDeployer,
  foundation: DeployedPart | undefined,
): Promise<readonly DeployedPart[]> {
  const wanted = (part: Part) =>
    deployer.context.options.parts.length === 0 || deployer.context.options.parts.includes(part)
  const done: DeployedPart[] = []
  const keep = async (work: Promise<DeployedPart>): Promise<void> => {
    done.push(await work)
  }

  await upload(deployer)
  deployer.foresaw(await lookAhead(deployer, parts.filter(wanted)))
  if (foundation !== undefined || wanted('foundation')) await keep(updateFoundation(deployer, foundation))
  await giveSecrets(deployer)
  if (wanted('network')) await keep(deployer.deploy('network', 'Network'))
  const files = async (): Promise<void> => {
    if (!wanted('files')) return
    await keep(deployer.deploy('files', 'Files'))
    await prepare(deployer)
  }
  const database = async (): Promise<void> => {
    if (wanted('database')) await keep(deployer.deploy('database', 'Database'))
  }
  const operations = async (): Promise<void> => {
    if (wanted('operations')) await keep(deployer.deploy('operations', 'Operations'))
  }
  const appAndOperations = async (): Promise<void> => {
    const app = wanted('app') ? await startApp(deployer) : undefined
    // Operations names the app's services and logs, and minds neither whether they run nor since when.
    await allSettled([app === undefined ? Promise.resolve() : keep(releaseApp(deployer, app)), operations()])
  }
  const data = [files(), database()] as const
  await allSettled([
    data[0],
    data[1].then(() => guardDatabase(deployer, done)),
    Promise.all(data).then(appAndOperations),
  ])
  return done
}

/** Waits for the end of all, then throws what the first one threw. */
async function allSettled(works: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(works)
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

/** An instance is made unprotected, so that a failed creation can roll back, and guarded as soon as it stands. */
async function guardDatabase(deployer: PartDeployer, done: readonly DeployedPart[]): Promise<void> {
  if (!done.some(({part, status}) => part === 'database' && status === 'created')) return
  await deployer.deploy('database', 'Database: protection', {phase: 'guard'})
}

/** A foundation that was just made is not looked at again, only guarded and journaled. */
async function updateFoundation(deployer: PartDeployer, made: DeployedPart | undefined): Promise<DeployedPart> {
  const deployed = await deployer.deploy('foundation', made === undefined ? 'Foundation' : 'Foundation: protection', {
    ...(made === undefined ? {} : {phase: 'protect'}),
  })
  return made ?? deployed
}

async function upload(deployer: PartDeployer): Promise<void> {
  const {ports, templates, surroundings, operation} = deployer.context
  await deployer.step({step: 'upload', title: 'Templates and function code'}, async () => {
    const bucket = deployer.needed('ArtifactsBucket')
    const {ownFunction} = surroundings
    if (ownFunction !== undefined) {
      const {options, run} = deployer.context
      await requireOwnFunction(ports, options.environment, bucket, ownFunction, run.report)
    }
    const zip = ownFunction === undefined ? await ports.packageFiles.lambdaZip() : undefined
    const sent = await uploadArtifacts(ports, bucket, {templates, zip, environmentFiles: surroundings.environmentFiles})
    if (sent > 0) await operation.journal.write('upload', 'done', {result: {objects: sent}})
    deployer.useTemplatesAt(ports.objects.url(bucket, templatesPrefix(templates)))
    return {
      value: undefined,
      outcome: sent === 0 ? 'unchanged' : 'done',
      detail: sent === 0 ? 'all there already' : `${sent} objects`,
    }
  })
}

async function prepare(deployer: PartDeployer): Promise<void> {
  const {ports, operation} = deployer.context
  const generation = deployer.landscape.generations.files
  await deployer.step({step: 'prepare', title: `Files: generation ${generation}`, part: 'files'}, async () => {
    const name = deployer.needed('SideloadFunctionName')
    const app = deployer.stack('app')
    // An app that was never released runs on nothing yet.
    const inUse =
      isStanding(app) &&
      app.parameters['Quiesced'] !== 'true' &&
      app.parameters['FilesGeneration'] === String(generation)
    const made = await prepareGeneration(ports, name, {generation, inUse}, operation.stop)
    if (made > 0) await operation.journal.write('prepare', 'done', {result: {generation, directories: made}})
    return {
      value: undefined,
      outcome: made === 0 ? 'unchanged' : 'done',
      detail: made === 0 ? 'complete' : `${made} directories made`,
    }
  })
}

async function giveSecrets(deployer: PartDeployer): Promise<void> {
  const {ports, secretValues, operation} = deployer.context
  if (secretValues.licence === undefined && secretValues.registry === undefined) return
  await deployer.step({step: 'secrets', title: 'Licence and registry credentials'}, async () => {
    const arns = {
      licence: deployer.needed('LicenceSecretArn'),
      registry: deployer.needed('RegistrySecretArn'),
    }
    const written = await writeSecrets(ports.secrets, arns, secretValues, (step) => operation.token(step))
    await operation.journal.write('secrets', 'done', {result: {written}})
    return {value: undefined, outcome: 'done', detail: `${written.join(' and ')} written`}
  })
}

interface StartedApp {
  readonly deployed: DeployedPart
  /** True where the app's stack stood already. */
  readonly stood: boolean
}

/** A new app starts quiesced; one that runs already is updated as it is. */
async function startApp(deployer: PartDeployer): Promise<StartedApp> {
  const stood = deployer.stack('app')?.parameters['Quiesced'] !== undefined
  return {deployed: await deployer.deploy('app', 'App'), stood}
}

/** Released only when the new generation is seeded and the application's database user exists. */
async function releaseApp(deployer: PartDeployer, {deployed, stood}: StartedApp): Promise<DeployedPart> {
  if (deployer.stack('app')?.parameters['Quiesced'] !== 'true') return deployed
  await task(deployer, {
    step: 'database-user',
    title: 'Database: application user',
    part: 'database',
    definition: 'CheckTaskDefinitionArn',
    logGroup: 'CheckLogGroup',
  })
  await task(deployer, {
    step: 'seed',
    title: 'Files: defaults of the image',
    part: 'files',
    definition: 'SeedTaskDefinitionArn',
    logGroup: 'SeedLogGroup',
  })
  const released = await deployer.deploy('app', 'App: release', {phase: 'release', quiesced: false})
  return {...released, status: stood ? released.status : 'created'}
}

interface TaskStep {
  readonly step: string
  readonly title: string
  readonly part: Part
  /** Output that names the task definition. */
  readonly definition: string
  readonly logGroup: string
}

async function task(deployer: PartDeployer, {definition, logGroup, ...step}: TaskStep): Promise<void> {
  const {ports, operation} = deployer.context
  await deployer.step(step, async () => {
    const lines = await operation.record(step.step, () =>
      runTask(
        ports,
        {
          cluster: deployer.needed('ClusterName'),
          taskDefinition: deployer.needed(definition),
          subnetIds: deployer.needed('ApplicationSubnetIds').split(','),
          securityGroupIds: [deployer.needed('ApplicationSecurityGroupId')],
          // One-off tasks are made for Fargate alone, whatever the services run on.
          capacityProvider: 'FARGATE',
          startedBy: operation.token(step.step),
        },
        {title: step.title, logGroup: deployer.output(logGroup), stop: operation.stop},
      ),
    )
    const last = lines.at(-1)
    return {value: undefined, outcome: 'done', ...(last === undefined ? {} : {detail: last.slice(0, 80)})}
  })
}
