import {leftoverText} from '../../domain/leftovers.ts'
import type {DeployResult} from '../../flows/deploy/options.ts'
import {type Layout, plural} from './layout.ts'

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
    layout.heading(headingOf(result)),
    layout.keyValues([
      ...rows,
      ['Assets on file system', assetsText(result)],
      ['Changed', changed.length === 0 ? undefined : changed.join(', ')],
      ['Left behind', result.leftovers?.map(leftoverText).join('\n')],
      ['Operation', result.opId],
    ]),
    layout.nextSteps([
      ...(result.leftovers === undefined ? [] : [`pi-aws diagnose ${environment}`]),
      `pi-aws status ${environment}`,
      `pi-aws outputs ${environment}`,
      `pi-aws datasheet ${environment}`,
    ]),
  ].join('\n')
}

/** An environment whose app does not stand yet is not deployed, whatever `--part` made of it. */
function headingOf({environment, changed, outputs, parts}: DeployResult): string {
  if (!changed) return `Environment ${environment}: nothing to change`
  if (outputs['LoadBalancerDnsName'] !== undefined) return `Environment ${environment} is deployed`
  return `Of environment ${environment}: ${parts.map(({part}) => part).join(', ')}`
}

/** `11 files of /home/me/assets are at fs-0123:/gen/1 (11 sent, 17 copied)`. */
function assetsText({assets}: DeployResult): string | undefined {
  if (assets === undefined) return undefined
  const {folder, files, sent, copied, place} = assets
  const moved = sent + copied === 0 ? 'all there already' : `${sent} sent, ${copied} written with their folders`
  return `${plural(files, 'file')} of ${folder} at ${place} (${moved})`
}
