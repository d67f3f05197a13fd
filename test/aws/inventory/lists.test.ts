import assert from 'node:assert/strict'
import {ACMClient, ListCertificatesCommand} from '@aws-sdk/client-acm'
import {ApplicationAutoScalingClient, DescribeScalableTargetsCommand} from '@aws-sdk/client-application-auto-scaling'
import {AutoScalingClient, DescribeAutoScalingGroupsCommand} from '@aws-sdk/client-auto-scaling'
import {BackupClient, ListBackupPlansCommand, ListBackupVaultsCommand} from '@aws-sdk/client-backup'
import {CloudFormationClient, DescribeStacksCommand} from '@aws-sdk/client-cloudformation'
import {CloudWatchClient, DescribeAlarmsCommand} from '@aws-sdk/client-cloudwatch'
import {DescribeSecurityGroupsCommand, EC2Client} from '@aws-sdk/client-ec2'
import {
  DescribeServicesCommand,
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
import {KMSClient, ListGrantsCommand, ListKeysCommand} from '@aws-sdk/client-kms'
import {GetHostedZoneLimitCommand, Route53Client} from '@aws-sdk/client-route-53'
import {ListBucketsCommand, S3Client} from '@aws-sdk/client-s3'
import {ListSecretsCommand, SecretsManagerClient} from '@aws-sdk/client-secrets-manager'
import {ListNamespacesCommand, ServiceDiscoveryClient} from '@aws-sdk/client-servicediscovery'
import {mockClient} from 'aws-sdk-client-mock'
import {createInventory} from '../../../src/aws/inventory/index.ts'
import {type ThingList, thingLists} from '../../../src/domain/quotas/model.ts'
import {config} from '../sdk.ts'
import {networkPages, one, type Paged} from './network-pages.ts'

const table = [
  ...networkPages,
  {
    list: 'auto-scaling-groups',
    client: AutoScalingClient,
    command: DescribeAutoScalingGroupsCommand,
    pages: [
      {AutoScalingGroups: [{AutoScalingGroupName: 'g1'}], NextToken: '2'},
      {AutoScalingGroups: [{AutoScalingGroupName: 'g2'}]},
    ],
    things: [one('g1'), one('g2')],
  },
  {
    list: 'scalable-targets',
    client: ApplicationAutoScalingClient,
    command: DescribeScalableTargetsCommand,
    pages: [{ScalableTargets: [{ResourceId: 'a'}], NextToken: '2'}, {ScalableTargets: [{ResourceId: 'b'}]}],
    things: [one('a'), one('b')],
  },
  {
    list: 'load-balancers',
    client: ElasticLoadBalancingV2Client,
    command: DescribeLoadBalancersCommand,
    pages: [
      {
        LoadBalancers: [
          {LoadBalancerArn: 'lb1', Type: 'application'},
          {LoadBalancerArn: 'nlb', Type: 'network'},
        ],
        NextMarker: '2',
      },
      {LoadBalancers: [{LoadBalancerArn: 'lb2', Type: 'application'}]},
    ],
    things: [one('lb1'), one('lb2')],
  },
  {
    list: 'target-groups',
    client: ElasticLoadBalancingV2Client,
    command: DescribeTargetGroupsCommand,
    pages: [{TargetGroups: [{TargetGroupArn: 't1'}], NextMarker: '2'}, {TargetGroups: [{TargetGroupArn: 't2'}]}],
    things: [one('t1'), one('t2')],
  },
  {
    list: 'listeners',
    client: ElasticLoadBalancingV2Client,
    command: DescribeListenersCommand,
    parents: ['lb1'],
    pages: [
      {Listeners: [{ListenerArn: 'l1', Certificates: [{}]}], NextMarker: '2'},
      {Listeners: [{ListenerArn: 'l2'}]},
    ],
    things: [one('l1', 'lb1', {counts: {certificates: 1}}), one('l2', 'lb1', {counts: {certificates: 0}})],
  },
  {
    list: 'certificates',
    client: ACMClient,
    command: ListCertificatesCommand,
    pages: [
      {CertificateSummaryList: [{CertificateArn: 'c1'}], NextToken: '2'},
      {CertificateSummaryList: [{CertificateArn: 'c2'}]},
    ],
    things: [one('c1'), one('c2')],
  },
  {
    list: 'clusters',
    client: ECSClient,
    command: ListClustersCommand,
    pages: [{clusterArns: ['arn:cluster/c1'], nextToken: '2'}, {clusterArns: ['arn:cluster/c2']}],
    things: [one('c1'), one('c2')],
  },
  {
    list: 'file-systems',
    client: EFSClient,
    command: DescribeFileSystemsCommand,
    pages: [{FileSystems: [{FileSystemId: 'f1'}], NextMarker: '2'}, {FileSystems: [{FileSystemId: 'f2'}]}],
    things: [one('f1'), one('f2')],
  },
  {
    list: 'access-points',
    client: EFSClient,
    command: DescribeAccessPointsCommand,
    parents: ['f1'],
    pages: [{AccessPoints: [{AccessPointId: 'p1'}], NextToken: '2'}, {AccessPoints: [{AccessPointId: 'p2'}]}],
    things: [one('p1', 'f1'), one('p2', 'f1')],
  },
  {
    list: 'buckets',
    client: S3Client,
    command: ListBucketsCommand,
    pages: [{Buckets: [{Name: 'b1'}], ContinuationToken: '2'}, {Buckets: [{Name: 'b2'}]}],
    things: [one('b1'), one('b2')],
  },
  {
    list: 'stacks',
    client: CloudFormationClient,
    command: DescribeStacksCommand,
    pages: [
      {
        Stacks: [
          {StackId: 's1', StackStatus: 'CREATE_COMPLETE'},
          {StackId: 's0', StackStatus: 'DELETE_COMPLETE'},
        ],
        NextToken: '2',
      },
      {Stacks: [{StackId: 's2', StackStatus: 'DELETE_FAILED'}]},
    ],
    things: [one('s1'), one('s2')],
  },
  {
    list: 'secrets',
    client: SecretsManagerClient,
    command: ListSecretsCommand,
    pages: [{SecretList: [{ARN: 'x1'}], NextToken: '2'}, {SecretList: [{ARN: 'x2'}]}],
    things: [one('x1'), one('x2')],
  },
  {
    list: 'backup-vaults',
    client: BackupClient,
    command: ListBackupVaultsCommand,
    pages: [{BackupVaultList: [{BackupVaultName: 'v1'}], NextToken: '2'}, {BackupVaultList: [{BackupVaultName: 'v2'}]}],
    things: [one('v1'), one('v2')],
  },
  {
    list: 'backup-plans',
    client: BackupClient,
    command: ListBackupPlansCommand,
    pages: [{BackupPlansList: [{BackupPlanId: 'p1'}], NextToken: '2'}, {BackupPlansList: [{BackupPlanId: 'p2'}]}],
    things: [one('p1'), one('p2')],
  },
  {
    list: 'event-rules',
    client: EventBridgeClient,
    command: ListRulesCommand,
    pages: [{Rules: [{Arn: 'r1'}], NextToken: '2'}, {Rules: [{Arn: 'r2'}]}],
    things: [one('r1'), one('r2')],
  },
  {
    list: 'alarms',
    client: CloudWatchClient,
    command: DescribeAlarmsCommand,
    pages: [{MetricAlarms: [{AlarmArn: 'm1'}], NextToken: '2'}, {CompositeAlarms: [{AlarmArn: 'k1'}]}],
    things: [one('m1'), one('k1')],
  },
  {
    list: 'namespaces',
    client: ServiceDiscoveryClient,
    command: ListNamespacesCommand,
    pages: [{Namespaces: [{Id: 'n1'}], NextToken: '2'}, {Namespaces: [{Id: 'n2'}]}],
    things: [one('n1'), one('n2')],
  },
  {
    list: 'keys',
    client: KMSClient,
    command: ListKeysCommand,
    pages: [{Keys: [{KeyId: 'k1'}], NextMarker: '2', Truncated: true}, {Keys: [{KeyId: 'k2'}]}],
    things: [one('k1'), one('k2')],
  },
  {
    list: 'grants',
    client: KMSClient,
    command: ListGrantsCommand,
    parents: ['k1'],
    pages: [{Grants: [{GrantId: 'g1'}], NextMarker: '2', Truncated: true}, {Grants: [{GrantId: 'g2'}]}],
    things: [one('g1', 'k1'), one('g2', 'k1')],
  },
  {
    list: 'zone-records',
    client: Route53Client,
    command: GetHostedZoneLimitCommand,
    parents: ['z1'],
    pages: [{Count: 12}],
    things: [['z1', 'z1', 12]],
  },
] as unknown as readonly Paged[]

/** Lists that take more than one command; their tests stand below. */
const elsewhere: readonly ThingList[] = ['listener-rules', 'services', 'tasks']

describe('the lists of an account', () => {
  it('are all tested', () => {
    assert.deepEqual([...table.map(({list}) => list), ...elsewhere].toSorted(), [...thingLists].toSorted())
  })

  for (const {list, client, command, pages, parents = [], things} of table) {
    it(`${list}: every page is read and counted`, async () => {
      const mock = mockClient(client)
      try {
        let behaviour = mock.on(command)
        for (const page of pages) behaviour = behaviour.resolvesOnce(page)
        const found = await createInventory(config, 1000).list(list, parents)
        assert.deepEqual(
          found,
          things.map(([id, within, amount, more]) => ({id, within, amount, ...more})),
        )
        assert.equal(mock.calls().length, pages.length)
      } finally {
        mock.restore()
      }
    })
  }

  it('5,000 security groups take five calls', async () => {
    const mock = mockClient(EC2Client)
    try {
      let behaviour = mock.on(DescribeSecurityGroupsCommand)
      for (let page = 0; page < 5; page += 1) {
        const SecurityGroups = Array.from({length: 1000}, (_, index) => ({GroupId: `sg-${page}-${index}`, VpcId: 'v'}))
        behaviour = behaviour.resolvesOnce({SecurityGroups, ...(page < 4 ? {NextToken: String(page)} : {})})
      }
      assert.equal((await createInventory(config, 1000).list('security-groups', [])).length, 5000)
      assert.deepEqual(
        mock.calls().map(({args}) => (args[0].input as {MaxResults?: number}).MaxResults),
        Array.from({length: 5}, () => 1000),
      )
    } finally {
      mock.restore()
    }
  })

  it('rules of a load balancer are those of its listeners, their default ones left out', async () => {
    const mock = mockClient(ElasticLoadBalancingV2Client)
    try {
      mock.on(DescribeListenersCommand).resolves({Listeners: [{ListenerArn: 'l1'}, {ListenerArn: 'l2'}]})
      mock
        .on(DescribeRulesCommand, {ListenerArn: 'l1'})
        .resolvesOnce({Rules: [{RuleArn: 'r1'}], NextMarker: '2'})
        .resolvesOnce({Rules: [{RuleArn: 'r2', IsDefault: true}]})
      mock.on(DescribeRulesCommand, {ListenerArn: 'l2'}).resolves({Rules: [{RuleArn: 'r3'}]})
      const found = await createInventory(config, 1000).list('listener-rules', ['lb1'])
      assert.deepEqual(
        found.map(({id, within}) => [id, within]),
        [
          ['r1', 'lb1'],
          ['r3', 'lb1'],
        ],
      )
    } finally {
      mock.restore()
    }
  })

  it('services and tasks of every cluster, told by what they run on; clusters are listed once', async () => {
    const mock = mockClient(ECSClient)
    try {
      mock.on(ListClustersCommand).resolves({clusterArns: ['arn:cluster/c1', 'arn:cluster/c2']})
      mock
        .on(ListServicesCommand, {cluster: 'c1'})
        .resolvesOnce({serviceArns: ['s1'], nextToken: '2'})
        .resolvesOnce({serviceArns: ['s2']})
      mock.on(ListServicesCommand, {cluster: 'c2'}).resolves({serviceArns: []})
      mock
        .on(DescribeServicesCommand)
        .resolvesOnce({services: [{serviceArn: 's1', desiredCount: 2, runningCount: 1, pendingCount: 1}]})
        .resolvesOnce({services: [{serviceArn: 's2', status: 'INACTIVE'}]})
      mock
        .on(ListTasksCommand, {cluster: 'c1'})
        .resolvesOnce({taskArns: ['t1', 't2', 't3'], nextToken: '2'})
        .resolvesOnce({taskArns: ['t4', 't5']})
      mock.on(ListTasksCommand, {cluster: 'c2'}).resolves({taskArns: []})
      mock
        .on(DescribeTasksCommand)
        .resolvesOnce({
          tasks: [
            {taskArn: 't1', cpu: '1024', launchType: 'FARGATE', lastStatus: 'RUNNING'},
            {
              taskArn: 't2',
              cpu: '512',
              launchType: 'FARGATE',
              capacityProviderName: 'FARGATE_SPOT',
              lastStatus: 'PROVISIONING',
            },
            {taskArn: 't3', cpu: '256', launchType: 'EC2', lastStatus: 'PENDING'},
          ],
        })
        .resolvesOnce({
          tasks: [
            {taskArn: 't4', lastStatus: 'STOPPED'},
            {taskArn: 't5', capacityProviderName: 'FARGATE', cpu: '2048'},
          ],
        })
      const inventory = createInventory(config, 1000)
      const services = await inventory.list('services', ['c1', 'c2'])
      assert.deepEqual(services, [{id: 's1', within: 'c1', amount: 1, counts: {desired: 2, running: 1, pending: 1}}])
      await inventory.list('clusters', [])
      const tasks = await inventory.list('tasks', [])
      assert.deepEqual(
        tasks.map(({id, kind, amount, counts}) => [id, kind, amount, counts?.['provisioning']]),
        [
          ['t1', 'fargate', 1, 0],
          ['t2', 'fargate-spot', 0.5, 1],
          ['t3', 'ec2', 0.25, 0],
          ['t5', 'fargate', 2, 0],
        ],
      )
      assert.equal(mock.commandCalls(ListClustersCommand).length, 1)
    } finally {
      mock.restore()
    }
  })
})
