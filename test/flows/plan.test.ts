import assert from 'node:assert/strict'
import type {Change} from '../../src/domain/change-set.ts'
import {plan, planFileOf, type PlanOptions} from '../../src/flows/plan.ts'
import {
  configured,
  demo,
  deployed,
  must,
  runDeploy,
  runDestroy,
  runFlow,
  type RunOptions,
} from '../helpers/fake-aws/scenario.ts'
import {executed, lockOf, messages, mutations, records, stackNamed} from '../helpers/fake-aws/traces.ts'
import {World} from '../helpers/fake-aws/world.ts'

function planOptions(more: Partial<PlanOptions> = {}): PlanOptions {
  return {environment: demo, configuration: configured(), parts: [], cloudFormationRoleArn: undefined, ...more}
}

function runPlan(world: World, more: Partial<PlanOptions> = {}, options: RunOptions = {}) {
  return runFlow(world, (ports, run) => plan(planOptions(more), ports, run), options)
}

const newTag = {configuration: configured({images: {tag: '2026_02'}})}

describe('plan', () => {
  it('compares an environment that is not there locally: every resource is added, nothing is called that changes', async () => {
    const world = new World()
    const result = must(await runPlan(world))
    assert.equal(result.changed, true)
    assert.deepEqual(
      result.parts.map(({part, action}) => `${part} ${action}`),
      ['foundation create', 'network create', 'files create', 'database create', 'app create', 'operations create'],
    )
    assert.deepEqual(result.parts[1]?.changes, [
      {logicalId: 'Vpc', type: 'AWS::EC2::VPC', action: 'Add', replacement: 'False'},
      {logicalId: 'Nat', type: 'AWS::EC2::NatGateway', action: 'Add', replacement: 'False'},
    ])
    assert.deepEqual(mutations(world), [])
    assert.deepEqual(world.state.stacks, [])
  })

  it('finds nothing to change and deletes every change set it made', async () => {
    const world = await deployed()
    const ledger = records(world, '')
    const result = must(await runPlan(world))
    assert.equal(result.changed, false)
    assert.deepEqual(new Set(result.parts.map(({action}) => action)), new Set(['unchanged']))
    assert.deepEqual(new Set(mutations(world)), new Set(['stacks.createChangeSet', 'stacks.deleteChangeSet']))
    assert.equal(mutations(world).length, 12)
    assert.ok(world.state.stacks.every(({changeSets}) => changeSets.every((one) => one.executed)))
    assert.deepEqual(records(world, ''), ledger)
  })

  it('shows changes by the names that --allow-replacement takes, with what the gate says', async () => {
    const world = await deployed()
    const rows: Change[] = [
      {
        path: [],
        logicalId: 'Instance',
        type: 'AWS::RDS::DBInstance',
        action: 'Modify',
        replacement: 'True',
        properties: [],
      },
      {
        path: ['Data'],
        logicalId: 'Secret',
        type: 'AWS::SecretsManager::Secret',
        action: 'Modify',
        replacement: 'Conditional',
        properties: [],
      },
      {path: [], logicalId: 'CheckTask', type: 'AWS::ECS::TaskDefinition', action: 'Add', properties: []},
    ]
    world.changes.set('pi-demo-database-1', rows)
    const result = must(await runPlan(world))
    assert.deepEqual(result.parts.find(({part}) => part === 'database')?.changes, [
      {logicalId: 'Instance', type: 'AWS::RDS::DBInstance', action: 'Modify', replacement: 'True', gate: 'refused'},
      {
        logicalId: 'Data.Secret',
        type: 'AWS::SecretsManager::Secret',
        action: 'Modify',
        replacement: 'Conditional',
        gate: 'review',
      },
      {logicalId: 'CheckTask', type: 'AWS::ECS::TaskDefinition', action: 'Add', replacement: 'False'},
    ])
    assert.match(
      result.parts.find(({part}) => part === 'app')?.note ?? '',
      /more may follow from new outputs of database/,
    )
    assert.match(result.parts.find(({part}) => part === 'operations')?.note ?? '', /of database/)
  })

  it('marks each resource that hangs on outputs still to come with the part that brings them', async () => {
    const result = must(await runPlan(new World()))
    const waiting = result.parts.flatMap(({part, changes}) =>
      changes
        .filter(({unknownUntil}) => unknownUntil !== undefined)
        .map(({logicalId, unknownUntil}) => `${part}.${logicalId} until ${unknownUntil!.join()}`),
    )
    assert.deepEqual(waiting, ['operations.Plan until database'])
  })

  it('shows what a replacement before it may yet change, though no change set names it', async () => {
    const world = await deployed()
    const row = {path: [], logicalId: 'Instance', type: 'AWS::RDS::DBInstance', properties: []}
    world.changes.set('pi-demo-database-1', [{...row, action: 'Modify', replacement: 'True'}])
    const replaced = must(await runPlan(world)).parts.find(({part}) => part === 'operations')
    assert.deepEqual(replaced?.changes, [
      {
        logicalId: 'Plan',
        type: 'AWS::Backup::BackupPlan',
        action: 'Modify',
        replacement: 'Unknown',
        unknownUntil: ['database'],
      },
    ])
    assert.equal(replaced.action, 'update')
    world.changes.set('pi-demo-database-1', [{...row, action: 'Modify', replacement: 'False'}])
    const kept = must(await runPlan(world)).parts.find(({part}) => part === 'operations')
    assert.deepEqual([kept?.action, kept?.changes], ['unchanged', []])
  })

  it('says what a later part waits for also where it changes itself', async () => {
    const world = await deployed()
    world.stack('pi-demo-network')!.goal!.parameters['NatMode'] = 'per-zone'
    const result = must(await runPlan(world, newTag))
    assert.deepEqual(
      result.parts.filter(({action}) => action === 'update').map(({part, note}) => `${part}: ${note ?? ''}`),
      ['network: ', 'app: more may follow from new outputs of network'],
    )
  })

  it('plans only the parts it is asked for', async () => {
    const world = await deployed()
    const result = must(await runPlan(world, {parts: ['app'], ...newTag}))
    assert.deepEqual(
      result.parts.map(({part, action}) => `${part} ${action}`),
      ['app update'],
    )
  })

  it('says which parts are waited for and which are stuck', async () => {
    const world = await deployed()
    stackNamed(world, 'pi-demo-network').status = 'UPDATE_IN_PROGRESS'
    stackNamed(world, 'pi-demo-files').status = 'DELETE_FAILED'
    stackNamed(world, 'pi-demo-app').status = 'UPDATE_ROLLBACK_FAILED'
    stackNamed(world, 'pi-demo-operations').status = 'ROLLBACK_COMPLETE'
    const result = must(await runPlan(world))
    assert.deepEqual(
      result.parts.map(({part, action, note}) => `${part} ${action} ${note ?? ''}`),
      [
        'foundation unchanged ',
        'network wait it is UPDATE_IN_PROGRESS: it is being updated',
        'files blocked it is DELETE_FAILED: its deletion failed',
        'database unchanged more may follow from new outputs of network',
        'app blocked it is UPDATE_ROLLBACK_FAILED: its update failed and the rollback too',
        'operations create ',
      ],
    )
  })

  it('puts new templates where CloudFormation can read them, and says so', async () => {
    const world = await deployed()
    world.templates.set('app/service.yaml', '# another\nParameters: {}\nResources: {}\n')
    const ended = await runPlan(world)
    must(ended)
    assert.deepEqual(
      new Set(mutations(world)),
      new Set(['objects.put', 'stacks.createChangeSet', 'stacks.deleteChangeSet']),
    )
    assert.match(
      messages(ended.events, 'note').join(),
      /objects were put into the artifacts bucket for CloudFormation to read/,
    )
    assert.deepEqual(executed(world), [])
  })

  it('is refused by the same preflight as a deploy', async () => {
    const ended = await runPlan(new World(), {configuration: configured({domain: {}})})
    assert.equal(ended.code, 'PREFLIGHT_REFUSED')
  })

  it('needs no secrets and takes no lock', async () => {
    const world = await deployed()
    must(await runPlan(world, newTag))
    assert.equal(lockOf(world), undefined)
    assert.equal(
      world.log.some(({port}) => port === 'secrets'),
      false,
    )
  })
})

describe('a plan file', () => {
  it('is carried out while reality is what it was', async () => {
    const world = await deployed()
    const result = must(await runPlan(world, newTag))
    const file = planFileOf(result, planOptions({...newTag, parts: ['app']}))
    assert.deepEqual(file.parts, ['app'])
    assert.equal(file.region, 'eu-west-1')
    must(await runDeploy(world, {...newTag, plan: file.fingerprint, secrets: {}}))
    assert.deepEqual(executed(world), ['app'])
  })

  it('of an environment that is not there yet is carried out too', async () => {
    const world = new World()
    const {fingerprint} = must(await runPlan(world))
    must(await runDeploy(world, {plan: fingerprint}))
  })

  const staling: {by: string; then: (world: World) => unknown; more?: object}[] = [
    {
      by: 'a stack changed',
      then: (world) => runDeploy(world, {configuration: configured({images: {tag: '2026_03'}}), secrets: {}}),
    },
    {by: 'the templates changed', then: (world) => world.templates.set('app/service.yaml', 'Resources: {}')},
    {
      by: 'the configuration changed',
      then: () => undefined,
      more: {configuration: configured({images: {tag: '2026_04'}})},
    },
    {by: 'other parts are asked for', then: () => undefined, more: {parts: ['app']}},
  ]
  for (const {by, then, more} of staling) {
    it(`is refused as stale when ${by}, and nothing was changed`, async () => {
      const world = await deployed()
      const {fingerprint} = must(await runPlan(world, newTag))
      await then(world)
      world.log = []
      const ended = await runDeploy(world, {...newTag, secrets: {}, plan: fingerprint, ...more})
      assert.equal(ended.code, 'STALE_PLAN')
      assert.equal(ended.exitCode, 12)
      assert.deepEqual(mutations(world), [])
    })
  }

  it('is refused also when a stack changes between the look and the lock', async () => {
    const world = await deployed()
    const {fingerprint} = must(await runPlan(world, newTag))
    const ended = await runDeploy(
      world,
      {...newTag, secrets: {}, plan: fingerprint},
      {
        onCall({name, args}) {
          if (name === 'objects.putIfAbsent' && args[1] === 'locks/demo.json')
            stackNamed(world, 'pi-demo-app').updatedAt = '2026-02-02T00:00:00.000Z'
        },
      },
    )
    assert.equal(ended.code, 'STALE_PLAN')
    assert.deepEqual(executed(world), [])
    assert.equal(lockOf(world), undefined)
  })

  it('survives a destroy of another environment', async () => {
    const world = await deployed()
    const {fingerprint} = must(await runPlan(world, newTag))
    assert.equal((await runDestroy(world, {confirm: 'wrong'})).code, 'CONFIRMATION_WRONG')
    must(await runDeploy(world, {...newTag, secrets: {}, plan: fingerprint}))
  })
})
