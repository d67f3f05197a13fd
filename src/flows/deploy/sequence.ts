import type {Part} from '../../domain/parts.ts'
import {isStanding} from '../landscape.ts'
import {runTask} from '../stack/run-task.ts'
import type {DeployedPart} from './options.ts'
import type {PartDeployer} from './part-deployer.ts'
import {prepareGeneration} from './prepare-files.ts'
import {writeSecrets} from './secrets.ts'
import {templatesPrefix, uploadArtifacts} from './uploads.ts'

/**
 * The order of a deploy: foundation, uploads, secrets, network, then files with their generation beside the
 * database, the app quiesced, seeding, release, operations. Files and database need only the network, so they run
 * side by side; the first failure waits for the other to end, so that nothing is left unwatched.
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

  if (foundation !== undefined || wanted('foundation')) await keep(updateFoundation(deployer, foundation))
  await upload(deployer)
  await giveSecrets(deployer)
  if (wanted('network')) await keep(deployer.deploy('network', 'Network'))
  await allSettled([
    async () => {
      if (!wanted('files')) return
      await keep(deployer.deploy('files', 'Files'))
      await prepare(deployer)
    },
    async () => {
      if (!wanted('database')) return
      await keep(deployDatabase(deployer))
    },
  ])
  if (wanted('app')) await keep(deployApp(deployer))
  if (wanted('operations')) await keep(deployer.deploy('operations', 'Operations'))
  return done
}

/** Runs all to their end, then throws what the first one threw. */
async function allSettled(works: readonly (() => Promise<void>)[]): Promise<void> {
  const results = await Promise.allSettled(works.map((work) => work()))
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

/** An instance is made unprotected, so that a failed creation can roll back, and guarded as soon as it stands. */
async function deployDatabase(deployer: PartDeployer): Promise<DeployedPart> {
  const deployed = await deployer.deploy('database', 'Database')
  if (deployed.status === 'created') await deployer.deploy('database', 'Database: protection', {phase: 'guard'})
  return deployed
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
    const zip = await ports.packageFiles.lambdaZip()
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

/**
 * The app starts quiesced; only when the new generation is seeded and the application's database user exists is it
 * released. One that runs already is updated as it is.
 */
async function deployApp(deployer: PartDeployer): Promise<DeployedPart> {
  const before = deployer.stack('app')?.parameters['Quiesced']
  const first = await deployer.deploy('app', 'App')
  const quiesced = deployer.stack('app')?.parameters['Quiesced'] === 'true'
  if (!quiesced) return first
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
  return {...released, status: before === undefined ? 'created' : released.status}
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
