import {databaseGenerationOf, isTrialStack, type Part, parts} from '../../../src/domain/parts.ts'
import type {EnvironmentName} from '../../../src/domain/names.ts'
import type {Effect, FakeStack, Goal} from './state.ts'
import type {World} from './world.ts'

/** What a stack of ours makes of the world, what its outputs say of it, and what the world does not let it do. */

export const account = '111122223333'

/** The name of a database snapshot, which may be told by its ARN; that of one of AWS Backup has a colon in it. */
export function nameOfSnapshot(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.split(':').slice(6).join(':') : nameOrArn
}

export function partOfName(name: string): Part | undefined {
  return parts.find((part) =>
    part === 'database' ? /-(database-\d+|proof-[0-9a-f]{6})$/.test(name) : name.endsWith(`-${part}`),
  )
}

function environmentOf(goal: Goal): EnvironmentName {
  return (goal.parameters['EnvironmentName'] ?? 'stranger') as EnvironmentName
}

/** Every life of a stack has things of its own. */
function lifeOf(stack: FakeStack): string {
  return stack.id.split('/').at(-1) ?? ''
}

export function outputsOf(stack: FakeStack, goal: Goal): Record<string, string> {
  const environment = environmentOf(goal)
  const own = `${environment}-${lifeOf(stack)}`
  const {parameters} = goal
  const version = /TemplateVersion: \{Value: ([\d.]+)\}/.exec(goal.template)?.[1] ?? '0.0.0'
  const part = partOfName(stack.name)
  const base = {TemplateId: part ?? 'stranger', TemplateVersion: version}
  switch (part) {
    case 'foundation':
      return {
        ...base,
        KeyArn: `arn:aws:kms:eu-west-1:${account}:key/${own}`,
        ArtifactsBucket: `artifacts-${own}`,
        AssetsBucket: `assets-${own}`,
        AccessLogsBucket: `access-logs-${own}`,
        RecordsBucket: `records-${own}`,
        LicenceSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:licence-${own}`,
        RegistrySecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:registry-${own}`,
        BackupVaultName: `vault-${own}`,
        BackupRoleArn: `arn:aws:iam::${account}:role/backup-${own}`,
        RestoreRoleArn: `arn:aws:iam::${account}:role/restore-${own}`,
      }
    case 'network':
      return {
        ...base,
        VpcId: `vpc-${own}`,
        ApplicationSubnetIds: 'subnet-a1,subnet-a2',
        DataSubnetIds: 'subnet-d1,subnet-d2',
        ApplicationSecurityGroupId: 'sg-application',
        DatabaseSecurityGroupId: 'sg-database',
        FunctionSecurityGroupId: 'sg-function',
        NatAddresses: '203.0.113.7',
      }
    case 'files':
      return {
        ...base,
        FileSystemId: `fs-${own}`,
        FileSystemArn: `arn:aws:elasticfilesystem:eu-west-1:${account}:file-system/fs-${own}`,
        ...(parameters['Attached'] === 'true' ? {SideloadFunctionName: `sideload-${own}`} : {}),
      }
    case 'database':
      return {
        ...base,
        DatabaseGeneration: parameters['Generation'] ?? '',
        DatabaseEndpoint: `${stack.name}.rds.example`,
        DatabaseIdentifier: `${stack.name}-instance`,
        DatabaseSecretArn: `arn:aws:secretsmanager:eu-west-1:${account}:secret:user-${stack.name}-${lifeOf(stack)}`,
        CheckTaskDefinitionArn: `check-${stack.name}`,
        CheckLogGroup: `/check/${stack.name}`,
      }
    case 'app':
      return {
        ...base,
        Url: 'http://lb.example',
        ClusterName: `${environment}-cluster`,
        DashboardServiceName: `${stack.name}-Dashboard-Service`,
        RendererServiceName: `${stack.name}-Renderer-Service`,
        DashboardTargetGroupArn: 'arn:target/dashboard',
        SeedTaskDefinitionArn: `seed-${stack.name}`,
        SeedLogGroup: `/seed/${stack.name}`,
        DatabaseGeneration: parameters['DatabaseGeneration'] ?? '',
        FilesGeneration: parameters['FilesGeneration'] ?? '',
      }
    default:
      return base
  }
}

/** Makes true what an operation that ended says. */
export function bringAbout(world: World, stack: FakeStack, goal: Goal, effect: Effect): void {
  const {state} = world
  const outputs = outputsOf(stack, goal)
  const {parameters} = goal
  switch (partOfName(stack.name)) {
    case 'foundation':
      if (effect !== 'created') return
      for (const name of ['ArtifactsBucket', 'AssetsBucket', 'AccessLogsBucket', 'RecordsBucket']) {
        state.buckets.set(outputs[name] ?? '', new Map())
      }
      for (const name of ['LicenceSecretArn', 'RegistrySecretArn']) {
        state.secrets.set(outputs[name] ?? '', {environment: environmentOf(goal), value: undefined, versions: []})
      }
      state.vaults.set(outputs['BackupVaultName'] ?? '', undefined)
      state.keys.set(outputs['KeyArn'] ?? '', 'Enabled')
      return
    case 'files': {
      const id = outputs['FileSystemId'] ?? ''
      if (effect === 'created')
        state.fileSystems.set(id, {id, mountTargets: true, generations: new Map(), trees: new Map(), lists: new Map()})
      const attached = effect !== 'deleted' && parameters['Attached'] === 'true'
      const before = [...state.functions].find(([, one]) => one.fileSystem === id)?.[0]
      if (before !== undefined && !attached) {
        state.functions.delete(before)
        state.interfacesUntil = world.clock.time + world.durations.interfaces
      }
      if (attached) state.functions.set(outputs['SideloadFunctionName'] ?? '', {fileSystem: id})
      const files = state.fileSystems.get(id)
      if (files !== undefined) files.mountTargets = attached
      return
    }
    case 'database':
      bringAboutDatabase(world, stack, goal, effect)
      return
    case 'app': {
      const cluster = outputs['ClusterName'] ?? ''
      for (const service of ['Dashboard', 'Renderer'] as const) {
        const name = outputs[`${service}ServiceName`] ?? ''
        const desired = parameters['Quiesced'] === 'true' ? 0 : Number(parameters[`${service}StartCount`])
        if (effect === 'deleted') {
          state.services.delete(name)
          state.scaling.delete(name)
          continue
        }
        state.services.set(name, {cluster, name, desired, running: undefined})
        const quiet = parameters['Quiesced'] === 'true'
        if (service === 'Renderer') state.scaling.set(name, {cluster, min: quiet ? 0 : 1, max: 4, suspended: quiet})
      }
      return
    }
    default:
  }
}

function bringAboutDatabase(world: World, stack: FakeStack, goal: Goal, effect: Effect): void {
  const {instances, snapshots, secrets} = world.state
  const {parameters} = goal
  const outputs = outputsOf(stack, goal)
  const identifier = outputs['DatabaseIdentifier'] ?? ''
  const flags = {
    deletionProtection: parameters['DeletionProtection'] === 'true',
    backup: parameters['Active'] === 'true',
  }
  const found = instances.get(identifier)
  const source = snapshots.get(nameOfSnapshot(parameters['SnapshotIdentifier'] ?? ''))
  if (effect === 'created') {
    secrets.set(outputs['DatabaseSecretArn'] ?? '', {
      environment: environmentOf(goal),
      value: 'made by CloudFormation',
      versions: [],
    })
    instances.set(identifier, {
      identifier,
      data: source?.data ?? `empty (${identifier})`,
      allocatedStorage: Number(parameters['AllocatedStorage']),
      engineVersion: '10.11.8',
      masterUsername: parameters['MasterUsername'] ?? '',
      hasUser: false,
      ...canaryOf(source),
      ...flags,
    })
  } else if (effect === 'updated' && found !== undefined) Object.assign(found, flags)
  else if (found !== undefined) {
    instances.delete(identifier)
    // DeletionPolicy: Snapshot. No name is promised, neither one after the stack.
    world.takeSnapshot(`last-snapshot-of-${identifier}-${lifeOf(stack)}`, found, environmentOf(goal))
  }
}

function canaryOf(snapshot: {readonly canary?: string} | undefined): {readonly canary?: string} {
  return snapshot?.canary === undefined ? {} : {canary: snapshot.canary}
}

/** Why the world does not let an operation succeed, or undefined. */
export function obstacle(
  world: World,
  stack: FakeStack,
  kind: 'create' | 'update' | 'delete',
  goal: Goal,
): {readonly logicalId: string; readonly reason: string} | undefined {
  const {state} = world
  const {parameters} = goal
  const part = partOfName(stack.name)
  if (kind === 'delete') return heldBack(world, stack, goal)
  if (part === 'database' && kind === 'create') {
    const wanted = parameters['SnapshotIdentifier'] ?? ''
    if (wanted === '') return undefined
    const snapshot = state.snapshots.get(nameOfSnapshot(wanted))
    if (snapshot === undefined) return {logicalId: 'Instance', reason: `DBSnapshot ${wanted} not found`}
    if (Number(parameters['AllocatedStorage']) < snapshot.allocatedStorage) {
      return {logicalId: 'Instance', reason: 'AllocatedStorage is smaller than that of the snapshot'}
    }
    if (parameters['MasterUsername'] !== snapshot.masterUsername) {
      return {logicalId: 'Instance', reason: 'MasterUsername is not that of the snapshot'}
    }
  }
  if (part === 'app' && parameters['Quiesced'] !== 'true') {
    const files = state.fileSystems.get(parameters['FileSystemId'] ?? '')
    const content = files?.generations.get(Number(parameters['FilesGeneration']))
    const instance = state.instances.get(
      `pi-${environmentOf(goal)}-database-${parameters['DatabaseGeneration'] ?? ''}-instance`,
    )
    const empty = [...state.secrets].find(
      ([arn, {value}]) => arn.includes(`licence-${environmentOf(goal)}-`) && value === undefined,
    )
    if (content === undefined || content === '' || instance?.hasUser !== true || empty !== undefined) {
      return {logicalId: 'DashboardService', reason: 'ECS Deployment Circuit Breaker was triggered'}
    }
  }
  return undefined
}

function isDatabase(environment: EnvironmentName, name: string): boolean {
  return databaseGenerationOf(environment, name) !== undefined || isTrialStack(environment, name)
}

function heldBack(world: World, stack: FakeStack, goal: Goal): {logicalId: string; reason: string} | undefined {
  const {state} = world
  const environment = environmentOf(goal)
  switch (partOfName(stack.name)) {
    case 'app':
      return goal.parameters['DeletionProtection'] === 'true'
        ? {logicalId: 'LoadBalancer', reason: 'Load balancer cannot be deleted because deletion protection is enabled'}
        : undefined
    case 'database':
      return state.instances.get(`${stack.name}-instance`)?.deletionProtection === true
        ? {logicalId: 'Instance', reason: 'Cannot delete protected DB Instance'}
        : undefined
    case 'network': {
      const attached = [...state.functions.values()].some(({fileSystem}) => fileSystem.startsWith(`fs-${environment}-`))
      const database = [...state.instances.keys()].some((id) => isDatabase(environment, id.replace(/-instance$/, '')))
      const running = [...state.services.keys()].some((name) => name.startsWith(`pi-${environment}-app-`))
      const used = attached || database || running || world.clock.time < state.interfacesUntil
      return used ? {logicalId: 'Vpc', reason: 'The vpc has dependencies and cannot be deleted'} : undefined
    }
    default:
      return undefined
  }
}

/** Types whose policy keeps the thing when its stack goes. */
export const keptTypes: readonly string[] = [
  'AWS::S3::Bucket',
  'AWS::KMS::Key',
  'AWS::Backup::BackupVault',
  'AWS::SecretsManager::Secret',
  'AWS::EFS::FileSystem',
]
