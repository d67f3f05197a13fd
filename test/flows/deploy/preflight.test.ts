import assert from 'node:assert/strict'
import type {FoundNetwork} from '../../../src/domain/preflight/existing-network.ts'
import {configured, must, runDeploy} from '../../helpers/fake-aws/scenario.ts'
import {mutations} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'

const certificate = 'arn:aws:acm:eu-west-1:111122223333:certificate/0a0b'
const hosts = {host: 'bi.example.com'}
const issued = {arn: certificate, status: 'ISSUED', names: ['bi.example.com', 'bi-pirana.example.com']}

interface Case {
  readonly of: string
  readonly settings: Record<string, unknown>
  readonly world?: (world: World) => void
  readonly says: RegExp
}

const refused: Case[] = [
  {
    of: 'the credentials of another account',
    settings: {account: '999999999999'},
    says: /account: these credentials are of account 111122223333, the environment lives in 999999999999/,
  },
  {
    of: 'a range of public addresses',
    settings: {network: {cidr: '8.8.0.0/16'}},
    says: /8\.8\.0\.0\/16 is public address space/,
  },
  {
    of: 'a range that overlaps a VPC',
    settings: {network: {cidr: '10.20.0.0/16'}},
    world: (world) => world.vpcRanges.push({vpcId: 'vpc-1', name: 'office', cidr: '10.20.128.0/20'}),
    says: /overlaps 10\.20\.128\.0\/20 of office \(vpc-1\)/,
  },
  {
    of: "the template's own range where it overlaps a VPC without a name",
    settings: {},
    world: (world) => world.vpcRanges.push({vpcId: 'vpc-1', name: '', cidr: '10.0.0.0/8'}),
    says: /10\.20\.0\.0\/16 overlaps 10\.0\.0\.0\/8 of vpc-1/,
  },
  {
    of: 'a region with too few zones',
    settings: {},
    world: (world) => (world.zones = ['eu-west-1a']),
    says: /offers 1 zones, 2 are wanted/,
  },
  {
    of: 'a zone that is not there',
    settings: {network: {zones: ['eu-west-1a', 'eu-west-1x']}},
    says: /eu-west-1x not offered/,
  },
  {
    of: 'a variable that the template sets itself',
    settings: {services: {dashboard: {environment: {PI_DB_HOST: 'elsewhere'}}}},
    says: /container-environment: pi-aws sets PI_DB_HOST of dashboard itself/,
  },
  {
    of: 'a parameter that no template has',
    settings: {parameters: {Nat: 1}},
    says: /Nat: no template has this parameter; the nearest is NatMode/,
  },
  {of: 'a zone named twice', settings: {network: {zones: ['eu-west-1a', 'eu-west-1a']}}, says: /named twice/},
  {of: 'no name and no wish for plain HTTP', settings: {domain: {}}, says: /domain\.host is missing/},
  {
    of: 'a name with neither certificate nor zone',
    settings: {domain: hosts},
    says: /neither domain\.certificate nor domain\.hostedZone/,
  },
  {of: 'plain HTTP with a certificate', settings: {domain: {httpOnly: true, certificate}}, says: /exclude each other/},
  {
    of: 'a certificate that does not exist',
    settings: {domain: {...hosts, certificate}},
    says: /does not exist in this account/,
  },
  {
    of: 'a certificate of another region',
    settings: {domain: {...hosts, certificate: certificate.replace('eu-west-1', 'us-east-1')}},
    says: /is in us-east-1; the load balancer is in eu-west-1/,
  },
  {
    of: 'a certificate that is not issued',
    settings: {domain: {...hosts, certificate}},
    world: (world) => world.certificates.set(certificate, {...issued, status: 'PENDING_VALIDATION'}),
    says: /is PENDING_VALIDATION, not ISSUED/,
  },
  {
    of: 'a certificate for another name',
    settings: {domain: {...hosts, certificate}},
    world: (world) => world.certificates.set(certificate, {...issued, names: ['bi.example.com']}),
    says: /does not cover bi-pirana\.example\.com/,
  },
  {
    of: 'a hosted zone that does not exist',
    settings: {domain: {...hosts, hostedZone: 'Z1'}},
    says: /Z1 does not exist/,
  },
  {
    of: 'a private hosted zone',
    settings: {domain: {...hosts, hostedZone: 'Z1'}},
    world: (world) => world.hostedZones.set('Z1', {id: 'Z1', domain: 'example.com', private: true, nameServers: []}),
    says: /is private/,
  },
  {
    of: 'a hosted zone that does not hold the name',
    settings: {domain: {...hosts, hostedZone: 'Z1'}},
    world: (world) =>
      world.hostedZones.set('Z1', {id: 'Z1', domain: 'other.org', private: false, nameServers: ['ns-1.example.net']}),
    says: /is other\.org and does not hold bi\.example\.com/,
  },
  {of: 'a parameter that no template has', settings: {parameters: {Nonsense: '1'}}, says: /parameters: .*Nonsense/},
  {of: 'tasks without a way out', settings: {network: {nat: 'none'}}, says: /nat: none leaves tasks without a way/},
]

const existing = {
  vpc: 'vpc-0a',
  cidr: '8.8.0.0/16',
  publicSubnets: ['subnet-0a', 'subnet-0b'],
  applicationSubnets: ['subnet-0c', 'subnet-0d'],
  dataSubnets: ['subnet-0e', 'subnet-0f'],
}

/** A VPC as `existing` describes it, with a transit gateway as its way out. */
const fitting: FoundNetwork = {
  vpc: {cidrs: ['8.8.0.0/16'], dnsSupport: true, dnsHostnames: true},
  subnets: [...existing.publicSubnets, ...existing.applicationSubnets, ...existing.dataSubnets].map((id, index) => ({
    id,
    vpcId: 'vpc-0a',
    zone: `eu-west-1${index % 2 === 0 ? 'a' : 'b'}`,
    freeAddresses: 200,
  })),
  routeTables: [
    {subnetIds: [], main: true, defaultTarget: 'tgw-1'},
    {subnetIds: existing.publicSubnets, main: false, defaultTarget: 'igw-1'},
  ],
}

const accepted: Case[] = [
  {of: 'the right account', settings: {account: '111122223333'}, says: /^$/},
  {
    of: 'a certificate with a wildcard',
    settings: {domain: {...hosts, certificate}},
    world: (world) => world.certificates.set(certificate, {...issued, names: ['*.example.com']}),
    says: /^$/,
  },
  {
    of: 'a hosted zone above the name',
    settings: {domain: {...hosts, hostedZone: 'Z1', piranaHost: 'pirana.example.com'}},
    world: (world) =>
      world.hostedZones.set('Z1', {id: 'Z1', domain: 'example.com', private: false, nameServers: ['ns-1.example.net']}),
    says: /^$/,
  },
  {
    of: 'an existing VPC without NAT, whatever its range',
    settings: {network: {nat: 'none', existing}},
    world: (world) => (world.existing = fitting),
    says: /^$/,
  },
]

describe('preflight', () => {
  for (const {of, settings, world: arrange, says} of refused) {
    it(`refuses ${of}, and nothing was changed`, async () => {
      const world = new World()
      arrange?.(world)
      const ended = await runDeploy(world, {configuration: configured(settings)})
      assert.equal(ended.exitCode, 12)
      assert.equal(ended.code, 'PREFLIGHT_REFUSED')
      assert.match(ended.message, says)
      assert.deepEqual(mutations(world), [])
    })
  }

  for (const {of, settings, world: arrange} of accepted) {
    it(`accepts ${of}`, async () => {
      const world = new World()
      arrange?.(world)
      must(await runDeploy(world, {configuration: configured(settings), parts: ['foundation']}))
    })
  }

  it('tells every reason at once, with what to do', async () => {
    const world = new World()
    const ended = await runDeploy(world, {
      configuration: configured({account: '999999999999', domain: {}, network: {nat: 'none'}}),
    })
    assert.match(ended.message, /account: .*; listener: .*; way-out: /)
    assert.equal((ended.error as {suggestions: string[]}).suggestions.length, 3)
  })

  it('refuses an environment that a newer version made, naming the part', async () => {
    const world = new World()
    must(await runDeploy(world))
    world.stack('pi-demo-files')!.outputs['TemplateVersion'] = '1.10.0'
    world.log = []
    const ended = await runDeploy(world)
    assert.equal(ended.exitCode, 12)
    assert.match(ended.message, /a newer pi-aws made this environment \(files 1\.10\.0\)/)
    assert.deepEqual(mutations(world), [])
  })

  it('does not take its own VPC for a collision', async () => {
    const world = new World()
    must(await runDeploy(world))
    world.vpcRanges.push({vpcId: 'vpc-demo-1', name: 'pi-demo-network', cidr: '10.20.0.0/16'})
    must(await runDeploy(world, {secrets: {}}))
    world.stack('pi-demo-network')!.status = 'UPDATE_ROLLBACK_COMPLETE'
    must(await runDeploy(world, {secrets: {}}))
  })

  it('does not take the VPC that another run is just making for a collision', async () => {
    const world = new World()
    world.vpcRanges.push({vpcId: 'vpc-new', name: '', cidr: '10.20.0.0/16', environment: 'demo'})
    must(await runDeploy(world))
  })

  it('takes the VPC of another environment for one', async () => {
    const world = new World()
    world.vpcRanges.push({vpcId: 'vpc-new', name: '', cidr: '10.20.0.0/16', environment: 'prod'})
    assert.match((await runDeploy(world)).message, /overlaps 10\.20\.0\.0\/16 of vpc-new/)
  })

  it('looks again at range and zones when the network has to be made again', async () => {
    const world = new World()
    world.fail('pi-demo-network', 'create', {logicalId: 'Nat', reason: 'no'})
    await runDeploy(world)
    world.vpcRanges.push({vpcId: 'vpc-2', name: 'office', cidr: '10.20.0.0/16'})
    assert.equal((await runDeploy(world)).code, 'PREFLIGHT_REFUSED')
  })

  it('refuses templates that CloudFormation would not take, and a package without one', async () => {
    const big = new World()
    big.templates.set('foundation.yaml', `${big.templates.get('foundation.yaml') ?? ''}#${'x'.repeat(51_200)}`)
    const ended = await runDeploy(big)
    assert.equal(ended.code, 'TEMPLATE_TOO_LARGE')
    assert.match(ended.message, /foundation\.yaml too large: \d+ bytes, CloudFormation takes 51200/)
    const huge = new World()
    huge.templates.set('app/service.yaml', 'x'.repeat(1_048_577))
    assert.equal((await runDeploy(huge)).code, 'TEMPLATE_TOO_LARGE')
    const broken = new World()
    broken.templates.delete('app.yaml')
    assert.equal((await runDeploy(broken)).code, 'PACKAGE_INCOMPLETE')
  })

  it('counts a template without a version as the oldest', async () => {
    const world = new World()
    must(await runDeploy(world))
    world.templates.set(
      'operations.yaml',
      (world.templates.get('operations.yaml') ?? '').replace(/ *TemplateVersion.*\n/, ''),
    )
    assert.equal((await runDeploy(world)).exitCode, 12)
  })
})
