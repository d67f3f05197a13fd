import assert from 'node:assert/strict'
import {DescribeTargetHealthCommand, ElasticLoadBalancingV2Client} from '@aws-sdk/client-elastic-load-balancing-v2'
import {mockClient} from 'aws-sdk-client-mock'
import {createLoadBalancers} from '../../src/aws/elbv2.ts'
import {config, sdkError} from './sdk.ts'

describe('target health of load balancing', () => {
  const mock = mockClient(ElasticLoadBalancingV2Client)
  const loadBalancers = createLoadBalancers(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('counts the healthy and tells once why others are not', async () => {
    const unwell = {State: 'unhealthy', Reason: 'Target.ResponseCodeMismatch', Description: 'codes: [503]'} as const
    mock.on(DescribeTargetHealthCommand, {TargetGroupArn: 'arn:tg'}).resolves({
      TargetHealthDescriptions: [
        {TargetHealth: {State: 'healthy'}},
        {TargetHealth: unwell},
        {TargetHealth: unwell},
        {TargetHealth: {State: 'initial', Reason: 'Elb.RegistrationInProgress'}},
        {TargetHealth: {State: 'draining'}},
        {},
      ],
    })
    assert.deepEqual(await loadBalancers.targetHealth('arn:tg'), {
      healthy: 1,
      total: 6,
      reasons: ['unhealthy: codes: [503]', 'initial: Elb.RegistrationInProgress', 'draining', 'unknown'],
    })
  })

  it('is no target at all where the group is gone', async () => {
    mock.rejects(sdkError('TargetGroupNotFoundException'))
    const health = await loadBalancers.targetHealth('arn:tg')
    assert.deepEqual([health.healthy, health.total, health.reasons.length], [0, 0, 1])
  })
})
