import assert from 'node:assert/strict'
import {resourcesOf} from '../../../src/domain/datasheet/resources.ts'
import {AccessError} from '../../../src/domain/errors.ts'
import {demandOf} from '../../../src/domain/quotas/demand.ts'
import {nothingStands} from '../../../src/domain/quotas/standing.ts'
import {quotaRows} from '../../../src/domain/quotas/rows.ts'
import type {QuotaRow} from '../../../src/domain/quotas/model.ts'
import {parseTemplate} from '../../../src/domain/template.ts'
import {configured, demo, must, runDeploy, runDestroy} from '../../helpers/fake-aws/scenario.ts'
import {mutations} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'
import {packageTexts} from '../../helpers/package-templates.ts'

const texts = packageTexts()
const models = new Map([...texts].map(([name, text]) => [name.replace(/\.yaml$/, ''), parseTemplate(text)] as const))

const zone = 'Z0123456789ABCDEFGHIJ'
const settings: Readonly<Record<string, Record<string, unknown>>> = {
  fargate: {preset: 'large'},
  spot: {preset: 'standard', compute: 'fargate-spot'},
  instances: {preset: 'standard', compute: 'ec2'},
  named: {domain: {host: 'bi.example.com', hostedZone: zone}},
}

/** A real account in which every quota is as given, and the real templates. */
function account(): World {
  const world = new World()
  world.templates = new Map(texts)
  world.hostedZones.set(zone, {id: zone, domain: 'example.com', private: false, nameServers: ['ns-1.example.net']})
  return world
}

/** What a deploy needs of a quota, in the place where it needs most. */
function needOf(row: QuotaRow, kind: string): number {
  const resources = resourcesOf(demo, configured(settings[kind] ?? {}), models, {zones: account().zones})
  return Math.max(0, ...row.need(demandOf('deploy', resources, nothingStands)).values())
}

/** How a deploy ended: refused by preflight, or begun. */
async function outcome(
  world: World,
  kind: string,
): Promise<{readonly code: string; readonly exitCode: number; readonly message: string}> {
  const ended = await runDeploy(
    world,
    {configuration: configured(settings[kind] ?? {})},
    {
      onCall({name}) {
        if (name === 'stacks.createChangeSet') throw new AccessError('it began', {code: 'BEGAN'})
      },
    },
  )
  return {code: ended.code ?? '', exitCode: ended.exitCode, message: ended.message}
}

describe('quotas before a deploy', () => {
  const coded = quotaRows.filter(({code}) => code !== '')
  const met = coded.flatMap((row) => {
    const kind = Object.keys(settings).find((one) => needOf(row, one) > 0)
    return kind === undefined ? [] : [{row, kind}]
  })

  it('are all met by one configuration or another, but those that no deploy draws on', () => {
    const without = coded.filter((row) => !met.some((one) => one.row === row)).map(({key}) => key)
    assert.deepEqual(without, ['interface-endpoints', 'manual-snapshots'])
  })

  for (const {row, kind} of met) {
    it(`one too few of ${row.key} refuses, naming it, and nothing is changed; exactly enough does not`, async () => {
      const world = account()
      const need = needOf(row, kind)
      // What the other quotas allow is no matter here.
      for (const other of coded) world.account.applied.set(other.code, 1_000_000)
      world.account.applied.set(row.code, need - 1)
      const refused = await outcome(world, kind)
      assert.deepEqual([refused.code, refused.exitCode], ['PREFLIGHT_REFUSED', 12], refused.message)
      assert.ok(refused.message.includes(`quota ${row.key}`) && refused.message.includes(row.code), refused.message)
      assert.deepEqual(mutations(world), [])
      world.account.applied.set(row.code, need)
      const begun = await outcome(world, kind)
      assert.equal(begun.code, 'BEGAN', begun.message)
    })
  }

  it('of what a template gets refuse too: an interface endpoint in the network', async () => {
    const world = account()
    const network = texts.get('network.yaml') ?? ''
    const door = "  Door: {Type: 'AWS::EC2::VPCEndpoint', Properties: {VpcEndpointType: Interface, VpcId: !Ref Vpc}}"
    world.templates.set('network.yaml', network.replace('\nResources:\n', `\nResources:\n${door}\n`))
    for (const other of coded) world.account.applied.set(other.code, 1_000_000)
    world.account.applied.set('L-29B6F2EB', 0)
    const refused = await outcome(world, 'fargate')
    assert.deepEqual([refused.code, refused.exitCode], ['PREFLIGHT_REFUSED', 12], refused.message)
    assert.match(refused.message, /quota interface-endpoints: .*L-29B6F2EB/)
    assert.deepEqual(mutations(world), [])
    world.account.applied.set('L-29B6F2EB', 1)
    const begun = await outcome(world, 'fargate')
    assert.equal(begun.code, 'BEGAN', begun.message)
  })

  it('of a file system that others use refuse a deploy of what stands behind it', async () => {
    const world = new World()
    world.templates.set(
      'app.yaml',
      (world.templates.get('app.yaml') ?? '').replace(
        '\nOutputs:',
        "\n  Themes: {Type: 'AWS::EFS::AccessPoint', Properties: {FileSystemId: !Ref FileSystemId}}\nOutputs:",
      ),
    )
    const files = world.templates.get('files.yaml') ?? ''
    world.templates.set(
      'files.yaml',
      files.replace('\nOutputs:', '\nOutputs:\n  FileSystemId: {Value: !Ref FileSystem}'),
    )
    must(await runDeploy(world, {parts: ['foundation', 'network', 'files']}))
    const id = world.stack('pi-demo-files')?.resources.find(({logicalId}) => logicalId === 'FileSystem')?.physicalId
    const used = (count: number): unknown =>
      world.account.things.set(
        'access-points',
        Array.from({length: count}, (_, index) => ({id: `fsap-${index}`, within: id ?? '', amount: 1})),
      )
    world.log = []
    used(1000)
    const refused = await runDeploy(world)
    assert.deepEqual([refused.code, refused.exitCode], ['PREFLIGHT_REFUSED', 12], refused.message)
    assert.match(refused.message, /quota access-points: .*1000 of 1000 are used, 1 more is needed/)
    assert.deepEqual(mutations(world), [])
    used(999)
    must(await runDeploy(world))
  })

  it('count what is used by others', async () => {
    const world = account()
    world.account.things.set(
      'vpcs',
      Array.from({length: 5}, (_, index) => ({id: `vpc-${index}`, within: '', amount: 1})),
    )
    assert.match((await outcome(world, 'named')).message, /VPCs \(vpc L-F678F1CE\): 5 of 5 are used, 1 more is needed/)
  })

  it('that Service Quotas does not know refuse too', async () => {
    const world = account()
    world.account.things.set('alarms', [{id: 'all', within: '', amount: 4990}])
    assert.match((await outcome(world, 'named')).message, /quota alarms: CloudWatch alarms: 4990 of 5000 are used/)
  })

  it('can be told of what destroy left, before what it hangs on is made anew', async () => {
    const world = new World()
    must(await runDeploy(world))
    must(await runDestroy(world))
    const again = await runDeploy(world)
    must(again)
    assert.deepEqual(
      again.events.filter((event) => event.type === 'warning' && event.code === 'CHECK_UNKNOWN'),
      [],
    )
  })

  it('that cannot be told warn and do not refuse', async () => {
    const world = account()
    world.account.failures.set('list vpcs', new AccessError('no right to ec2:DescribeVpcs', {code: 'ACCESS_DENIED'}))
    const ended = await runDeploy(
      world,
      {configuration: configured()},
      {
        onCall({name}) {
          if (name === 'stacks.createChangeSet') throw new AccessError('it began', {code: 'BEGAN'})
        },
      },
    )
    assert.equal(ended.code, 'BEGAN')
    assert.ok(
      ended.events.some((event) => event.type === 'warning' && event.message.includes('no right to ec2:DescribeVpcs')),
    )
  })

  it('end the deploy without credentials', async () => {
    const world = account()
    world.account.failures.set('list vpcs', new AccessError('expired', {code: 'CREDENTIALS_EXPIRED'}))
    assert.equal((await outcome(world, 'named')).code, 'CREDENTIALS_EXPIRED')
  })

  it('tell that the release after this deploy will not fit', async () => {
    const world = account()
    const ended = await runDeploy(
      world,
      {configuration: configured({preset: 'standard'})},
      {
        onCall({name}) {
          if (name === 'stacks.createChangeSet') throw new AccessError('it began', {code: 'BEGAN'})
        },
      },
    )
    assert.equal(ended.code, 'PREFLIGHT_REFUSED', 'standard does not even start on 6 vCPU')
    world.account.applied.set('L-3032A538', 8)
    const begun = await runDeploy(
      world,
      {configuration: configured({preset: 'standard'})},
      {
        onCall({name}) {
          if (name === 'stacks.createChangeSet') throw new AccessError('it began', {code: 'BEGAN'})
        },
      },
    )
    assert.equal(begun.code, 'BEGAN')
    const warning = begun.events.find((event) => event.type === 'warning' && event.code === 'CHECK_WARNS')
    assert.match(warning?.type === 'warning' ? warning.message : '', /Fargate On-Demand vCPU.*19 more are needed/)
  })

  it('are not asked where nothing changes', async () => {
    const world = new World()
    must(await runDeploy(world))
    const asked = world.account.asked.length
    must(await runDeploy(world, {secrets: {}}))
    assert.equal(world.account.asked.length, asked)
  })
})
