import assert from 'node:assert/strict'
import {AccessError, FailedError} from '../../../src/domain/errors.ts'
import type {Thing} from '../../../src/domain/quotas/model.ts'
import {quotaCalled} from '../../../src/domain/quotas/rows.ts'
import {Asked} from '../../../src/flows/quotas/asked.ts'
import {parseEnvironmentName} from '../../../src/domain/names.ts'
import {quotasCheck, type QuotasCheck} from '../../../src/flows/quotas/check.ts'
import {limitOf} from '../../../src/flows/quotas/facts.ts'
import {quotasList} from '../../../src/flows/quotas/list.ts'
import {quotasHistory, quotasRequest} from '../../../src/flows/quotas/request.ts'
import {configured, demo, must, runDeploy, runFlow} from '../../helpers/fake-aws/scenario.ts'
import {World} from '../../helpers/fake-aws/world.ts'
import {packageTexts} from '../../helpers/package-templates.ts'

const denied = (what: string) => new AccessError(`not allowed: ${what}`, {code: 'ACCESS_DENIED'})

function account(): World {
  const world = new World()
  world.templates = packageTexts()
  return world
}

async function checked(
  world: World,
  mode: 'deploy' | 'update' | 'restore' = 'deploy',
  settings: Record<string, unknown> = {},
) {
  return runFlow(world, (ports, run) =>
    quotasCheck({environment: demo, configuration: configured(settings), mode}, ports, run),
  )
}

function rowOf({result}: QuotasCheck, key: string) {
  const found = result.rows.find((row) => row.key === key)
  assert.ok(found !== undefined, key)
  return found
}

describe('quotas check', () => {
  it('weighs every quota that the environment meets, and asks each question once', async () => {
    const world = account()
    const ended = await checked(world)
    const {result} = must(ended)
    assert.deepEqual([result.mode, result.verdict], ['deploy', 'OK'])
    assert.ok(result.rows.length > 40)
    assert.equal(new Set(world.account.asked).size, world.account.asked.length, world.account.asked.join())
    assert.ok(
      ended.events.some(
        (event) => event.type === 'step.finished' && /\d+ quotas, \d+ AWS calls/.test(event.detail ?? ''),
      ),
    )
  })

  it('refuses another account than the environment lives in', async () => {
    assert.equal((await checked(account(), 'deploy', {account: '999999999999'})).code, 'WRONG_ACCOUNT')
  })

  it('gives what helps under each that is short', async () => {
    const world = account()
    world.account.applied.set('L-F678F1CE', 0)
    const {result, advice} = must(await checked(world))
    assert.deepEqual([result.verdict, result.rows[0]?.key], ['SHORT', 'vpcs'])
    assert.equal(advice.get('vpcs')?.[0], 'pi-aws quotas request vpcs --to 1 --environment demo')
    assert.equal(advice.size, 1)
  })

  it('counts by list, by zone, each way and by kind', async () => {
    const world = account()
    const thing = (id: string, within: string, more: Partial<Thing> = {}): Thing => ({id, within, amount: 1, ...more})
    world.account.things.set('subnets', [thing('subnet-1', 'vpc-1', {kind: 'eu-west-1a'})])
    world.account.things.set('nat-gateways', [thing('nat-1', 'subnet-1'), thing('nat-2', 'subnet-9')])
    world.account.things.set('tasks', [
      thing('t1', 'c', {kind: 'fargate', amount: 1.5}),
      thing('t2', 'c', {kind: 'fargate-spot', amount: 8}),
    ])
    world.account.own.set('rds', {DBInstances: {limit: 40, used: 7}})
    const check = must(await checked(world))
    assert.equal(rowOf(check, 'nat-gateways').used, 1)
    assert.equal(rowOf(check, 'fargate-vcpu').used, 1.5)
    assert.equal(rowOf(check, 'databases').used, 7)
  })

  it('takes the larger of the count and the usage metric: EKS and Batch share the vCPU', async () => {
    const world = account()
    world.account.metrics.set('L-3032A538', {namespace: 'AWS/Usage', name: 'ResourceCount', dimensions: {}})
    world.account.highest.set('ResourceCount', 3)
    assert.deepEqual(
      [rowOf(must(await checked(world)), 'fargate-vcpu').used, must(await checked(world)).result.verdict],
      [3, 'SHORT'],
    )
    world.account.failures.set('metric ResourceCount', denied('cloudwatch:GetMetricStatistics'))
    assert.equal(rowOf(must(await checked(world)), 'fargate-vcpu').verdict, 'UNKNOWN')
  })

  it('is UNKNOWN where a list is refused, also one that only another is looked up in', async () => {
    const world = account()
    world.account.failures.set('list subnets', denied('ec2:DescribeSubnets'))
    world.account.failures.set('own rds', denied('rds:DescribeAccountAttributes'))
    const check = must(await checked(world))
    for (const key of ['subnets', 'nat-gateways', 'databases']) assert.equal(rowOf(check, key).verdict, 'UNKNOWN', key)
    assert.equal(check.result.verdict, 'UNKNOWN')
  })

  it('does not take a fault of its own for an answer', async () => {
    const world = account()
    world.account.failures.set('list vpcs', new TypeError('a bug'))
    assert.match((await checked(world)).message, /a bug/)
  })

  it('needs less of what stands, and asks the parents of lists that are ours', async () => {
    const world = account()
    world.templates = new World().templates
    must(await runDeploy(world))
    world.templates = packageTexts()
    const stack = world.stack('pi-demo-app')
    assert(stack !== undefined)
    const add = (logicalId: string, physicalId: string, type: string) => ({
      logicalId,
      physicalId,
      type,
      status: 'CREATE_COMPLETE',
    })
    world.stack('pi-demo-network')?.resources.push(add('Vpc', 'vpc-own', 'AWS::EC2::VPC'))
    world
      .stack('pi-demo-files')
      ?.resources.push(add('FileSystem', 'fs-own', 'AWS::EFS::FileSystem'), add('Gone', '', 'AWS::EFS::AccessPoint'))
    const nested = world.addStack('pi-demo-app-Cluster-1')
    nested.status = 'CREATE_COMPLETE'
    nested.resources.push(add('Cluster', 'own-cluster', 'AWS::ECS::Cluster'))
    stack.resources.push(add('Cluster', nested.id, 'AWS::CloudFormation::Stack'))
    const capacity = world.addStack('pi-demo-app-Capacity-1')
    capacity.status = 'CREATE_COMPLETE'
    capacity.resources.push(add('Instances', 'own-group', 'AWS::AutoScaling::AutoScalingGroup'))
    stack.resources.push(add('Capacity', capacity.id, 'AWS::CloudFormation::Stack'))
    world.account.things.set('access-points', [
      {id: 'ap-1', within: 'fs-own', amount: 1},
      {id: 'ap-2', within: 'fs-other', amount: 1},
    ])
    world.account.things.set('services', [
      {id: 'arn:other', within: 'own-cluster', amount: 1, counts: {desired: 2, running: 1, pending: 1}},
    ])
    world.account.things.set('instances', [{id: 'i-1', within: 'own-group', amount: 4, kind: 'standard'}])
    const check = must(await checked(world))
    assert.equal(rowOf(check, 'vpcs').need, 0)
    assert.equal(rowOf(check, 'access-points').used, 1)
    assert.equal(rowOf(check, 'services').used, 1)
  })
})

describe('quotas check with environments that are still to come', () => {
  const other = (name: string, settings: Record<string, unknown> = {}) => ({
    environment: parseEnvironmentName(name),
    configuration: configured(settings),
  })
  const weighed = (world: World, others: readonly ReturnType<typeof other>[]) =>
    runFlow(world, (ports, run) =>
      quotasCheck({environment: demo, configuration: configured(), mode: 'deploy', others}, ports, run),
    )

  it('counts what they will take of what both share, and says so', async () => {
    const world = account()
    world.account.applied.set('L-F678F1CE', 2)
    world.account.applied.set('L-3032A538', 100)
    const two = must(await weighed(world, [other('staging'), other('dev', {preset: 'standard'})]))
    const vpcs = rowOf(two, 'vpcs')
    assert.deepEqual([vpcs.used, vpcs.planned, vpcs.need, vpcs.headroom, vpcs.verdict], [0, 2, 1, -1, 'SHORT'])
    assert.equal(vpcs.reason, '0 of 2 are used, 2 more are planned, 1 more is needed, 1 too many')
    assert.equal(two.advice.get('vpcs')?.[0], 'pi-aws quotas request vpcs --to 3 --environment demo')
    assert.equal(rowOf(two, 'fargate-vcpu').planned, 4 + 7)
    assert.equal(rowOf(two, 'nat-gateways').planned, 2)
    assert.equal(rowOf(two, 'subnets').planned, 0, 'each has a VPC of its own')
    const one = must(await weighed(world, [other('staging')]))
    assert.deepEqual([rowOf(one, 'vpcs').planned, rowOf(one, 'vpcs').headroom], [1, 0])
    assert.equal('planned' in rowOf(must(await weighed(world, [])), 'vpcs'), false)
  })

  it('counts of one that stands in part only what is missing', async () => {
    const world = account()
    world.templates = new World().templates
    must(await runDeploy(world, {environment: parseEnvironmentName('half'), parts: ['foundation', 'network']}))
    world.templates = packageTexts()
    const found = must(await weighed(world, [other('half')]))
    assert.deepEqual([rowOf(found, 'vpcs').planned, rowOf(found, 'databases').planned], [0, 1])
  })

  for (const [what, name, settings] of [
    ['itself', 'demo', {}],
    ['one of another region', 'far', {region: 'us-east-1'}],
    ['one of another account', 'theirs', {account: '999988887777'}],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const world = account()
      const ended = await runFlow(world, (ports, run) => {
        const configuration = configured({account: '111122223333'})
        const others = [other(name, settings)]
        return quotasCheck({environment: demo, configuration, mode: 'deploy', others}, ports, run)
      })
      assert.deepEqual([ended.code, ended.exitCode], ['ELSEWHERE', 2], ended.message)
    })
  }
})

describe('the limit of a quota', () => {
  const limit = (world: World, key: string) => {
    const {serviceQuotas, inventory} = world.process().ports
    return limitOf(quotaCalled(key), new Asked({serviceQuotas, inventory}))
  }

  it('is the applied value, else the default of AWS, else the word of the service, else what ships', async () => {
    const world = account()
    world.account.applied.set('L-53DA6B97', 70)
    assert.deepEqual(await limit(world, 'load-balancers'), {value: 70, source: 'applied'})
    world.account.applied.clear()
    assert.deepEqual(await limit(world, 'load-balancers'), {value: 50, source: 'default'})
    world.account.unknown.add('L-53DA6B97')
    world.account.own.set('elasticloadbalancing', {'application-load-balancers': {limit: 60}})
    assert.deepEqual(await limit(world, 'load-balancers'), {value: 60, source: 'account'})
    world.account.own.clear()
    assert.deepEqual(await limit(world, 'load-balancers'), {value: 50, source: 'stale'})
  })

  it('is the word of the service where Service Quotas is refused', async () => {
    const world = account()
    world.account.failures.set('applied rds', denied('servicequotas:ListServiceQuotas'))
    world.account.failures.set('defaults rds', denied('servicequotas:ListAWSDefaultServiceQuotas'))
    world.account.own.set('rds', {DBInstances: {limit: 55, used: 0}})
    assert.deepEqual(await limit(world, 'databases'), {value: 55, source: 'account'})
  })

  it('is stale with the reason where everything is refused', async () => {
    const world = account()
    for (const question of ['applied rds', 'defaults rds', 'own rds'])
      world.account.failures.set(question, denied(question))
    assert.deepEqual(await limit(world, 'databases'), {value: 40, source: 'stale', failure: 'not allowed: applied rds'})
  })

  it('is listed for every quota', async () => {
    const world = account()
    world.account.failures.set('applied vpc', new FailedError('AWS cannot be reached.', {code: 'NETWORK_UNREACHABLE'}))
    world.account.failures.set('defaults vpc', new FailedError('AWS cannot be reached.', {code: 'NETWORK_UNREACHABLE'}))
    const {rows, region} = await quotasList({region: 'eu-west-1'}, world.process().ports)
    assert.equal(region, 'eu-west-1')
    assert.equal(rows.find(({key}) => key === 'vpcs')?.failure, 'AWS cannot be reached')
    const addresses = rows.find(({key}) => key === 'subnet-addresses')
    assert.deepEqual([addresses?.limit, addresses?.limitSource, addresses?.default], [null, 'template', null])
  })
})

describe('quotas request', () => {
  const ask = (world: World, key: string, to?: number, settings: Record<string, unknown> = {}) =>
    runFlow(world, (ports) => quotasRequest({environment: demo, configuration: configured(settings), key, to}, ports))

  it('asks once and shows what is open', async () => {
    const world = account()
    const first = must(await ask(world, 'vpcs', 9))
    assert.deepEqual([first.made, first.limit, first.request.desired, first.request.key], [true, 5, 9, 'vpcs'])
    const second = must(await ask(world, 'vpcs', 12))
    assert.deepEqual([second.made, second.request.desired], [false, 9])
    assert.equal(world.account.requests.length, 1)
    const {requests} = must(await runFlow(world, (ports) => quotasHistory({}, ports)))
    assert.deepEqual(
      requests.map(({key, desired}) => [key, desired]),
      [['vpcs', 9]],
    )
  })

  it('tells the new limit where AWS grants it at once', async () => {
    const world = account()
    world.account.grants = true
    const granted = must(await ask(world, 'vpcs', 9))
    assert.deepEqual([granted.made, granted.limit, granted.request.status], [true, 9, 'APPROVED'])
    const more = must(await ask(world, 'vpcs', 12))
    assert.deepEqual([more.made, more.limit], [true, 12])
  })

  it('asks for what the hungriest mode needs where no value is given', async () => {
    const made = must(await ask(account(), 'fargate-vcpu', undefined, {preset: 'standard'}))
    assert.equal(made.request.desired, 19)
  })

  it('finds the request that somebody else made at the same moment', async () => {
    const world = account()
    let looked = 0
    const ended = await runFlow(
      world,
      (ports) => quotasRequest({environment: demo, configuration: configured(), key: 'vpcs', to: 9}, ports),
      {
        onCall({name}) {
          if (name !== 'serviceQuotas.requests') return
          looked += 1
          const other = {
            id: 'theirs',
            service: 'vpc',
            code: 'L-F678F1CE',
            name: '',
            desired: 7,
            status: 'CASE_OPENED',
            createdAt: '',
          }
          if (looked === 2) world.account.requests[0] = other
          else world.account.requests.push({...other, status: 'DENIED'}, {...other, code: 'L-X', status: 'PENDING'})
        },
      },
    )
    assert.equal(must(ended).made, true)
    world.account.requests.length = 0
    world.account.requests.push({
      id: 'hidden',
      service: 'other',
      code: 'L-F678F1CE',
      name: '',
      desired: 7,
      status: 'PENDING',
      createdAt: '',
    })
    assert.equal((await ask(world, 'vpcs', 9)).code, 'QUOTA_REQUEST_HIDDEN')
  })

  const refused: readonly (readonly [
    what: string,
    key: string,
    to: number | undefined,
    code: string,
    exitCode: number,
  ])[] = [
    ['an unknown key', 'vpc', 9, 'UNKNOWN_QUOTA', 5],
    ['a quota that AWS keeps fixed', 'backup-plans', 900, 'QUOTA_FIXED', 12],
    ['a limit that Service Quotas does not know', 'alarms', 9000, 'QUOTA_FIXED', 12],
    ['the present value', 'vpcs', 5, 'QUOTA_VALUE_TOO_LOW', 2],
    ['less than the present value', 'vpcs', 1, 'QUOTA_VALUE_TOO_LOW', 2],
    ['nothing, where nothing is lacking', 'roles', undefined, 'QUOTA_VALUE_TOO_LOW', 2],
  ]
  for (const [what, key, to, code, exitCode] of refused) {
    it(`refuses ${what}`, async () => {
      const world = account()
      const ended = await ask(world, key, to)
      assert.deepEqual([ended.code, ended.exitCode], [code, exitCode], ended.message)
      assert.deepEqual(world.account.requests, [])
    })
  }

  it('refuses where the limit cannot be told', async () => {
    const world = account()
    world.account.failures.set('applied vpc', denied('x'))
    world.account.failures.set('defaults vpc', denied('x'))
    assert.equal((await ask(world, 'vpcs', 9)).code, 'QUOTA_UNKNOWN')
  })
})
