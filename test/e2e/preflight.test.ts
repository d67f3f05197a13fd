import assert from 'node:assert/strict'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {BackupClient, UpdateRegionSettingsCommand} from '@aws-sdk/client-backup'
import {CloudFormationClient, CreateStackCommand, DescribeStacksCommand} from '@aws-sdk/client-cloudformation'
import {
  CreateRouteCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeRouteTablesCommand,
  EC2Client,
  ModifyVpcAttributeCommand,
} from '@aws-sdk/client-ec2'
import {GetRoleCommand, IAMClient} from '@aws-sdk/client-iam'
import {Embedded} from '../helpers/e2e.ts'
import type {DeployJson, PreflightJson} from '../helpers/e2e-results.ts'

type CheckJson = PreflightJson['checks'][number]

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const overToken = `${encoded({alg: 'RS256'})}.${encoded({exp: 1_500_000_000})}.PLANTED`

describe('preflight', function () {
  this.timeout(180_000)
  let cloud: Embedded
  before(async () => {
    cloud = await Embedded.start()
  })
  afterEach(() => cloud.permissions({deny: []}))
  after(() => cloud?.stop())

  async function asked(code: number, ...args: string[]): Promise<PreflightJson> {
    const ended = await cloud.run(['preflight', '--local', '--json', ...args])
    assert.equal(ended.code, code, `${ended.stdout}\n${ended.stderr}`)
    return ended.json<PreflightJson>()
  }
  const row = (result: PreflightJson, name: string): CheckJson =>
    result.checks.find((check) => check.name === name) as CheckJson
  const stackCount = async (): Promise<number> =>
    ((await cloud.client(CloudFormationClient).send(new DescribeStacksCommand({}))).Stacks ?? []).length
  const withSettings = (settings: object): string[] => [
    'fresh',
    '--config',
    cloud.config({fresh: settings}, 'fresh.yaml'),
  ]

  it('finds nothing wrong with a fresh account, and changes nothing', async () => {
    const result = await asked(0, 'demo')
    assert.equal(result.ok, true)
    assert.deepEqual(
      result.checks.filter(({verdict}) => verdict !== 'OK' && verdict !== 'SKIP'),
      [],
    )
    for (const name of ['account', 'clock', 'permissions', 'address-range', 'zones', 'backup-services', 'names'])
      assert.equal(row(result, name).verdict, 'OK', name)
    assert.equal(await stackCount(), 0)
    const text = await cloud.run(['preflight', 'demo', '--local'])
    assert.match(text.stdout, /A deploy of demo may begin/)
    assert.match(text.stdout, /pi-aws deploy demo --local/)
  })

  it('names a denied action, and deploy refuses it before anything is made', async () => {
    await cloud.permissions({deny: ['rds:CreateDBInstance']})
    const result = await asked(12, 'demo')
    assert.equal(result.ok, false)
    assert.equal(row(result, 'permissions').verdict, 'FAIL')
    assert.match(row(result, 'permissions').reason, /rds:CreateDBInstance \(database\)/)
    assert.ok(result.checks.length > 20, 'a failing check stops no other')
    const error = await cloud.fails(12, ['deploy', 'demo', '--local', '--yes'])
    assert.equal(error.code, 'PREFLIGHT_REFUSED')
    assert.match(error.message, /rds:CreateDBInstance/)
    assert.equal(await stackCount(), 0)
  })

  it('a denied action that is passed over fails the stack for real', async () => {
    await cloud.permissions({deny: ['sns:CreateTopic']})
    const args = ['deploy', 'denied', '--local', '--yes', '--skip', 'permissions']
    const ended = await cloud.run([
      ...args,
      '--json',
      '--config',
      cloud.config({denied: {network: {cidr: '10.60.0.0/16'}}}),
    ])
    assert.notEqual(ended.code, 0)
    assert.match(ended.stdout, /not authorized to perform: sns:CreateTopic/)
  })

  it('what cannot be asked is unknown: it warns, and refuses only where that is wanted', async () => {
    await cloud.permissions({deny: ['iam:SimulatePrincipalPolicy', 'lambda:GetAccountSettings']})
    const result = await asked(0, 'demo')
    assert.deepEqual(
      ['permissions', 'lambda-concurrency', 'account'].map((name) => row(result, name).verdict),
      ['UNKNOWN', 'UNKNOWN', 'OK'],
    )
    assert.match(row(result, 'permissions').reason, /iam:SimulatePrincipalPolicy/)
    assert.equal((await asked(12, 'demo', '--strict')).ok, false)
    const strict = await cloud.fails(12, ['deploy', 'demo', '--local', '--yes', '--strict'])
    assert.match(strict.message, /lambda:GetAccountSettings/)
  })

  it('a range that a VPC has', async () => {
    await cloud.client(EC2Client).send(new CreateVpcCommand({CidrBlock: '10.70.0.0/16'}))
    const result = await asked(12, ...withSettings({network: {cidr: '10.70.128.0/20'}}))
    assert.match(row(result, 'address-range').reason, /10\.70\.128\.0\/20 overlaps 10\.70\.0\.0\/16/)
  })

  it('an existing VPC without the routes and settings that the platform needs', async () => {
    const ec2 = cloud.client(EC2Client)
    const vpc = (await ec2.send(new CreateVpcCommand({CidrBlock: '10.80.0.0/16'}))).Vpc?.VpcId ?? ''
    const subnet = async (index: number): Promise<string> => {
      const AvailabilityZone = `eu-west-1${index % 2 === 0 ? 'a' : 'b'}`
      const made = await ec2.send(
        new CreateSubnetCommand({VpcId: vpc, CidrBlock: `10.80.${index}.0/24`, AvailabilityZone}),
      )
      return made.Subnet?.SubnetId ?? ''
    }
    const ids = []
    for (let index = 0; index < 6; index += 1) ids.push(await subnet(index))
    const existing = {
      vpc,
      cidr: '10.80.0.0/16',
      publicSubnets: ids.slice(0, 2),
      applicationSubnets: ids.slice(2, 4),
      dataSubnets: ids.slice(4),
    }
    await ec2.send(new ModifyVpcAttributeCommand({VpcId: vpc, EnableDnsSupport: {Value: false}}))
    const closed = await asked(12, ...withSettings({network: {existing}}))
    assert.match(row(closed, 'existing-network').reason, /enableDnsSupport.*no route to an internet gateway/)
    assert.match(row(closed, 'way-out').reason, /no route to 0\.0\.0\.0\/0/)
    const tables = await ec2.send(new DescribeRouteTablesCommand({Filters: [{Name: 'vpc-id', Values: [vpc]}]}))
    await ec2.send(
      new CreateRouteCommand({
        RouteTableId: tables.RouteTables?.[0]?.RouteTableId,
        DestinationCidrBlock: '0.0.0.0/0',
        TransitGatewayId: 'tgw-0123456789abcdef0',
      }),
    )
    const open = await asked(12, ...withSettings({network: {existing}}))
    assert.deepEqual(
      [row(open, 'way-out').verdict, row(open, 'way-out').reason],
      ['OK', 'through tgw-0123456789abcdef0'],
    )
  })

  it('service-linked roles are made where one agrees, and found the next time', async () => {
    const made = await asked(0, 'demo', '--create-service-linked-roles')
    assert.match(row(made, 'service-linked-roles').reason, /^made AWSServiceRoleForECS/)
    const role = await cloud.client(IAMClient).send(new GetRoleCommand({RoleName: 'AWSServiceRoleForECS'}))
    assert.equal(role.Role?.Path, '/aws-service-role/ecs.amazonaws.com/')
    const again = await asked(0, 'demo', '--create-service-linked-roles')
    assert.match(row(again, 'service-linked-roles').reason, /^all \d are there$/)
  })

  it('a service that AWS Backup is opted out of, with the command that opts in', async () => {
    const backup = cloud.client(BackupClient)
    await backup.send(new UpdateRegionSettingsCommand({ResourceTypeOptInPreference: {EFS: false}}))
    const check = row(await asked(0, 'demo'), 'backup-services')
    assert.equal(check.verdict, 'WARN')
    assert.match(check.next[0] ?? '', /aws backup update-region-settings .*EFS=true/)
    await backup.send(new UpdateRegionSettingsCommand({ResourceTypeOptInPreference: {EFS: true}}))
  })

  it('a stack that somebody else made under one of our names', async () => {
    const TemplateBody = JSON.stringify({Resources: {Topic: {Type: 'AWS::SNS::Topic', Properties: {}}}})
    await cloud.client(CloudFormationClient).send(new CreateStackCommand({StackName: 'pi-taken-network', TemplateBody}))
    const config = cloud.config({taken: {network: {cidr: '10.61.0.0/16'}}}, 'taken.yaml')
    const result = await asked(12, 'taken', '--config', config)
    assert.match(row(result, 'names').reason, /pi-taken-network exists and was not made by pi-aws/)
  })

  it('registry credentials, by asking the registry for each manifest, and a licence by its end', async () => {
    const there = ['server', 'renderer', 'scheduler', 'pirana'].map((name) => `/v2/pi-cr/${name}/manifests/2026_10`)
    const open = '/v2/tools/adminer/manifests/5'
    const good = `Basic ${Buffer.from('robot:right').toString('base64')}`
    const registry = createServer((request, response) => {
      const right = request.headers.authorization === good
      const known = there.includes(request.url ?? '') || request.url === open
      const seen = right || request.url?.startsWith('/v2/tools/') === true
      response.writeHead(seen ? (known ? 200 : 404) : 401, {'www-authenticate': 'Basic realm="r"'}).end()
    })
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve))
    const host = `127.0.0.1:${(registry.address() as AddressInfo).port}`
    const images = {registry: `${host}/pi-cr`, tag: '2026_10'}
    const login = (password: string): string[] => [
      '--registry-username',
      'robot',
      '--registry-password-file',
      cloud.write('token.txt', password),
    ]
    const well = await asked(0, ...withSettings({images}), ...login('right'))
    for (const name of ['server', 'renderer', 'scheduler', 'pirana'])
      assert.ok(row(well, 'registry').reason.includes(`/pi-cr/${name}:2026_10`), row(well, 'registry').reason)
    const tools = (tag: string): object => ({
      images,
      services: {adminer: {enabled: true}},
      parameters: {AdminerImage: `${host}/tools/adminer:${tag}`},
    })
    const adminer = await asked(0, ...withSettings(tools('5')), ...login('right'))
    assert.match(row(adminer, 'registry').reason, /tools\/adminer:5 can be pulled/)
    const older = await asked(12, ...withSettings(tools('4')), ...login('right'))
    assert.match(row(older, 'registry').reason, /^\S+\/tools\/adminer:4 does not exist there/)
    there.splice(1, 1)
    const gone = await asked(12, ...withSettings({images}), ...login('right'))
    assert.match(row(gone, 'registry').reason, /^\S+\/renderer:2026_10 does not exist there/)
    there.push('/v2/pi-cr/renderer/manifests/2026_10')
    const wrong = await asked(12, ...withSettings({images}), ...login('PLANTED-wrong'))
    assert.match(row(wrong, 'registry').reason, /refuses the credentials .*HTTP 401/)
    assert.doesNotMatch(JSON.stringify(wrong), /PLANTED/)
    const missing = await asked(12, ...withSettings({images: {...images, tag: '1999_01'}}), ...login('right'))
    assert.match(row(missing, 'registry').reason, /server:1999_01 does not exist/)
    const skipped = await asked(0, ...withSettings({images}), ...login('PLANTED-wrong'), '--skip', 'registry')
    assert.equal(row(skipped, 'registry').verdict, 'SKIP')
    registry.close()
    const licence = cloud.write('licence.txt', overToken)
    const over = await asked(12, 'demo', '--licence-file', licence)
    assert.match(row(over, 'licence').reason, /expired on 2017-07-14/)
    assert.doesNotMatch(JSON.stringify(over), /PLANTED/)
  })

  it('says which words it does not know', async () => {
    const unknown = await cloud.fails(5, ['preflight', 'demo', '--local', '--skip', 'register'])
    assert.equal(unknown.code, 'UNKNOWN_CHECK')
    const config = cloud.config({prod: {}}, 'prod.yaml')
    const profile = await cloud.fails(4, ['preflight', 'prod', '--config', config, '--profile', 'nobody'])
    assert.match(profile.message, /profile "nobody"/)
  })

  it('a deployer with the printed policies, and nothing else, deploys', async () => {
    const config = cloud.config({least: {network: {cidr: '10.62.0.0/16'}}}, 'least.yaml')
    const printed = await cloud.ok<{policies: {document: {Statement: {Action: string[]}[]}}[]}>(
      'policy',
      'print',
      'least',
      '--config',
      config,
    )
    const allow = printed.policies.flatMap(({document}) => document.Statement.flatMap(({Action}) => Action))
    await cloud.permissions({allow: allow.filter((action) => action !== 'elasticfilesystem:CreateFileSystem')})
    const short = await cloud.fails(12, ['deploy', 'least', '--local', '--yes', '--config', config])
    assert.match(short.message, /elasticfilesystem:CreateFileSystem \(files\)/)
    await cloud.permissions({allow})
    const deployed = await cloud.ok<DeployJson>('deploy', 'least', '--local', '--yes', '--config', config)
    assert.equal(deployed.parts.length, 6)
    await cloud.ok('destroy', 'least', '--local', '--yes', '--config', config)
  })
})
