import {ApplicationAutoScalingClient, paginateDescribeScalableTargets} from '@aws-sdk/client-application-auto-scaling'
import {AutoScalingClient, paginateDescribeAutoScalingGroups} from '@aws-sdk/client-auto-scaling'
import {type Attach, limitedClient} from '../rate-limit.ts'
import type {ClientConfig} from '../settings.ts'
import {folded, type Listers, one} from './lists.ts'

/** Groups of instances and services that scale. */
export function scalingLists(config: ClientConfig, groupLimit: Attach, targetLimit: Attach): Listers {
  const groups = limitedClient(new AutoScalingClient(config), groupLimit)
  const targets = limitedClient(new ApplicationAutoScalingClient(config), targetLimit)
  return {
    'auto-scaling-groups': () =>
      folded(paginateDescribeAutoScalingGroups({client: groups, pageSize: 100}, {}), ({AutoScalingGroups = []}) =>
        AutoScalingGroups.map(({AutoScalingGroupName}) => one(AutoScalingGroupName)),
      ),
    'scalable-targets': () =>
      folded(
        paginateDescribeScalableTargets({client: targets, pageSize: 50}, {ServiceNamespace: 'ecs'}),
        ({ScalableTargets = []}) => ScalableTargets.map(({ResourceId}) => one(ResourceId)),
      ),
  }
}
