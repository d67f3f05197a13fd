import assert from 'node:assert/strict'
import {type Datasheet, datasheetOf} from '../../src/domain/datasheet.ts'
import {presetNames} from '../../src/domain/presets.ts'
import {demo, environmentOf, packageTemplates} from './samples.ts'

const templates = packageTemplates()

function sheet(values: object = {}): Datasheet {
  return datasheetOf(demo, environmentOf({domain: {httpOnly: true}, ...values}), templates)
}

function countOf({resources}: Datasheet, type: string): number {
  return resources.byType.find((row) => row.type === `AWS::${type}`)?.count ?? 0
}

function driver({costs}: Datasheet, name: string): readonly [number, number] | undefined {
  const row = costs.find((each) => each.driver.startsWith(name))
  return row === undefined ? undefined : [row.min, row.max]
}

const named = {domain: {host: 'bi.example.com', hostedZone: 'Z1'}}
const foreign = {
  ...named,
  account: '123456789012',
  network: {
    nat: 'none',
    existing: {
      vpc: 'vpc-0a',
      cidr: '10.0.0.0/16',
      publicSubnets: ['subnet-1', 'subnet-2'],
      applicationSubnets: ['subnet-3', 'subnet-4'],
      dataSubnets: ['subnet-5', 'subnet-6'],
    },
  },
}

describe('the data sheet', () => {
  it('tells the size of each service', () => {
    const {services} = sheet({
      services: {dashboard: {cpu: 2048, memory: 8192, min: 2, max: 2}, renderer: {min: 1, max: 5}},
    })
    const dashboard = services.find(({name}) => name === 'dashboard')
    assert.deepEqual(dashboard, {
      name: 'dashboard',
      image: 'ghcr.io/pi-cr/server:2026_10',
      vcpu: 2,
      memoryBytes: 8 * 2 ** 30,
      min: 2,
      max: 2,
      peak: 2,
      port: 8224,
      public: true,
      capacity: 'fargate',
    })
    const renderer = services.find(({name}) => name === 'renderer')
    assert.deepEqual([renderer?.min, renderer?.max, renderer?.public], [1, 5, false])
    assert.deepEqual(
      services.map(({name, port}) => `${name} ${port}`),
      ['dashboard 8224', 'renderer 9915', 'scheduler 9917', 'pirana 9918'],
    )
  })

  it('counts a release that starts new tasks before old ones stop', () => {
    const {services} = sheet({preset: 'standard', services: {renderer: {min: 1, max: 5}}})
    assert.equal(services.find(({name}) => name === 'renderer')?.peak, 10)
    assert.equal(services.find(({name}) => name === 'scheduler')?.peak, 1)
  })

  it('has adminer only where it is wanted, and never in public', () => {
    assert(!sheet().services.some(({name}) => name === 'adminer'))
    const adminer = sheet({services: {adminer: {enabled: true}}}).services.find(({name}) => name === 'adminer')
    assert.deepEqual([adminer?.port, adminer?.public, adminer?.max], [8080, false, 1])
  })

  for (const [compute, dashboard, scheduler] of [
    ['fargate', 'fargate', 'fargate'],
    ['fargate-spot', 'fargate-spot', 'fargate'],
    ['ec2', 'ec2', 'ec2'],
  ] as const) {
    it(`says what tasks run on with ${compute}`, () => {
      const {services} = sheet({compute})
      assert.equal(services.find(({name}) => name === 'dashboard')?.capacity, dashboard)
      assert.equal(services.find(({name}) => name === 'scheduler')?.capacity, scheduler)
    })
  }

  it('charges instances instead of Fargate where tasks run on them', () => {
    assert.equal(driver(sheet({compute: 'ec2'}), 'Fargate'), undefined)
    assert.deepEqual(driver(sheet({compute: 'ec2'}), 'EC2 instances m6i.xlarge'), [0, 2])
    assert.equal(driver(sheet(), 'EC2'), undefined)
  })

  it('says how much Fargate there is at least and at most', () => {
    const sizes = {services: {dashboard: {min: 1, max: 1}, renderer: {min: 1, max: 3}, pirana: {min: 1, max: 1}}}
    assert.deepEqual(driver(sheet(sizes), 'Fargate vCPU'), [4, 6])
    assert.deepEqual(driver(sheet(sizes), 'Fargate memory'), [8, 12])
  })

  for (const [zones, nat, gateways] of [
    [2, 'one', 1],
    [2, 'per-zone', 2],
    [3, 'one', 1],
    [3, 'per-zone', 3],
  ] as const) {
    it(`counts ${gateways} NAT gateways with ${zones} zones and nat ${nat}`, () => {
      const one = sheet({network: {zones, nat}})
      assert.equal(one.network.natGateways, gateways)
      assert.deepEqual(driver(one, 'NAT gateways'), [gateways, gateways])
      assert.deepEqual(driver(one, 'Public IPv4'), [gateways + zones, gateways + zones])
      assert.equal(one.files.mountTargets, zones)
      assert.deepEqual(
        one.network.tiers.map(({subnets}) => subnets.length),
        [zones, zones, zones],
      )
    })
  }

  it('cuts the ranges as the templates do, whatever the size of the VPC', () => {
    assert.deepEqual(sheet({network: {cidr: '10.9.0.0/22'}}).network.tiers, [
      {tier: 'public', subnets: ['10.9.0.0/26', '10.9.0.64/26']},
      {tier: 'application', subnets: ['10.9.1.0/26', '10.9.1.64/26']},
      {tier: 'data', subnets: ['10.9.2.0/26', '10.9.2.64/26']},
    ])
  })

  it('takes named zones', () =>
    assert.equal(sheet({network: {zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']}}).network.zones, 3))

  it('makes no network in an existing VPC', () => {
    const one = sheet(foreign)
    assert.deepEqual(one.network, {
      existingVpc: 'vpc-0a',
      cidr: '10.0.0.0/16',
      zones: 2,
      natGateways: 0,
      tiers: [
        {tier: 'public', subnets: ['subnet-1', 'subnet-2']},
        {tier: 'application', subnets: ['subnet-3', 'subnet-4']},
        {tier: 'data', subnets: ['subnet-5', 'subnet-6']},
      ],
    })
    assert.deepEqual(
      [countOf(one, 'EC2::VPC'), countOf(one, 'EC2::Subnet'), countOf(one, 'EC2::NatGateway')],
      [0, 0, 0],
    )
    assert.equal(driver(one, 'NAT'), undefined)
    assert.equal(one.account, '123456789012')
  })

  it('lists what the world can reach: TLS with names, a redirect, and nothing else', () => {
    const one = sheet(named)
    const doors = one.public.map(({port, protocol, does, hosts}) => [port, protocol, does, ...hosts.toSorted()])
    assert.deepEqual(doors, [
      [443, 'HTTPS', 'forwards', 'bi-pirana.example.com', 'bi.example.com'],
      [80, 'HTTP', 'redirects'],
    ])
    assert.deepEqual(one.exposed, [])
  })

  it('says plainly that nothing is encrypted on the way with plain HTTP', () => {
    const row = ({encryption}: Datasheet) => encryption.find(({what}) => what === 'Browsers')
    assert.deepEqual([row(sheet())?.complete, row(sheet(named))?.complete], [false, true])
    assert.match(row(sheet())?.how ?? '', /NOT encrypted/)
    assert.match(row(sheet(named))?.how ?? '', /TLS13/)
  })

  for (const preset of presetNames) {
    it(`finds everything at rest encrypted, and nothing exposed, with the preset ${preset}`, () => {
      const one = sheet({preset, ...named, services: {adminer: {enabled: true}}})
      assert.deepEqual(
        one.encryption.filter(({complete}) => !complete),
        [],
      )
      assert.deepEqual(one.exposed, [])
      assert(one.encryption.length >= 10)
    })
  }

  it('lets only the load balancer be reached from addresses, and the data tier from tasks and function', () => {
    const {ports} = sheet({network: {clients: '203.0.113.0/24'}})
    for (const {to, from} of ports) assert.equal(from.includes('203.0.113.0/24'), to === 'load balancer', to)
    assert.deepEqual(ports.find(({port}) => port === 3306)?.from, ['tasks of the platform'])
    assert.deepEqual(ports.find(({port}) => port === 2049)?.from, ['tasks of the platform', 'side-load function'])
    assert.deepEqual(
      ports.filter(({port}) => port === 9915).map(({from}) => from),
      [['tasks of the platform']],
    )
  })

  it('lists each port of a tier once, tier by tier', () => {
    const {ports} = sheet()
    const keys = ports.map(({to, port}) => `${to} ${port}`)
    assert.equal(new Set(keys).size, keys.length)
    const tiers = ports.map(({to}) => to)
    assert.equal(tiers.filter((tier, index) => tier !== tiers[index - 1]).length, new Set(tiers).size)
  })

  it('knows the ways out: HTTPS for tasks, S3 for the function', () => {
    const {outbound} = sheet()
    assert.deepEqual(
      outbound.filter(({from}) => from === 'side-load function'),
      [{from: 'side-load function', port: 443, to: 'S3', what: 'S3'}],
    )
    assert(outbound.every(({port}) => port === 443))
    assert(!outbound.some(({from}) => from === 'database'))
  })

  it('tells of the database what is configured', () => {
    const {database, ...one} = sheet({
      database: {class: 'db.r6g.large', storage: 40, maxStorage: 80, multiAz: true, backupDays: 9},
    })
    assert.deepEqual(
      [database.class, database.storageBytes, database.maxStorageBytes, database.standby, database.backupDays],
      ['db.r6g.large', 40 * 2 ** 30, 80 * 2 ** 30, true, 9],
    )
    assert.deepEqual(driver({database, ...one}, 'Database db.r6g.large'), [2, 2])
    assert.deepEqual(driver({database, ...one}, 'Database storage'), [80, 160])
  })

  it('tells of files and backups what is configured', () => {
    const one = sheet({files: {throughput: 'bursting'}, backup: {schedule: 'cron(0 1 * * ? *)', keepDays: 99}})
    assert.equal(one.files.throughput, 'bursting')
    assert.deepEqual(one.backup, {schedule: 'cron(0 1 * * ? *)', keepDays: 99})
  })

  it('counts a web ACL, mail and records only where they are asked for', () => {
    const [bare, rich] = [sheet(), sheet({...named, waf: true, notify: 'ops@example.com'})]
    for (const type of [
      'WAFv2::WebACL',
      'SNS::Subscription',
      'Route53::RecordSet',
      'CertificateManager::Certificate',
    ]) {
      assert.equal(countOf(bare, type), 0, type)
      assert(countOf(rich, type) > 0, type)
    }
    assert.equal(driver(bare, 'Web ACL'), undefined)
  })

  it('adds up: counts by type are the total, stacks are the six parts and what they nest', () => {
    const {resources} = sheet()
    assert.equal(
      resources.byType.reduce((sum, {count}) => sum + count, 0),
      resources.total,
    )
    assert(resources.total > 150)
    assert(resources.stacks > 15)
    assert(!resources.byType.some(({type}) => type === 'AWS::CloudFormation::Stack'))
  })

  it('tells the demand on the quotas that run short', () => {
    const value = (one: Datasheet, what: string): string | undefined =>
      one.limits.find((row) => row.what === what)?.value
    const sizes = {services: {dashboard: {min: 1, max: 1}, renderer: {min: 1, max: 1}, pirana: {min: 1, max: 1}}}
    assert.equal(value(sheet(sizes), 'Quota: Fargate On-Demand vCPU'), '4 at the peak of a release')
    assert.equal(
      value(sheet({...sizes, compute: 'fargate-spot'}), 'Quota: Fargate Spot vCPU'),
      '3 at the peak of a release',
    )
    assert.equal(value(sheet({compute: 'ec2'}), 'Quota: Fargate On-Demand vCPU'), undefined)
    assert.equal(value(sheet(sizes), 'Services that scale'), 'none')
    assert.equal(value(sheet(), 'Deletion protection'), 'database, load balancer')
    assert.equal(value(sheet(), 'Quota: VPCs'), '1')
  })

  for (const region of ['us-gov-west-1', 'cn-north-1']) {
    it(`can be made for ${region}`, () => assert.equal(sheet({region}).region, region))
  }

  it('names every parameter of the wiring: nothing is a stand-in that CloudFormation would refuse', () => {
    const text = JSON.stringify(sheet(named))
    assert.doesNotMatch(text, /undefined|NaN|\[object|"Fn::/)
  })
})
