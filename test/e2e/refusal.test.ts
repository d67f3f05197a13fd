import assert from 'node:assert/strict'
import {ACMClient, RequestCertificateCommand} from '@aws-sdk/client-acm'
import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  UpdateStackCommand,
  paginateDescribeStacks,
  type Stack,
} from '@aws-sdk/client-cloudformation'
import {CreateVpcCommand, EC2Client} from '@aws-sdk/client-ec2'
import {DescribeDBInstancesCommand, RDSClient} from '@aws-sdk/client-rds'
import {CreateHostedZoneCommand, Route53Client} from '@aws-sdk/client-route-53'
import {ListBucketsCommand, S3Client} from '@aws-sdk/client-s3'
import {Embedded, eventually} from '../helpers/e2e.ts'
import {PatchedPackage} from '../helpers/e2e-package.ts'
import type {DeployJson, PlanJson} from '../helpers/e2e-results.ts'

describe('refused before anything is changed', function () {
  this.timeout(120_000)
  let cloud: Embedded
  let zone: string
  before(async () => {
    cloud = await Embedded.start()
    const made = await cloud
      .client(Route53Client)
      .send(new CreateHostedZoneCommand({Name: 'example.org', CallerReference: 'once'}))
    zone = made.HostedZone?.Id?.split('/').at(-1) ?? ''
  })
  after(() => cloud?.stop())

  const stacks = async (): Promise<Stack[]> => {
    const all: Stack[] = []
    for await (const {Stacks = []} of paginateDescribeStacks({client: cloud.client(CloudFormationClient)}, {}))
      all.push(...Stacks)
    return all
  }

  /** A deploy of a new environment that preflight must refuse; gives the message. */
  async function refused(settings: object): Promise<string> {
    const before = await stacks()
    const config = cloud.config({fresh: settings}, 'fresh.yaml')
    for (const command of ['plan', 'deploy']) {
      const error = await cloud.fails(12, [
        command,
        'fresh',
        '--local',
        '--config',
        config,
        ...(command === 'deploy' ? ['--yes'] : []),
      ])
      assert.equal(error.code, 'PREFLIGHT_REFUSED', error.message)
      assert.ok(error.suggestions.length > 0, error.message)
      if (command === 'deploy') {
        assert.deepEqual(await stacks(), before)
        assert.deepEqual(
          (await cloud.client(S3Client).send(new ListBucketsCommand({}))).Buckets?.filter(({Name}) =>
            Name?.includes('fresh'),
          ) ?? [],
          [],
        )
        return error.message
      }
    }
    return ''
  }

  it('a range that overlaps another VPC, or that is public', async () => {
    const {Vpc} = await cloud.client(EC2Client).send(new CreateVpcCommand({CidrBlock: '10.99.0.0/16'}))
    const overlapping = await refused({network: {cidr: '10.99.16.0/20'}})
    assert.ok(overlapping.includes('10.99.0.0/16') && overlapping.includes(Vpc?.VpcId ?? '-'), overlapping)
    assert.match(await refused({network: {cidr: '8.8.0.0/16'}}), /public address space/)
    assert.match(await refused({network: {cidr: '172.32.0.0/16'}}), /public address space/)
  })

  it('zones that the region does not offer', async () => {
    assert.match(
      await refused({network: {cidr: '10.98.0.0/16', zones: ['eu-west-1a', 'eu-west-1z']}}),
      /eu-west-1z not offered in eu-west-1/,
    )
  })

  it('another account than the environment lives in', async () => {
    const message = await refused({account: '123456789012', network: {cidr: '10.98.0.0/16'}})
    assert.ok(message.includes('000000000000') && message.includes('123456789012'), message)
  })

  it('certificates: of another region, unknown, not issued, for another name', async () => {
    const acm = cloud.client(ACMClient)
    const request = async (DomainName: string) =>
      (await acm.send(new RequestCertificateCommand({DomainName, ValidationMethod: 'DNS'}))).CertificateArn ?? ''
    const using = (certificate: string) => ({
      network: {cidr: '10.98.0.0/16'},
      domain: {host: 'bi.example.org', certificate, httpOnly: false},
    })
    assert.match(
      await refused(using('arn:aws:acm:us-east-1:000000000000:certificate/12345678-1234-1234-1234-123456789012')),
      /us-east-1.*eu-west-1/,
    )
    assert.match(
      await refused(using('arn:aws:acm:eu-west-1:000000000000:certificate/12345678-1234-1234-1234-123456789012')),
      /does not exist/,
    )
    assert.match(
      await refused(using(await request('bi.example.com'))),
      /is for bi\.example\.com and does not cover bi\.example\.org|PENDING_VALIDATION/,
    )
  })

  it('hosted zones: unknown, or not holding the domain', async () => {
    const using = (host: string, hostedZone: string) => ({
      network: {cidr: '10.98.0.0/16'},
      domain: {host, hostedZone, httpOnly: false},
    })
    assert.match(await refused(using('bi.example.org', 'Z0000000000000000000')), /does not exist/)
    assert.match(await refused(using('bi.example.com', zone)), /does not hold bi\.example\.com/)
    assert.match(await refused(using('bi.badexample.org', zone)), /does not hold bi\.badexample\.org/)
  })

  it('no name and no word for plain HTTP', async () => {
    assert.match(await refused({network: {cidr: '10.98.0.0/16'}, domain: {}}), /domain\.host is missing/)
    assert.match(await refused({network: {cidr: '10.98.0.0/16', nat: 'none'}}), /nat: none/)
  })

  describe('of an environment that stands', () => {
    let config: string
    const on = (...args: string[]) => [...args, '--local', '--config', config]
    const database = async () => {
      const {DBInstances = []} = await cloud.client(RDSClient).send(new DescribeDBInstancesCommand({}))
      return DBInstances.map(({DBInstanceIdentifier, DbiResourceId}) => `${DBInstanceIdentifier} ${DbiResourceId}`)
    }
    before(async () => {
      config = cloud.config({firm: {}})
      await cloud.ok(...on('deploy', 'firm', '--yes'))
    })

    it('an update past the command line that would remove or replace the database: the stack policy stops it', async () => {
      const cloudFormation = cloud.client(CloudFormationClient)
      const StackName = 'pi-firm-database-1'
      const before = await database()
      const {TemplateBody = ''} = await cloudFormation.send(new GetTemplateCommand({StackName}))
      const {Stacks = []} = await cloudFormation.send(new DescribeStacksCommand({StackName}))
      const Parameters = Stacks[0]?.Parameters?.map(({ParameterKey}) => ({ParameterKey, UsePreviousValue: true}))
      const changed = TemplateBody.replaceAll(
        '- pi-${EnvironmentName}-g${Generation}-${Suffix}\n',
        '- pi-${EnvironmentName}-h${Generation}-${Suffix}\n',
      )
      assert.notEqual(changed, TemplateBody)
      await cloudFormation.send(
        new UpdateStackCommand({StackName, TemplateBody: changed, Parameters, Capabilities: ['CAPABILITY_IAM']}),
      )
      const ended = await eventually(async () => {
        const found = await cloudFormation.send(new DescribeStacksCommand({StackName}))
        const status = found.Stacks?.[0]?.StackStatus ?? ''
        return status.endsWith('IN_PROGRESS') ? undefined : status
      })
      assert.equal(ended, 'UPDATE_ROLLBACK_COMPLETE')
      assert.deepEqual(await database(), before)
      assert.equal((await cloud.ok<DeployJson>(...on('deploy', 'firm', '--yes'))).parts.length, 6)
    })

    it('a change that would replace the database: plan marks it, deploy refuses it, nothing changes', async () => {
      const other = new PatchedPackage().patch(
        'templates/database.yaml',
        /(DBInstanceIdentifier: !Sub\n\s+- pi-\$\{EnvironmentName\})-g/,
        '$1-h',
      )
      try {
        const holding = async () =>
          (await stacks()).filter(({StackName}) => /-(foundation|files|database-1|app)$/.test(StackName ?? ''))
        const [before, standing] = [await database(), await holding()]
        const plan = await cloud.run([...on('plan', 'firm'), '--json'], {package: other.root})
        const row = plan
          .json<PlanJson>()
          .parts.flatMap(({changes}) => changes)
          .find(({logicalId}) => logicalId === 'Database')
        assert.deepEqual([row?.replacement, row?.gate], ['True', 'refused'])
        const error = await cloud.fails(12, on('deploy', 'firm', '--yes'), {package: other.root})
        assert.equal(error.code, 'DATA_AT_RISK')
        assert.match(error.message, /Database \(AWS::RDS::DBInstance\): it would be replaced/)
        assert.deepEqual(await database(), before)
        assert.deepEqual(await holding(), standing)
      } finally {
        other.remove()
      }
    })

    it('an environment that a newer pi-aws made', async () => {
      const newer = new PatchedPackage().patch(
        'templates/operations.yaml',
        /(TemplateVersion: \{.*Value: )\d+\.\d+\.\d+/,
        '$199.1.0',
      )
      newer.patch('templates/operations.yaml', 'ended by itself with an error', 'ended by itself')
      try {
        const made = await cloud.run(on('deploy', 'firm', '--yes', '--part', 'operations'), {package: newer.root})
        assert.equal(made.code, 0, made.stderr)
      } finally {
        newer.remove()
      }
      const before = await stacks()
      for (const command of [
        ['plan', 'firm'],
        ['deploy', 'firm', '--yes'],
      ]) {
        const error = await cloud.fails(12, on(...command))
        assert.match(error.message, /a newer pi-aws made this environment \(operations 99\.1\.0\)/)
      }
      assert.deepEqual(await stacks(), before)
    })
  })
})
