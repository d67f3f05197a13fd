import assert from 'node:assert/strict'
import {CloudFormationClient, ListStackResourcesCommand} from '@aws-sdk/client-cloudformation'
import {CloudWatchLogsClient, DescribeLogGroupsCommand, type LogGroup} from '@aws-sdk/client-cloudwatch-logs'
import {DescribeRouteTablesCommand, EC2Client, type Route, type RouteTable, type Subnet} from '@aws-sdk/client-ec2'
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  type TaskDefinition,
} from '@aws-sdk/client-ecs'
import type {Embedded} from './e2e.ts'

/** The signature is not looked at; the service's name in it is. */
function authorization(service: string): string {
  return `AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`
}

/** A call in the Query protocol, for services whose SDK client is no dependency. Gives the XML. */
export async function query(
  endpoint: string,
  service: string,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {authorization: authorization(service)},
    body: new URLSearchParams(parameters),
  })
  const text = await answer.text()
  assert.equal(answer.status, 200, text)
  return text
}

/** A call in the JSON protocol, named by its target. */
async function target(endpoint: string, service: string, name: string, body: object): Promise<unknown> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      authorization: authorization(service),
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': name,
    },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  assert.equal(answer.status, 200, text)
  return JSON.parse(text)
}

/** The one route table of a subnet. */
export async function routeTableOf(cloud: Embedded, {SubnetId = ''}: Subnet): Promise<RouteTable | undefined> {
  const {RouteTables = []} = await cloud
    .client(EC2Client)
    .send(new DescribeRouteTablesCommand({Filters: [{Name: 'association.subnet-id', Values: [SubnetId]}]}))
  assert.equal(RouteTables.length, 1, 'a subnet has exactly one route table')
  return RouteTables[0]
}

export function defaultRoute(table: RouteTable | undefined): Route | undefined {
  return table?.Routes?.find(({DestinationCidrBlock}) => DestinationCidrBlock === '0.0.0.0/0')
}

export async function logGroupsOf(cloud: Embedded): Promise<readonly LogGroup[]> {
  return (await cloud.client(CloudWatchLogsClient).send(new DescribeLogGroupsCommand({}))).logGroups ?? []
}

/** The task definition that each service runs with, by the name that the outputs give it. */
export async function taskDefinitionsOf(
  cloud: Embedded,
  outputs: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, TaskDefinition>> {
  const ecs = cloud.client(ECSClient)
  const found = new Map<string, TaskDefinition>()
  for (const name of ['Dashboard', 'Pirana', 'Renderer', 'Scheduler']) {
    const services = [outputs[`${name}ServiceName`] ?? '']
    const described = await ecs.send(new DescribeServicesCommand({cluster: outputs['ClusterName'], services}))
    const asked = {taskDefinition: described.services?.[0]?.taskDefinition}
    const {taskDefinition} = await ecs.send(new DescribeTaskDefinitionCommand(asked))
    assert.ok(taskDefinition !== undefined)
    found.set(name, taskDefinition)
  }
  return found
}

export interface StackResource {
  readonly logicalId: string
  readonly type: string
  readonly physicalId: string
}

/** Resources of these stacks and of those they nest. */
export async function stackResourcesOf(cloud: Embedded, stacks: readonly string[]): Promise<readonly StackResource[]> {
  const found: StackResource[] = []
  const open = [...stacks]
  for (let StackName = open.shift(); StackName !== undefined; StackName = open.shift()) {
    const {StackResourceSummaries = []} = await cloud
      .client(CloudFormationClient)
      .send(new ListStackResourcesCommand({StackName}))
    for (const {LogicalResourceId = '', ResourceType = '', PhysicalResourceId = ''} of StackResourceSummaries) {
      found.push({logicalId: LogicalResourceId, type: ResourceType, physicalId: PhysicalResourceId})
      if (ResourceType === 'AWS::CloudFormation::Stack') open.push(PhysicalResourceId)
    }
  }
  return found
}

/** A Cloud Map namespace: its type, and how many instances each of its services has. */
export async function cloudMapOf(
  {endpoint}: Embedded,
  name: string,
): Promise<{readonly type: string | undefined; readonly instances: Readonly<Record<string, number>>}> {
  const ask = (operation: string, body: object = {}) =>
    target(endpoint, 'servicediscovery', `Route53AutoNaming_v20170314.${operation}`, body)
  type Named = {readonly Id: string; readonly Name: string; readonly Type?: string}
  const {Namespaces = []} = (await ask('ListNamespaces')) as {Namespaces?: Named[]}
  const namespace = Namespaces.find(({Name}) => Name === name)
  const filters = [{Name: 'NAMESPACE_ID', Values: [namespace?.Id]}]
  const {Services = []} = (await ask('ListServices', {Filters: filters})) as {Services?: Named[]}
  const instances: Record<string, number> = {}
  for (const service of Services.toSorted((a, b) => a.Name.localeCompare(b.Name))) {
    const {Instances = []} = (await ask('ListInstances', {ServiceId: service.Id})) as {Instances?: unknown[]}
    instances[service.Name] = Instances.length
  }
  return {type: namespace?.Type, instances}
}
