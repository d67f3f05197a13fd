import assert from 'node:assert/strict'
import {AutoScalingClient, DescribeAccountLimitsCommand as GroupLimits} from '@aws-sdk/client-auto-scaling'
import {CloudFormationClient, DescribeAccountLimitsCommand as StackLimits} from '@aws-sdk/client-cloudformation'
import {CloudWatchClient, GetMetricStatisticsCommand} from '@aws-sdk/client-cloudwatch'
import {
  DescribeAccountLimitsCommand as BalancerLimits,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import {GetAccountSummaryCommand, IAMClient} from '@aws-sdk/client-iam'
import {GetAccountSettingsCommand, LambdaClient} from '@aws-sdk/client-lambda'
import {DescribeAccountAttributesCommand, RDSClient} from '@aws-sdk/client-rds'
import {GetAccountLimitCommand, Route53Client} from '@aws-sdk/client-route-53'
import {mockClient} from 'aws-sdk-client-mock'
import {createInventory} from '../../../src/aws/inventory/index.ts'
import type {LimitCall, OwnLimit} from '../../../src/domain/quotas/model.ts'
import {config, inputs, saying, sdkError} from '../sdk.ts'

interface Own {
  readonly call: LimitCall
  readonly client: never
  readonly command: never
  readonly answer: object
  readonly limits: Readonly<Record<string, OwnLimit>>
}

const table = [
  {
    call: 'rds',
    client: RDSClient,
    command: DescribeAccountAttributesCommand,
    answer: {AccountQuotas: [{AccountQuotaName: 'DBInstances', Used: 3, Max: 40}]},
    limits: {DBInstances: {limit: 40, used: 3}},
  },
  {
    call: 'iam',
    client: IAMClient,
    command: GetAccountSummaryCommand,
    answer: {SummaryMap: {Roles: 12, RolesQuota: 1000, AttachedPoliciesPerRoleQuota: 10}},
    limits: {Roles: {limit: 1000, used: 12}, InstanceProfiles: {}, AttachedPoliciesPerRole: {limit: 10}},
  },
  {
    call: 'lambda',
    client: LambdaClient,
    command: GetAccountSettingsCommand,
    answer: {AccountLimit: {ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 900}},
    limits: {ConcurrentExecutions: {limit: 1000, used: 100}},
  },
  {
    call: 'elasticloadbalancing',
    client: ElasticLoadBalancingV2Client,
    command: BalancerLimits,
    answer: {
      Limits: [
        {Name: 'target-groups', Max: '3000'},
        {Name: 'odd', Max: ''},
      ],
    },
    limits: {'target-groups': {limit: 3000}, odd: {}},
  },
  {
    call: 'cloudformation',
    client: CloudFormationClient,
    command: StackLimits,
    answer: {AccountLimits: [{Name: 'StackLimit', Value: 2000}]},
    limits: {StackLimit: {limit: 2000}},
  },
  {
    call: 'autoscaling',
    client: AutoScalingClient,
    command: GroupLimits,
    answer: {MaxNumberOfAutoScalingGroups: 500},
    limits: {MaxNumberOfAutoScalingGroups: {limit: 500}},
  },
  {
    call: 'route53',
    client: Route53Client,
    command: GetAccountLimitCommand,
    answer: {Limit: {Type: 'MAX_HOSTED_ZONES_BY_OWNER', Value: 500}, Count: 2},
    limits: {MAX_HOSTED_ZONES_BY_OWNER: {limit: 500, used: 2}},
  },
] as unknown as readonly Own[]

describe('what services say of their limits', () => {
  for (const {call, client, command, answer, limits} of table) {
    it(`${call}: limits and use by one call, nothing from an empty answer`, async () => {
      const mock = mockClient(client)
      try {
        mock.on(command).resolvesOnce(answer).resolves({})
        const inventory = createInventory(config, 1000)
        assert.deepEqual(await inventory.ownLimits(call), limits)
        for (const {limit, used} of Object.values(await inventory.ownLimits(call)))
          assert.deepEqual([limit, used], [undefined, undefined])
        assert.equal(mock.calls().length, 2)
      } finally {
        mock.restore()
      }
    })
  }

  it('a refusal is an error of ours', async () => {
    const mock = mockClient(RDSClient)
    try {
      mock.on(DescribeAccountAttributesCommand).rejects(sdkError('AccessDenied', 'no', {httpStatusCode: 403}))
      await assert.rejects(createInventory(config, 1000).ownLimits('rds'), saying('AccessError', 'ACCESS_DENIED'))
    } finally {
      mock.restore()
    }
  })

  it('a usage metric is its maximum and not its sum; without a value it is none', async () => {
    const mock = mockClient(CloudWatchClient)
    try {
      mock
        .on(GetMetricStatisticsCommand)
        .resolvesOnce({Datapoints: [{Maximum: 3}, {Maximum: 5}]})
        .resolves({})
      const inventory = createInventory(config, 1000)
      const metric = {namespace: 'AWS/Usage', name: 'ResourceCount', dimensions: {Service: 'Fargate'}}
      assert.equal(await inventory.highest(metric), 5)
      assert.equal(await inventory.highest(metric), undefined)
      const [{Statistics: statistics, Dimensions: dimensions}] = inputs(mock) as [
        {Statistics: string[]; Dimensions: object[]},
      ]
      assert.deepEqual([statistics, dimensions], [['Maximum'], [{Name: 'Service', Value: 'Fargate'}]])
    } finally {
      mock.restore()
    }
  })
})
