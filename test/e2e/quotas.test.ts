import assert from 'node:assert/strict'
import {CloudFormationClient, DescribeStacksCommand} from '@aws-sdk/client-cloudformation'
import {
  AllocateAddressCommand,
  CreateNatGatewayCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import {ListBucketsCommand, S3Client} from '@aws-sdk/client-s3'
import {Embedded} from '../helpers/e2e.ts'
import {accountCounts} from '../helpers/e2e-counts.ts'
import type {DeployJson} from '../helpers/e2e-results.ts'

interface Row {
  readonly key: string
  readonly limit: number | null
  readonly used: number | null
  readonly need: number
  readonly headroom: number | null
  readonly verdict: string
  readonly reason: string
}
interface Check {
  readonly mode: string
  readonly verdict: string
  readonly rows: readonly Row[]
}

/** The quotas side of an embedded AWS, and the command that looks at it. */
class Quotas {
  readonly #cloud: Embedded
  readonly config: string

  constructor(cloud: Embedded, settings: object = {}) {
    this.#cloud = cloud
    this.config = cloud.config({firm: settings})
  }

  async order(body: object): Promise<void> {
    const answer = await fetch(`${this.#cloud.endpoint}/_pi/quotas`, {method: 'POST', body: JSON.stringify(body)})
    assert.equal(answer.status, 200, await answer.text())
  }

  async reset(): Promise<void> {
    await fetch(`${this.#cloud.endpoint}/_pi/quotas`, {method: 'DELETE'})
  }

  on(...words: readonly string[]): readonly string[] {
    return [...words, '--local', '--config', this.config]
  }

  async check(...args: readonly string[]): Promise<Check & {readonly code: number | null; readonly stderr: string}> {
    const ended = await this.#cloud.run([...this.on('quotas', 'check', 'firm'), '--json', ...args])
    return {...ended.json<Check>(), code: ended.code, stderr: ended.stderr}
  }
}

function rowOf({rows}: Check, key: string): Row {
  const found = rows.find((one) => one.key === key)
  assert.ok(found !== undefined, `${key} is not among ${rows.map((one) => one.key).join(', ')}`)
  return found
}

const needOfSmall = {
  vpc: ['L-F678F1CE', 1],
  ec2: ['L-0263D0A3', 1],
  fargate: ['L-3032A538', 4],
  rds: ['L-7B6409FD', 1],
} as const

describe('what a deploy makes', function () {
  this.timeout(240_000)
  for (const preset of ['small', 'standard', 'large']) {
    it(`of ${preset} is what was said to be needed, row by row`, async () => {
      const cloud = await Embedded.start(0, 'new account')
      try {
        const quotas = new Quotas(cloud, {preset})
        if (preset === 'small') {
          // Exactly enough of each: the account has one VPC and its gateway already.
          for (const [service, [code, need]] of Object.entries(needOfSmall))
            await quotas.order({service, code, value: service === 'vpc' ? need + 1 : need})
        } else await quotas.order({service: 'fargate', code: 'L-3032A538', value: 100})
        const found = await quotas.check()
        assert.equal(found.code, 0, JSON.stringify(found))
        const before = await accountCounts(cloud)
        await cloud.ok<DeployJson>(...quotas.on('deploy', 'firm', '--yes'))
        const after = await accountCounts(cloud)
        const keys = Object.keys(after)
        const made = Object.fromEntries(keys.map((key) => [key, (after[key] ?? 0) - (before[key] ?? 0)]))
        assert.deepEqual(made, Object.fromEntries(keys.map((key) => [key, rowOf(found, key).need])))

        const again = await quotas.check()
        assert.equal(again.code, 0, JSON.stringify(again))
        // What runs is replaced by a release, which is the next deploy's need; everything else stands.
        const moving = ['fargate-vcpu', 'network-interfaces']
        for (const key of keys) {
          const row = rowOf(again, key)
          if (!moving.includes(key)) assert.equal(row.need, 0, `${key} still needs ${row.need}`)
          if (key !== 'alarms') assert.equal(row.used, after[key], `${key} is counted otherwise`)
        }
      } finally {
        await cloud.stop()
      }
    })
  }
})

describe('quotas on the embedded AWS', function () {
  this.timeout(240_000)
  let cloud: Embedded
  let quotas: Quotas
  before(async () => {
    cloud = await Embedded.start(0, 'new account')
    quotas = new Quotas(cloud)
  })
  after(() => cloud?.stop())
  afterEach(() => quotas.reset())

  const standing = async (): Promise<readonly string[]> => {
    const {Stacks = []} = await cloud.client(CloudFormationClient).send(new DescribeStacksCommand({}))
    const {Buckets = []} = await cloud.client(S3Client).send(new ListBucketsCommand({}))
    return [...Stacks.map(({StackName}) => StackName ?? ''), ...Buckets.map(({Name}) => Name ?? '')]
  }

  for (const [service, [code, need]] of Object.entries(needOfSmall)) {
    it(`a deploy refuses where ${service} ${code} is one too small, and nothing is created`, async () => {
      const used = service === 'vpc' ? 1 : 0
      await quotas.order({service, code, value: used + need - 1})
      const before = await standing()
      const error = await cloud.fails(12, quotas.on('deploy', 'firm', '--yes'))
      assert.equal(error.code, 'PREFLIGHT_REFUSED')
      assert.ok(error.message.includes(`${service} ${code}`), error.message)
      assert.ok(
        error.suggestions.some((one) => one.startsWith('pi-aws quotas request ')),
        error.suggestions.join(),
      )
      assert.deepEqual(await standing(), before)
    })
  }

  it('counts what is there already, in the zone that is worst', async () => {
    const ec2 = cloud.client(EC2Client)
    const {Vpc} = await ec2.send(new CreateVpcCommand({CidrBlock: '10.90.0.0/16'}))
    for (const third of [91, 92]) await ec2.send(new CreateVpcCommand({CidrBlock: `10.${third}.0.0/16`}))
    const {Subnet} = await ec2.send(
      new CreateSubnetCommand({VpcId: Vpc?.VpcId, CidrBlock: '10.90.1.0/24', AvailabilityZone: 'eu-west-1a'}),
    )
    for (let index = 0; index < 5; index += 1) {
      const {AllocationId} = await ec2.send(new AllocateAddressCommand({Domain: 'vpc'}))
      await ec2.send(new CreateNatGatewayCommand({SubnetId: Subnet?.SubnetId, AllocationId}))
    }
    const found = await quotas.check()
    assert.deepEqual([found.code, found.verdict, found.mode], [3, 'SHORT', 'deploy'])
    const vpcs = rowOf(found, 'vpcs')
    assert.deepEqual([vpcs.limit, vpcs.used, vpcs.need, vpcs.headroom, vpcs.verdict], [5, 4, 1, 0, 'TIGHT'])
    const addresses = rowOf(found, 'elastic-ips')
    assert.deepEqual([addresses.used, addresses.headroom, addresses.verdict], [5, -1, 'SHORT'])
    const gateways = rowOf(found, 'nat-gateways')
    assert.deepEqual([gateways.used, gateways.verdict], [5, 'SHORT'])
    assert.match(gateways.reason, /eu-west-1a: 5 of 5 are used, 1 more is needed, 1 too many/)
    assert.deepEqual(
      found.rows.slice(0, 2).map(({verdict}) => verdict),
      ['SHORT', 'SHORT'],
    )
    await quotas.order({service: 'vpc', code: 'L-FE5A380F', value: 6})
    await quotas.order({service: 'ec2', code: 'L-0263D0A3', value: 6})
    assert.equal((await quotas.check()).code, 0)
  })

  it('a denied list of limits is UNKNOWN and ends 3, and 0 where that is allowed', async () => {
    await quotas.order({service: 'vpc', deny: true})
    await quotas.order({service: 'ec2', code: 'L-0263D0A3', value: 10})
    const found = await quotas.check()
    assert.deepEqual([found.code, found.verdict], [3, 'UNKNOWN'])
    const row = rowOf(found, 'subnets')
    assert.deepEqual([row.verdict, row.limit], ['UNKNOWN', 200])
    assert.match(row.reason, /servicequotas:ListServiceQuotas|not authorized/)
    assert.equal((await quotas.check('--allow-unknown')).code, 0)
  })

  it('where only defaults can be read they are taken', async () => {
    await quotas.order({service: 'vpc', code: 'L-F678F1CE', applied: false})
    const found = (await quotas.check()).rows.find(({key}) => key === 'vpcs')
    assert.equal((found as unknown as {limitSource: string}).limitSource, 'default')
  })

  it('answers though every second call is throttled', async () => {
    await quotas.order({service: 'ec2', code: 'L-0263D0A3', value: 10})
    await quotas.order({service: 'vpc', code: 'L-FE5A380F', value: 10})
    await quotas.order({throttleEvery: 2})
    assert.equal((await quotas.check()).code, 0)
  })

  it("shows how Fargate's 6 vCPU are too few for a release of standard, and what helps", async () => {
    const standard = new Quotas(cloud, {preset: 'standard'})
    await quotas.order({service: 'ec2', code: 'L-0263D0A3', value: 10})
    const ended = await cloud.run(standard.on('quotas', 'check', 'firm', '--for', 'update'))
    assert.equal(ended.code, 3, ended.stderr)
    assert.match(ended.stdout, /SHORT +fargate-vcpu +6 +0 +19 +-13/)
    assert.match(ended.stdout, /pi-aws quotas request fargate-vcpu --to 19 --environment firm/)
    assert.match(ended.stdout, /old and new tasks side by side: renderer \(4 tasks, 200 %\), pirana/)
    assert.match(ended.stdout, /preset: small/)
    quotas = new Quotas(cloud)
  })

  it('asks AWS once for more, and shows the open request the second time', async () => {
    await quotas.order({holdRequests: true})
    const ask = (...more: string[]) => quotas.on('quotas', 'request', 'fargate-vcpu', '--environment', 'firm', ...more)
    interface Asked {
      readonly made: boolean
      readonly request: {readonly id: string; readonly desired: number; readonly status: string}
    }
    const first = await cloud.ok<Asked>(...ask('--to', '16'))
    assert.deepEqual([first.made, first.request.desired, first.request.status], [true, 16, 'PENDING'])
    const second = await cloud.ok<Asked>(...ask('--to', '20'))
    assert.deepEqual([second.made, second.request.id], [false, first.request.id])
    const history = await cloud.ok<{requests: readonly {key?: string; id: string}[]}>(
      ...quotas.on('quotas', 'history', 'firm'),
    )
    assert.deepEqual(
      history.requests.map(({key, id}) => [key, id]),
      [['fargate-vcpu', first.request.id]],
    )
  })

  it('tells the way out of a short quota by a command that works', async () => {
    await quotas.order({service: 'ec2', code: 'L-0263D0A3', value: 10})
    await quotas.order({service: 'vpc', code: 'L-FE5A380F', value: 10})
    const standard = new Quotas(cloud, {preset: 'standard'})
    const refused = await cloud.run(standard.on('deploy', 'firm', '--yes'))
    assert.equal(refused.code, 12, refused.stderr)
    const command = /pi-aws (quotas request fargate-vcpu --to 7 .*--local.*)/.exec(refused.stderr)?.[1]
    assert.ok(command !== undefined, refused.stderr)
    const granted = await cloud.run(command.split(' '))
    assert.equal(granted.code, 0, granted.stderr)
    assert.match(granted.stdout, /AWS granted 7 of fargate-vcpu/)
    const ready = await cloud.run([...standard.on('preflight', 'firm'), '--json'])
    assert.equal(ready.code, 0, ready.stdout)
    assert.equal(rowOf(await standard.check(), 'fargate-vcpu').limit, 7)
    quotas = new Quotas(cloud)
  })

  it('refuses what cannot be asked for', async () => {
    const ask = (key: string, ...more: string[]) =>
      quotas.on('quotas', 'request', key, '--environment', 'firm', ...more)
    assert.equal((await cloud.fails(5, ask('vpc', '--to', '9'))).code, 'UNKNOWN_QUOTA')
    assert.equal((await cloud.fails(12, ask('backup-plans', '--to', '900'))).code, 'QUOTA_FIXED')
    assert.equal((await cloud.fails(12, ask('alarms', '--to', '9000'))).code, 'QUOTA_FIXED')
    assert.equal((await cloud.fails(2, ask('vpcs', '--to', '5'))).code, 'QUOTA_VALUE_TOO_LOW')
    assert.equal((await cloud.fails(2, ask('roles'))).code, 'QUOTA_VALUE_TOO_LOW')
    assert.equal((await cloud.fails(2, ask('vpcs', '--to', '0'))).exitCode, 2)
  })

  it('lists every quota with its limit', async () => {
    await quotas.order({service: 'vpc', code: 'L-F678F1CE', value: 17})
    const {rows} = await cloud.ok<{rows: readonly {key: string; limit: number | null; limitSource: string}[]}>(
      ...quotas.on('quotas', 'list', 'firm'),
    )
    const vpcs = rows.find(({key}) => key === 'vpcs')
    assert.deepEqual([vpcs?.limit, vpcs?.limitSource], [17, 'applied'])
    assert.ok(rows.length > 50)
  })
})
