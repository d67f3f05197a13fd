import assert from 'node:assert/strict'
import {recoveryPolicy, usualPolicy} from '../../src/domain/snapshots/age.ts'
import {status} from '../../src/flows/status.ts'
import {
  deathAt,
  demo,
  must,
  runDeploy,
  runDestroy,
  runFlow,
  runProof,
  runSnapshot,
} from '../helpers/fake-aws/scenario.ts'
import {mutations, stackNamed} from '../helpers/fake-aws/traces.ts'
import {World} from '../helpers/fake-aws/world.ts'

async function look(world: World) {
  world.log = []
  const result = must(await runFlow(world, (ports) => status({environment: demo, policy: usualPolicy}, ports)))
  assert.deepEqual(mutations(world), [], 'status changes nothing')
  return result
}

async function deployed(): Promise<World> {
  const world = new World()
  must(await runDeploy(world))
  return world
}

describe('status', () => {
  it('of a deployed environment is healthy and complete', async () => {
    const world = await deployed()
    world.state.vaults.set('vault-demo-1', new Date(world.clock.time - 7_200_000).toISOString())
    const result = await look(world)
    assert.equal(result.healthy, true)
    assert.deepEqual(result.problems, [])
    assert.equal(result.account, '111122223333')
    assert.equal(result.region, 'eu-west-1')
    assert.deepEqual(
      result.parts.map(({part, health, version}) => `${part} ${health} ${version ?? ''}`),
      [
        'foundation healthy 1.0.0',
        'network healthy 1.0.0',
        'files healthy 1.0.0',
        'database healthy 1.0.0',
        'app healthy 1.0.0',
        'operations healthy 1.0.0',
      ],
    )
    assert.ok(
      result.parts.every(({protection}) => protection?.stackPolicy === true && protection.terminationProtection),
    )
    assert.deepEqual(result.services, [
      {name: 'dashboard', running: 1, desired: 1, targets: {healthy: 1, total: 1}},
      {name: 'renderer', running: 1, desired: 1},
    ])
    assert.deepEqual(result.generations, {database: 1, files: 1, kept: []})
    assert.equal(result.lastBackup?.ageMs, 7_200_000)
    assert.deepEqual(result.natAddresses, ['203.0.113.7'])
    assert.equal(result.url, 'http://lb.example')
    assert.deepEqual(result.unfinished, [])
    assert.equal(result.lock, undefined)
  })

  it('is not healthy while a promise for a bad night does not hold', async () => {
    const world = await deployed()
    const policy = recoveryPolicy({rpo: '24h', rto: '2h'})
    const ask = async () => must(await runFlow(world, (ports) => status({environment: demo, policy}, ports)))
    assert.equal((await ask()).problems.length, 2)
    must(await runSnapshot(world))
    must(await runProof(world))
    const kept = await ask()
    assert.deepEqual([kept.healthy, kept.recovery.withinRpo, kept.recovery.withinRto], [true, true, true])
    world.clock.pass(25 * 3_600_000)
    const late = await ask()
    assert.equal(late.healthy, false)
    assert.deepEqual(late.problems, ['the last snapshot is 25 h old, and at most 24 h may be lost'])
  })

  it('of nothing says so of every part', async () => {
    const result = await look(new World())
    assert.equal(result.healthy, false)
    assert.deepEqual(
      result.problems,
      ['foundation', 'network', 'files', 'database', 'app', 'operations'].map((part) => `${part} is not deployed`),
    )
    assert.deepEqual(result.parts[3], {
      part: 'database',
      stack: 'pi-demo-database-1',
      status: 'ABSENT',
      health: 'absent',
    })
    assert.deepEqual(result.services, [])
    assert.deepEqual(result.natAddresses, [])
    assert.equal(result.lastBackup, undefined)
  })

  const problems: {of: string; then: (world: World) => void; says: string}[] = [
    {
      of: 'a stack that is not well',
      then: (world) => (stackNamed(world, 'pi-demo-files').status = 'UPDATE_ROLLBACK_FAILED'),
      says: 'files is UPDATE_ROLLBACK_FAILED',
    },
    {
      of: 'a stack at work',
      then: (world) => (stackNamed(world, 'pi-demo-app').status = 'UPDATE_IN_PROGRESS'),
      says: 'app is UPDATE_IN_PROGRESS',
    },
    {
      of: 'a lost stack policy',
      then: (world) => (stackNamed(world, 'pi-demo-files').policy = undefined),
      says: 'files is unprotected: no stack policy',
    },
    {
      of: 'both protections lost',
      then: (world) => Object.assign(stackNamed(world, 'pi-demo-files'), {policy: '{}', terminationProtection: false}),
      says: 'files is unprotected: no stack policy, no termination protection',
    },
    {
      of: 'a service that does not run',
      then: (world) => (world.state.services.get('pi-demo-app-Renderer-Service')!.running = 0),
      says: 'renderer runs 0 of 1 tasks',
    },
    {
      of: 'a service without a healthy target',
      then: (world) => (world.targets = {healthy: 0, total: 1, reasons: []}),
      says: 'dashboard has no healthy target',
    },
    {
      of: 'a quiesced platform',
      then(world) {
        stackNamed(world, 'pi-demo-app').goal!.parameters['Quiesced'] = 'true'
        for (const service of world.state.services.values()) service.desired = 0
      },
      says: 'the platform is quiesced: users get a 503 page',
    },
  ]
  for (const {of, then, says} of problems) {
    it(`names ${of}`, async () => {
      const world = await deployed()
      then(world)
      const result = await look(world)
      assert.equal(result.healthy, false)
      assert.deepEqual(result.problems, [says])
    })
  }

  it('leaves out a service that is not there, and is not healthy without it', async () => {
    const world = await deployed()
    world.state.services.delete('pi-demo-app-Renderer-Service')
    const {services, healthy, problems} = await look(world)
    assert.deepEqual(
      services.map(({name}) => name),
      ['dashboard'],
    )
    assert.equal(healthy, false)
    assert.deepEqual(problems, ['the service of renderer was removed by hand'])
  })

  it('shows kept generations of the database', async () => {
    const world = await deployed()
    world.state.stacks.push({...stackNamed(world, 'pi-demo-database-1'), id: 'arn:2', name: 'pi-demo-database-2'})
    assert.deepEqual((await look(world)).generations, {database: 1, files: 1, kept: [2]})
  })

  it('shows who works on it and what is unfinished', async () => {
    const world = new World()
    await runDeploy(world, {}, deathAt('network'))
    world.clock.pass(5000)
    const result = await look(world)
    assert.equal(result.lock?.holder, 'ann@desk')
    assert.ok((result.lock?.ageMs ?? 0) >= 5000)
    assert.deepEqual(
      result.unfinished.map(({opId, kind, state}) => ({same: opId === result.lock?.opId, kind, state})),
      [{same: true, kind: 'deploy', state: 'open'}],
    )
    world.state.buckets
      .get('records-demo-1')
      ?.set('locks/demo.json', {body: new TextEncoder().encode('?'), etag: '', modified: 0})
    assert.equal((await look(world)).lock, undefined)
  })

  it('after a destroy shows what stayed', async () => {
    const world = await deployed()
    must(await runDestroy(world))
    const result = await look(world)
    assert.deepEqual(
      result.parts.filter(({health}) => health === 'healthy').map(({part}) => part),
      ['foundation', 'files'],
    )
    assert.equal(result.generations.database, 2)
  })
})
