import {numberAt, ofType} from '../datasheet/read.ts'
import type {ExpandedResource} from '../expansion.ts'
import {listOf, textOf} from '../expression.ts'
import {anywhere, at, largest, made, ofKind, perWithin, sumOf, target, total, weighed} from './amounts.ts'
import type {Demand} from './demand.ts'
import {diskSpace, instanceVcpu, roomOnInstances, tasksOnInstances} from './instances.ts'
import type {Amounts, QuotaRow, Thing} from './model.ts'

const asOf = '2026-11'
const loadBalancerPage = 'Quotas for Application Load Balancers (Elastic Load Balancing user guide)'
const containerPage = 'Amazon ECS service quotas (ECS developer guide)'

/** Lambda keeps so many concurrent executions free of reservations (Lambda developer guide, reserved concurrency). */
const unreserved = 100

/** A function needs room for one execution; reserving more must leave some to all others. */
function concurrency({made: missing}: Demand): Amounts {
  const functions = ofType(missing, 'Lambda::Function')
  const reserved = functions.reduce(
    (sum, {properties}) => sum + numberAt(properties, 'ReservedConcurrentExecutions'),
    0,
  )
  return anywhere(reserved > 0 ? reserved + unreserved : functions.length)
}

function balancerOf({all}: Demand, listener: string): string {
  return target(all.find(({reference}) => reference === listener)?.properties['LoadBalancerArn'])
}

function certificatesByBalancer(things: readonly Thing[]): Amounts {
  return sumOf(things.map(({within, counts}) => [within, counts?.['certificates'] ?? 0] as const))
}

/** Certificates that listeners bear, their first one included: a limit that is one too strict misses nothing. */
function certificates(listener: ExpandedResource): number {
  return listOf(listener.properties['Certificates']).length
}

function references({all}: Demand, type: string): readonly string[] {
  return ofType(all, type).map(({reference}) => reference)
}

/** Tasks that start at one time in each cluster. */
function starting({tasks}: Demand): Amounts {
  return sumOf(
    tasks.services.map((one) => [one.cluster, Math.max(0, (tasks.counts.get(one.reference) ?? 0) - one.running)]),
  )
}

function tasksPerService({tasks}: Demand): Amounts {
  return sumOf(
    tasks.services.map(
      (one) => [one.reference, Math.max(0, (tasks.counts.get(one.reference) ?? 0) - one.running)] as const,
    ),
  )
}

function provisioning(things: readonly Thing[]): Amounts {
  return sumOf(things.map(({within, counts}) => [within, counts?.['provisioning'] ?? 0] as const))
}

function balancing(row: Omit<QuotaRow, 'service' | 'source' | 'asOf' | 'adjustable'>): QuotaRow {
  return {...row, service: 'elasticloadbalancing', source: loadBalancerPage, asOf, adjustable: true}
}

function containers(row: Omit<QuotaRow, 'service' | 'source' | 'asOf'>): QuotaRow {
  return {...row, service: 'ecs', source: containerPage, asOf}
}

/** Quotas of what runs, and of what leads to it. */
export const computeRows: readonly QuotaRow[] = [
  {
    ...{key: 'fargate-vcpu', title: 'Fargate On-Demand vCPU', unit: 'vCPU', service: 'fargate', code: 'L-3032A538'},
    ...{
      scope: 'region',
      fallback: 6,
      adjustable: true,
      source: 'AWS Fargate service quotas (ECS developer guide)',
      asOf,
    },
    list: 'tasks',
    counts: ofKind('fargate'),
    metric: true,
    need: ({tasks}) => anywhere(tasks.vcpu.fargate),
  },
  {
    ...{key: 'fargate-spot-vcpu', title: 'Fargate Spot vCPU', unit: 'vCPU', service: 'fargate', code: 'L-36FBB829'},
    ...{
      scope: 'region',
      fallback: 6,
      adjustable: true,
      source: 'AWS Fargate service quotas (ECS developer guide)',
      asOf,
    },
    list: 'tasks',
    counts: ofKind('fargate-spot'),
    metric: true,
    need: ({tasks}) => anywhere(tasks.vcpu['fargate-spot']),
  },
  {
    ...{key: 'instance-vcpu', title: 'EC2 On-Demand vCPU, standard families', unit: 'vCPU', service: 'ec2'},
    ...{code: 'L-1216C47A', scope: 'region', fallback: 5, adjustable: true, asOf},
    source: 'On-Demand Instance quotas (EC2 user guide)',
    list: 'instances',
    counts: ofKind('standard'),
    need: instanceVcpu,
  },
  {
    ...{key: 'auto-scaling-groups', title: 'Auto Scaling groups', service: 'autoscaling', code: 'L-CDE20ADC'},
    ...{scope: 'region', fallback: 500, adjustable: true, asOf},
    source: 'Amazon EC2 Auto Scaling quotas (Auto Scaling user guide)',
    list: 'auto-scaling-groups',
    own: {call: 'autoscaling', name: 'MaxNumberOfAutoScalingGroups'},
    need: made({'AutoScaling::AutoScalingGroup': 1}),
  },
  {
    ...{key: 'disk-space', title: 'Storage of gp3 volumes', unit: 'TiB', service: 'ebs', code: 'L-7A658B76'},
    ...{scope: 'region', fallback: 50, adjustable: true, source: 'Amazon EBS quotas (EBS user guide)', asOf},
    list: 'volumes',
    counts: ofKind('gp3'),
    need: diskSpace,
  },
  {
    ...{key: 'instance-interfaces', title: 'Tasks on the instances', service: 'ec2', code: '', scope: 'cluster'},
    ...{fallback: undefined, adjustable: false, asOf},
    source: 'Interfaces of an instance less its own, times the most instances (EC2 user guide)',
    limits: roomOnInstances,
    need: tasksOnInstances,
  },
  {
    ...{key: 'scalable-targets', title: 'Scalable ECS services', service: 'application-autoscaling'},
    ...{code: 'L-782A3EE2', scope: 'region', fallback: 3000, adjustable: true, asOf},
    source: 'Application Auto Scaling quotas (Application Auto Scaling user guide)',
    list: 'scalable-targets',
    need: made({'ApplicationAutoScaling::ScalableTarget': 1}),
  },
  balancing({
    ...{key: 'load-balancers', title: 'Application load balancers', code: 'L-53DA6B97', scope: 'region', fallback: 50},
    list: 'load-balancers',
    own: {call: 'elasticloadbalancing', name: 'application-load-balancers'},
    need: made({'ElasticLoadBalancingV2::LoadBalancer': 1}),
  }),
  balancing({
    ...{key: 'target-groups', title: 'Target groups', code: 'L-B22855CB', scope: 'region', fallback: 3000},
    list: 'target-groups',
    own: {call: 'elasticloadbalancing', name: 'target-groups'},
    need: made({'ElasticLoadBalancingV2::TargetGroup': 1}),
  }),
  balancing({
    ...{key: 'listeners', title: 'Listeners of a load balancer', code: 'L-B6DF7632', scope: 'load balancer'},
    fallback: 50,
    list: 'listeners',
    parents: (demand) => references(demand, 'ElasticLoadBalancingV2::LoadBalancer'),
    counts: perWithin,
    own: {call: 'elasticloadbalancing', name: 'listeners-per-application-load-balancer'},
    need: made({'ElasticLoadBalancingV2::Listener': 1}, at('LoadBalancerArn')),
  }),
  balancing({
    ...{key: 'listener-rules', title: 'Rules of a load balancer', code: 'L-7EED9B64', scope: 'load balancer'},
    fallback: 100,
    list: 'listener-rules',
    parents: (demand) => references(demand, 'ElasticLoadBalancingV2::LoadBalancer'),
    counts: perWithin,
    own: {call: 'elasticloadbalancing', name: 'rules-per-application-load-balancer'},
    need: (demand) =>
      made({'ElasticLoadBalancingV2::ListenerRule': 1}, (rule) => balancerOf(demand, at('ListenerArn')(rule)))(demand),
  }),
  balancing({
    ...{key: 'listener-certificates', title: 'Certificates of a load balancer', code: 'L-9365A611'},
    ...{scope: 'load balancer', fallback: 25},
    list: 'listeners',
    parents: (demand) => references(demand, 'ElasticLoadBalancingV2::LoadBalancer'),
    counts: certificatesByBalancer,
    own: {call: 'elasticloadbalancing', name: 'certificates-per-application-load-balancer'},
    need: made({'ElasticLoadBalancingV2::Listener': certificates}, at('LoadBalancerArn')),
  }),
  containers({
    ...{key: 'clusters', title: 'ECS clusters', code: 'L-21C621EB', scope: 'region', fallback: 10_000},
    adjustable: true,
    list: 'clusters',
    need: made({'ECS::Cluster': 1}),
  }),
  containers({
    ...{key: 'services', title: 'Services of a cluster', code: 'L-9EF96962', scope: 'cluster', fallback: 5000},
    adjustable: true,
    list: 'services',
    parents: (demand) => references(demand, 'ECS::Cluster'),
    counts: perWithin,
    need: made({'ECS::Service': 1}, at('Cluster')),
  }),
  containers({
    ...{key: 'service-tasks', title: 'Tasks of a service', code: 'L-92E49DE3', scope: 'service', fallback: 5000},
    adjustable: true,
    list: 'services',
    parents: (demand) => references(demand, 'ECS::Cluster'),
    counts: (things) =>
      new Map(
        things.map(({id, counts}) => [id, Math.max(counts?.['running'] ?? 0, counts?.['desired'] ?? 0)] as const),
      ),
    need: tasksPerService,
  }),
  containers({
    ...{key: 'service-target-groups', title: 'Target groups of a service', code: 'L-A04A77EF', scope: 'service'},
    ...{fallback: 5, adjustable: false},
    need: ({all}) => largest(ofType(all, 'ECS::Service'), ({properties}) => listOf(properties['LoadBalancers']).length),
  }),
  containers({
    ...{key: 'starting-tasks', title: 'Tasks that start in a cluster', code: 'L-B7718569', scope: 'cluster'},
    ...{fallback: 500, adjustable: false},
    list: 'tasks',
    counts: provisioning,
    need: starting,
  }),
  {
    ...{key: 'function-concurrency', title: 'Concurrent executions of functions', service: 'lambda'},
    ...{code: 'L-B99A9384', scope: 'region', fallback: 1000, adjustable: true, asOf},
    source: 'AWS Lambda quotas (Lambda developer guide)',
    own: {call: 'lambda', name: 'ConcurrentExecutions'},
    need: concurrency,
  },
  {
    ...{key: 'namespaces', title: 'Cloud Map namespaces', service: 'AWSCloudMap', code: 'L-0FE3F50E', scope: 'region'},
    ...{fallback: 50, adjustable: true, source: 'AWS Cloud Map quotas (Cloud Map developer guide)', asOf},
    list: 'namespaces',
    need: made({
      'ServiceDiscovery::PrivateDnsNamespace': 1,
      'ServiceDiscovery::PublicDnsNamespace': 1,
      'ServiceDiscovery::HttpNamespace': 1,
    }),
  },
  {
    ...{key: 'event-rules', title: 'EventBridge rules', service: 'events', code: 'L-244521F2', scope: 'region'},
    ...{fallback: 300, adjustable: true, source: 'Amazon EventBridge quotas (EventBridge user guide)', asOf},
    list: 'event-rules',
    counts: (things) => anywhere(total(things)),
    need: made({
      'Events::Rule': (rule) => (textOf(rule.properties['EventBusName'] ?? 'default') === 'default' ? 1 : 0),
    }),
  },
  {
    ...{key: 'alarms', title: 'CloudWatch alarms', service: 'monitoring', code: '', scope: 'region'},
    ...{fallback: 5000, adjustable: true, source: 'CloudWatch service quotas (CloudWatch user guide)', asOf},
    list: 'alarms',
    // A target tracking policy makes one alarm to go up by and one to come down by.
    need: ({made: missing}) =>
      weighed(missing, {'CloudWatch::Alarm': 1, 'ApplicationAutoScaling::ScalingPolicy': 2}, () => ''),
  },
]
