import type {DeployResult} from '../../flows/deploy/options.ts'
import type {Layout} from './layout.ts'

/** Outputs that a person looks for first, in this order. */
const headline: readonly (readonly [output: string, label: string])[] = [
  ['Url', 'Dashboard'],
  ['PiranaUrl', 'Pirana'],
  ['LoadBalancerDnsName', 'Load balancer'],
  ['NatAddresses', 'Outbound addresses'],
  ['DatabaseEndpoint', 'Database'],
  ['FileSystemId', 'File system'],
  ['AssetsBucket', 'Assets'],
  ['ClusterName', 'Cluster'],
]

export function formatDeploy(result: DeployResult, layout: Layout): string {
  const {environment, outputs} = result
  const rows = headline.map(([name, label]): [string, string | undefined] => {
    const value = outputs[name]
    return [label, value === '' ? undefined : value]
  })
  const changed = result.parts
    .filter((part) => part.status !== 'unchanged')
    .map((part) => `${part.part} ${part.status}`)
  return [
    layout.heading(
      result.changed ? `Environment ${environment} is deployed` : `Environment ${environment}: nothing to change`,
    ),
    layout.keyValues([
      ...rows,
      ['Changed', changed.length === 0 ? undefined : changed.join(', ')],
      ['Operation', result.opId],
    ]),
    layout.nextSteps([
      `pi-aws status ${environment}`,
      `pi-aws outputs ${environment}`,
      `pi-aws datasheet ${environment}`,
    ]),
  ].join('\n')
}
