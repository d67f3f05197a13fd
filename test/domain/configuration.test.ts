import assert from 'node:assert/strict'
import fc from 'fast-check'
import * as z from 'zod'
import {configurationFileSchema, configurationSchema} from '../../src/domain/configuration.ts'
import {environmentOf, faultsOf} from './samples.ts'

const certificate = 'arn:aws:acm:eu-west-1:123456789012:certificate/0a1b'
const subnets = ['subnet-0a', 'subnet-0b']
const existing = {
  vpc: 'vpc-0a',
  cidr: '10.0.0.0/16',
  publicSubnets: subnets,
  applicationSubnets: subnets,
  dataSubnets: subnets,
}

/** A key: values that are taken and values that are not. */
interface Key {
  readonly name: string
  readonly wrap: (value: unknown) => object
  readonly good: readonly unknown[]
  readonly bad: readonly unknown[]
}
const rows: readonly (readonly [string, Key['wrap'], readonly unknown[], readonly unknown[]])[] = [
  ['region', (region) => ({region}), ['eu-west-1', 'us-gov-east-1'], ['', 'europe', 1, null, 'EU-WEST-1']],
  ['account', (account) => ({account}), ['123456789012', '000000000000'], [123_456_789_012, '12345', '', null]],
  ['preset', (preset) => ({preset}), ['small', 'standard', 'large'], ['tiny', '', 1]],
  ['compute', (compute) => ({compute}), ['fargate', 'fargate-spot', 'ec2'], ['lambda', null]],
  [
    'network.cidr',
    (cidr) => ({network: {cidr}}),
    ['10.20.0.0/16', '192.168.0.0/22'],
    ['10.20.0.0/15', '10.20.0.0/23', '10.20.0.1/16', 'x', 10],
  ],
  [
    'network.zones',
    (zones) => ({network: {zones}}),
    [2, 3, ['eu-west-1a', 'eu-west-1b']],
    [1, 4, '2', ['a'], ['a', 'b', 'c', 'd'], null],
  ],
  ['network.nat', (nat) => ({network: {nat}}), ['one', 'per-zone', 'none'], ['two', true]],
  [
    'network.clients',
    (clients) => ({network: {clients}}),
    ['0.0.0.0/0', '203.0.113.7/32'],
    ['203.0.113.7', ['0.0.0.0/0']],
  ],
  [
    'network.existing',
    (value) => ({network: {existing: value}}),
    [existing],
    [{}, {...existing, vpc: 'x'}, {...existing, dataSubnets: ['subnet-1']}, {...existing, other: 1}],
  ],
  [
    'domain.host',
    (host) => ({domain: {host}}),
    ['bi.example.com', 'a.io'],
    ['localhost', 'BI.example.com', 'bi..com', '-a.com', `${'a'.repeat(250)}.com`, 'a b.com', 'bi.example.com.'],
  ],
  ['domain.piranaHost', (piranaHost) => ({domain: {piranaHost}}), ['p.example.com'], ['p']],
  [
    'domain.hostedZone',
    (hostedZone) => ({domain: {hostedZone}}),
    ['Z0123456789ABCDEFGHIJ'],
    ['example.com', 'z1', '/hostedzone/Z1'],
  ],
  [
    'domain.certificate',
    (value) => ({domain: {certificate: value}}),
    [certificate],
    ['arn:aws:iam::1:x', certificate.replace('acm', 'iam')],
  ],
  ['domain.httpOnly', (httpOnly) => ({domain: {httpOnly}}), [true, false], ['true', 1]],
  [
    'images.registry',
    (registry) => ({images: {registry}}),
    ['ghcr.io/pi-cr', 'localhost:5000/a/b'],
    ['ghcr.io/pi-cr:tag', 'https://ghcr.io', ''],
  ],
  ['images.login', (login) => ({images: {login}}), ['secret', 'role'], ['password', true]],
  [
    'parameters',
    (parameters) => ({parameters}),
    [{WafMode: 'block'}, {ScaleCpuPercent: 70}, {ExecEnabled: true}, {}],
    [{wafMode: 'x'}, {'A-B': 'x'}, {A: null}, {A: []}],
  ],
  ['images.tag', (tag) => ({images: {tag}}), ['2026_10', 'v1.2'], [2026, '', 'a b', `a${'b'.repeat(128)}`]],
  [
    'services.dashboard.cpu',
    (cpu) => ({services: {dashboard: {cpu, memory: 4096}}}),
    [512, 1024, 2048],
    [1000, '1024', 0],
  ],
  [
    'services.dashboard.memory',
    (memory) => ({services: {dashboard: {cpu: 1024, memory}}}),
    [2048, 8192],
    [511, 61_441, 2048.5, '2048', 2049],
  ],
  ['services.renderer.min', (min) => ({services: {renderer: {min, max: 50}}}), [0, 1, 50], [-1, 51, 1.5]],
  ['services.renderer.max', (max) => ({services: {renderer: {min: 0, max}}}), [1, 50], [0, 51]],
  [
    'services.scheduler',
    (scheduler) => ({services: {scheduler}}),
    [{cpu: 512, memory: 1024}, {}],
    [{min: 1, max: 2}, {max: 2}],
  ],
  ['services.adminer', (adminer) => ({services: {adminer}}), [{enabled: true}], [{enabled: 'yes'}, {min: 1, max: 1}]],
  ['services.*', (value) => ({services: value}), [{}], [{dashbaord: {}}, []]],
  [
    'services.pirana.environment',
    (environment) => ({services: {pirana: {environment}}}),
    [{A: 'x', _b: ''}],
    [{'A-B': 'x'}, {'1A': 'x'}, {A: 'x\ny'}, {A: 1}, {A: 'x\0'}],
  ],
  ['database.class', (value) => ({database: {class: value}}), ['db.t4g.medium'], ['t4g.medium', 'db.t4g', '']],
  ['database.storage', (storage) => ({database: {storage, maxStorage: 65_536}}), [20, 59_000], [19, 65_537, 20.5]],
  ['database.multiAz', (multiAz) => ({database: {multiAz}}), [true], ['true']],
  ['database.backupDays', (backupDays) => ({database: {backupDays}}), [1, 35], [0, 36]],
  ['files.uid', (uid) => ({files: {uid}}), [0, 4_294_967_294], [-1, 4_294_967_295]],
  ['files.gid', (gid) => ({files: {gid}}), [0, 1000], [-1, 'root']],
  ['files.throughput', (throughput) => ({files: {throughput}}), ['elastic', 'bursting'], ['provisioned']],
  [
    'backup.schedule',
    (schedule) => ({backup: {schedule}}),
    ['cron(0 3 * * ? *)'],
    ['0 3 * * *', 'cron()', 'rate(1 day)'],
  ],
  ['backup.keepDays', (keepDays) => ({backup: {keepDays}}), [1, 3650], [0, 3651]],
  ['waf', (waf) => ({waf}), [true, false], ['on']],
  ['logDays', (logDays) => ({logDays}), [1, 731], [2, 0, '30']],
  ['notify', (notify) => ({notify}), ['ops@example.com'], ['ops', 'a@b', '']],
  [
    'roles.permissionsBoundary',
    (permissionsBoundary) => ({roles: {permissionsBoundary}}),
    ['arn:aws:iam::123456789012:policy/b', 'arn:aws-cn:iam::123456789012:policy/a/b'],
    ['b', 'arn:aws:iam::123456789012:role/b'],
  ],
  ['roles.path', (value) => ({roles: {path: value}}), ['/', '/team/', '/a/b/'], ['team', '/team', 'team/', '//\n/']],
  [
    'tags',
    (tags) => ({tags}),
    [{team: 'a'}, {}],
    [{'aws:x': 'a'}, {'PI:x': 'a'}, {['x'.repeat(129)]: 'a'}, {x: 'y'.repeat(257)}, {x: 1}],
  ],
]
const keys = rows.map(([name, wrap, good, bad]): Key => ({name, wrap, good, bad}))

describe('the configuration', () => {
  for (const {name, wrap, good, bad} of keys) {
    for (const value of good)
      it(`takes ${name}: ${JSON.stringify(value).slice(0, 50)}`, () => assert.deepEqual(faultsOf(wrap(value)), []))
    for (const value of bad) {
      it(`refuses ${name}: ${JSON.stringify(value).slice(0, 50)}`, () => {
        const faults = faultsOf(wrap(value))
        assert.notDeepEqual(faults, [])
        // Where only half of a pair is wrong, the other half is not blamed.
        for (const fault of faults) assert(fault.startsWith(name.split('.')[0] ?? name), fault)
      })
    }
  }

  it('refuses unknown keys at every level', () => {
    for (const level of [
      {other: 1},
      {network: {other: 1}},
      {domain: {other: 1}},
      {images: {other: 1}},
      {services: {dashboard: {other: 1}}},
      {database: {other: 1}},
      {files: {other: 1}},
      {backup: {other: 1}},
      {roles: {other: 1}},
    ]) {
      assert.match(faultsOf(level).join(), /[Uu]nrecognized key/, JSON.stringify(level))
    }
  })

  it('needs nothing but a region', () => {
    const {region, preset, compute, ...others} = environmentOf()
    assert.deepEqual([region, preset, compute], ['eu-west-1', 'small', 'fargate'])
    for (const [name, value] of Object.entries(others)) assert.deepEqual(value, {}, name)
  })

  for (const name of [
    'DB_PASSWORD',
    'api_token',
    'My_Secret',
    'PI_LICENCE',
    'LICENSE',
    'PRIVATE_KEY',
    'AWS_CREDENTIALS',
    'passwd',
  ]) {
    it(`refuses the variable ${name}, which sounds like a secret`, () => {
      assert.match(faultsOf({services: {dashboard: {environment: {[name]: 'x'}}}}).join(), /sounds like a secret/)
    })
  }

  for (const name of ['', 'A', 'a b', 'a--b', 'x'.repeat(21), '1a', 'ä', '../a']) {
    it(`refuses the environment name ${JSON.stringify(name)}`, () => {
      assert(!configurationSchema.safeParse({version: 1, environments: {[name]: {region: 'eu-west-1'}}}).success)
    })
  }

  it('refuses a format that it does not know', () => {
    for (const version of [0, 2, '1', null, undefined])
      assert(!configurationSchema.safeParse({version, environments: {}}).success)
  })

  it('never breaks, whatever it is given', () => {
    fc.assert(fc.property(fc.anything(), (value) => void configurationSchema.safeParse(value)))
    fc.assert(fc.property(fc.anything(), (value) => void faultsOf({network: value, services: value, tags: value})))
  })

  it('explains each of its keys in the published schema', () => {
    interface Node {
      readonly description?: string
      readonly properties?: Readonly<Record<string, Node>>
      readonly additionalProperties?: Node | boolean
    }
    const mute: string[] = []
    let seen = 0
    const look = (node: Node, path: string): void => {
      for (const [key, inner] of Object.entries(node.properties ?? {})) {
        seen += 1
        if (inner.description === undefined) mute.push(`${path}.${key}`)
        look(inner, `${path}.${key}`)
      }
      if (typeof node.additionalProperties === 'object') look(node.additionalProperties, `${path}.*`)
    }
    look(z.toJSONSchema(configurationFileSchema, {io: 'input'}) as Node, '')
    assert(seen > 50, `only ${seen} keys were found`)
    assert.deepEqual(mute, [])
  })
})

describe('what does not fit together', () => {
  const table: readonly (readonly [why: string, values: object, fault: RegExp | undefined])[] = [
    ['CPU without memory', {services: {pirana: {cpu: 512}}}, /^services\.pirana\.cpu: needs memory beside it/],
    ['memory without CPU', {services: {pirana: {memory: 1024}}}, /^services\.pirana\.memory: needs cpu beside it/],
    ['a floor without a ceiling', {services: {pirana: {min: 1}}}, /^services\.pirana\.min: needs max/],
    ['a ceiling without a floor', {services: {pirana: {max: 1}}}, /^services\.pirana\.max: needs min/],
    [
      'a floor above the ceiling',
      {services: {pirana: {min: 3, max: 2}}},
      /^services\.pirana\.min: is 3, more than max, which is 2$/,
    ],
    ['a floor at the ceiling', {services: {pirana: {min: 2, max: 2}}}, undefined],
    [
      'memory that Fargate does not take',
      {services: {dashboard: {cpu: 1024, memory: 9216}}},
      /Fargate takes no 9216 MiB with 1024 CPU units, but 2048 to 8192 in steps of 1024/,
    ],
    [
      'the same on Spot',
      {compute: 'fargate-spot', services: {dashboard: {cpu: 1024, memory: 9216}}},
      /Fargate takes no/,
    ],
    ['the same on instances', {compute: 'ec2', services: {dashboard: {cpu: 1024, memory: 9216}}}, undefined],
    ['the hole in the smallest size', {services: {adminer: {cpu: 256, memory: 1536}}}, /Fargate takes no 1536/],
    ['storage without its bound', {database: {storage: 50}}, /^database\.storage: needs maxStorage/],
    ['a bound too near', {database: {storage: 100, maxStorage: 109}}, /^database\.maxStorage: must be at least 110/],
    ['a bound just far enough', {database: {storage: 100, maxStorage: 110}}, undefined],
    [
      'a subnet named twice',
      {network: {existing: {...existing, publicSubnets: ['subnet-1', 'subnet-1']}}},
      /^network\.existing\.publicSubnets: names a subnet twice/,
    ],
    [
      'tiers over different zones',
      {network: {existing: {...existing, dataSubnets: ['subnet-1', 'subnet-2', 'subnet-3']}}},
      /^network\.existing\.dataSubnets: must be as many as applicationSubnets/,
    ],
  ]
  for (const [why, values, fault] of table) {
    it(`${fault === undefined ? 'is not' : 'is'} ${why}`, () => {
      const faults = faultsOf(values)
      if (fault === undefined) assert.deepEqual(faults, [])
      else assert.match(faults.join('\n'), fault)
    })
  }
})
