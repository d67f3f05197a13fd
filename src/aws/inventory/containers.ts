import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  paginateListClusters,
  paginateListServices,
  paginateListTasks,
  type Service,
  type Task,
} from '@aws-sdk/client-ecs'
import type {Thing} from '../../domain/quotas/model.ts'
import {type Attach, limitedClient} from '../rate-limit.ts'
import type {ClientConfig} from '../settings.ts'
import {folded, type Listers, ofEach, one} from './lists.ts'

const unitsPerVcpu = 1024

/** Clusters, services and tasks. A page of a list is described by one call: 100 tasks, or 10 services. */
export function containerLists(config: ClientConfig, attach: Attach): Listers {
  const client = limitedClient(new ECSClient(config), attach)
  const clusters = (): Promise<readonly Thing[]> =>
    folded(paginateListClusters({client, pageSize: 100}, {}), ({clusterArns = []}) =>
      clusterArns.map((arn) => one(nameOf(arn))),
    )
  // Tasks are listed by cluster: both lists of one check share this one.
  let known: Promise<readonly Thing[]> | undefined
  const clustersOnce = (): Promise<readonly Thing[]> => (known ??= clusters())

  return {
    clusters: clustersOnce,
    services: (parents) =>
      ofEach(parents, (cluster) =>
        folded(paginateListServices({client, pageSize: 10}, {cluster}), async ({serviceArns = []}) => {
          if (serviceArns.length === 0) return []
          const {services = []} = await client.send(new DescribeServicesCommand({cluster, services: serviceArns}))
          return services.filter(({status}) => status !== 'INACTIVE').map((found) => serviceOf(found, cluster))
        }),
      ),
    tasks: async () =>
      ofEach(
        (await clustersOnce()).map(({id}) => id),
        (cluster) =>
          folded(paginateListTasks({client, pageSize: 100}, {cluster}), async ({taskArns: tasks = []}) => {
            if (tasks.length === 0) return []
            const answer = await client.send(new DescribeTasksCommand({cluster, tasks}))
            return (answer.tasks ?? [])
              .filter(({lastStatus}) => lastStatus !== 'STOPPED')
              .map((task) => taskOf(task, cluster))
          }),
      ),
  }
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1)
}

function serviceOf({serviceArn, desiredCount, runningCount, pendingCount}: Service, cluster: string): Thing {
  const counts = {desired: desiredCount ?? 0, running: runningCount ?? 0, pending: pendingCount ?? 0}
  return one(serviceArn, cluster, {counts})
}

function taskOf({taskArn, cpu, launchType, capacityProviderName, lastStatus}: Task, cluster: string): Thing {
  const spot = capacityProviderName === 'FARGATE_SPOT'
  const fargate = launchType === 'FARGATE' || capacityProviderName === 'FARGATE'
  return one(taskArn, cluster, {
    amount: Number(cpu ?? 0) / unitsPerVcpu,
    kind: spot ? 'fargate-spot' : fargate ? 'fargate' : 'ec2',
    counts: {provisioning: lastStatus === 'PROVISIONING' ? 1 : 0},
  })
}
