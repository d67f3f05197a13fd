import assert from 'node:assert/strict'
import {PiError} from '../../../src/domain/errors.ts'
import type {RotateOptions, RotateResult} from '../../../src/flows/rotate/options.ts'
import {rotateSecret} from '../../../src/flows/rotate/rotate.ts'
import {newest, runAbort, runResume} from '../../helpers/fake-aws/in-use.ts'
import {
  atCall,
  ctrlC,
  demo,
  deployed,
  type Ended,
  must,
  runDeploy,
  runFlow,
  type RunOptions,
} from '../../helpers/fake-aws/scenario.ts'
import {records, stackNamed} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'

const old = JSON.stringify({username: 'pi', password: 'old-password'})

/** A deployed environment whose database user has a password of its own. */
async function running(): Promise<World> {
  const world = await deployed()
  Object.assign(secretOf(world), {value: old, versions: ['v-old']})
  for (const instance of world.state.instances.values()) instance.userSecret = old
  return world
}

function secretOf(world: World, output = 'DatabaseSecretArn') {
  const stack = stackNamed(world, output === 'DatabaseSecretArn' ? 'pi-demo-database-1' : 'pi-demo-foundation')
  const secret = world.state.secrets.get(stack.outputs[output] ?? '')
  assert.ok(secret !== undefined)
  return secret
}

const rotate = (
  world: World,
  more: Partial<RotateOptions> = {},
  options: RunOptions = {},
): Promise<Ended<RotateResult>> =>
  runFlow(
    world,
    (ports, run) =>
      rotateSecret(
        {
          environment: demo,
          account: undefined,
          secret: 'database',
          value: undefined,
          dryRun: false,
          confirmed: true,
          embedded: false,
          resume: undefined,
          ...more,
        },
        ports,
        run,
      ),
    options,
  )

const rollouts = (world: World, service = 'Dashboard') =>
  world.state.services.get(`pi-demo-app-${service}-Service`)?.rollouts?.length ?? 0
const userOf = (world: World) => [...world.state.instances.values()][0]?.userSecret
const passwordIn = (text: string | undefined) => (JSON.parse(text ?? '{}') as {password?: string}).password

describe('secret rotate', () => {
  it('gives the database user a new password, and the services that read it new tasks', async () => {
    const world = await running()
    const ended = await rotate(world)
    const result = must(ended)
    assert.deepEqual([result.state, result.before, result.restarted], ['rotated', 'v-old', ['dashboard']])
    const {value} = secretOf(world)
    assert.match(passwordIn(value) ?? '', /^[0-9a-f]{40}$/)
    assert.equal(userOf(world), value)
    assert.deepEqual([rollouts(world), rollouts(world, 'Renderer')], [1, 0])
    // No value is told or written down anywhere but in its secret.
    const told = JSON.stringify([result, ended.events, records(world, 'ops/')])
    assert.ok(!told.includes(passwordIn(value) ?? '?') && !told.includes('old-password'))
  })

  it('shows what it would do and changes nothing', async () => {
    const world = await running()
    const result = must(await rotate(world, {dryRun: true, confirmed: false}))
    assert.deepEqual([result.state, result.versionId, result.restarted], ['planned', undefined, ['dashboard']])
    assert.match(result.effect, /cannot open new connections/)
    assert.deepEqual([secretOf(world).value, rollouts(world)], [old, 0])
  })

  it('writes a licence and restarts the dashboard alone; registry credentials restart nothing', async () => {
    const world = await running()
    must(await rotate(world, {secret: 'licence', value: 'LICENCE-2'}))
    assert.deepEqual([secretOf(world, 'LicenceSecretArn').value, rollouts(world)], ['LICENCE-2', 1])
    const login = JSON.stringify({username: 'robot', password: 'token-2'})
    const result = must(await rotate(world, {secret: 'registry', value: login}))
    assert.deepEqual([result.restarted, rollouts(world)], [[], 1])
    assert.equal(secretOf(world, 'RegistrySecretArn').value, login)
  })

  it('is refused before anything is changed', async () => {
    const cases: [string, number, Partial<RotateOptions>, (world: World) => void][] = [
      ['SECRET_EMPTY', 12, {}, (world) => (secretOf(world).versions = [])],
      [
        'SECRET_EMPTY',
        12,
        {secret: 'licence', value: 'x'},
        (world) => (secretOf(world, 'LicenceSecretArn').versions = []),
      ],
      ['WRONG_ACCOUNT', 12, {account: '999999999999'}, () => undefined],
      ['CONFIRMATION_MISSING', 2, {confirmed: false}, () => undefined],
      [
        'LOGIN_REFUSED',
        12,
        {secret: 'registry', value: '{}'},
        (world) => (world.image = {found: false, why: 'denied', status: 401}),
      ],
      [
        'QUIESCED',
        12,
        {},
        (world) => {
          const {goal} = stackNamed(world, 'pi-demo-app')
          if (goal !== undefined) goal.parameters['Quiesced'] = 'true'
        },
      ],
    ]
    for (const [code, exitCode, more, spoil] of cases) {
      const world = await running()
      spoil(world)
      const ended = await rotate(world, more)
      assert.deepEqual([ended.code, ended.exitCode], [code, exitCode], ended.message)
      assert.deepEqual([secretOf(world).value, userOf(world), rollouts(world)], [old, old, 0], code)
    }
    assert.equal((await rotate(new World())).code, 'NOT_DEPLOYED')
    const world = await running()
    const ask = {possible: true, confirm: async () => false}
    assert.equal((await rotate(world, {confirmed: false}, {ask})).code, 'CANCELLED')
    must(await rotate(world, {confirmed: false}, {ask: {possible: true, confirm: async () => true}}))
  })

  it('asks only registries of this machine on the embedded AWS, and not those of tools', async () => {
    const world = await running()
    world.image = {found: false, why: 'missing', status: 404}
    world.runningImages = [
      {container: 'a', image: 'ghcr.io/pi-cr/server:1', digest: ''},
      {container: 'b', image: 'ghcr.io/pi-cr/renderer:1', digest: ''},
      {container: 'c', image: 'tools.example/adminer:1', digest: ''},
    ]
    const asked = {secret: 'registry', value: '{"username": "a", "password": "b"}'} as const
    const refused = await rotate(world, asked)
    assert.match(refused.message, /does not give ghcr\.io\/pi-cr\/server:1, ghcr\.io\/pi-cr\/renderer:1 to/)
    must(await rotate(world, {...asked, embedded: true}))
  })

  it('puts everything back when the new tasks do not start', async () => {
    const world = await running()
    world.badRollouts = ['tasks failed to start']
    const ended = await rotate(world)
    assert.deepEqual([ended.code, ended.exitCode], ['ROTATION_TAKEN_BACK', 14])
    assert.deepEqual([secretOf(world).value, userOf(world), rollouts(world)], [old, old, 2])
    assert.equal(newest(world, 'rotate').state, 'aborted')
    must(await runDeploy(world))
  })

  it('puts the former version back when the database does not take the new one', async () => {
    const world = await running()
    const onCall = atCall('containers.runTask', () => {
      world.taskResult = {stoppedReason: 'the database refused', containers: [{name: 'main', exitCode: 1}]}
    })
    const stuck = await rotate(world, {}, {onCall})
    assert.deepEqual([stuck.code, stuck.exitCode, secretOf(world).value], ['ROTATION_STUCK', 15, old])
    // Half of it is still open: nobody else begins until it is given up.
    assert.equal((await runDeploy(world)).code, 'OPERATION_UNFINISHED')
    world.taskResult = undefined
    must(await runAbort(world, newest(world, 'rotate').opId))
    assert.deepEqual([secretOf(world).value, userOf(world), rollouts(world)], [old, old, 0])
    must(await runDeploy(world))
  })

  it('takes back nothing where the value could not even be written', async () => {
    const world = await running()
    secretOf(world).value = 'no JSON'
    const ended = await rotate(world)
    assert.deepEqual([ended.code, secretOf(world).versions, rollouts(world)], ['ROTATION_TAKEN_BACK', ['v-old'], 0])
    assert.ok(ended.error instanceof PiError)
  })

  it('stops at Ctrl-C and goes on, or is given up', async () => {
    for (const heal of ['resume', 'abort'] as const) {
      const world = await running()
      const pause = new AbortController()
      const ended = await rotate(world, {}, {pause, onCall: atCall('secrets.putValue', () => ctrlC(pause))})
      assert.equal(ended.exitCode, 13)
      const {opId} = newest(world, 'rotate')
      if (heal === 'resume') {
        must(await runResume(world, opId))
        assert.notEqual(secretOf(world).value, old)
      } else {
        must(await runAbort(world, opId))
        assert.equal(secretOf(world).value, old)
      }
      assert.equal(userOf(world), secretOf(world).value, heal)
    }
  })

  it('cannot go on with a value that a person brought and a crash took', async () => {
    const world = await running()
    const {calls} = (await rotate(await running(), {secret: 'licence', value: 'L-2'})).process
    for (let call = 1; call <= calls; call += 1) {
      const copy = world.copy()
      const first = await rotate(copy, {secret: 'licence', value: 'L-2'}, {killAt: {call, when: 'before'}})
      if (copy.log.at(-1)?.method === 'putValue' || !first.process.dead) break
      const {opId, state} = newest(copy, 'rotate')
      if (opId === '' || state === 'done' || secretOf(copy, 'LicenceSecretArn').value === 'L-2') continue
      copy.clock.pass(3_600_000)
      assert.equal((await runResume(copy, opId)).code, 'VALUE_GONE')
      must(await runAbort(copy, opId))
      assert.equal(secretOf(copy, 'LicenceSecretArn').value, 'LICENCE-1')
    }
  })

  it('killed at any call and resumed or given up, leaves secret and database of one mind', async function () {
    this.timeout(120_000)
    const start = await running()
    const undisturbed = await rotate(start.copy())
    must(undisturbed)
    for (const heal of ['resume', 'abort'] as const) {
      for (let call = 1; call <= undisturbed.process.calls; call += 3) {
        const world = start.copy()
        await rotate(world, {}, {killAt: {call, when: call % 2 === 0 ? 'before' : 'after'}})
        world.clock.pass(3_600_000)
        const {opId, state} = newest(world, 'rotate')
        const unfinished = opId !== '' && state !== 'done'
        if (unfinished) must(heal === 'resume' ? await runResume(world, opId) : await runAbort(world, opId))
        assert.equal(userOf(world), secretOf(world).value, `${heal} after call ${call}`)
        if (unfinished && heal === 'abort') assert.equal(secretOf(world).value, old)
      }
    }
  })
})
