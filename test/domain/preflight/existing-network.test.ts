import assert from 'node:assert/strict'
import {type FoundNetwork, networkProblems, waysOut} from '../../../src/domain/preflight/existing-network.ts'

const wanted = {
  vpc: 'vpc-1',
  cidr: '10.0.0.0/16',
  publicSubnets: ['subnet-p1', 'subnet-p2'],
  applicationSubnets: ['subnet-a1', 'subnet-a2'],
  dataSubnets: ['subnet-d1', 'subnet-d2'],
}

function found(change: (network: Mutable) => void = () => undefined): FoundNetwork {
  const network: Mutable = {
    vpc: {cidrs: ['10.0.0.0/16', '10.1.0.0/16'], dnsSupport: true, dnsHostnames: true},
    subnets: ['p1', 'p2', 'a1', 'a2', 'd1', 'd2'].map((name) => ({
      id: `subnet-${name}`,
      vpcId: 'vpc-1',
      zone: `eu-west-1${name.endsWith('1') ? 'a' : 'b'}`,
      freeAddresses: 100,
    })),
    routeTables: [
      {subnetIds: [], main: true, defaultTarget: 'nat-1'},
      {subnetIds: ['subnet-p1', 'subnet-p2'], main: false, defaultTarget: 'igw-1'},
    ],
  }
  change(network)
  return network
}

interface Mutable {
  vpc: {cidrs: string[]; dnsSupport: boolean; dnsHostnames: boolean} | undefined
  subnets: {id: string; vpcId: string; zone: string; freeAddresses: number}[]
  routeTables: {subnetIds: string[]; main: boolean; defaultTarget?: string}[]
}

const subnet = (network: Mutable, id: string): Mutable['subnets'][number] =>
  network.subnets.find((one) => one.id === id) as Mutable['subnets'][number]

const table: readonly (readonly [what: string, change: (network: Mutable) => void, problem: RegExp])[] = [
  ['no such VPC', (network) => (network.vpc = undefined), /^vpc-1 does not exist/],
  [
    'another range',
    (network) => (network.vpc!.cidrs = ['10.9.0.0/16']),
    /^vpc-1 has 10\.9\.0\.0\/16, not 10\.0\.0\.0\/16$/,
  ],
  ['no resolver', (network) => (network.vpc!.dnsSupport = false), /enableDnsSupport/],
  ['no names', (network) => (network.vpc!.dnsHostnames = false), /enableDnsHostnames/],
  [
    'a subnet that is gone',
    (network) => network.subnets.splice(4, 1),
    /^data subnet subnet-d1 does not exist;.*no data subnet/,
  ],
  [
    'a subnet of another VPC',
    (network) => (subnet(network, 'subnet-a1').vpcId = 'vpc-2'),
    /^application subnet subnet-a1 lies in vpc-2$/,
  ],
  [
    'a full subnet',
    (network) => (subnet(network, 'subnet-p2').freeAddresses = 7),
    /^public subnet subnet-p2 has 7 free addresses/,
  ],
  [
    'two subnets in a zone',
    (network) => (subnet(network, 'subnet-d2').zone = 'eu-west-1a'),
    /^two data subnets lie in eu-west-1a; eu-west-1b has an application subnet and no data subnet$/,
  ],
  [
    'a zone without a public subnet',
    (network) => (subnet(network, 'subnet-p2').zone = 'eu-west-1c'),
    /eu-west-1b has an application subnet and no public one/,
  ],
  [
    'public subnets without the internet',
    (network) => (network.routeTables[1]!.defaultTarget = 'nat-1'),
    /^public subnet subnet-p1 has no route to an internet gateway; public subnet subnet-p2/,
  ],
]

describe('an existing network', () => {
  it('that is as it should be has no problem', () => {
    assert.deepEqual(networkProblems(wanted, found()), [])
  })

  for (const [what, change, problem] of table) {
    it(`with ${what} is told`, () => {
      assert.match(networkProblems(wanted, found(change)).join('; '), problem)
    })
  }

  it('lets tasks out through NAT, transit gateways and the like, told by subnet', () => {
    assert.deepEqual(waysOut(wanted, found()), [
      {subnet: 'subnet-a1', target: 'nat-1'},
      {subnet: 'subnet-a2', target: 'nat-1'},
    ])
  })

  it('lets no task out without a route, or through a gateway that wants public addresses', () => {
    const closed = found((network) => {
      network.routeTables = [
        {subnetIds: ['subnet-a1'], main: false},
        {subnetIds: ['subnet-a2'], main: false, defaultTarget: 'igw-1'},
      ]
    })
    assert.deepEqual(
      waysOut(wanted, closed).map(({target, why}) => [target, why]),
      [
        [undefined, 'no route to 0.0.0.0/0'],
        [undefined, 'igw-1 is of no use to tasks, which have no public address'],
      ],
    )
    assert.equal(waysOut(wanted, {...closed, routeTables: []})[0]?.why, 'no route to 0.0.0.0/0')
  })
})
