import {CloudFormationClient, paginateDescribeStacks} from '@aws-sdk/client-cloudformation'
import {CloudWatchClient, paginateDescribeAlarms} from '@aws-sdk/client-cloudwatch'
import {EventBridgeClient, ListRulesCommand} from '@aws-sdk/client-eventbridge'
import {GetHostedZoneLimitCommand, Route53Client} from '@aws-sdk/client-route-53'
import {paginateListNamespaces, ServiceDiscoveryClient} from '@aws-sdk/client-servicediscovery'
import type {Thing} from '../../domain/quotas/model.ts'
import {type Attach, limitedClient} from '../rate-limit.ts'
import type {ClientConfig} from '../settings.ts'
import {folded, type Listers, ofEach, one} from './lists.ts'

/** Stacks, nested ones included; those that are gone are not described. */
export function stackLists(config: ClientConfig, attach: Attach): Listers {
  const client = limitedClient(new CloudFormationClient(config), attach)
  return {
    stacks: () =>
      folded(paginateDescribeStacks({client}, {}), ({Stacks = []}) =>
        Stacks.filter(({StackStatus}) => StackStatus !== 'DELETE_COMPLETE').map(({StackId}) => one(StackId)),
      ),
  }
}

export function alarmLists(config: ClientConfig, attach: Attach): Listers {
  const client = limitedClient(new CloudWatchClient(config), attach)
  return {
    alarms: () =>
      folded(
        paginateDescribeAlarms({client, pageSize: 100}, {AlarmTypes: ['MetricAlarm', 'CompositeAlarm']}),
        ({MetricAlarms = [], CompositeAlarms = []}) =>
          [...MetricAlarms, ...CompositeAlarms].map(({AlarmArn}) => one(AlarmArn)),
      ),
  }
}

/** Rules of the default bus; the SDK has no paginator for them. */
export function ruleLists(config: ClientConfig, attach: Attach): Listers {
  const client = limitedClient(new EventBridgeClient(config), attach)
  return {
    async 'event-rules'() {
      const all: Thing[] = []
      let NextToken: string | undefined
      do {
        const page = await client.send(
          new ListRulesCommand({Limit: 100, ...(NextToken === undefined ? {} : {NextToken})}),
        )
        all.push(...(page.Rules ?? []).map(({Arn}) => one(Arn)))
        NextToken = page.NextToken
      } while (NextToken !== undefined && NextToken !== '')
      return all
    },
  }
}

export function nameLists(config: ClientConfig, attach: Attach): Listers {
  const client = limitedClient(new ServiceDiscoveryClient(config), attach)
  return {
    namespaces: () =>
      folded(paginateListNamespaces({client, pageSize: 100}, {}), ({Namespaces = []}) =>
        Namespaces.map(({Id}) => one(Id)),
      ),
  }
}

export function zoneLists(config: ClientConfig, attach: Attach): Listers {
  const client = limitedClient(new Route53Client(config), attach)
  return {
    // One call tells the number of records: nobody needs to list them.
    'zone-records': (parents) =>
      ofEach(parents, async (zone) => {
        const {Count = 0} = await client.send(
          new GetHostedZoneLimitCommand({HostedZoneId: zone, Type: 'MAX_RRSETS_BY_ZONE'}),
        )
        return [one(zone, zone, {amount: Count})]
      }),
  }
}
