import type {Demand} from './demand.ts'
import type {QuotaFinding} from './judge.ts'
import type {QuotaRow} from './model.ts'
import {quotaCalled} from './rows.ts'
import {rollingCount} from './tasks.ts'

/** Limits are asked for with room for the next release, in whole steps. */
function roomy(value: number): number {
  return Math.ceil(value)
}

/** What a limit must at least be for a finding to hold. */
export function wanted({used, planned = 0, need}: QuotaFinding): number {
  return roomy((used ?? 0) + planned + need)
}

/** The command that asks for what a finding lacks; undefined where AWS raises nothing. */
export function requestCommand(row: QuotaRow, finding: QuotaFinding, environment: string): string | undefined {
  if (!row.adjustable || row.code === '') return undefined
  return `pi-aws quotas request ${row.key} --to ${wanted(finding)} --environment ${environment}`
}

/** Which services make a rolling update ask for more than what runs, in words. */
function surge({tasks}: Demand): string {
  return tasks.services
    .filter((service) => rollingCount(service, service.max) > service.max)
    .map((service) => `${service.name} (${service.max} tasks, ${service.maximumPercent} %)`)
    .join(', ')
}

/** Why Fargate's quota is short, and what helps: a release at 200 % runs old and new tasks side by side. */
export function fargateAdvice(demand: Demand): readonly string[] {
  const rolling = demand.mode === 'update' || demand.mode === 'deploy' ? surge(demand) : ''
  const why = rolling === '' ? [] : [`A release runs old and new tasks side by side: ${rolling}`]
  return [
    ...why,
    ...(rolling === ''
      ? []
      : ['Set parameters RendererOverlap and PiranaOverlap to false: releases then replace tasks at 100 %']),
    'Set preset: small, or fewer and smaller tasks under services, in pi-aws.yaml',
  ]
}

/** Sentences and commands that follow from a finding that is short. */
export function waysOut(row: QuotaRow, finding: QuotaFinding, demand: Demand, environment: string): readonly string[] {
  const request = requestCommand(row, finding, environment)
  const own = row.key.startsWith('fargate') ? fargateAdvice(demand) : otherWays(row)
  return [...(request === undefined ? [] : [request]), ...own]
}

function otherWays(row: QuotaRow): readonly string[] {
  switch (row.key) {
    case 'vpcs':
    case 'internet-gateways':
      return ['Use an existing VPC: network.existing in pi-aws.yaml']
    case 'elastic-ips':
    case 'nat-gateways':
      return ['Set network.nat: one in pi-aws.yaml, or release addresses that nobody uses']
    case 'instance-interfaces':
      return ['Set parameters InstanceMax higher, or a larger InstanceType, in pi-aws.yaml']
    case 'subnet-addresses':
      return ['Use larger subnets']
    case 'manual-snapshots':
      return ['Delete snapshots that nobody needs']
    default:
      return row.adjustable ? [] : ['AWS does not raise this limit: remove what nobody uses']
  }
}

/** A finding in one sentence that names the quota as people and as AWS call it. */
export function named({key, reason}: Pick<QuotaFinding, 'key' | 'reason'>): string {
  const {title, service, code} = quotaCalled(key)
  return `quota ${key}: ${title}${code === '' ? '' : ` (${service} ${code})`}: ${reason}`
}
