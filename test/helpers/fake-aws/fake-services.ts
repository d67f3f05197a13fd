import type {EnvironmentConfiguration} from '../../../src/domain/configuration.ts'
import {linkedRolesOf} from '../../../src/domain/preflight/linked-roles.ts'
import {FailedError} from '../../../src/domain/errors.ts'
import type {
  Certificates,
  Containers,
  Databases,
  FileSystems,
  Functions,
  HostedZones,
  Identity,
  Keys,
  LoadBalancers,
  Networks,
  Secrets,
} from '../../../src/flows/ports.ts'
import type {Alarms, Insights, LiveTail, LogFiles, Logs, Metrics} from '../../../src/flows/telemetry/ports.ts'
import type {
  AccountFacts,
  ExistingNetworks,
  ImageRegistry,
  Names,
  Permissions,
} from '../../../src/flows/preflight/ports.ts'
import {isSlice, type SlicePayload, sliceAnswer} from './fake-sideload.ts'
import type {Backups, Scaling} from '../../../src/flows/recovery/ports.ts'
import type {Answers} from './answers.ts'
import {fakeBackups, fakeScaling} from './fake-backups.ts'
import {fakePortForwarding, fakeServiceControl, fakeTaskControl} from './fake-service-control.ts'
import type {TaskControl} from '../../../src/flows/exec/ports.ts'
import type {Repositories} from '../../../src/flows/mirror/ports.ts'
import {fakeRepositories} from './fake-registries.ts'
import type {PortForwarding} from '../../../src/flows/tunnel/ports.ts'
import type {ServiceControl} from '../../../src/flows/service/ports.ts'
import {treeOperation} from './fake-trees.ts'
import {nameOfSnapshot} from './laws.ts'
import type {World} from './world.ts'

/** The services that stacks of ours are made of, each as far as flows ask of it. */
export interface FakeServices {
  readonly identity: Answers<Identity>
  readonly containers: Answers<Containers>
  readonly scaling: Answers<Scaling>
  readonly loadBalancers: Answers<LoadBalancers>
  readonly functions: Answers<Functions>
  readonly databases: Answers<Databases>
  readonly networks: Answers<Networks>
  readonly certificates: Answers<Certificates>
  readonly hostedZones: Answers<HostedZones>
  readonly secrets: Answers<Secrets>
  readonly backups: Answers<Backups>
  readonly fileSystems: Answers<FileSystems>
  readonly keys: Answers<Keys>
  readonly logs: Answers<Logs>
  readonly logFiles: Answers<LogFiles>
  readonly liveTail: Answers<LiveTail>
  readonly insights: Answers<Insights>
  readonly permissions: Answers<Permissions>
  readonly existingNetworks: Answers<ExistingNetworks>
  readonly accountFacts: Answers<AccountFacts>
  readonly names: Answers<Names>
  readonly imageRegistry: Answers<ImageRegistry>
  readonly metrics: Answers<Metrics>
  readonly alarms: Answers<Alarms>
  readonly serviceControl: Answers<ServiceControl>
  readonly taskControl: Answers<TaskControl>
  readonly portForwarding: Answers<PortForwarding>
  readonly repositories: Answers<Repositories>
}

/** A configuration that wants every service-linked role there is. */
const everything = {compute: 'ec2', waf: true} as EnvironmentConfiguration

export function fakeServices(world: World): FakeServices {
  const {state} = world
  return {
    identity: {caller: () => world.caller},
    containers: fakeContainers(world),
    loadBalancers: {targetHealth: () => world.targets},
    functions: fakeFunctions(world),
    databases: fakeDatabases(world),
    networks: {
      zones: () => world.zones,
      s3PrefixListId: () => 'pl-12345678',
      vpcRanges: () => world.vpcRanges,
      interfacesUsing: (groups) => (groups.length > 0 && world.clock.time < state.interfacesUntil ? 2 : 0),
    },
    certificates: {describe: (arn) => world.certificates.get(arn)},
    hostedZones: {zone: (id) => world.hostedZones.get(id)},
    secrets: {
      hasValue: (arn) => state.secrets.get(arn)?.value !== undefined,
      held: (arn) => (state.secrets.get(arn)?.value === undefined ? undefined : {changedAt: undefined}),
      value: (arn) => state.secrets.get(arn)?.value,
      putValue(arn, value, token) {
        const secret = state.secrets.get(arn)
        if (secret === undefined)
          throw new FailedError(`AWS answered ResourceNotFound: ${arn}`, {code: 'AWS_RESOURCE_NOT_FOUND'})
        const before = secret.versions.at(-1)
        if (before !== undefined && before !== token && secret.value !== undefined)
          secret.past = {...secret.past, [before]: secret.value}
        secret.value = value
        if (!secret.versions.includes(token)) secret.versions.push(token)
        return token
      },
      delete: (arn) => void state.secrets.delete(arn),
      currentVersion: (arn) => state.secrets.get(arn)?.versions.at(-1),
      makeCurrent(arn, version) {
        const secret = state.secrets.get(arn)
        const value = secret?.past?.[version]
        if (secret === undefined || value === undefined || secret.versions.at(-1) === version) return false
        secret.past = {...secret.past, [secret.versions.at(-1) ?? '']: secret.value ?? ''}
        secret.value = value
        secret.versions = [...secret.versions.filter((one) => one !== version), version]
        return true
      },
      ownedBy: (environment) =>
        [...state.secrets].filter(([, secret]) => secret.environment === environment).map(([arn]) => arn),
    },
    backups: fakeBackups(world),
    scaling: fakeScaling(world),
    serviceControl: fakeServiceControl(world),
    taskControl: fakeTaskControl(world),
    portForwarding: fakePortForwarding(world),
    repositories: fakeRepositories(world),
    fileSystems: {
      describe(id) {
        const found = state.fileSystems.get(id)
        return found === undefined ? undefined : {id, state: 'available', sizeBytes: 6144}
      },
      delete(id) {
        if (state.fileSystems.get(id)?.mountTargets === true) {
          throw new FailedError('AWS answered FileSystemInUse', {code: 'AWS_FILE_SYSTEM_IN_USE'})
        }
        state.fileSystems.delete(id)
      },
    },
    keys: {
      state: (arn) => world.keyState ?? state.keys.get(arn),
      scheduleDeletion(arn) {
        state.keys.set(arn, 'PendingDeletion')
        return '2026-02-01T00:00:00.000Z'
      },
      lend(keyArn, {to, name}) {
        if (state.loans.some((loan) => loan.keyArn === keyArn && loan.to === to && loan.name === name)) return
        if (!world.ignores.has('lend')) state.loans.push({keyArn, to, name, since: world.clock.time})
      },
      endLoans(keyArn, name) {
        state.loans = state.loans.filter((loan) => loan.keyArn !== keyArn || loan.name !== name)
      },
    },
    permissions: {
      denied: ({actions}) => actions.filter((action) => world.deniedActions.includes(action)),
      linkedRoles: () => world.linkedRoles,
      createLinkedRole: (service) => {
        const made = linkedRolesOf(everything).find((one) => one.service === service)
        world.linkedRoles = [...world.linkedRoles, made?.role ?? service]
      },
    },
    existingNetworks: {
      vpc: () => world.existing.vpc,
      subnets: (ids) => world.existing.subnets.filter(({id}) => ids.includes(id)),
      routeTables: () => world.existing.routeTables,
      peerRanges: () => world.peerRanges,
    },
    accountFacts: {
      concurrency: () => world.concurrency,
      backupOptIn: () => world.backupOptIn,
      serverTime: () => new Date(world.clock.time + world.stsSkew),
    },
    names: {nameServers: () => world.nameServers},
    imageRegistry: {
      manifest: ({registry, repository, tag}) => world.images.get(`${registry}/${repository}:${tag}`) ?? world.image,
    },
    metrics: {
      firing: (prefix) => world.alarms.filter(({name}) => name.startsWith(prefix)),
      latest: (queries) => queries.map(({metric}) => world.metrics.get(metric)),
      series: (queries, periods) => {
        world.seriesAsked.push(periods)
        return queries.map(({metric, statistic}) => world.series.get(`${metric} ${statistic}`) ?? new Map())
      },
    },
    alarms: {
      list: (prefix) => world.watching.filter(({name}) => name.startsWith(prefix)),
      history: (name, since) => (world.alarmEvents.get(name) ?? []).filter(({at}) => at >= since.toISOString()),
      setActions(names, acts) {
        world.watching = world.watching.map((alarm) => (names.includes(alarm.name) ? {...alarm, acts} : alarm))
      },
    },
    logs: {
      tail: (group, {limit}) => (world.logLines.get(group) ?? []).slice(-limit),
      page: (group, query) => world.logStore.page(group, query, world.clock.time),
    },
    logFiles: {
      list: (_bucket, prefix) => world.logFiles.filter(({key}) => key.startsWith(prefix)),
      text(_bucket, key) {
        world.readLogFiles.push(key)
        const found = world.logFiles.find((file) => file.key === key)
        if (found?.text === undefined) return undefined
        if (found.text === 'damaged') throw new FailedError(`${key} is damaged.`, {code: 'LOG_FILE_UNREADABLE'})
        return found.text
      },
    },
    liveTail: world.liveTail.port,
    insights: {
      saved: (prefix) => world.savedQueries.filter(({name}) => name.startsWith(prefix)),
      start: (query) => {
        world.queries.push(query)
        return `query-${world.queries.length}`
      },
      answer: () => world.queryAnswers.shift() ?? world.queryAnswer,
      stop: (id) => void world.stoppedQueries.push(id),
    },
  }
}

function fakeContainers(world: World): Answers<Containers> {
  const {state} = world
  return {
    services: (cluster) =>
      [...state.services.values()]
        .filter((service) => service.cluster === cluster)
        .map(({name, desired, running, draining, events = []}) => ({
          name,
          arn: `arn:aws:ecs:eu-west-1:111122223333:service/${cluster}/${name}`,
          status: 'ACTIVE',
          desired,
          running:
            (running ?? desired) + (draining !== undefined && world.clock.time < draining.until ? draining.count : 0),
          pending: 0,
          events,
        })),
    setDesired(_cluster, name, count) {
      const service = state.services.get(name)
      if (service === undefined) throw new FailedError(`There is no service ${name}.`, {code: 'AWS_SERVICE_NOT_FOUND'})
      if (count < service.desired)
        service.draining = {count: service.desired - count, until: world.clock.time + world.durations.drain}
      service.desired = count
    },
    images: (cluster) =>
      world.runningImages ??
      [...state.services.values()]
        .filter((service) => service.cluster === cluster && service.desired > 0)
        .map(({name}) => ({container: name, image: `registry/${name}:2026_01`, digest: `sha256:${name}`})),
    runTask({cluster, taskDefinition, startedBy, environment, command}) {
      const known = state.tasks.find((task) => task.startedBy === startedBy)
      if (known !== undefined) return known.arn
      const arn = `arn:aws:ecs:eu-west-1:111122223333:task/${cluster}/${world.count('task')}`
      const endsAt = world.clock.time + world.durations.task
      const values = {...environment?.values}
      if (command !== undefined) world.commanded(arn, command)
      state.tasks.push({arn, startedBy, definition: taskDefinition, environment: values, endsAt, done: false, why: ''})
      return arn
    },
    stoppedTask(_cluster, arn) {
      const task = state.tasks.find((candidate) => candidate.arn === arn)
      if (task?.done !== true) return undefined
      if (world.taskResult !== undefined) return {arn, ...world.taskResult}
      const failed = task.why !== ''
      return {
        arn,
        stoppedReason: failed ? task.why : 'Essential container in task exited',
        containers: [{name: 'main', ...(failed ? {} : {exitCode: 0})}],
      }
    },
    stoppedTasks: () => world.stoppedTasks,
  }
}

/** What a one-off task does when it ends. */
export function endTasks(world: World): void {
  const {state} = world
  for (const task of state.tasks) {
    if (task.done || task.endsAt > world.clock.time) continue
    task.done = true
    if (task.definition.startsWith('check-')) {
      const instance = state.instances.get(`${task.definition.slice('check-'.length)}-instance`)
      if (instance === undefined) task.why = 'the database cannot be reached'
      else {
        instance.hasUser = true
        const stack = world.stack(task.definition.slice('check-'.length))
        const held = state.secrets.get(stack?.outputs['DatabaseSecretArn'] ?? '')?.value
        if (held !== undefined && instance.userSecret !== undefined) instance.userSecret = held
        if (task.environment['PI_CANARY_MODE'] === 'mark') instance.canary = task.environment['PI_CANARY'] ?? ''
        const group = `/check/${task.definition.slice('check-'.length)}`
        const canary = instance.canary === undefined ? '' : ` canary=${instance.canary}`
        if (world.taskResult === undefined)
          world.logLines.set(group, [`check: tables=1 rows=${instance.data.length}${canary}`, 'check: ok'])
      }
    } else {
      const parameters = world.stack(task.definition.slice('seed-'.length))?.goal?.parameters ?? {}
      const generation = Number(parameters['FilesGeneration'])
      const files = state.fileSystems.get(parameters['FileSystemId'] ?? '')
      const content = files?.generations.get(generation)
      if (content === undefined)
        task.why = `ResourceInitializationError: mounting /gen/${generation} failed: No such file or directory`
      else if (content === '') files?.generations.set(generation, 'defaults of the image')
    }
  }
}

function fakeFunctions(world: World): Answers<Functions> {
  const {state} = world
  return {
    state: (name) => (state.functions.has(name) ? {state: 'Active'} : undefined),
    invoke(name, payload) {
      const found = state.functions.get(name)
      if (found === undefined) throw new FailedError(`There is no function ${name}.`, {code: 'FUNCTION_NOT_FOUND'})
      if (world.clock.time < world.functionsAwakeAt) {
        throw new FailedError(`The function ${name} is not ready: EFSMountTimeout`, {code: 'FUNCTION_NOT_READY'})
      }
      const {operation, generation = 0, path = ''} = payload as {operation: string; generation?: number; path?: string}
      const scripted =
        world.answer(payload as Readonly<Record<string, unknown>>) ?? world.functionAnswers.get(operation)
      if (scripted !== undefined) return scripted
      if (operation === 'health') return {ok: true}
      const files = state.fileSystems.get(found.fileSystem)
      const generations = files?.generations
      if (files !== undefined && isSlice(operation)) return sliceAnswer(world, files, payload as SlicePayload)
      const answer = files === undefined ? undefined : treeOperation(files, payload as Record<string, unknown>)
      if (answer !== undefined) return answer
      if (operation === 'list') {
        const there = generations?.has(Number(path.replace('gen/', ''))) === true
        return there
          ? {ok: true, path, entries: []}
          : {ok: false, error: {code: 'NOT_FOUND', message: `there is no ${path}`}}
      }
      const existed = generations?.has(generation) === true
      if (!existed) generations?.set(generation, '')
      return {
        ok: true,
        directories: [
          {path: `/gen/${generation}`, existed},
          {path: `/gen/${generation}/themes`, existed},
        ],
      }
    },
    begin(name, payload) {
      const files = state.fileSystems.get(state.functions.get(name)?.fileSystem ?? '')
      if (files === undefined) throw new FailedError(`There is no function ${name}.`, {code: 'FUNCTION_NOT_FOUND'})
      if (!world.ignores.has('begin')) sliceAnswer(world, files, payload as SlicePayload)
    },
  }
}

function fakeDatabases(world: World): Answers<Databases> {
  const {state} = world
  return {
    events: (_identifier, since) => world.databaseEvents.filter(({at}) => at >= since),
    instance(identifier) {
      const found = state.instances.get(identifier)
      return found === undefined
        ? undefined
        : {
            ...found,
            arn: `arn:aws:rds:eu-west-1:111122223333:db:${identifier}`,
            port: 3306,
            keyArn: 'arn:aws:kms:eu-west-1:111122223333:key/own',
            status: found.status ?? 'available',
            instanceClass: 'db.t4g.medium',
            resourceId: `db-${identifier}`,
          }
    },
    snapshot(identifier) {
      const found = state.snapshots.get(identifier)
      if (found === undefined) return undefined
      const ready = world.clock.time >= found.readyAt
      return {
        identifier,
        arn: `arn:aws:rds:eu-west-1:111122223333:snapshot:${identifier}`,
        instance: found.instance,
        keyArn: 'arn:aws:kms:eu-west-1:111122223333:key/own',
        ...(world.clock.time < found.createdAt + world.durations.moment
          ? {}
          : {databaseTime: new Date(found.createdAt).toISOString()}),
        status: found.failed ? 'failed' : ready ? 'available' : 'creating',
        allocatedStorage: found.allocatedStorage,
        engineVersion: found.engineVersion,
        masterUsername: found.masterUsername,
        createdAt: new Date(found.createdAt).toISOString(),
      }
    },
    createSnapshot(instance, snapshot, tags) {
      if (state.snapshots.has(snapshot)) return
      const found = state.instances.get(instance)
      if (found === undefined)
        throw new FailedError('AWS answered DBInstanceNotFound', {code: 'AWS_DB_INSTANCE_NOT_FOUND'})
      world.takeSnapshot(snapshot, found, tags['pi:environment'])
    },
    copySnapshot(sourceArn, snapshot, {tags}) {
      if (state.snapshots.has(snapshot)) return
      const found = state.snapshots.get(nameOfSnapshot(sourceArn))
      if (found === undefined)
        throw new FailedError('AWS answered DBSnapshotNotFound', {code: 'AWS_DB_SNAPSHOT_NOT_FOUND'})
      const createdAt = world.clock.time
      const readyAt = createdAt + world.durations.snapshot
      state.snapshots.set(snapshot, {
        ...found,
        ...{identifier: snapshot, environment: tags['pi:environment'], createdAt, readyAt},
        failed: world.ignores.has('copySnapshot'),
      })
    },
    share(snapshot, to) {
      if (snapshot.startsWith('awsbackup:'))
        throw new FailedError('Only manual snapshots are shared', {code: 'AWS_INVALID_DB_SNAPSHOT_STATE'})
      const before = state.shares.get(snapshot) ?? []
      if (!world.ignores.has('share')) state.shares.set(snapshot, [...before.filter((one) => one !== to), to])
    },
    unshare(snapshot, to) {
      const left = (state.shares.get(snapshot) ?? []).filter((one) => one !== to)
      if (left.length > 0) state.shares.set(snapshot, left)
      else state.shares.delete(snapshot)
    },
    snapshotsOf: (environment) =>
      [...state.snapshots.values()].filter((one) => one.environment === environment).map((one) => one.identifier),
    deleteSnapshot(snapshot) {
      if (snapshot.startsWith('awsbackup:') && state.snapshots.has(snapshot))
        throw new FailedError('It is managed by AWS Backup', {code: 'AWS_INVALID_DB_SNAPSHOT_STATE'})
      const found = state.snapshots.get(snapshot)
      if (found !== undefined && !found.failed && world.clock.time < found.readyAt)
        throw new FailedError(`Database snapshot ${snapshot} is being made.`, {code: 'SNAPSHOT_BUSY'})
      state.snapshots.delete(snapshot)
    },
    quotas: () => world.quotas,
    offers: (version) => !world.gone.has(version),
  }
}
