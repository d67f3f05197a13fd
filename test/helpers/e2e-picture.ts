import {
  CloudFormationClient,
  ListStackResourcesCommand,
  paginateDescribeStacks,
  type Stack,
} from '@aws-sdk/client-cloudformation'
import {DescribeNatGatewaysCommand, DescribeVpcsCommand, EC2Client} from '@aws-sdk/client-ec2'
import {DescribeServicesCommand, ECSClient, ListClustersCommand, ListServicesCommand} from '@aws-sdk/client-ecs'
import {DescribeFileSystemsCommand, EFSClient} from '@aws-sdk/client-efs'
import {DescribeDBInstancesCommand, RDSClient} from '@aws-sdk/client-rds'
import {ListBucketsCommand, S3Client} from '@aws-sdk/client-s3'
import type {Embedded} from './e2e.ts'

/** Ids that AWS draws: two environments never have the same. */
const drawn = /arn:|(^|[^a-z])(vpc|subnet|sg|fs|fsap|eni|nat|pl)-[0-9a-f]|[0-9A-Fa-f]{8,}|^\d+\.\d+\.\d+\.\d+$/

function generalised(value: string, environment: string): string {
  if (drawn.test(value)) return '<drawn>'
  return value.replaceAll(environment, '<environment>').replace(/^10\.\d+\./, '10.<n>.')
}

/**
 * What an environment is made of, without the names and ids that differ from one to the next: two environments of the
 * same configuration have equal pictures, however they came to be.
 */
export async function pictureOf(cloud: Embedded, environment: string): Promise<object> {
  const cloudFormation = cloud.client(CloudFormationClient)
  const all: Stack[] = []
  for await (const {Stacks = []} of paginateDescribeStacks({client: cloudFormation}, {})) all.push(...Stacks)
  const stacks: Record<string, object> = {}
  for (const stack of all) {
    const {StackName = '', ParentId, Parameters = [], Outputs = [], Tags = [], EnableTerminationProtection} = stack
    if (ParentId !== undefined || !StackName.startsWith(`pi-${environment}-`)) continue
    stacks[StackName.slice(`pi-${environment}-`.length)] = {
      settled: /^(CREATE|UPDATE)_COMPLETE$/.test(stack.StackStatus ?? ''),
      protected: EnableTerminationProtection,
      parameters: pairs(
        Parameters.map((one) => [one.ParameterKey, generalised(one.ParameterValue ?? '', environment)]),
      ),
      outputs: pairs(Outputs.map((one) => [one.OutputKey, generalised(one.OutputValue ?? '', environment)])),
      tags: pairs(Tags.map((one) => [one.Key, generalised(one.Value ?? '', environment)])),
      resources: await resourcesOf(cloudFormation, StackName),
    }
  }
  return {stacks: pairs(Object.entries(stacks)), counts: await countsOf(cloud, environment)}
}

function pairs<T>(entries: readonly (readonly [string | undefined, T])[]): Record<string, T> {
  return Object.fromEntries(
    entries.map(([key, value]) => [key ?? '', value] as const).sort(([a], [b]) => a.localeCompare(b)),
  )
}

/** `Logical Type` of every resource, those of nested stacks included. */
async function resourcesOf(cloudFormation: CloudFormationClient, StackName: string, path = ''): Promise<string[]> {
  const {StackResourceSummaries = []} = await cloudFormation.send(new ListStackResourcesCommand({StackName}))
  const rows = await Promise.all(
    StackResourceSummaries.map(async ({LogicalResourceId, ResourceType, PhysicalResourceId, ResourceStatus}) => {
      const name = `${path}${LogicalResourceId}`
      const settled = /^(CREATE|UPDATE)_COMPLETE$/.test(ResourceStatus ?? '') ? '' : ` ${ResourceStatus}`
      const below =
        ResourceType === 'AWS::CloudFormation::Stack'
          ? await resourcesOf(cloudFormation, PhysicalResourceId ?? '', `${name}.`)
          : []
      return [`${name} ${ResourceType}${settled}`, ...below]
    }),
  )
  return rows.flat().sort()
}

/** How many there are of what costs money or holds data: what a crash left behind shows here. */
async function countsOf(cloud: Embedded, environment: string): Promise<object> {
  const ours = (tags: readonly {Key?: string | undefined; Value?: string | undefined}[] | undefined) =>
    tags?.some(({Key, Value}) => Key === 'pi:environment' && Value === environment) ?? false
  const {Vpcs = []} = await cloud.client(EC2Client).send(new DescribeVpcsCommand({}))
  const {NatGateways = []} = await cloud.client(EC2Client).send(new DescribeNatGatewaysCommand({}))
  const vpcs = Vpcs.filter(({Tags}) => ours(Tags))
  const {FileSystems = []} = await cloud.client(EFSClient).send(new DescribeFileSystemsCommand({}))
  const {DBInstances = []} = await cloud.client(RDSClient).send(new DescribeDBInstancesCommand({}))
  const {Buckets = []} = await cloud.client(S3Client).send(new ListBucketsCommand({}))
  return {
    vpcs: vpcs.length,
    natGateways: NatGateways.filter(
      ({VpcId, State}) => State === 'available' && vpcs.some((vpc) => vpc.VpcId === VpcId),
    ).length,
    fileSystems: FileSystems.filter(({Tags}) => ours(Tags)).length,
    databases: DBInstances.filter(({TagList}) => ours(TagList)).length,
    buckets: Buckets.filter(({Name}) => Name?.startsWith(`pi-${environment}-`)).length,
    tasks: await tasksOf(cloud, environment),
  }
}

async function tasksOf(cloud: Embedded, environment: string): Promise<number[]> {
  const ecs = cloud.client(ECSClient)
  const {clusterArns = []} = await ecs.send(new ListClustersCommand({}))
  const counts: number[] = []
  for (const cluster of clusterArns.filter((arn) => arn.includes(`/pi-${environment}-`))) {
    const {serviceArns = []} = await ecs.send(new ListServicesCommand({cluster}))
    const {services = []} = await ecs.send(new DescribeServicesCommand({cluster, services: serviceArns}))
    counts.push(
      ...services.map(({runningCount = 0, desiredCount = 0}) => (runningCount === desiredCount ? runningCount : NaN)),
    )
  }
  return counts
}
