import {CloudWatchClient, GetMetricStatisticsCommand} from '@aws-sdk/client-cloudwatch'
import type {LimitCall, ThingList} from '../../domain/quotas/model.ts'
import type {Inventory} from '../../flows/quotas/ports.ts'
import {translateErrors} from '../errors.ts'
import {type Attach, limitedClient, limiterOf} from '../rate-limit.ts'
import type {ClientConfig} from '../settings.ts'
import {balancingLists} from './balancing.ts'
import {containerLists} from './containers.ts'
import type {Listers} from './lists.ts'
import {alarmLists, nameLists, ruleLists, stackLists, zoneLists} from './management.ts'
import {networkLists} from './network.ts'
import {ownLimitCalls} from './own-limits.ts'
import {scalingLists} from './scaling.ts'
import {certificateLists, keyLists, secretLists} from './secrets.ts'
import {backupLists, bucketLists, fileLists} from './storage.ts'

/** Usage metrics come with minutes of delay (CloudWatch user guide, AWS usage metrics). */
const metricWindow = 15 * 60_000
const metricPeriod = 300 // seconds

/**
 * What an account has, counted by its services' own calls.
 * @param perSecond calls a second that each service is sent
 */
export function createInventory(config: ClientConfig, perSecond: number): Omit<Inventory, 'requests'> {
  const limits = new Map<string, Attach>()
  const of = (service: string): Attach => {
    const known = limits.get(service) ?? limiterOf(perSecond)
    limits.set(service, known)
    return known
  }
  const lists: Listers = {
    ...networkLists(config, of('ec2')),
    ...containerLists(config, of('ecs')),
    ...balancingLists(config, of('elasticloadbalancing')),
    ...scalingLists(config, of('autoscaling'), of('application-autoscaling')),
    ...fileLists(config, of('elasticfilesystem')),
    ...bucketLists(config, of('s3')),
    ...backupLists(config, of('backup')),
    ...secretLists(config, of('secretsmanager')),
    ...keyLists(config, of('kms')),
    ...certificateLists(config, of('acm')),
    ...stackLists(config, of('cloudformation')),
    ...alarmLists(config, of('monitoring')),
    ...ruleLists(config, of('events')),
    ...nameLists(config, of('servicediscovery')),
    ...zoneLists(config, of('route53')),
  }
  const calls = ownLimitCalls(config, (call: LimitCall) => of(call))
  const metrics = limitedClient(new CloudWatchClient(config), of('monitoring'))
  return translateErrors<Omit<Inventory, 'requests'>>({
    async list(what: ThingList, parents) {
      return (await lists[what]?.(parents)) ?? []
    },
    ownLimits: (call) => calls[call](),
    async highest({namespace, name, dimensions}) {
      const now = new Date()
      const {Datapoints = []} = await metrics.send(
        new GetMetricStatisticsCommand({
          Namespace: namespace,
          MetricName: name,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({Name, Value})),
          StartTime: new Date(now.getTime() - metricWindow),
          EndTime: now,
          Period: metricPeriod,
          // The sum over a period would count the same vCPU once for each sample.
          Statistics: ['Maximum'],
        }),
      )
      const values = Datapoints.flatMap(({Maximum}) => Maximum ?? [])
      return values.length === 0 ? undefined : Math.max(...values)
    },
  })
}
