import {AutoScalingClient, DescribeAccountLimitsCommand as DescribeGroupLimits} from '@aws-sdk/client-auto-scaling'
import {CloudFormationClient, DescribeAccountLimitsCommand as DescribeStackLimits} from '@aws-sdk/client-cloudformation'
import {
  DescribeAccountLimitsCommand as DescribeBalancerLimits,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import {GetAccountSummaryCommand, IAMClient} from '@aws-sdk/client-iam'
import {GetAccountSettingsCommand, LambdaClient} from '@aws-sdk/client-lambda'
import {DescribeAccountAttributesCommand, RDSClient} from '@aws-sdk/client-rds'
import {GetAccountLimitCommand, Route53Client} from '@aws-sdk/client-route-53'
import type {LimitCall, OwnLimit} from '../../domain/quotas/model.ts'
import {type Attach, limitedClient} from '../rate-limit.ts'
import type {ClientConfig} from '../settings.ts'

type Answer = Readonly<Record<string, OwnLimit>>

function row(limit: number | undefined, used?: number): OwnLimit {
  return {...(limit === undefined ? {} : {limit}), ...(used === undefined ? {} : {used})}
}

function asNumber(text: string | undefined): number | undefined {
  const number = Number(text)
  return text === undefined || text === '' || Number.isNaN(number) ? undefined : number
}

/** What services say of their limits themselves, by one call each. */
export function ownLimitCalls(
  config: ClientConfig,
  attach: (call: LimitCall) => Attach,
): Readonly<Record<LimitCall, () => Promise<Answer>>> {
  return {
    async rds() {
      const client = limitedClient(new RDSClient(config), attach('rds'))
      const {AccountQuotas = []} = await client.send(new DescribeAccountAttributesCommand({}))
      return Object.fromEntries(
        AccountQuotas.map(({AccountQuotaName = '', Used, Max}) => [AccountQuotaName, row(Max, Used)]),
      )
    },
    async iam() {
      const client = limitedClient(new IAMClient(config), attach('iam'))
      const {SummaryMap: map = {}} = await client.send(new GetAccountSummaryCommand({}))
      return {
        Roles: row(map.RolesQuota, map.Roles),
        InstanceProfiles: row(map.InstanceProfilesQuota, map.InstanceProfiles),
        // How many a role has is a matter of each role.
        AttachedPoliciesPerRole: row(map.AttachedPoliciesPerRoleQuota),
      }
    },
    async lambda() {
      const client = limitedClient(new LambdaClient(config), attach('lambda'))
      const {AccountLimit: limit} = await client.send(new GetAccountSettingsCommand({}))
      const {ConcurrentExecutions: all, UnreservedConcurrentExecutions: free} = limit ?? {}
      return {ConcurrentExecutions: row(all, all === undefined || free === undefined ? undefined : all - free)}
    },
    async elasticloadbalancing() {
      const client = limitedClient(new ElasticLoadBalancingV2Client(config), attach('elasticloadbalancing'))
      const {Limits = []} = await client.send(new DescribeBalancerLimits({PageSize: 400}))
      return Object.fromEntries(Limits.map(({Name = '', Max}) => [Name, row(asNumber(Max))]))
    },
    async cloudformation() {
      const client = limitedClient(new CloudFormationClient(config), attach('cloudformation'))
      const {AccountLimits = []} = await client.send(new DescribeStackLimits({}))
      return Object.fromEntries(AccountLimits.map(({Name = '', Value}) => [Name, row(Value)]))
    },
    async autoscaling() {
      const client = limitedClient(new AutoScalingClient(config), attach('autoscaling'))
      const {MaxNumberOfAutoScalingGroups: most} = await client.send(new DescribeGroupLimits({}))
      return {MaxNumberOfAutoScalingGroups: row(most)}
    },
    async route53() {
      const client = limitedClient(new Route53Client(config), attach('route53'))
      const {Limit, Count} = await client.send(new GetAccountLimitCommand({Type: 'MAX_HOSTED_ZONES_BY_OWNER'}))
      return {MAX_HOSTED_ZONES_BY_OWNER: row(Limit?.Value, Count)}
    },
  }
}
