import {
  ElasticLoadBalancingV2Client,
  paginateDescribeListeners,
  paginateDescribeLoadBalancers,
  paginateDescribeRules,
  paginateDescribeTargetGroups,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import {type Attach, limitedClient} from '../rate-limit.ts'
import type {ClientConfig} from '../settings.ts'
import {folded, type Listers, ofEach, one} from './lists.ts'

/** Load balancers and what hangs on those that are ours. */
export function balancingLists(config: ClientConfig, attach: Attach): Listers {
  const client = limitedClient(new ElasticLoadBalancingV2Client(config), attach)
  const paged = {client, pageSize: 400}
  const small = {client, pageSize: 100}
  const listeners = (balancer: string) =>
    folded(paginateDescribeListeners(small, {LoadBalancerArn: balancer}), ({Listeners = []}) =>
      Listeners.map(({ListenerArn, Certificates = []}) =>
        one(ListenerArn, balancer, {counts: {certificates: Certificates.length}}),
      ),
    )
  return {
    'load-balancers': () =>
      folded(paginateDescribeLoadBalancers(paged, {}), ({LoadBalancers = []}) =>
        LoadBalancers.filter(({Type}) => Type === 'application').map(({LoadBalancerArn}) => one(LoadBalancerArn)),
      ),
    'target-groups': () =>
      folded(paginateDescribeTargetGroups(paged, {}), ({TargetGroups = []}) =>
        TargetGroups.map(({TargetGroupArn}) => one(TargetGroupArn)),
      ),
    listeners: (parents) => ofEach(parents, listeners),
    // A listener's default rule does not count.
    'listener-rules': (parents) =>
      ofEach(parents, async (balancer) =>
        ofEach(
          (await listeners(balancer)).map(({id}) => id),
          (listener) =>
            folded(paginateDescribeRules(small, {ListenerArn: listener}), ({Rules = []}) =>
              Rules.filter(({IsDefault}) => IsDefault !== true).map(({RuleArn}) => one(RuleArn, balancer)),
            ),
        ),
      ),
  }
}
