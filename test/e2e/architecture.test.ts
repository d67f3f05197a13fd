import assert from 'node:assert/strict'
import {
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  ApplicationAutoScalingClient,
} from '@aws-sdk/client-application-auto-scaling'
import {
  BackupClient,
  DescribeBackupVaultCommand,
  GetBackupPlanCommand,
  GetBackupSelectionCommand,
  ListBackupSelectionsCommand,
} from '@aws-sdk/client-backup'
import {CloudFormationClient, DescribeStacksCommand, GetStackPolicyCommand} from '@aws-sdk/client-cloudformation'
import {CloudWatchClient, DescribeAlarmsCommand, GetDashboardCommand} from '@aws-sdk/client-cloudwatch'
import {
  DescribeAddressesCommand,
  DescribeFlowLogsCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  EC2Client,
  type Subnet,
} from '@aws-sdk/client-ec2'
import {DescribeClustersCommand, DescribeServicesCommand, ECSClient, ListServicesCommand} from '@aws-sdk/client-ecs'
import {
  DescribeAccessPointsCommand,
  DescribeFileSystemPolicyCommand,
  DescribeFileSystemsCommand,
  DescribeMountTargetSecurityGroupsCommand,
  DescribeMountTargetsCommand,
  EFSClient,
} from '@aws-sdk/client-efs'
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import {DescribeKeyCommand, GetKeyRotationStatusCommand, KMSClient} from '@aws-sdk/client-kms'
import {GetFunctionConfigurationCommand, LambdaClient} from '@aws-sdk/client-lambda'
import {
  DescribeDBInstancesCommand,
  DescribeDBParametersCommand,
  DescribeDBSubnetGroupsCommand,
  RDSClient,
} from '@aws-sdk/client-rds'
import {
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import {GetSecretValueCommand, SecretsManagerClient} from '@aws-sdk/client-secrets-manager'
import {Embedded} from '../helpers/e2e.ts'
import type {DeployJson} from '../helpers/e2e-results.ts'
import {
  cloudMapOf,
  defaultRoute,
  logGroupsOf,
  query,
  routeTableOf,
  stackResourcesOf,
  taskDefinitionsOf,
} from '../helpers/e2e-lookup.ts'

const list = (text: string | undefined) => (text ?? '').split(',').filter((item) => item !== '')
const sorted = (items: Iterable<string | undefined>) => [...items].map(String).sort()
const decoded = (policy: string | undefined) =>
  JSON.parse(decodeURIComponent(policy ?? '{}')) as {Statement: Record<string, unknown>[]}

describe('the architecture, looked at through the SDK', function () {
  this.timeout(120_000)
  let cloud: Embedded
  let outputs: Readonly<Record<string, string>>
  let tiers: Readonly<Record<'public' | 'application' | 'data', readonly Subnet[]>>
  const out = (name: string): string => {
    const value = outputs[name]
    assert.ok(value !== undefined && value !== '', `no output ${name}`)
    return value
  }
  const ec2 = () => cloud.client(EC2Client)
  const inVpc = () => ({Filters: [{Name: 'vpc-id', Values: [out('VpcId')]}]})

  before(async () => {
    cloud = await Embedded.start()
    outputs = (await cloud.ok<DeployJson>('deploy', 'demo', '--local', '--yes')).outputs
    const {Subnets = []} = await ec2().send(new DescribeSubnetsCommand(inVpc()))
    const tier = (name: string) => Subnets.filter(({SubnetId}) => list(out(name)).includes(SubnetId ?? ''))
    tiers = {public: tier('PublicSubnetIds'), application: tier('ApplicationSubnetIds'), data: tier('DataSubnetIds')}
    assert.equal(Subnets.length, 6)
  })
  after(() => cloud?.stop())

  it('VPC: three tiers of subnets, each in two zones', () => {
    for (const subnets of Object.values(tiers)) {
      assert.equal(subnets.length, 2)
      assert.equal(new Set(subnets.map(({AvailabilityZone}) => AvailabilityZone)).size, 2)
    }
    assert.deepEqual(sorted(Object.values(tiers).flatMap((subnets) => subnets.map(({CidrBlock}) => CidrBlock))), [
      '10.20.0.0/20',
      '10.20.128.0/20',
      '10.20.144.0/20',
      '10.20.16.0/20',
      '10.20.64.0/20',
      '10.20.80.0/20',
    ])
  })

  it('internet gateway: attached, and the way out of the public tier alone', async () => {
    const {InternetGateways = []} = await ec2().send(
      new DescribeInternetGatewaysCommand({Filters: [{Name: 'attachment.vpc-id', Values: [out('VpcId')]}]}),
    )
    assert.equal(InternetGateways.length, 1)
    const gateway = InternetGateways[0]?.InternetGatewayId
    for (const subnet of tiers.public) assert.equal(defaultRoute(await tableOf(subnet))?.GatewayId, gateway)
    for (const subnet of [...tiers.application, ...tiers.data]) {
      assert.notEqual(defaultRoute(await tableOf(subnet))?.GatewayId, gateway)
    }
  })

  it('NAT gateway: with an elastic address in a public subnet, the way out of the application tier', async () => {
    const {NatGateways = []} = await ec2().send(new DescribeNatGatewaysCommand({Filter: inVpc().Filters}))
    const nats = NatGateways.filter(({State}) => State === 'available')
    assert.equal(nats.length, 1)
    const [nat] = nats
    assert.ok(tiers.public.some(({SubnetId}) => SubnetId === nat?.SubnetId))
    const {Addresses = []} = await ec2().send(new DescribeAddressesCommand({}))
    const address = Addresses.find(({AllocationId}) => AllocationId === nat?.NatGatewayAddresses?.[0]?.AllocationId)
    assert.equal(address?.PublicIp, out('NatAddresses'))
    for (const subnet of tiers.application) {
      assert.equal(defaultRoute(await tableOf(subnet))?.NatGatewayId, nat?.NatGatewayId)
    }
    for (const subnet of tiers.data) assert.equal(defaultRoute(await tableOf(subnet)), undefined)
  })

  it('network ACLs: one for each tier, really associated with its subnets, none on the default one', async () => {
    const {NetworkAcls = []} = await ec2().send(new DescribeNetworkAclsCommand(inVpc()))
    const of = (subnet: Subnet) =>
      NetworkAcls.filter(({Associations = []}) => Associations.some(({SubnetId}) => SubnetId === subnet.SubnetId))
    const used = Object.values(tiers).map((subnets) => {
      const acls = subnets.flatMap(of)
      assert.equal(acls.length, subnets.length, 'a subnet has exactly one network ACL')
      assert.equal(new Set(acls.map(({NetworkAclId}) => NetworkAclId)).size, 1)
      assert.ok(acls.every(({IsDefault}) => IsDefault !== true))
      return acls[0]
    })
    assert.equal(new Set(used.map((acl) => acl?.NetworkAclId)).size, 3)
    const data = used[2]?.Entries?.filter(({Egress, RuleAction}) => Egress === false && RuleAction === 'allow') ?? []
    assert.deepEqual(sorted(data.map(({PortRange}) => `${PortRange?.From}`)), ['2049', '3306'])
    assert.ok(
      data.every(({CidrBlock}) => CidrBlock === '10.20.64.0/18'),
      'only the application tier reaches the data tier',
    )
  })

  it('security groups: tiers reach each other by group, not by address', async () => {
    const groups = new Map<string, {in: string[]; open: string[]}>()
    const {SecurityGroups = []} = await ec2().send(new DescribeSecurityGroupsCommand(inVpc()))
    for (const {GroupId = '', IpPermissions = []} of SecurityGroups) {
      groups.set(GroupId, {
        in: IpPermissions.flatMap(({FromPort, UserIdGroupPairs = []}) =>
          UserIdGroupPairs.map((pair) => `${FromPort} ${pair.GroupId}`),
        ),
        open: IpPermissions.flatMap(({FromPort, IpRanges = []}) => IpRanges.map(({CidrIp}) => `${FromPort} ${CidrIp}`)),
      })
    }
    const [balancer, application, fn] = ['LoadBalancer', 'Application', 'Function'].map((name) =>
      out(`${name}SecurityGroupId`),
    )
    const of = (name: string) => groups.get(out(`${name}SecurityGroupId`))
    assert.deepEqual(of('Database'), {in: [`3306 ${application}`], open: []})
    assert.deepEqual(sorted(of('Files')?.in ?? []), sorted([`2049 ${application}`, `2049 ${fn}`]))
    assert.deepEqual(of('Files')?.open, [])
    assert.deepEqual(of('Application')?.open, [])
    assert.ok(of('Application')?.in.includes(`8224 ${balancer}`))
    assert.ok(of('Application')?.in.includes(`9918 ${balancer}`))
    assert.deepEqual(sorted(of('LoadBalancer')?.open ?? []), ['443 0.0.0.0/0', '80 0.0.0.0/0', '9918 0.0.0.0/0'])
    assert.deepEqual(of('Function'), {in: [], open: []})
  })

  it('S3 gateway endpoint and flow log: bound to this VPC', async () => {
    const {VpcEndpoints = []} = await ec2().send(new DescribeVpcEndpointsCommand(inVpc()))
    const [endpoint] = VpcEndpoints
    assert.deepEqual(
      [VpcEndpoints.length, endpoint?.VpcEndpointType, endpoint?.ServiceName],
      [1, 'Gateway', 'com.amazonaws.eu-west-1.s3'],
    )
    const tables = await Promise.all(
      [...tiers.application, ...tiers.data].map(async (subnet) => (await tableOf(subnet))?.RouteTableId),
    )
    assert.deepEqual(sorted(endpoint?.RouteTableIds ?? []), sorted(new Set(tables)))
    const {FlowLogs = []} = await ec2().send(
      new DescribeFlowLogsCommand({Filter: [{Name: 'resource-id', Values: [out('VpcId')]}]}),
    )
    assert.deepEqual([FlowLogs.length, FlowLogs[0]?.TrafficType, FlowLogs[0]?.FlowLogStatus], [1, 'ALL', 'ACTIVE'])
    const groups = await logGroups()
    assert.ok(groups.some(({logGroupName}) => logGroupName === FlowLogs[0]?.LogGroupName))
  })

  it('KMS key: enabled, rotated, and what the buckets, the file system and the database are encrypted with', async () => {
    const kms = cloud.client(KMSClient)
    const {KeyMetadata} = await kms.send(new DescribeKeyCommand({KeyId: out('KeyArn')}))
    assert.equal(KeyMetadata?.KeyState, 'Enabled')
    assert.equal((await kms.send(new GetKeyRotationStatusCommand({KeyId: out('KeyArn')}))).KeyRotationEnabled, true)
  })

  it('S3: every bucket versioned, encrypted, closed to the public and to plain HTTP', async () => {
    const s3 = cloud.client(S3Client)
    for (const name of ['ArtifactsBucket', 'AssetsBucket', 'RecordsBucket', 'AccessLogsBucket']) {
      const Bucket = out(name)
      assert.equal((await s3.send(new GetBucketVersioningCommand({Bucket}))).Status, 'Enabled', name)
      const {ServerSideEncryptionConfiguration: encryption} = await s3.send(new GetBucketEncryptionCommand({Bucket}))
      const rule = encryption?.Rules?.[0]?.ApplyServerSideEncryptionByDefault
      if (name === 'AccessLogsBucket') assert.equal(rule?.SSEAlgorithm, 'AES256')
      else assert.deepEqual([rule?.SSEAlgorithm, rule?.KMSMasterKeyID], ['aws:kms', out('KeyArn')], name)
      const {Policy} = await s3.send(new GetBucketPolicyCommand({Bucket}))
      const tls = decoded(Policy).Statement.find(({Sid}) => Sid === 'TlsOnly')
      assert.deepEqual([tls?.['Effect'], tls?.['Condition']], ['Deny', {Bool: {'aws:SecureTransport': 'false'}}], name)
      const {PublicAccessBlockConfiguration: block} = await s3.send(new GetPublicAccessBlockCommand({Bucket}))
      assert.deepEqual(new Set(Object.values(block ?? {})), new Set([true]), name)
    }
  })

  it('EFS: encrypted, a mount target in each data subnet, access points into the active generation without CreationInfo', async () => {
    const efs = cloud.client(EFSClient)
    const FileSystemId = out('FileSystemId')
    const {FileSystems = []} = await efs.send(new DescribeFileSystemsCommand({FileSystemId}))
    assert.deepEqual([FileSystems[0]?.Encrypted, FileSystems[0]?.KmsKeyId], [true, out('KeyArn')])
    const {Policy} = await efs.send(new DescribeFileSystemPolicyCommand({FileSystemId}))
    assert.ok(decoded(Policy).Statement.some(({Sid, Effect}) => Sid === 'TlsOnly' && Effect === 'Deny'))
    const {MountTargets = []} = await efs.send(new DescribeMountTargetsCommand({FileSystemId}))
    assert.deepEqual(
      sorted(MountTargets.map(({SubnetId}) => SubnetId)),
      sorted(tiers.data.map(({SubnetId}) => SubnetId)),
    )
    for (const {MountTargetId} of MountTargets) {
      const {SecurityGroups} = await efs.send(new DescribeMountTargetSecurityGroupsCommand({MountTargetId}))
      assert.deepEqual(SecurityGroups, [out('FilesSecurityGroupId')])
    }
    const {AccessPoints = []} = await efs.send(new DescribeAccessPointsCommand({FileSystemId}))
    const paths = AccessPoints.map(({RootDirectory}) => RootDirectory?.Path)
    const folders = ['custom_jdbc', 'excel-data', 'files', 'images', 'keys', 'locale', 'svg', 'themes']
    assert.deepEqual(sorted(paths), sorted(['/', '/gen/1', ...folders.map((folder) => `/gen/1/${folder}`)]))
    assert.ok(AccessPoints.every(({RootDirectory}) => RootDirectory?.CreationInfo === undefined))
  })

  it('Lambda: mounts the file system through the root access point, inside the application tier', async () => {
    const fn = await cloud
      .client(LambdaClient)
      .send(new GetFunctionConfigurationCommand({FunctionName: out('SideloadFunctionName')}))
    assert.deepEqual(
      fn.FileSystemConfigs?.map(({Arn, LocalMountPath}) => [Arn?.split('/').at(-1), LocalMountPath]),
      [[out('RootAccessPointId'), '/mnt/files']],
    )
    assert.deepEqual(sorted(fn.VpcConfig?.SubnetIds ?? []), sorted(tiers.application.map(({SubnetId}) => SubnetId)))
    assert.deepEqual(fn.VpcConfig?.SecurityGroupIds, [out('FunctionSecurityGroupId')])
  })

  it('RDS: MariaDB, private, encrypted, in the data tier, with its own parameters', async () => {
    const rds = cloud.client(RDSClient)
    const {DBInstances = []} = await rds.send(
      new DescribeDBInstancesCommand({DBInstanceIdentifier: out('DatabaseIdentifier')}),
    )
    const [database] = DBInstances
    assert.deepEqual(
      [
        database?.Engine,
        database?.PubliclyAccessible,
        database?.StorageEncrypted,
        database?.KmsKeyId,
        database?.DBName,
        database?.DeletionProtection,
      ],
      ['mariadb', false, true, out('KeyArn'), 'dashboard', true],
    )
    assert.deepEqual(
      database?.VpcSecurityGroups?.map(({VpcSecurityGroupId}) => VpcSecurityGroupId),
      [out('DatabaseSecurityGroupId')],
    )
    const {DBSubnetGroups = []} = await rds.send(
      new DescribeDBSubnetGroupsCommand({DBSubnetGroupName: database?.DBSubnetGroup?.DBSubnetGroupName}),
    )
    assert.deepEqual(
      sorted(DBSubnetGroups[0]?.Subnets?.map(({SubnetIdentifier}) => SubnetIdentifier) ?? []),
      sorted(tiers.data.map(({SubnetId}) => SubnetId)),
    )
    const group = database?.DBParameterGroups?.[0]?.DBParameterGroupName
    const {Parameters = []} = await rds.send(
      new DescribeDBParametersCommand({DBParameterGroupName: group, Source: 'user'}),
    )
    assert.equal(Parameters.find(({ParameterName}) => ParameterName === 'lower_case_table_names')?.ParameterValue, '1')
  })

  it('load balancer: public, and its target groups have healthy targets in the application tier', async () => {
    const elb = cloud.client(ElasticLoadBalancingV2Client)
    const {LoadBalancers = []} = await elb.send(
      new DescribeLoadBalancersCommand({LoadBalancerArns: [out('LoadBalancerArn')]}),
    )
    const [balancer] = LoadBalancers
    assert.deepEqual(
      [balancer?.Scheme, balancer?.Type, balancer?.VpcId, balancer?.SecurityGroups],
      ['internet-facing', 'application', out('VpcId'), [out('LoadBalancerSecurityGroupId')]],
    )
    assert.deepEqual(
      sorted(balancer?.AvailabilityZones?.map((zone) => `${zone.SubnetId} ${zone.ZoneName}`) ?? []),
      sorted(tiers.public.map((subnet) => `${subnet.SubnetId} ${subnet.AvailabilityZone}`)),
    )
    const {Listeners = []} = await elb.send(new DescribeListenersCommand({LoadBalancerArn: out('LoadBalancerArn')}))
    assert.deepEqual(sorted(Listeners.map(({Port, Protocol}) => `${Port} ${Protocol}`)), ['80 HTTP', '9918 HTTP'])
    for (const [service, port, path] of [
      ['Dashboard', 8224, '/pi/version'],
      ['Pirana', 9918, '/version'],
    ] as const) {
      const TargetGroupArn = out(`${service}TargetGroupArn`)
      const {TargetGroups = []} = await elb.send(new DescribeTargetGroupsCommand({TargetGroupArns: [TargetGroupArn]}))
      assert.deepEqual(
        [TargetGroups[0]?.Port, TargetGroups[0]?.HealthCheckPath, TargetGroups[0]?.TargetType],
        [port, path, 'ip'],
      )
      const {TargetHealthDescriptions = []} = await elb.send(new DescribeTargetHealthCommand({TargetGroupArn}))
      assert.deepEqual(
        TargetHealthDescriptions.map(({TargetHealth}) => TargetHealth?.State),
        ['healthy'],
        service,
      )
      assert.match(TargetHealthDescriptions[0]?.Target?.Id ?? '', /^10\.20\.(6[4-9]|[789]\d)\./)
    }
  })

  it('ECS: four services with as many tasks as wanted, no public address, Container Insights on', async () => {
    const ecs = cloud.client(ECSClient)
    const cluster = out('ClusterName')
    const {clusters = []} = await ecs.send(new DescribeClustersCommand({clusters: [cluster], include: ['SETTINGS']}))
    assert.equal(clusters[0]?.status, 'ACTIVE')
    assert.match(
      clusters[0]?.settings?.find(({name}) => name === 'containerInsights')?.value ?? '',
      /^(enabled|enhanced)$/,
    )
    const {serviceArns = []} = await ecs.send(new ListServicesCommand({cluster}))
    const {services = []} = await ecs.send(new DescribeServicesCommand({cluster, services: serviceArns}))
    assert.deepEqual(
      sorted(services.map(({serviceName}) => serviceName)),
      sorted(['Dashboard', 'Pirana', 'Renderer', 'Scheduler'].map((name) => out(`${name}ServiceName`))),
    )
    for (const service of services) {
      assert.deepEqual([service.runningCount, service.desiredCount], [1, 1], service.serviceName)
      const network = service.networkConfiguration?.awsvpcConfiguration
      assert.equal(network?.assignPublicIp, 'DISABLED')
      assert.deepEqual(sorted(network?.subnets ?? []), sorted(tiers.application.map(({SubnetId}) => SubnetId)))
      assert.deepEqual(network?.securityGroups, [out('ApplicationSecurityGroupId')])
    }
  })

  it('task definitions: secrets by reference, different roles, the dashboard with its eight directories', async () => {
    const secrets = cloud.client(SecretsManagerClient)
    const {SecretString = ''} = await secrets.send(new GetSecretValueCommand({SecretId: out('DatabaseSecretArn')}))
    const {password} = JSON.parse(SecretString) as {password: string}
    const definitions = await taskDefinitions()
    assert.equal(definitions.size, 4)
    for (const [name, definition] of definitions) {
      const [container] = definition.containerDefinitions ?? []
      assert.notEqual(definition.executionRoleArn, definition.taskRoleArn, name)
      assert.ok((password?.length ?? 0) >= 20)
      assert.ok(!JSON.stringify(definition).includes(password), name)
      assert.ok(container?.environment?.every((pair) => !/PASSWORD|LICENCE|TOKEN/.test(pair.name ?? '')) ?? true, name)
      assert.equal(container?.repositoryCredentials?.credentialsParameter, out('RegistrySecretArn'), name)
    }
    const [dashboard] = definitions.get('Dashboard')?.containerDefinitions ?? []
    const references = new Map(dashboard?.secrets?.map(({name, valueFrom}) => [name, valueFrom]))
    assert.deepEqual(
      [references.get('PI_DB_PASSWORD'), references.get('PI_LICENCE')],
      [`${out('DatabaseSecretArn')}:password::`, out('LicenceSecretArn')],
    )
    const environment = new Map(dashboard?.environment?.map(({name, value}) => [name, value]))
    assert.deepEqual(
      [environment.get('PI_DB_HOST'), environment.get('PI_DB_SCHEMA_NAME')],
      [out('DatabaseEndpoint'), 'dashboard'],
    )
    assert.equal(definitions.get('Dashboard')?.volumes?.length, 8)
    assert.ok(
      definitions
        .get('Dashboard')
        ?.volumes?.every(
          ({efsVolumeConfiguration: volume}) =>
            volume?.fileSystemId === out('FileSystemId') && volume.transitEncryption === 'ENABLED',
        ),
    )
    assert.equal(definitions.get('Scheduler')?.volumes?.length, 1)
  })

  it('IAM: one role for each purpose, each with a trust and nothing shared', async () => {
    const resources = await stackResources()
    const roles = resources.filter(({type}) => type === 'AWS::IAM::Role')
    assert.ok(roles.length >= 14, `${roles.length} roles`)
    const services = new Set<string>()
    for (const {physicalId, logicalId} of roles) {
      const answer = await query(cloud.endpoint, 'iam', {
        Action: 'GetRole',
        Version: '2010-05-08',
        RoleName: physicalId,
      })
      const document = /<AssumeRolePolicyDocument>(.*?)<\/AssumeRolePolicyDocument>/s.exec(answer)?.[1] ?? ''
      const trust = decodeURIComponent(document.replaceAll('&quot;', '"'))
      for (const [, service = ''] of trust.matchAll(/"([a-z0-9.-]+\.amazonaws\.com)"/g)) services.add(service)
      assert.match(trust, /amazonaws\.com/, logicalId)
    }
    assert.deepEqual(sorted(services), [
      'backup.amazonaws.com',
      'ecs-tasks.amazonaws.com',
      'lambda.amazonaws.com',
      'monitoring.rds.amazonaws.com',
      'vpc-flow-logs.amazonaws.com',
    ])
    const used = [...(await taskDefinitions()).values()].flatMap(({executionRoleArn, taskRoleArn}) => [
      executionRoleArn,
      taskRoleArn,
    ])
    assert.equal(new Set(used).size, 8, 'no two services share a role')
  })

  it('Cloud Map: a private name for each service, with its task behind it', async () => {
    const {type, instances} = await cloudMapOf(cloud, out('Namespace'))
    assert.equal(type, 'DNS_PRIVATE')
    assert.deepEqual(instances, {dashboard: 1, pirana: 1, renderer: 1, scheduler: 1})
  })

  it('auto scaling: renderer and pirana follow their load, the scheduler stays one', async () => {
    const scaling = cloud.client(ApplicationAutoScalingClient)
    const {ScalableTargets = []} = await scaling.send(new DescribeScalableTargetsCommand({ServiceNamespace: 'ecs'}))
    const {ScalingPolicies = []} = await scaling.send(new DescribeScalingPoliciesCommand({ServiceNamespace: 'ecs'}))
    const id = (name: string) => `service/${out('ClusterName')}/${out(`${name}ServiceName`)}`
    for (const name of ['Renderer', 'Pirana']) {
      const found = ScalableTargets.find(({ResourceId}) => ResourceId === id(name))
      assert.ok((found?.MaxCapacity ?? 0) > (found?.MinCapacity ?? 0), name)
      assert.equal(found?.SuspendedState?.DynamicScalingOutSuspended, false, name)
      const policy = ScalingPolicies.find(({ResourceId}) => ResourceId === id(name))
      assert.equal(
        policy?.TargetTrackingScalingPolicyConfiguration?.PredefinedMetricSpecification?.PredefinedMetricType,
        'ECSServiceAverageCPUUtilization',
        name,
      )
    }
    assert.ok(ScalableTargets.every(({ResourceId}) => ResourceId !== id('Scheduler')))
  })

  it('CloudWatch: every log group ends, alarms speak, the dashboard shows this environment', async () => {
    const mine = new Set(
      (await stackResources()).filter(({type}) => type === 'AWS::Logs::LogGroup').map(({physicalId}) => physicalId),
    )
    const groups = (await logGroups()).filter(({logGroupName}) => mine.has(logGroupName ?? ''))
    assert.equal(groups.length, mine.size)
    assert.ok(groups.length >= 9, `${groups.length} log groups`)
    for (const {logGroupName, retentionInDays, kmsKeyId} of groups) {
      assert.ok((retentionInDays ?? 0) > 0, logGroupName)
      assert.equal(kmsKeyId, out('KeyArn'), logGroupName)
    }
    const cloudWatch = cloud.client(CloudWatchClient)
    const {MetricAlarms = []} = await cloudWatch.send(new DescribeAlarmsCommand({MaxRecords: 100}))
    assert.ok(MetricAlarms.length >= 15, `${MetricAlarms.length} alarms`)
    assert.ok(MetricAlarms.every(({AlarmActions}) => AlarmActions?.includes(out('AlarmTopicArn'))))
    const {DashboardBody = ''} = await cloudWatch.send(new GetDashboardCommand({DashboardName: out('DashboardName')}))
    assert.ok(DashboardBody.includes(out('ClusterName')) && DashboardBody.includes(out('DatabaseIdentifier')))
  })

  it('AWS Backup: a vault under the key, a plan, a selection by both tags', async () => {
    const backup = cloud.client(BackupClient)
    const vault = await backup.send(new DescribeBackupVaultCommand({BackupVaultName: out('BackupVaultName')}))
    assert.equal(vault.EncryptionKeyArn, out('KeyArn'))
    const {BackupPlan} = await backup.send(new GetBackupPlanCommand({BackupPlanId: out('BackupPlanId')}))
    assert.equal(BackupPlan?.Rules?.[0]?.TargetBackupVaultName, out('BackupVaultName'))
    const {BackupSelectionsList = []} = await backup.send(
      new ListBackupSelectionsCommand({BackupPlanId: out('BackupPlanId')}),
    )
    const {BackupSelection} = await backup.send(
      new GetBackupSelectionCommand({
        BackupPlanId: out('BackupPlanId'),
        SelectionId: BackupSelectionsList[0]?.SelectionId,
      }),
    )
    assert.equal(BackupSelection?.IamRoleArn, out('BackupRoleArn'))
    assert.deepEqual(BackupSelection?.Conditions?.StringEquals, [
      {ConditionKey: 'aws:ResourceTag/pi:environment', ConditionValue: 'demo'},
      {ConditionKey: 'aws:ResourceTag/pi:backup', ConditionValue: 'yes'},
    ])
  })

  it('CloudFormation: every stack protected against deletion and replacement, tagged with its environment', async () => {
    const cloudFormation = cloud.client(CloudFormationClient)
    for (const StackName of stackNames) {
      const {Stacks = []} = await cloudFormation.send(new DescribeStacksCommand({StackName}))
      assert.equal(Stacks[0]?.EnableTerminationProtection, true, StackName)
      assert.ok(
        Stacks[0]?.Tags?.some(({Key, Value}) => Key === 'pi:environment' && Value === 'demo'),
        StackName,
      )
      const {StackPolicyBody = '{}'} = await cloudFormation.send(new GetStackPolicyCommand({StackName}))
      assert.ok(
        (JSON.parse(StackPolicyBody) as {Statement: {Effect: string}[]}).Statement.some(
          ({Effect}) => Effect === 'Deny',
        ),
        StackName,
      )
    }
  })

  const stackNames = ['foundation', 'network', 'files', 'database-1', 'app', 'operations'].map(
    (part) => `pi-demo-${part}`,
  )

  const tableOf = (subnet: Subnet) => routeTableOf(cloud, subnet)
  const logGroups = () => logGroupsOf(cloud)
  const taskDefinitions = () => taskDefinitionsOf(cloud, outputs)
  const stackResources = () => stackResourcesOf(cloud, stackNames)
})
