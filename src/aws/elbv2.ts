import {
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type TargetHealth as SdkTargetHealth,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type {LoadBalancers} from '../flows/ports.ts'
import {isNamed, translateErrors} from './errors.ts'
import type {ClientConfig} from './settings.ts'

/** Elastic Load Balancing by its API. */
export function createLoadBalancers(config: ClientConfig): LoadBalancers {
  const client = new ElasticLoadBalancingV2Client(config)
  return translateErrors<LoadBalancers>({
    async targetHealth(targetGroupArn) {
      try {
        const answer = await client.send(new DescribeTargetHealthCommand({TargetGroupArn: targetGroupArn}))
        const targets = (answer.TargetHealthDescriptions ?? []).map((row) => row.TargetHealth ?? {})
        const unwell = targets.filter((target) => target.State !== 'healthy')
        return {
          healthy: targets.length - unwell.length,
          total: targets.length,
          reasons: [...new Set(unwell.map(reasonOf))],
        }
      } catch (error) {
        if (!isNamed(error, 'TargetGroupNotFound')) throw error
        return {healthy: 0, total: 0, reasons: ['the target group does not exist']}
      }
    },
  })
}

function reasonOf({State: state, Reason: reason, Description: description}: SdkTargetHealth): string {
  const why = description ?? reason
  return why === undefined ? (state ?? 'unknown') : `${state ?? 'unknown'}: ${why}`
}
