import {
  DescribeAvailabilityZonesCommand,
  DescribeManagedPrefixListsCommand,
  EC2Client,
  paginateDescribeNetworkInterfaces,
  paginateDescribeVpcs,
} from '@aws-sdk/client-ec2'
import {NotFoundError} from '../domain/errors.ts'
import {present} from './present.ts'
import type {Networks, VpcRange} from '../flows/ports.ts'
import {type Actions, translateErrors} from './errors.ts'
import type {ClientConfig} from './settings.ts'

const actions: Actions = {
  zones: 'ec2:DescribeAvailabilityZones',
  s3PrefixListId: 'ec2:DescribeManagedPrefixLists',
  vpcRanges: 'ec2:DescribeVpcs',
  interfacesUsing: 'ec2:DescribeNetworkInterfaces',
}

/** EC2 by its API. */
export function createNetworks(config: ClientConfig): Networks {
  const client = new EC2Client(config)
  return translateErrors<Networks>(
    {
      async zones() {
        const answer = await client.send(
          new DescribeAvailabilityZonesCommand({
            Filters: [
              {Name: 'zone-type', Values: ['availability-zone']},
              {Name: 'state', Values: ['available']},
            ],
          }),
        )
        return (answer.AvailabilityZones ?? []).flatMap((zone) => zone.ZoneName ?? []).sort()
      },
      async s3PrefixListId() {
        const name = `com.amazonaws.${config.region}.s3`
        const answer = await client.send(
          new DescribeManagedPrefixListsCommand({Filters: [{Name: 'prefix-list-name', Values: [name]}]}),
        )
        const id = answer.PrefixLists?.find((list) => list.PrefixListName === name)?.PrefixListId
        if (id !== undefined) return id
        throw new NotFoundError(`The region has no prefix list ${name}.`, {code: 'S3_PREFIX_LIST_NOT_FOUND'})
      },
      async vpcRanges() {
        const ranges: VpcRange[] = []
        for await (const page of paginateDescribeVpcs({client}, {})) {
          for (const vpc of page.Vpcs ?? []) {
            const name = vpc.Tags?.find((tag) => tag.Key === 'Name')?.Value ?? ''
            const environment = vpc.Tags?.find((tag) => tag.Key === 'pi:environment')?.Value
            const known = {vpcId: vpc.VpcId ?? '', name, ...present({environment})}
            for (const cidr of rangesOf(vpc)) ranges.push({...known, cidr})
          }
        }
        return ranges
      },
      async interfacesUsing(securityGroupIds) {
        if (securityGroupIds.length === 0) return 0
        let count = 0
        const filter = {Filters: [{Name: 'group-id', Values: [...securityGroupIds]}]}
        for await (const page of paginateDescribeNetworkInterfaces({client}, filter))
          count += page.NetworkInterfaces?.length ?? 0
        return count
      },
    },
    actions,
  )
}

/** The VPC's first range and those that were added; the API names the first one in both places. */
function rangesOf(vpc: {
  readonly CidrBlock?: string | undefined
  readonly CidrBlockAssociationSet?:
    readonly {CidrBlock?: string | undefined; CidrBlockState?: {State?: string | undefined} | undefined}[] | undefined
}): readonly string[] {
  const added = (vpc.CidrBlockAssociationSet ?? [])
    .filter((row) => row.CidrBlockState?.State === undefined || row.CidrBlockState.State.startsWith('associat'))
    .map((row) => row.CidrBlock)
  return [...new Set([vpc.CidrBlock, ...added].filter((cidr) => cidr !== undefined))]
}
