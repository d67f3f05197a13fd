import assert from 'node:assert/strict'
import {ACMClient, DescribeCertificateCommand} from '@aws-sdk/client-acm'
import {ApplicationAutoScalingClient, DescribeScalableTargetsCommand} from '@aws-sdk/client-application-auto-scaling'
import {
  CloudFormationClient,
  DescribeStacksCommand,
  ListChangeSetsCommand,
  SetStackPolicyCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation'
import {DescribeNatGatewaysCommand, DescribeSubnetsCommand, EC2Client} from '@aws-sdk/client-ec2'
import {DescribeServicesCommand, ECSClient, UpdateServiceCommand} from '@aws-sdk/client-ecs'
import {
  DescribeListenersCommand,
  DescribeRulesCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import {CreateHostedZoneCommand, ListResourceRecordSetsCommand, Route53Client} from '@aws-sdk/client-route-53'
import {Embedded, eventually} from '../helpers/e2e.ts'
import type {DeployJson, PlanJson, StatusJson} from '../helpers/e2e-results.ts'

const parts = ['foundation', 'network', 'files', 'database', 'app', 'operations']
const isoUtc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

describe('deploy, plan, status, outputs', function () {
  this.timeout(120_000)
  let cloud: Embedded
  let zoneId: string
  let config: string
  let alpha: DeployJson
  let beta: DeployJson

  const secure = (host: string) => ({
    network: {cidr: '10.40.0.0/16', zones: 3, nat: 'per-zone'},
    domain: {host, hostedZone: zoneId, httpOnly: false},
  })
  const write = (settings: object) => cloud.config({alpha: settings, beta: secure('bi.example.com')})
  const on = (...args: string[]) => [...args, '--local', '--config', config]

  before(async () => {
    cloud = await Embedded.start()
    const {HostedZone} = await cloud
      .client(Route53Client)
      .send(new CreateHostedZoneCommand({Name: 'example.com', CallerReference: 'once'}))
    zoneId = HostedZone?.Id?.split('/').at(-1) ?? ''
    config = write({})
    const both = await Promise.all([
      cloud.ok<DeployJson>(...on('deploy', 'alpha', '--yes')),
      cloud.ok<DeployJson>(...on('deploy', 'beta', '--yes')),
    ])
    ;[alpha, beta] = both
  })
  after(() => cloud?.stop())

  const output = (deployed: DeployJson, name: string): string => {
    const value = deployed.outputs[name]
    assert.ok(value !== undefined && value !== '', name)
    return value
  }
  const describeStacks = async () =>
    (await cloud.client(CloudFormationClient).send(new DescribeStacksCommand({}))).Stacks ?? []

  it('prints the JSON that scripts rely on', async () => {
    assert.deepEqual([alpha.environment, alpha.changed], ['alpha', true])
    assert.match(alpha.opId, /^\d{8}T\d{6}Z-deploy-[0-9a-f]{6}$/)
    assert.deepEqual(
      alpha.parts.map(({part, status}) => [part, status]),
      parts.map((part) => [part, 'created']),
    )
    const stacks = new Map((await describeStacks()).map(({StackName, StackId}) => [StackName, StackId]))
    for (const {stack, stackId} of alpha.parts) assert.equal(stacks.get(stack), stackId)

    const local = await cloud.ok<Record<string, unknown>>('local', 'status')
    assert.deepEqual(
      [local['running'], local['endpoint'], local['region'], local['accountId'], local['stateDir']],
      [true, cloud.endpoint, 'eu-west-1', '000000000000', cloud.stateDir],
    )
    const outputs = await cloud.ok<{environment: string; outputs: object}>(...on('outputs', 'alpha'))
    assert.deepEqual([outputs.environment, outputs.outputs], ['alpha', alpha.outputs])
    const url = await cloud.run(on('outputs', 'alpha', '--name', 'Url'))
    assert.deepEqual([url.code, url.stdout, url.stderr], [0, `${alpha.outputs['Url']}\n`, ''])
  })

  it('is healthy afterwards: parts, services, protections', async () => {
    for (const environment of ['alpha', 'beta']) {
      const status = await cloud.ok<StatusJson & {parts: {updatedAt: string}[]}>(...on('status', environment))
      assert.deepEqual([status.healthy, status.problems, status.unfinished], [true, [], []])
      assert.deepEqual(
        status.parts.map(({part}) => part),
        parts,
      )
      for (const part of status.parts) {
        assert.deepEqual(part.protection, {stackPolicy: true, terminationProtection: true}, part.part)
        assert.match(part.updatedAt, isoUtc)
      }
      assert.deepEqual(
        status.services.map(({name, running, desired}) => [name, running, desired]),
        ['dashboard', 'renderer', 'scheduler', 'pirana'].map((name) => [name, 1, 1]),
      )
    }
  })

  it('keeps two environments of one file apart in one region', async () => {
    const shared = Object.entries(alpha.outputs).filter(
      ([name, value]) => /Arn|Id$|Ids$|Bucket$|Name$|Group$|Url$|Endpoint$/.test(name) && value === beta.outputs[name],
    )
    assert.deepEqual(shared, [])
    const {Subnets = []} = await cloud
      .client(EC2Client)
      .send(new DescribeSubnetsCommand({Filters: [{Name: 'vpc-id', Values: [output(beta, 'VpcId')]}]}))
    assert.ok(Subnets.every(({CidrBlock}) => CidrBlock?.startsWith('10.40.')))
    assert.equal(new Set(Subnets.map(({AvailabilityZone}) => AvailabilityZone)).size, 3)
    assert.equal(Subnets.length, 9)
    const {NatGateways = []} = await cloud
      .client(EC2Client)
      .send(new DescribeNatGatewaysCommand({Filter: [{Name: 'vpc-id', Values: [output(beta, 'VpcId')]}]}))
    assert.equal(new Set(NatGateways.map(({SubnetId}) => SubnetId)).size, 3, 'one NAT gateway in each zone')
  })

  it('HTTPS: certificate, 443, redirect, names that lead to the load balancer', async () => {
    assert.equal(output(beta, 'Url'), 'https://bi.example.com/pi')
    const elb = cloud.client(ElasticLoadBalancingV2Client)
    const {Listeners = []} = await elb.send(
      new DescribeListenersCommand({LoadBalancerArn: output(beta, 'LoadBalancerArn')}),
    )
    const of = (port: number) => Listeners.find(({Port}) => Port === port)
    assert.deepEqual(Listeners.map(({Port}) => Port).sort(), [443, 80])
    assert.equal(of(443)?.Protocol, 'HTTPS')
    const redirect = of(80)?.DefaultActions?.[0]
    assert.deepEqual(
      [
        redirect?.Type,
        redirect?.RedirectConfig?.Protocol,
        redirect?.RedirectConfig?.Port,
        redirect?.RedirectConfig?.StatusCode,
      ],
      ['redirect', 'HTTPS', '443', 'HTTP_301'],
    )
    const CertificateArn = of(443)?.Certificates?.[0]?.CertificateArn
    const {Certificate} = await cloud.client(ACMClient).send(new DescribeCertificateCommand({CertificateArn}))
    assert.deepEqual([Certificate?.DomainName, Certificate?.Status], ['bi.example.com', 'ISSUED'])
    assert.ok(Certificate?.SubjectAlternativeNames?.includes('bi-pirana.example.com'))
    const {Rules = []} = await elb.send(new DescribeRulesCommand({ListenerArn: of(443)?.ListenerArn}))
    const targets = (host: string) =>
      Rules.find((rule) => rule.Conditions?.some(({HostHeaderConfig}) => HostHeaderConfig?.Values?.includes(host)))
        ?.Actions?.[0]?.TargetGroupArn
    assert.equal(targets('bi.example.com'), output(beta, 'DashboardTargetGroupArn'))
    assert.equal(targets('bi-pirana.example.com'), output(beta, 'PiranaTargetGroupArn'))
    const {ResourceRecordSets = []} = await cloud
      .client(Route53Client)
      .send(new ListResourceRecordSetsCommand({HostedZoneId: zoneId}))
    for (const name of ['bi.example.com', 'bi-pirana.example.com']) {
      const record = ResourceRecordSets.find(({Name, Type}) => Name === `${name}.` && Type === 'A')
      const alias = record?.AliasTarget?.DNSName?.replace(/^dualstack\./, '').replace(/\.$/, '')
      assert.equal(alias, output(beta, 'LoadBalancerDnsName'), name)
    }
  })

  it('changes nothing when there is nothing to change', async () => {
    const before = await describeStacks()
    const again = await cloud.ok<DeployJson>(...on('deploy', 'alpha', '--yes'))
    assert.equal(again.changed, false)
    assert.deepEqual(new Set(again.parts.map(({status}) => status)), new Set(['unchanged']))
    assert.deepEqual(again.outputs, alpha.outputs)
    assert.deepEqual(await describeStacks(), before)
    const plan = await cloud.run([...on('plan', 'alpha', '--exit-code'), '--json'])
    assert.deepEqual([plan.code, plan.json<PlanJson>().changed], [0, false])
    assert.deepEqual(await leftChangeSets(), [])
  })

  it('plans a changed setting without changing anything, applies it, and keeps what scaling did', async () => {
    config = write({services: {renderer: {min: 1, max: 7}}})
    const before = await describeStacks()
    const plan = await cloud.run([...on('plan', 'alpha', '--exit-code'), '--json'])
    assert.equal(plan.code, 3, plan.stderr)
    const planned = plan.json<PlanJson>()
    assert.deepEqual(
      planned.parts.map(({part, action}) => [part, action]),
      parts.map((part) => [part, part === 'app' ? 'update' : 'unchanged']),
    )
    const changes = planned.parts.find(({part}) => part === 'app')?.changes ?? []
    const renderer = changes.find(({logicalId}) => logicalId === 'Renderer')
    assert.deepEqual(
      [renderer?.type, renderer?.action, renderer?.replacement],
      ['AWS::CloudFormation::Stack', 'Modify', 'False'],
    )
    assert.deepEqual(
      changes.filter(({gate, replacement}) => gate !== undefined || replacement !== 'False'),
      [],
    )
    assert.deepEqual(await describeStacks(), before)
    assert.deepEqual(await leftChangeSets(), [])

    await scaleRenderer(3)
    const deployed = await cloud.ok<DeployJson>(...on('deploy', 'alpha', '--yes'))
    assert.deepEqual(
      deployed.parts.filter(({status}) => status !== 'unchanged').map(({part, status}) => [part, status]),
      [['app', 'updated']],
    )
    assert.equal(await rendererMax(), 7)
    assert.deepEqual(await renderers(), [3, 3])
    // A change that makes a new task definition, and so a new deployment of the service.
    config = write({services: {renderer: {min: 1, max: 7, environment: {PAN_LOG: 'debug'}}}})
    await cloud.ok(...on('deploy', 'alpha', '--yes'))
    assert.deepEqual(await renderers(), [3, 3])
    assert.equal((await cloud.ok<DeployJson>(...on('deploy', 'alpha', '--yes'))).changed, false)
  })

  it('carries out a plan that was written, and refuses it when reality has moved on', async () => {
    const file = `${cloud.home}/operator/alpha.plan.json`
    config = write({services: {renderer: {min: 1, max: 8}}})
    await cloud.ok(...on('plan', 'alpha', '--out', file))
    await cloud.ok(...on('deploy', 'alpha', '--yes', '--plan', file))
    assert.equal(await rendererMax(), 8)
    const stale = await cloud.fails(12, on('deploy', 'alpha', '--yes', '--plan', file))
    assert.equal(stale.code, 'STALE_PLAN')
    const missing = await cloud.fails(5, on('deploy', 'alpha', '--yes', '--plan', 'nowhere.json'))
    assert.equal(missing.code, 'PLAN_NOT_FOUND')
  })

  it('status tells of a protection that somebody took off, and deploy puts it back', async () => {
    const cloudFormation = cloud.client(CloudFormationClient)
    const StackName = 'pi-alpha-files'
    await cloudFormation.send(new UpdateTerminationProtectionCommand({StackName, EnableTerminationProtection: false}))
    const open = {Statement: [{Effect: 'Allow', Principal: '*', Action: 'Update:*', Resource: '*'}]}
    await cloudFormation.send(new SetStackPolicyCommand({StackName, StackPolicyBody: JSON.stringify(open)}))
    const ill = await cloud.run([...on('status', 'alpha'), '--json'])
    assert.equal(ill.code, 3)
    assert.deepEqual(ill.json<StatusJson>().problems, [
      'files is unprotected: no stack policy, no termination protection',
    ])
    await cloud.ok(...on('deploy', 'alpha', '--yes', '--part', 'files'))
    assert.equal((await cloud.ok<StatusJson>(...on('status', 'alpha'))).healthy, true)
  })

  it('status tells of a service that does not run what it should', async () => {
    const [cluster, service] = [output(alpha, 'ClusterName'), output(alpha, 'PiranaServiceName')]
    await cloud.client(ECSClient).send(new UpdateServiceCommand({cluster, service, desiredCount: 0}))
    // A service that somebody set to nothing is not what the configuration says either.
    await eventually(async () => {
      const {services = []} = await cloud
        .client(ECSClient)
        .send(new DescribeServicesCommand({cluster, services: [service]}))
      return services[0]?.runningCount === 0 ? true : undefined
    })
    const ill = await cloud.run([...on('status', 'alpha'), '--json'])
    assert.equal(ill.code, 3, ill.stdout)
    await cloud.client(ECSClient).send(new UpdateServiceCommand({cluster, service, desiredCount: 1}))
    await eventually(async () => ((await cloud.run(on('status', 'alpha'))).code === 0 ? true : undefined))
  })

  it('journals every deploy and leaves none unfinished', async () => {
    const {operations} = await cloud.ok<{operations: {opId: string; state: string; kind: string}[]}>(
      ...on('ops', 'list', 'alpha'),
    )
    assert.ok(operations.length >= 4)
    assert.ok(
      operations.every(({state, kind}) => state === 'done' && kind === 'deploy'),
      JSON.stringify(operations),
    )
    const shown = await cloud.ok<{entries: {step: string; kind: string}[]}>(
      ...on('ops', 'show', alpha.opId, '--environment', 'alpha'),
    )
    const steps = shown.entries.map(({step, kind}) => `${step} ${kind}`)
    const first = ['upload done', 'network intent', 'files done', 'prepare done', 'app intent', 'app done']
    // Operations goes on beside the release.
    for (const last of [['seed done', 'app-release done'], ['operations done']]) {
      const order = [...first, ...last, 'committed done']
      assert.deepEqual(
        steps.filter((step) => order.includes(step)),
        order,
        steps.join(', '),
      )
    }
  })

  async function leftChangeSets(): Promise<string[]> {
    const left: string[] = []
    for (const {StackName = ''} of await describeStacks()) {
      const {Summaries = []} = await cloud.client(CloudFormationClient).send(new ListChangeSetsCommand({StackName}))
      left.push(
        ...Summaries.filter(({ExecutionStatus}) => ExecutionStatus !== 'EXECUTE_COMPLETE').map(
          ({ChangeSetName}) => `${StackName} ${ChangeSetName}`,
        ),
      )
    }
    return left
  }

  async function rendererMax(): Promise<number | undefined> {
    const {ScalableTargets = []} = await cloud
      .client(ApplicationAutoScalingClient)
      .send(new DescribeScalableTargetsCommand({ServiceNamespace: 'ecs'}))
    return ScalableTargets.find(({ResourceId}) => ResourceId?.endsWith(output(alpha, 'RendererServiceName')))
      ?.MaxCapacity
  }

  async function renderers(): Promise<(number | undefined)[]> {
    const {services = []} = await cloud.client(ECSClient).send(
      new DescribeServicesCommand({
        cluster: output(alpha, 'ClusterName'),
        services: [output(alpha, 'RendererServiceName')],
      }),
    )
    return [services[0]?.desiredCount, services[0]?.runningCount]
  }

  async function scaleRenderer(desiredCount: number): Promise<void> {
    await cloud.client(ECSClient).send(
      new UpdateServiceCommand({
        cluster: output(alpha, 'ClusterName'),
        service: output(alpha, 'RendererServiceName'),
        desiredCount,
      }),
    )
    await eventually(async () => ((await renderers())[1] === desiredCount ? true : undefined))
  }
})
