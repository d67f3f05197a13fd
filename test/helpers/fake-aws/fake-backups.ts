import {FailedError} from '../../../src/domain/errors.ts'
import type {Backups, Scaling} from '../../../src/flows/recovery/ports.ts'
import type {Answers} from './answers.ts'
import type {FakeFileSystem, FakeJob} from './state.ts'
import {nameOfSnapshot} from './laws.ts'
import type {World} from './world.ts'

const account = '111122223333'

/** Application Auto Scaling. A floor above the present count starts tasks at once, suspended or not. */
export function fakeScaling({state}: World): Answers<Scaling> {
  return {
    services: (cluster) =>
      [...state.scaling]
        .filter(([, one]) => one.cluster === cluster)
        .map(([service, {min, max, suspended}]) => ({service, min, max, suspended})),
    set(cluster, {service, min, max, suspended}) {
      state.scaling.set(service, {cluster, min, max, suspended})
      const found = state.services.get(service)
      if (found !== undefined && found.desired < min) found.desired = min
    },
  }
}

/** Everything on a file system, by path. */
function everything(files: FakeFileSystem): Map<string, string> {
  return new Map([
    ...[...files.generations].map(([number, content]) => [`gen/${number}`, content] as const),
    ...files.trees,
  ])
}

function fileSystemOf({state}: World, arn: string): FakeFileSystem | undefined {
  return state.fileSystems.get(arn.split('/').at(-1) ?? '')
}

/** AWS Backup of file systems: a backup reads the tree as it is when the job ends, a restore never overwrites. */
export function fakeBackups(world: World): Answers<Backups> {
  const {state} = world
  const begin = (job: Omit<FakeJob, 'id' | 'createdAt' | 'endsAt' | 'state' | 'reason'>, duration: number): string => {
    const known = state.jobs.find(({token, kind}) => token === job.token && kind === job.kind)
    if (known !== undefined) return known.id
    const createdAt = world.clock.time
    const id = `job-${world.count('job')}`
    state.jobs.push({...job, id, createdAt, endsAt: createdAt + duration, state: 'RUNNING', reason: ''})
    return id
  }
  const jobOf = (id: string, kind: FakeJob['kind']) => {
    const job = state.jobs.find((candidate) => candidate.id === id && candidate.kind === kind)
    if (job === undefined) return undefined
    return {
      id,
      state: job.state,
      reason: job.reason,
      createdAt: new Date(job.createdAt).toISOString(),
      ...(job.state === 'RUNNING' ? {} : {completedAt: new Date(job.endsAt).toISOString()}),
      ...(job.recoveryPointArn === undefined ? {} : {recoveryPointArn: job.recoveryPointArn}),
    }
  }
  const points = (vault: string) => [...state.recoveryPoints.values()].filter((point) => point.vault === vault)
  const shown = (point: ReturnType<typeof points>[number]) => ({
    arn: point.arn,
    status: 'COMPLETED',
    resourceArn: point.resourceArn,
    bytes: 1000,
    ...(point.lockedUntil === undefined ? {} : {lock: lockOf(point.lockedUntil)}),
  })
  return {
    jobs: (_vault, since) => world.backupJobs.filter(({createdAt}) => createdAt >= since),
    vaultTrouble: () => world.vaultTrouble,
    vaultPolicy: (vault) => world.vaultPolicies.get(vault),
    acrossAccounts: () => world.across,
    startBackup({vault, resourceArn, token, tags}) {
      const busy = state.jobs.find(
        (job) =>
          job.kind === 'backup' && job.resourceArn === resourceArn && job.state === 'RUNNING' && job.token !== token,
      )
      if (busy !== undefined) throw new FailedError('There is a running job', {code: 'AWS_LIMIT_EXCEEDED'})
      const waits = isDatabase(resourceArn) ? {capturesAt: world.clock.time + world.durations.queue} : {}
      const duration = (isDatabase(resourceArn) ? world.durations.queue : 0) + world.durations.backup
      return begin({kind: 'backup', token, vault, resourceArn, tags, ...waits}, duration)
    },
    backupJob: (id) => jobOf(id, 'backup'),
    runningBackup(resourceArn) {
      const job = state.jobs.find(
        (candidate) =>
          candidate.kind === 'backup' && candidate.resourceArn === resourceArn && candidate.state === 'RUNNING',
      )
      return job === undefined ? undefined : jobOf(job.id, 'backup')
    },
    stopBackup(id) {
      const job = state.jobs.find((candidate) => candidate.id === id)
      // Backups of databases go on to their end whoever asks.
      if (job?.state === 'RUNNING' && !isDatabase(job.resourceArn)) job.state = 'ABORTED'
    },
    recoveryPoint(_vault, arn) {
      const point = state.recoveryPoints.get(arn)
      return point === undefined ? undefined : shown(point)
    },
    deleteRecoveryPoint(_vault, arn) {
      const point = state.recoveryPoints.get(arn)
      if (point?.lockedUntil !== undefined && point.lockedUntil > world.clock.time)
        throw new FailedError('The vault is locked', {code: 'AWS_INVALID_REQUEST'})
      state.recoveryPoints.delete(arn)
      if (point !== undefined && isDatabase(point.resourceArn)) state.snapshots.delete(nameOfSnapshot(arn))
    },
    startCopy({recoveryPointArn, targetVaultArn, token}) {
      const vault = targetVaultArn.split(':').at(-1) ?? ''
      const source = {arn: recoveryPointArn, items: []}
      return begin({kind: 'copy', token, vault, resourceArn: '', tags: {}, source}, world.durations.backup)
    },
    copyJob: (id) => jobOf(id, 'copy'),
    copiedPoints: (vault) =>
      points(vault)
        .filter(({copied}) => copied === true)
        .map(({arn}) => arn),
    startRestore({recoveryPointArn, token, metadata}) {
      const items = JSON.parse(metadata['ItemsToRestore'] ?? '[]') as string[]
      const resourceArn = `arn:aws:elasticfilesystem:eu-west-1:${account}:file-system/${metadata['file-system-id'] ?? ''}`
      const source = {arn: recoveryPointArn, items}
      return begin({kind: 'restore', token, vault: '', resourceArn, tags: {}, source}, world.durations.restore)
    },
    restoreJob: (id) => jobOf(id, 'restore'),
    lastRecoveryPoint(vault) {
      const ends = points(vault).map(({completedAt}) => completedAt)
      return ends.length === 0 ? state.vaults.get(vault) : new Date(Math.max(...ends)).toISOString()
    },
    deleteVault(vault) {
      for (const {arn} of points(vault)) state.recoveryPoints.delete(arn)
      state.vaults.delete(vault)
    },
  }
}

function lockOf(until: number): {readonly until?: string} {
  return Number.isFinite(until) ? {until: new Date(until).toISOString()} : {}
}

function isDatabase(resourceArn: string): boolean {
  return resourceArn.includes(':db:')
}

/** What AWS Backup makes of a database is a snapshot of RDS that RDS does not delete. */
function captureDatabase(world: World, job: FakeJob): void {
  const {instances} = world.state
  const found = instances.get(job.resourceArn.split(':').at(-1) ?? '')
  if (found === undefined) {
    Object.assign(job, {state: 'FAILED', reason: 'the database is gone'})
    return
  }
  const name = `awsbackup:${job.id}`
  world.takeSnapshot(name, found, undefined, job.capturesAt)
  job.recoveryPointArn = `arn:aws:rds:eu-west-1:${account}:snapshot:${name}`
}

/** What a job does when it ends. */
export function endJobs(world: World): void {
  const {state} = world
  for (const job of state.jobs) {
    if (job.state !== 'RUNNING') continue
    if (job.capturesAt !== undefined && job.capturesAt <= world.clock.time && job.recoveryPointArn === undefined)
      captureDatabase(world, job)
    if (job.endsAt > world.clock.time) continue
    if (job.capturesAt !== undefined) {
      saveDatabase(world, job)
      continue
    }
    if (job.kind === 'copy') {
      copyPoint(world, job)
      continue
    }
    const files = fileSystemOf(world, job.resourceArn)
    job.state = files === undefined ? 'FAILED' : 'COMPLETED'
    if (files === undefined) continue
    if (job.kind === 'backup') {
      const arn = `arn:aws:backup:eu-west-1:${account}:recovery-point:${world.count('recovery point')}`
      job.recoveryPointArn = arn
      state.recoveryPoints.set(arn, {
        arn,
        vault: job.vault,
        resourceArn: job.resourceArn,
        snapshot: job.tags['pi:snapshot'],
        completedAt: job.endsAt,
        trees: everything(files),
        lists: new Map(files.lists),
      })
    } else bringBack(world, job, files)
  }
}

function saveDatabase({state}: World, job: FakeJob): void {
  const {recoveryPointArn: arn, vault, resourceArn, tags, endsAt: completedAt} = job
  if (arn === undefined) return
  job.state = 'COMPLETED'
  const content = {trees: new Map<string, string>(), lists: new Map<string, string>()}
  state.recoveryPoints.set(arn, {arn, vault, resourceArn, snapshot: tags['pi:snapshot'], completedAt, ...content})
}

function copyPoint(world: World, job: FakeJob): void {
  const point = world.state.recoveryPoints.get(job.source?.arn ?? '')
  job.state = point === undefined || world.ignores.has('startCopy') ? 'FAILED' : 'COMPLETED'
  if (point === undefined || job.state === 'FAILED') return
  const arn = `arn:aws:backup:eu-west-1:${account}:recovery-point:${world.count('recovery point')}`
  job.recoveryPointArn = arn
  world.state.recoveryPoints.set(arn, {...point, arn, vault: job.vault, completedAt: job.endsAt, copied: true})
}

function bringBack({state}: World, job: FakeJob, files: FakeFileSystem): void {
  const point = state.recoveryPoints.get(job.source?.arn ?? '')
  if (point === undefined) {
    job.state = 'FAILED'
    job.reason = 'the recovery point is gone'
    return
  }
  const folder = `aws-backup-restore_${new Date(job.endsAt).toISOString().replaceAll(':', '-')}`
  for (const item of job.source?.items ?? []) {
    const path = item.replace(/^\//, '')
    const content = point.trees.get(path)
    if (content === undefined) continue
    files.trees.set(`${folder}/${path}`, content)
    for (const [key, list] of point.lists) if (key.startsWith(`${path} `)) files.lists.set(`${folder}/${key}`, list)
  }
}
