import assert from 'node:assert/strict'
import type {Change} from '../../../src/domain/change-set.ts'
import {openPolicy, protectingPolicy} from '../../../src/domain/stack-policy.ts'
import {atCall, configured, deployed, must, runDeploy} from '../../helpers/fake-aws/scenario.ts'
import {executed, messages, mutations, stackNamed} from '../../helpers/fake-aws/traces.ts'

function change(more: Partial<Change>): Change {
  return {path: [], logicalId: 'Instance', type: 'AWS::RDS::DBInstance', action: 'Modify', properties: [], ...more}
}

describe('the gate of a deploy', () => {
  const refused: {of: string; what: Change; says: RegExp}[] = [
    {
      of: 'a replaced database',
      what: change({replacement: 'True'}),
      says: /Instance \(AWS::RDS::DBInstance\): it would be replaced/,
    },
    {
      of: 'a removed bucket',
      what: change({logicalId: 'Old', type: 'AWS::S3::Bucket', action: 'Remove'}),
      says: /Old .*it would be removed/,
    },
    {
      of: 'a nested secret',
      what: change({path: ['Data'], logicalId: 'Secret', type: 'AWS::SecretsManager::Secret', action: 'Remove'}),
      says: /Data\.Secret/,
    },
  ]
  for (const {of, what, says} of refused) {
    it(`refuses ${of}, changes nothing and deletes the change set`, async () => {
      const world = await deployed()
      world.changes.set('pi-demo-database-1', [what])
      const ended = await runDeploy(world, {secrets: {}})
      assert.equal(ended.code, 'DATA_AT_RISK')
      assert.equal(ended.exitCode, 12)
      assert.match(ended.message, says)
      assert.deepEqual(executed(world), [])
      assert.deepEqual(
        stackNamed(world, 'pi-demo-database-1').changeSets.filter((one) => !one.executed),
        [],
      )
    })
  }

  it('refuses before an earlier part is changed, so that nothing was changed is true', async () => {
    const world = await deployed()
    world.changes.set('pi-demo-network', [change({logicalId: 'Acl', type: 'AWS::EC2::NetworkAcl'})])
    world.changes.set('pi-demo-database-1', [change({replacement: 'True'})])
    const configuration = configured({network: {nat: 'per-zone'}})
    const ended = await runDeploy(world, {secrets: {}, configuration})
    assert.equal(ended.code, 'DATA_AT_RISK')
    assert.deepEqual(executed(world), [])
    for (const name of ['pi-demo-network', 'pi-demo-database-1', 'pi-demo-app']) {
      assert.deepEqual(
        stackNamed(world, name).changeSets.filter((one) => !one.executed),
        [],
        name,
      )
    }
  })

  it('looks at parts once when nothing changes, and again after a part before them changed', async () => {
    const world = await deployed()
    must(await runDeploy(world, {secrets: {}}))
    const made = () => world.log.filter(({method}) => method === 'createChangeSet').length
    assert.equal(made(), 6)
    world.log = []
    must(await runDeploy(world, {secrets: {}, configuration: configured({images: {tag: '2026_11'}})}))
    assert.deepEqual(executed(world), ['app'])
    assert.equal(made(), 8, 'six ahead, then the app and what comes after it')
  })

  it('lets the operator allow it by name, past the stack policy, which is put back', async () => {
    const world = await deployed()
    world.changes.set('pi-demo-database-1', [change({replacement: 'True'})])
    const policies: unknown[] = []
    const ended = await runDeploy(
      world,
      {secrets: {}, allowed: ['Instance']},
      {
        onCall: atCall('stacks.setStackPolicy', ({args}) => policies.push(args[1])),
      },
    )
    must(ended)
    assert.deepEqual(executed(world), ['database'])
    assert.deepEqual(policies, [openPolicy, protectingPolicy])
    assert.equal(stackNamed(world, 'pi-demo-database-1').policy, protectingPolicy)
  })

  it('puts the policy back also after the allowed change failed', async () => {
    const world = await deployed()
    world.changes.set('pi-demo-database-1', [change({replacement: 'True'})])
    world.fail('pi-demo-database-1', 'update', {logicalId: 'Instance', reason: 'no capacity'})
    const ended = await runDeploy(world, {secrets: {}, allowed: ['Instance']})
    assert.equal(ended.code, 'STACK_ROLLED_BACK')
    assert.equal(stackNamed(world, 'pi-demo-database-1').policy, protectingPolicy)
  })

  it('allows only what is named', async () => {
    const world = await deployed()
    world.changes.set('pi-demo-database-1', [
      change({replacement: 'True'}),
      change({logicalId: 'Other', replacement: 'True'}),
    ])
    const ended = await runDeploy(world, {secrets: {}, allowed: ['Instance']})
    assert.equal(ended.code, 'DATA_AT_RISK')
    assert.match(ended.message, /Other/)
    assert.doesNotMatch(ended.message, /Instance \(/)
  })

  it('warns of what may be replaced and goes on', async () => {
    const world = await deployed()
    world.changes.set('pi-demo-database-1', [change({replacement: 'Conditional'})])
    const ended = await runDeploy(world, {secrets: {}})
    must(ended)
    assert.match(messages(ended.events, 'warning').join(), /pi-demo-database-1: Instance: it may be replaced/)
  })

  it('takes back a change set that CloudFormation could not make, with its reason', async () => {
    const world = await deployed()
    world.brokenChangeSets.set('pi-demo-app', 'Template error: unresolved dependency')
    const ended = await runDeploy(world, {configuration: configured({images: {tag: '2026_02'}})})
    assert.equal(ended.code, 'CHANGE_SET_FAILED')
    assert.match(ended.message, /unresolved dependency/)
    assert.ok(mutations(world).includes('stacks.deleteChangeSet'))
    assert.deepEqual(
      stackNamed(world, 'pi-demo-app').changeSets.filter((one) => !one.executed),
      [],
    )
  })
})
