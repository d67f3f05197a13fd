import {BackupClient, ListBackupJobsCommand, ListRestoreJobsCommand} from '@aws-sdk/client-backup'
import {CloudFormationClient, DescribeStackEventsCommand, paginateDescribeStacks} from '@aws-sdk/client-cloudformation'
import {DescribeTasksCommand, ECSClient, ListTasksCommand, paginateListClusters} from '@aws-sdk/client-ecs'
import type {Call} from '../quotas/counted-way.ts'

/** Something that was under way at AWS, from when to when (ms since 1970). */
export interface Work {
  readonly what: string
  readonly begun: number
  readonly ended: number
}

/**
 * What the services of the embedded AWS were at since a moment, by their own records. How long a snapshot of RDS takes no
 * record says: it is the pace's time for one, from the call that asked for it.
 */
export async function ownWork(endpoint: string, calls: readonly Call[], since: number): Promise<readonly Work[]> {
  const settings = {endpoint, region: 'eu-west-1', credentials: {accessKeyId: 'test', secretAccessKey: 'test'}}
  const [snapshot, stacks, jobs, tasks] = await Promise.all([
    snapshotTime(endpoint),
    changesOf(new CloudFormationClient(settings), since),
    jobsOf(new BackupClient(settings), since),
    tasksOf(new ECSClient(settings), since),
  ])
  const snapshots = calls
    .filter(({action}) => action === 'CreateDBSnapshot')
    .map(({begun}) => ({what: 'RDS: snapshot', begun, ended: begun + snapshot}))
  const invocations = calls
    .filter(({path}) => path.includes('/invocations'))
    .map(({body, begun, ended}) => ({what: `function: ${operationOf(body)}`, begun, ended}))
  return [...snapshots, ...invocations, ...stacks, ...jobs, ...tasks]
}

function operationOf(body: Buffer): string {
  return (JSON.parse(body.toString() || '{}') as {operation?: string}).operation ?? ''
}

/** ms that a snapshot of RDS takes at the pace of this AWS. */
async function snapshotTime(endpoint: string): Promise<number> {
  const answer = (await (await fetch(`${endpoint}/_pi/pace`)).json()) as {pace: number; jobs: Record<string, number>}
  return answer.pace * (answer.jobs['DBSnapshot'] ?? Number.NaN) * 1000
}

/** Every change of a stack that is no part of another one. */
async function changesOf(client: CloudFormationClient, since: number): Promise<readonly Work[]> {
  const work: Work[] = []
  for await (const {Stacks = []} of paginateDescribeStacks({client}, {})) {
    for (const {StackName = '', StackId, ParentId} of Stacks) {
      if (ParentId !== undefined) continue
      const {StackEvents = []} = await client.send(new DescribeStackEventsCommand({StackName}))
      const own = StackEvents.filter(({PhysicalResourceId}) => PhysicalResourceId === StackId).reverse()
      let begun = Number.NaN
      for (const {ResourceStatus = '', Timestamp} of own) {
        const at = Timestamp?.getTime() ?? Number.NaN
        const [, kind, end] = /^(CREATE|UPDATE|DELETE)_(IN_PROGRESS|COMPLETE)$/.exec(ResourceStatus) ?? []
        if (end === 'IN_PROGRESS') begun = at
        else if (kind !== undefined && at >= since)
          work.push({what: `stack ${StackName} (${kind.toLowerCase()})`, begun, ended: at})
      }
    }
  }
  return work
}

async function jobsOf(client: BackupClient, since: number): Promise<readonly Work[]> {
  const {BackupJobs = []} = await client.send(new ListBackupJobsCommand({}))
  const {RestoreJobs = []} = await client.send(new ListRestoreJobsCommand({}))
  const all = [
    ...BackupJobs.map((job) => ({...job, what: 'AWS Backup: backup'})),
    ...RestoreJobs.map((job) => ({...job, what: 'AWS Backup: restore'})),
  ]
  return all.flatMap(({what, CreationDate, CompletionDate}) => {
    const [begun, ended] = [CreationDate?.getTime() ?? 0, CompletionDate?.getTime() ?? 0]
    return ended >= since ? [{what, begun, ended}] : []
  })
}

/** Tasks that ran once, not those of services. */
async function tasksOf(client: ECSClient, since: number): Promise<readonly Work[]> {
  const work: Work[] = []
  for await (const {clusterArns = []} of paginateListClusters({client}, {})) {
    for (const cluster of clusterArns) {
      const {taskArns: tasks = []} = await client.send(new ListTasksCommand({cluster, desiredStatus: 'STOPPED'}))
      if (tasks.length === 0) continue
      const {tasks: found = []} = await client.send(new DescribeTasksCommand({cluster, tasks}))
      for (const {group = '', createdAt, stoppedAt} of found) {
        const [begun, ended] = [createdAt?.getTime() ?? 0, stoppedAt?.getTime() ?? 0]
        if (!group.startsWith('service:') && ended >= since) work.push({what: `task ${group}`, begun, ended})
      }
    }
  }
  return work
}
