import assert from 'node:assert/strict'
import {resourcesOf} from '../../../src/domain/datasheet/resources.ts'
import {demandOf} from '../../../src/domain/quotas/demand.ts'
import {nothingStands, type Standing} from '../../../src/domain/quotas/standing.ts'
import {quotaModes, type QuotaMode} from '../../../src/domain/quotas/modes.ts'
import {quotaCalled, quotaRows} from '../../../src/domain/quotas/rows.ts'
import {parseTemplate, type Template} from '../../../src/domain/template.ts'
import {demo, environmentOf, packageTemplates} from '../samples.ts'

const templates = packageTemplates()

/** The need of one row: the amounts where it counts, the largest first. */
function needOf(
  key: string,
  mode: QuotaMode,
  settings: object,
  {set = templates, standing = nothingStands}: {set?: ReadonlyMap<string, Template>; standing?: Standing} = {},
): readonly number[] {
  const resources = resourcesOf(demo, environmentOf({domain: {httpOnly: true}, ...settings}), set)
  const amounts = [
    ...quotaCalled(key)
      .need(demandOf(mode, resources, standing))
      .values(),
  ]
  return amounts.map((amount) => Math.round(amount * 1000) / 1000).sort((a, b) => b - a)
}

type ByMode = readonly [deploy: string, update: string, scale: string, restore: string, verify: string]
type ByPreset = readonly [small: ByMode, standard: ByMode, large: ByMode]

const same = (text: string): ByMode => [text, text, text, text, text]
const everywhere = (text: string): ByPreset => [same(text), same(text), same(text)]
/** One more beside it while a restore, or the proof of a snapshot, goes on. */
const twice = (one: number, two = 2 * one): ByMode => [`${one}`, `${one}`, `${one}`, `${two}`, `${two}`]

/** What each preset needs of each quota, counted by hand from the templates. */
const table: Readonly<Record<string, ByPreset>> = {
  vpcs: everywhere('1'),
  'internet-gateways': everywhere('1'),
  'nat-gateways': [same('1'), same('1 1'), same('1 1 1')],
  'elastic-ips': [same('1'), same('2'), same('3')],
  subnets: [same('6'), same('6'), same('9')],
  'route-tables': [same('5'), same('5'), same('6')],
  'network-acls': everywhere('4'),
  'acl-rules': everywhere('4 3 3'),
  'security-groups': everywhere('7'),
  'group-rules': everywhere('6 3 2 2 1 1'),
  'interface-groups': everywhere('1'),
  'network-interfaces': [
    ['12', '14', '14', '14', '14'],
    ['16', '28', '20', '19', '19'],
    ['22', '52', '34', '25', '25'],
  ],
  'lambda-interfaces': [same('2'), same('2'), same('3')],
  'gateway-endpoints': everywhere('1'),
  'interface-endpoints': everywhere('0'),
  'subnet-addresses': [
    ['9 8 3 3 2 2', '9 8 4 4 2 2', '9 8 4 4 2 2', '9 8 4 4 3 3', '9 8 4 4 3 3'],
    ['9 9 4 4 2 2', '9 9 10 10 2 2', '9 9 6 6 2 2', '9 9 5 5 3 3', '9 9 5 5 3 3'],
    ['9 9 9 4 4 4 2 2 2', '9 9 9 14 14 14 2 2 2', '9 9 9 8 8 8 2 2 2', '9 9 9 4 4 4 3 3 3', '9 9 9 4 4 4 3 3 3'],
  ].map((row) =>
    row.map((text) =>
      text
        .split(' ')
        .sort((a, b) => Number(b) - Number(a))
        .join(' '),
    ),
  ) as unknown as ByPreset,
  // Services that start; a release while scaled out; the most tasks; the check task (half a vCPU) beside them.
  'fargate-vcpu': [
    ['4', '6', '6', '4.5', '4.5'],
    ['7', '19', '11', '7.5', '7.5'],
    ['18', '78', '42', '18.5', '18.5'],
  ],
  'fargate-spot-vcpu': everywhere('0'),
  'instance-vcpu': everywhere('0'),
  'auto-scaling-groups': everywhere(''),
  'disk-space': everywhere('0'),
  'instance-interfaces': everywhere('0'),
  'scalable-targets': everywhere('2'),
  'load-balancers': everywhere('1'),
  'target-groups': everywhere('2'),
  listeners: everywhere('2'),
  'listener-rules': everywhere('1'),
  'listener-certificates': everywhere('0'),
  clusters: everywhere('1'),
  services: everywhere('4'),
  'service-tasks': [
    ['1 1 1 1', '2 2 1 1', '2 2 1 1', '1 1 1 1', '1 1 1 1'],
    ['2 2 1 1', '8 8 1 1', '4 4 1 1', '2 2 1 1', '2 2 1 1'],
    ['3 3 1 1', '18 18 1 1', '9 9 1 1', '3 3 1 1', '3 3 1 1'],
  ],
  'service-target-groups': everywhere('1'),
  'starting-tasks': [
    ['4', '6', '6', '4', '4'],
    ['6', '18', '10', '6', '6'],
    ['8', '38', '20', '8', '8'],
  ],
  'function-concurrency': everywhere('1'),
  namespaces: everywhere('1'),
  'event-rules': everywhere('5'),
  alarms: [twice(21, 24), twice(21, 24), twice(21, 24)],
  databases: [twice(1), twice(1), twice(1)],
  'manual-snapshots': [
    ['', '', '', '1', ''],
    ['', '', '', '1', ''],
    ['', '', '', '1', ''],
  ],
  'database-storage': [twice(20), twice(50), twice(100)],
  'database-subnet-groups': [twice(1), twice(1), twice(1)],
  'database-parameter-groups': [twice(1), twice(1), twice(1)],
  'file-systems': [twice(1), twice(1), twice(1)],
  // A restore flips services to new ones before the old ones go.
  'access-points': Array.from({length: 3}, () => ['10', '10', '10', '20', '10']) as unknown as ByPreset,
  buckets: everywhere('4'),
  stacks: [twice(19, 20), twice(19, 20), twice(21, 22)],
  roles: [twice(16, 18), twice(16, 18), twice(16, 18)],
  'instance-profiles': everywhere(''),
  'role-policies': everywhere('2'),
  'hosted-zones': everywhere('1'),
  'zone-records': everywhere(''),
  certificates: everywhere(''),
  secrets: [twice(4, 6), twice(4, 6), twice(4, 6)],
  keys: everywhere('1'),
  'key-grants': [twice(4, 6), twice(4, 6), twice(4, 6)],
  'backup-vaults': everywhere('1'),
  'backup-plans': everywhere('1'),
  'recovery-points': [same('70'), same('70'), same('180')],
}

describe('the need of an environment', () => {
  it('is in a table that names every quota', () => {
    assert.deepEqual(Object.keys(table).toSorted(), quotaRows.map(({key}) => key).toSorted())
  })

  for (const [key, byPreset] of Object.entries(table)) {
    it(`of ${key}, by preset and mode`, () => {
      for (const [at, preset] of (['small', 'standard', 'large'] as const).entries()) {
        const found = quotaModes.map((mode) => needOf(key, mode, {preset}).join(' '))
        assert.deepEqual(found, byPreset[at], preset)
      }
    })
  }

  it('fits small into the 6 Fargate vCPU of a new account, releases included', () => {
    for (const mode of quotaModes) assert.ok((needOf('fargate-vcpu', mode, {preset: 'small'})[0] ?? 7) <= 6, mode)
  })

  it('grows with a resource that a template gets, without a word here', () => {
    const set = new Map(templates)
    const files = templates.get('files')
    assert(files !== undefined)
    const more = parseTemplate(`
Resources:
  Another: {Type: 'AWS::EFS::FileSystem'}
  Door: {Type: 'AWS::S3::Bucket'}
  Group: {Type: 'AWS::EC2::SecurityGroup', Properties: {SecurityGroupIngress: [{CidrIp: 10.0.0.0/8}, {CidrIp: 10.1.0.0/16}]}}
`)
    set.set('files', {...files, Resources: {...files.Resources, ...more.Resources}})
    assert.deepEqual(needOf('file-systems', 'deploy', {}, {set}), [2])
    assert.deepEqual(needOf('buckets', 'deploy', {}, {set}), [5])
    assert.deepEqual(needOf('security-groups', 'deploy', {}, {set}), [8])
    assert.deepEqual(needOf('group-rules', 'deploy', {}, {set}), [6, 3, 2, 2, 2, 1, 1])
  })

  it('is less of what stands already', () => {
    const standing: Standing = {
      ...nothingStands,
      physical: new Map([
        ['network', 'arn:stack'],
        ['network/Vpc', 'vpc-1'],
        ['network/ZoneA/NatAddress', 'eip-1'],
        ['foundation/AssetsBucket', 'assets'],
      ]),
    }
    assert.deepEqual(needOf('vpcs', 'deploy', {}, {standing}), [])
    assert.deepEqual(needOf('elastic-ips', 'deploy', {preset: 'standard'}, {standing}), [1])
    assert.deepEqual(needOf('buckets', 'deploy', {}, {standing}), [3])
    assert.deepEqual(needOf('security-groups', 'deploy', {}, {standing}), [6])
    assert.deepEqual(needOf('stacks', 'deploy', {}, {standing}), [18])
  })

  const cases: readonly (readonly [
    what: string,
    key: string,
    mode: QuotaMode,
    settings: object,
    need: readonly number[],
  ])[] = [
    ['an existing VPC makes none', 'vpcs', 'deploy', existing(), []],
    ['an existing VPC makes no subnets', 'subnets', 'deploy', existing(), []],
    ['an existing VPC gets the interfaces of the function', 'lambda-interfaces', 'deploy', existing(), [2]],
    [
      'an existing VPC gives addresses in its own subnets',
      'subnet-addresses',
      'deploy',
      existing(),
      [8, 8, 3, 3, 2, 2],
    ],
    [
      'a third client is a rule for each port',
      'group-rules',
      'deploy',
      {parameters: {AllowedClientCidr: '10.0.0.0/8,10.1.0.0/16,10.2.0.0/16'}},
      [9, 6, 2, 2, 1, 1],
    ],
    ['Spot keeps one task of each service on-demand', 'fargate-vcpu', 'scale', spot(), [5]],
    ['Spot runs the others', 'fargate-spot-vcpu', 'scale', spot(), [6]],
    ['a release on Spot has two such tasks', 'fargate-vcpu', 'update', spot(), [7]],
    ['instances are counted by their vCPU', 'instance-vcpu', 'scale', ec2(), [24]],
    ['a deploy starts the instances that tasks call for', 'instance-vcpu', 'deploy', ec2(), [8]],
    ['instances have disks of 50 GiB', 'disk-space', 'scale', ec2(), [0.293]],
    ['instances have one group', 'auto-scaling-groups', 'deploy', ec2(), [1]],
    ['instances have a profile', 'instance-profiles', 'deploy', ec2(), [1]],
    ['tasks take interfaces of the instances', 'instance-interfaces', 'update', ec2(), [18]],
    ['only one-off tasks run on Fargate then', 'fargate-vcpu', 'deploy', ec2(), [0.5]],
    ['adminer is one service more', 'services', 'deploy', {services: {adminer: {enabled: true}}}, [5]],
    [
      'adminer takes its vCPU',
      'fargate-vcpu',
      'deploy',
      {services: {adminer: {enabled: true, cpu: 512, memory: 1024}}},
      [4.5],
    ],
    ['a certificate of its own', 'certificates', 'deploy', named(), [1]],
    ['records of two names, and of their validation', 'zone-records', 'deploy', named(), [4]],
    ['a certificate on the listener', 'listener-certificates', 'deploy', named(), [1]],
  ]
  for (const [what, key, mode, settings, need] of cases)
    it(what, () => assert.deepEqual(needOf(key, mode, settings), need))
})

function existing(): object {
  const ids = (letter: string): string[] => [`subnet-0${letter}1`, `subnet-0${letter}2`]
  return {
    network: {
      existing: {
        vpc: 'vpc-0a1b',
        cidr: '10.0.0.0/16',
        publicSubnets: ids('a'),
        applicationSubnets: ids('b'),
        dataSubnets: ids('c'),
      },
    },
  }
}

function spot(): object {
  return {preset: 'standard', compute: 'fargate-spot'}
}

function ec2(): object {
  return {preset: 'standard', compute: 'ec2'}
}

function named(): object {
  return {domain: {host: 'bi.example.com', hostedZone: 'Z0123456789ABCDEFGHIJ'}}
}
