import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
} from '@aws-sdk/client-application-auto-scaling'
import {BackupClient, ListBackupPlansCommand, ListBackupVaultsCommand} from '@aws-sdk/client-backup'
import {CloudFormationClient, ListStacksCommand, type StackSummary} from '@aws-sdk/client-cloudformation'
import {CloudWatchClient, DescribeAlarmsCommand} from '@aws-sdk/client-cloudwatch'
import {
  DescribeAddressesCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import {
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
  ListServicesCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs'
import {DescribeAccessPointsCommand, DescribeFileSystemsCommand, EFSClient} from '@aws-sdk/client-efs'
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import {EventBridgeClient, ListRulesCommand} from '@aws-sdk/client-eventbridge'
import {IAMClient, ListRolesCommand} from '@aws-sdk/client-iam'
import {KMSClient, ListKeysCommand} from '@aws-sdk/client-kms'
import {
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBSubnetGroupsCommand,
  RDSClient,
} from '@aws-sdk/client-rds'
import {ListHostedZonesCommand, Route53Client} from '@aws-sdk/client-route-53'
import {ListBucketsCommand, S3Client} from '@aws-sdk/client-s3'
import {ListSecretsCommand, SecretsManagerClient} from '@aws-sdk/client-secrets-manager'
import {ListNamespacesCommand, ServiceDiscoveryClient} from '@aws-sdk/client-servicediscovery'
import type {Embedded} from './e2e.ts'

async function all<T>(
  page: (token: string | undefined) => Promise<readonly [items: readonly T[] | undefined, token: string | undefined]>,
): Promise<readonly T[]> {
  const found: T[] = []
  let token: string | undefined
  do {
    const [items, next] = await page(token)
    found.push(...(items ?? []))
    token = next === '' ? undefined : next
  } while (token !== undefined)
  return found
}

const most = (amounts: readonly number[]): number => Math.max(0, ...amounts)

function largestGroup(keys: readonly (string | undefined)[]): number {
  const counts = new Map<string | undefined, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return most([...counts.values()])
}

/**
 * What an account has, by the key of the quota that it counts against: asked of the services in another way than the
 * product does where there is one, and without a look at any template. Amounts of one thing are those of ours.
 */
export async function accountCounts(cloud: Embedded): Promise<Readonly<Record<string, number>>> {
  const ec2 = cloud.client(EC2Client)
  const ours = {Filters: [{Name: 'tag:pi:environment', Values: ['firm']}]}
  const {Vpcs = []} = await ec2.send(new DescribeVpcsCommand({}))
  const {Vpcs: [own] = []} = await ec2.send(new DescribeVpcsCommand(ours))
  const inVpc = {Filters: [{Name: 'vpc-id', Values: [own?.VpcId ?? 'vpc-0']}]}
  const [subnets, tables, acls, groups, everyGroup, rules, nats, interfaces, endpoints] = await Promise.all([
    ec2.send(new DescribeSubnetsCommand(inVpc)),
    ec2.send(new DescribeRouteTablesCommand(inVpc)),
    ec2.send(new DescribeNetworkAclsCommand(inVpc)),
    ec2.send(new DescribeSecurityGroupsCommand(inVpc)),
    ec2.send(new DescribeSecurityGroupsCommand({})),
    ec2.send(new DescribeSecurityGroupRulesCommand({})),
    ec2.send(new DescribeNatGatewaysCommand({})),
    ec2.send(new DescribeNetworkInterfacesCommand({})),
    ec2.send(new DescribeVpcEndpointsCommand({})),
  ])
  const groupIds = new Set(
    groups.SecurityGroups?.filter(({GroupName}) => GroupName !== 'default').map(({GroupId}) => GroupId),
  )
  const groupRules = (rules.SecurityGroupRules ?? []).filter(({GroupId}) => groupIds.has(GroupId))
  const zones = new Map(subnets.Subnets?.map(({SubnetId, AvailabilityZone}) => [SubnetId, AvailabilityZone]))
  const entries = (acls.NetworkAcls ?? [])
    .filter(({IsDefault}) => IsDefault !== true)
    .flatMap(({NetworkAclId, Entries = []}) => Entries.map(({Egress}) => `${NetworkAclId} ${Egress}`))

  const cfn = cloud.client(CloudFormationClient)
  const stacks = await all<StackSummary>(async (NextToken) => {
    const page = await cfn.send(new ListStacksCommand({NextToken}))
    return [page.StackSummaries, page.NextToken]
  })
  const rds = cloud.client(RDSClient)
  const {DBInstances = []} = await rds.send(new DescribeDBInstancesCommand({}))
  const databaseGroups = await rds.send(new DescribeDBSubnetGroupsCommand({}))
  const parameters = await rds.send(new DescribeDBParameterGroupsCommand({}))
  const efs = cloud.client(EFSClient)
  const {FileSystems = []} = await efs.send(new DescribeFileSystemsCommand({}))
  const {AccessPoints = []} = await efs.send(new DescribeAccessPointsCommand({}))
  const iam = cloud.client(IAMClient)
  const roles = await all(async (Marker) => {
    const page = await iam.send(new ListRolesCommand({Marker}))
    return [page.Roles, page.IsTruncated === true ? page.Marker : undefined]
  })
  const secrets = await all(async (NextToken) => {
    const page = await cloud.client(SecretsManagerClient).send(new ListSecretsCommand({NextToken}))
    return [page.SecretList, page.NextToken]
  })
  const alarms = await all(async (NextToken) => {
    const page = await cloud.client(CloudWatchClient).send(new DescribeAlarmsCommand({NextToken}))
    return [page.MetricAlarms, page.NextToken]
  })
  const scaling = cloud.client(ApplicationAutoScalingClient)
  const {ScalingPolicies = []} = await scaling.send(new DescribeScalingPoliciesCommand({ServiceNamespace: 'ecs'}))
  const backup = cloud.client(BackupClient)
  return {
    vpcs: Vpcs.length,
    'internet-gateways': (await ec2.send(new DescribeInternetGatewaysCommand({}))).InternetGateways?.length ?? 0,
    'elastic-ips': (await ec2.send(new DescribeAddressesCommand({}))).Addresses?.length ?? 0,
    'nat-gateways': largestGroup((nats.NatGateways ?? []).map(({SubnetId}) => zones.get(SubnetId))),
    subnets: subnets.Subnets?.length ?? 0,
    'route-tables': tables.RouteTables?.length ?? 0,
    'network-acls': acls.NetworkAcls?.length ?? 0,
    'acl-rules': largestGroup(entries),
    'security-groups': everyGroup.SecurityGroups?.length ?? 0,
    'group-rules': largestGroup(groupRules.map(({GroupId, IsEgress}) => `${GroupId} ${IsEgress}`)),
    'network-interfaces': interfaces.NetworkInterfaces?.length ?? 0,
    'lambda-interfaces': (interfaces.NetworkInterfaces ?? []).filter(({InterfaceType}) => InterfaceType === 'lambda')
      .length,
    'gateway-endpoints': (endpoints.VpcEndpoints ?? []).filter(({VpcEndpointType}) => VpcEndpointType === 'Gateway')
      .length,
    ...(await runningCounts(cloud)),
    stacks: stacks.filter(({StackStatus}) => StackStatus !== 'DELETE_COMPLETE').length,
    databases: DBInstances.length,
    'database-storage': DBInstances.reduce((sum, {AllocatedStorage = 0}) => sum + AllocatedStorage, 0),
    'database-subnet-groups': databaseGroups.DBSubnetGroups?.length ?? 0,
    'database-parameter-groups': parameters.DBParameterGroups?.length ?? 0,
    'file-systems': FileSystems.length,
    'access-points': AccessPoints.length,
    buckets: (await cloud.client(S3Client).send(new ListBucketsCommand({}))).Buckets?.length ?? 0,
    roles: roles.length,
    'hosted-zones': (await cloud.client(Route53Client).send(new ListHostedZonesCommand({}))).HostedZones?.length ?? 0,
    secrets: secrets.length,
    keys: (await cloud.client(KMSClient).send(new ListKeysCommand({}))).Keys?.length ?? 0,
    'backup-vaults': (await backup.send(new ListBackupVaultsCommand({}))).BackupVaultList?.length ?? 0,
    'backup-plans': (await backup.send(new ListBackupPlansCommand({}))).BackupPlansList?.length ?? 0,
    'event-rules': (await cloud.client(EventBridgeClient).send(new ListRulesCommand({}))).Rules?.length ?? 0,
    namespaces:
      (await cloud.client(ServiceDiscoveryClient).send(new ListNamespacesCommand({}))).Namespaces?.length ?? 0,
    // AWS makes two alarms of its own for each target tracking policy; the embedded AWS makes none.
    alarms: alarms.length + 2 * ScalingPolicies.length,
  }
}

/** What runs, and what leads to it. */
async function runningCounts(cloud: Embedded): Promise<Readonly<Record<string, number>>> {
  const ecs = cloud.client(ECSClient)
  const {clusterArns = []} = await ecs.send(new ListClustersCommand({}))
  let [services, vcpu] = [0, 0]
  for (const cluster of clusterArns) {
    services += (await ecs.send(new ListServicesCommand({cluster}))).serviceArns?.length ?? 0
    const {taskArns: tasks = []} = await ecs.send(new ListTasksCommand({cluster, desiredStatus: 'RUNNING'}))
    if (tasks.length === 0) continue
    const found = await ecs.send(new DescribeTasksCommand({cluster, tasks}))
    vcpu += (found.tasks ?? []).reduce((sum, {cpu}) => sum + Number(cpu) / 1024, 0)
  }
  const elb = cloud.client(ElasticLoadBalancingV2Client)
  const {LoadBalancers = []} = await elb.send(new DescribeLoadBalancersCommand({}))
  const {TargetGroups = []} = await elb.send(new DescribeTargetGroupsCommand({}))
  let [listeners, listenerRules] = [0, 0]
  for (const {LoadBalancerArn} of LoadBalancers) {
    const {Listeners = []} = await elb.send(new DescribeListenersCommand({LoadBalancerArn}))
    listeners += Listeners.length
    for (const {ListenerArn} of Listeners) {
      const {Rules = []} = await elb.send(new DescribeRulesCommand({ListenerArn}))
      listenerRules += Rules.filter(({IsDefault}) => IsDefault !== true).length
    }
  }
  const scaling = cloud.client(ApplicationAutoScalingClient)
  const {ScalableTargets = []} = await scaling.send(new DescribeScalableTargetsCommand({ServiceNamespace: 'ecs'}))
  return {
    clusters: clusterArns.length,
    services,
    'fargate-vcpu': vcpu,
    'load-balancers': LoadBalancers.length,
    'target-groups': TargetGroups.length,
    listeners,
    'listener-rules': listenerRules,
    'scalable-targets': ScalableTargets.length,
  }
}
