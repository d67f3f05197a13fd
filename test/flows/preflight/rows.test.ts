import assert from 'node:assert/strict'
import type {Verdict} from '../../../src/domain/checks.ts'
import {AccessError, FailedError} from '../../../src/domain/errors.ts'
import {laterActions, ownActions} from '../../../src/domain/permissions/own-actions.ts'
import type {PreflightOptions} from '../../../src/flows/preflight/context.ts'
import {allRows} from '../../../src/flows/preflight/rows/index.ts'
import {configured, must, runDeploy, type RunOptions} from '../../helpers/fake-aws/scenario.ts'
import {World} from '../../helpers/fake-aws/world.ts'
import {answer, run} from './asking.ts'

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const overToken = `${encoded({alg: 'RS256'})}.${encoded({exp: 1_500_000_000})}.s`
const zone = {hostedZone: 'Z1', host: 'bi.example.com', piranaHost: 'pirana.example.com'}
const withZone = configured({domain: zone})
const existing = {
  vpc: 'vpc-0a',
  cidr: '10.9.0.0/16',
  publicSubnets: ['subnet-0a', 'subnet-0b'],
  applicationSubnets: ['subnet-0c', 'subnet-0d'],
  dataSubnets: ['subnet-0e', 'subnet-0f'],
}
const served = (world: World): unknown =>
  world.hostedZones.set('Z1', {id: 'Z1', domain: 'example.com', private: false, nameServers: ['ns-1.example.net.']})
const refuse = (name: string, error: Error): RunOptions => ({
  onCall: (call) => {
    if (call.name === name) throw error
  },
})
const denied = new AccessError('AWS denies it.', {code: 'ACCESS_DENIED', suggestions: ['Allow it']})

interface Case {
  readonly of: string
  readonly row: string
  readonly world?: (world: World) => unknown
  readonly options?: Partial<PreflightOptions>
  readonly run?: RunOptions
  readonly verdict: Verdict
  readonly says: RegExp
}

const table: readonly Case[] = [
  {
    of: 'a denied action of a part',
    row: 'permissions',
    world: (world) => (world.deniedActions = ['rds:CreateDBInstance']),
    verdict: 'FAIL',
    says: /user\/ann may not perform rds:CreateDBInstance \(database\)$/,
  },
  {
    of: 'an action that only other commands need',
    row: 'permissions',
    world: (world) => (world.deniedActions = ['iam:ListRoles']),
    verdict: 'WARN',
    says: /iam:ListRoles \(pi-aws\): a deploy goes without/,
  },
  {
    of: 'an action of a part that is not wanted',
    row: 'permissions',
    world: (world) => (world.deniedActions = ['rds:CreateDBInstance']),
    options: {parts: ['network']},
    verdict: 'OK',
    says: /actions are allowed/,
  },
  {
    of: 'a simulation that is denied',
    row: 'permissions',
    run: refuse('permissions.denied', denied),
    verdict: 'UNKNOWN',
    says: /AWS denies it/,
  },
  {
    of: 'missing service-linked roles',
    row: 'service-linked-roles',
    world: (world) => (world.linkedRoles = []),
    verdict: 'WARN',
    says: /^AWSServiceRoleForECS, .* missing/,
  },
  {
    of: 'missing roles that are agreed to',
    row: 'service-linked-roles',
    world: (world) => (world.linkedRoles = ['AWSServiceRoleForRDS']),
    options: {createLinkedRoles: true},
    verdict: 'OK',
    says: /^made AWSServiceRoleForECS, /,
  },
  {
    of: 'missing roles that somebody agrees to',
    row: 'service-linked-roles',
    world: (world) => (world.linkedRoles = []),
    run: {ask: {possible: true, confirm: async () => true}},
    verdict: 'OK',
    says: /^made AWSServiceRoleForECS/,
  },
  {
    of: 'missing roles that somebody does not want',
    row: 'service-linked-roles',
    world: (world) => (world.linkedRoles = []),
    run: {ask: {possible: true, confirm: async () => false}},
    verdict: 'WARN',
    says: /missing/,
  },
  {
    of: 'roles that cannot be looked at',
    row: 'service-linked-roles',
    run: {...refuse('permissions.linkedRoles', denied), ask: {possible: true}},
    verdict: 'UNKNOWN',
    says: /AWS denies it/,
  },
  {
    of: 'roles that are all there',
    row: 'service-linked-roles',
    run: {ask: {possible: true}},
    verdict: 'OK',
    says: /^all 6 are there/,
  },
  {
    of: 'roles on the embedded AWS',
    row: 'service-linked-roles',
    options: {embedded: true},
    verdict: 'SKIP',
    says: /need none/,
  },
  {
    of: 'a check that is passed over',
    row: 'service-linked-roles',
    options: {skip: ['service-linked-roles']},
    run: {ask: {possible: true}},
    verdict: 'SKIP',
    says: /as asked/,
  },
  {
    of: 'a wrong clock',
    row: 'clock',
    world: (world) => (world.stsSkew = 400_000),
    verdict: 'FAIL',
    says: /400 s behind AWS/,
  },
  {
    of: 'a new account',
    row: 'lambda-concurrency',
    world: (world) => (world.concurrency = {limit: 10, unreserved: 10}),
    verdict: 'WARN',
    says: /10 concurrent/,
  },
  {
    of: 'a service that is opted out',
    row: 'backup-services',
    world: (world) => (world.backupOptIn = {EFS: false, RDS: true}),
    verdict: 'WARN',
    says: /opted out of EFS here/,
  },
  {of: 'opted-in services', row: 'backup-services', verdict: 'OK', says: /EFS and RDS are opted in/},
  {
    of: 'no backup plan',
    row: 'backup-services',
    options: {parts: ['network']},
    verdict: 'SKIP',
    says: /no backup plan/,
  },
  {
    of: 'a peered range',
    row: 'address-range',
    world: (world) => (world.peerRanges = [{vpcId: 'vpc-far', name: 'a peered VPC', cidr: '10.20.64.0/20'}]),
    verdict: 'FAIL',
    says: /overlaps 10\.20\.64\.0\/20 of a peered VPC \(vpc-far\)/,
  },
  {
    of: 'an existing VPC',
    row: 'address-range',
    options: {configuration: configured({network: {existing}})},
    verdict: 'SKIP',
    says: /exists already/,
  },
  {
    of: 'an existing VPC that is not there',
    row: 'existing-network',
    options: {configuration: configured({network: {existing}})},
    verdict: 'FAIL',
    says: /vpc-0a does not exist/,
  },
  {
    of: 'an existing VPC without a way out',
    row: 'way-out',
    options: {configuration: configured({network: {existing}})},
    verdict: 'FAIL',
    says: /neither image registry nor licence manager: subnet-0c: no route/,
  },
  {
    of: 'an existing VPC with a way out',
    row: 'way-out',
    world: (world) =>
      (world.existing = {
        vpc: undefined,
        subnets: [],
        routeTables: [{subnetIds: [], main: true, defaultTarget: 'tgw-1'}],
      }),
    options: {configuration: configured({network: {existing}})},
    verdict: 'OK',
    says: /^through tgw-1$/,
  },
  {
    of: 'a zone that is delegated',
    row: 'delegation',
    world: (world) => (served(world), undefined),
    options: {configuration: withZone},
    verdict: 'OK',
    says: /example\.com is delegated/,
  },
  {
    of: 'a zone that is delegated to others',
    row: 'delegation',
    world: (world) => (served(world), (world.nameServers = ['ns-9.example.org'])),
    options: {configuration: withZone},
    verdict: 'FAIL',
    says: /ns-9\.example\.org/,
  },
  {
    of: 'a zone that is not there',
    row: 'delegation',
    options: {configuration: withZone},
    verdict: 'SKIP',
    says: /no public zone/,
  },
  {
    of: 'a zone of the embedded AWS',
    row: 'delegation',
    world: served,
    options: {configuration: withZone, embedded: true},
    verdict: 'SKIP',
    says: /resolve nowhere/,
  },
  {
    of: 'a resolver that does not answer',
    row: 'delegation',
    world: served,
    options: {configuration: withZone},
    run: refuse('names.nameServers', new FailedError('No resolver.', {code: 'NAMES_UNREACHABLE'})),
    verdict: 'UNKNOWN',
    says: /No resolver/,
  },
  {
    of: 'a certificate that is made',
    row: 'certificate',
    world: served,
    options: {configuration: withZone},
    verdict: 'SKIP',
    says: /requested and validated/,
  },
  {
    of: 'a licence that is over',
    row: 'licence',
    options: {secrets: {licence: overToken}},
    verdict: 'FAIL',
    says: /expired on 2017-07-14/,
  },
  {
    of: 'a licence that seems to be over',
    row: 'licence',
    options: {secrets: {licence: 'x expires 2020-01-01'}},
    verdict: 'WARN',
    says: /seems to have expired on 2020-01-01/,
  },
  {of: 'no licence', row: 'licence', options: {secrets: {}}, verdict: 'WARN', says: /there is no licence yet/},
  {
    of: 'no licence where deploy can ask',
    row: 'licence',
    options: {secrets: {}},
    run: {ask: {possible: true}},
    verdict: 'SKIP',
    says: /deploy asks for licence/,
  },
  {
    of: 'no licence on the embedded AWS',
    row: 'licence',
    options: {secrets: {}, embedded: true},
    verdict: 'SKIP',
    says: /made-up/,
  },
  {of: 'no tasks', row: 'licence', options: {parts: ['network']}, verdict: 'SKIP', says: /no task/},
  {of: 'no tasks', row: 'registry', options: {parts: ['network']}, verdict: 'SKIP', says: /no task/},
  {of: 'an image that can be pulled', row: 'registry', verdict: 'OK', says: /server:.* can be pulled/},
  {
    of: 'an image of a tag of its own',
    row: 'registry',
    options: {configuration: configured({images: {registry: 'registry.example.com/pi', tag: '2026_10'}})},
    verdict: 'OK',
    says: /^registry\.example\.com\/pi\/server:2026_10 can/,
  },
  {
    of: 'an image that is not there',
    row: 'registry',
    world: (world) => (world.image = {found: false, why: 'missing', status: 404}),
    verdict: 'FAIL',
    says: /does not exist there/,
  },
  {
    of: 'refused credentials',
    row: 'registry',
    world: (world) => (world.image = {found: false, why: 'denied', status: 403}),
    verdict: 'FAIL',
    says: /refuses the credentials .*HTTP 403/,
  },
  {
    of: 'no credentials',
    row: 'registry',
    options: {secrets: {}},
    verdict: 'WARN',
    says: /no login of the image registry yet/,
  },
  {
    of: 'a registry of ECR',
    row: 'registry',
    options: {configuration: configured({images: {login: 'role'}})},
    verdict: 'SKIP',
    says: /by their role/,
  },
  {
    of: 'a registry that cannot be reached',
    row: 'registry',
    run: refuse('imageRegistry.manifest', new FailedError('Nobody there.', {code: 'REGISTRY_UNREACHABLE'})),
    verdict: 'UNKNOWN',
    says: /Nobody there/,
  },
  {
    of: 'a stack of a stranger',
    row: 'names',
    world: (world) => (world.addStack('pi-demo-network').status = 'CREATE_COMPLETE'),
    verdict: 'FAIL',
    says: /pi-demo-network exists and was not made by pi-aws/,
  },
  {of: 'free names', row: 'names', verdict: 'OK', says: /pi-demo-\*/},
  {of: 'every part', row: 'parts', verdict: 'SKIP', says: /every part/},
]

describe('a row of the preflight', () => {
  for (const {of, row, world: arrange, options, run: more, verdict, says} of table) {
    it(`${row} says ${verdict} to ${of}`, async () => {
      const world = new World()
      arrange?.(world)
      const check = await answer(row, world, options, more)
      assert.equal(check.verdict, verdict, check.reason)
      assert.match(check.reason, says)
      if (verdict === 'FAIL' || verdict === 'WARN') assert.notDeepEqual(check.next, [])
    })
  }

  it('reads licence and registry credentials from their secrets once they are stored', async () => {
    const world = new World()
    must(await runDeploy(world))
    for (const row of ['licence', 'registry', 'names', 'parts']) {
      const check = await answer(row, world, {secrets: {}, parts: ['app']})
      assert.equal(check.verdict, 'OK', `${row}: ${check.reason}`)
    }
    const secret = [...world.state.secrets].find(([arn]) => arn.toLowerCase().includes('registry'))?.[1]
    for (const value of ['neither', '{"username": "robot"}']) {
      secret!.value = value
      const check = await answer('registry', world, {secrets: {}})
      assert.match(check.reason, /does not hold a user name and a password/)
    }
    assert.match((await answer('registry', world, {secrets: {}, embedded: true})).reason, /pulls no image/)
    const here = configured({images: {registry: 'localhost:5000'}})
    const asked = await answer('registry', world, {configuration: here, embedded: true})
    assert.equal(asked.verdict, 'OK', asked.reason)
  })

  it('looks neither for zones nor for addresses where the network stands', async () => {
    const world = new World()
    must(await runDeploy(world))
    for (const row of ['zones', 'address-range']) assert.equal((await answer(row, world)).verdict, 'SKIP')
  })

  it("asks CloudFormation's role for what stacks are made of, and the caller for the rest", async () => {
    const world = new World()
    must(await run(world, {cloudFormationRoleArn: 'arn:aws:iam::111122223333:role/cfn'}))
    const asked = world.log.filter(({method}) => method === 'denied').map(({args}) => args[0]) as {
      principal: string
      actions: string[]
    }[]
    const of = (principal: string): readonly string[] =>
      asked.filter((one) => one.principal === principal).flatMap(({actions}) => actions)
    assert.ok(of('arn:aws:iam::111122223333:role/cfn').includes('rds:CreateDBInstance'))
    assert.ok(!of(world.caller.arn).includes('rds:CreateDBInstance'))
    assert.ok(of(world.caller.arn).includes('cloudformation:CreateChangeSet'))
  })

  it('are not simulated where only tags of a session that is still to be decide', async () => {
    const world = new World()
    world.deniedActions = ['ssm:StartSession', 'ssm:TerminateSession']
    assert.equal((await answer('permissions', world)).verdict, 'OK')
    world.deniedActions = ['ecr:PutImage']
    assert.match((await answer('permissions', world)).reason, /ecr:PutImage.*a deploy goes without/)
  })

  it('names ten denied actions and counts the others', async () => {
    const world = new World()
    const needed = ownActions.filter((action) => !laterActions.includes(action))
    world.deniedActions = needed.filter((action) => action.startsWith('cloudformation:'))
    assert.equal(world.deniedActions.length, 15)
    assert.match((await answer('permissions', world)).reason, / and 5 more$/)
  })
})

describe('preflight as a whole', () => {
  it('gives one answer a row, in one order, and may begin on a world that is well', async () => {
    const {ok, checks, environment} = must(await run(new World()))
    assert.deepEqual([ok, environment], [true, 'demo'])
    assert.deepEqual(
      checks.map(({name}) => name),
      allRows.map(({name}) => name),
    )
    assert.deepEqual(
      checks.filter(({verdict}) => verdict !== 'OK' && verdict !== 'SKIP'),
      [],
    )
  })

  it('changes nothing', async () => {
    const world = new World()
    must(await run(world))
    assert.deepEqual(world.state.stacks, [])
    assert.ok(world.log.every(({method}) => !/^(put|create|delete|set)/.test(method)))
  })

  it('goes on where checks fail, and lets what is unknown pass unless it is strict', async () => {
    const world = new World()
    const broken = refuse('permissions.denied', denied)
    const lax = must(await run(world, {}, broken))
    assert.equal(lax.ok, true)
    assert.equal(lax.checks.length, allRows.length)
    assert.equal(must(await run(world, {strict: true}, broken)).ok, false)
    assert.equal((await runDeploy(world, {strict: true}, broken)).exitCode, 12)
  })

  it('waits and asks again where a service is throttled, and gives up in the end', async () => {
    const world = new World()
    let times = 2
    const throttled = new FailedError('Rate exceeded.', {code: 'THROTTLED'})
    const check = await answer(
      'lambda-concurrency',
      world,
      {},
      {
        onCall: ({name}) => {
          if (name === 'accountFacts.concurrency' && times-- > 0) throw throttled
        },
      },
    )
    assert.equal(check.verdict, 'OK')
    assert.equal(
      (await answer('lambda-concurrency', world, {}, refuse('accountFacts.concurrency', throttled))).verdict,
      'UNKNOWN',
    )
  })

  it('hides no fault of the program', async () => {
    const ended = await run(new World(), {}, refuse('accountFacts.concurrency', new TypeError('ours')))
    assert.match(ended.message, /ours/)
    const asking = await run(
      new World(),
      {},
      {...refuse('permissions.linkedRoles', new TypeError('ours')), ask: {possible: true}},
    )
    assert.match(asking.message, /ours/)
  })

  it('does not take blanks for a licence', async () => {
    const ended = await run(new World(), {secrets: {licence: ' \n'}})
    assert.deepEqual([ended.code, ended.exitCode], ['EMPTY_LICENCE', 2])
  })

  it('knows the checks that may be passed over', async () => {
    for (const ended of [
      await run(new World(), {skip: ['register']}),
      await runDeploy(new World(), {skip: ['register']}),
    ]) {
      assert.equal(ended.code, 'UNKNOWN_CHECK')
      assert.match((ended.error as {suggestions: string[]}).suggestions[0] ?? '', /registry/)
    }
  })

  it('warns in a deploy of what is odd, and begins all the same', async () => {
    const world = new World()
    world.backupOptIn = {}
    const ended = await runDeploy(world, {parts: ['foundation', 'network', 'files', 'database', 'app', 'operations']})
    must(ended)
    const warnings = ended.events.flatMap((event) => (event.type === 'warning' ? [event.code] : []))
    assert.ok(warnings.includes('CHECK_WARNS'))
  })
})
