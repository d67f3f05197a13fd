import {
  ApplicationAutoScalingClient,
  paginateDescribeScalableTargets,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling'
import type {ScalableService, Scaling} from '../flows/snapshot/ports.ts'
import {translateErrors} from './errors.ts'
import type {ClientConfig} from './settings.ts'

const place = {ServiceNamespace: 'ecs', ScalableDimension: 'ecs:service:DesiredCount'} as const

/** Application Auto Scaling by its API, for services of ECS. */
export function createScaling(config: ClientConfig): Scaling {
  const client = new ApplicationAutoScalingClient(config)
  return translateErrors<Scaling>({
    async services(cluster) {
      const prefix = `service/${cluster}/`
      const found: ScalableService[] = []
      for await (const page of paginateDescribeScalableTargets({client}, place)) {
        for (const {
          ResourceId: id = '',
          MinCapacity: min = 0,
          MaxCapacity: max = 0,
          SuspendedState: state,
        } of page.ScalableTargets ?? []) {
          if (!id.startsWith(prefix)) continue
          const suspended = [
            state?.DynamicScalingInSuspended,
            state?.DynamicScalingOutSuspended,
            state?.ScheduledScalingSuspended,
          ].every((one) => one === true)
          found.push({service: id.slice(prefix.length), min, max, suspended})
        }
      }
      return found
    },
    async set(cluster, {service, min, max, suspended}) {
      await client.send(
        new RegisterScalableTargetCommand({
          ...place,
          ResourceId: `service/${cluster}/${service}`,
          MinCapacity: min,
          MaxCapacity: max,
          SuspendedState: {
            DynamicScalingInSuspended: suspended,
            DynamicScalingOutSuspended: suspended,
            ScheduledScalingSuspended: suspended,
          },
        }),
      )
    },
  })
}
