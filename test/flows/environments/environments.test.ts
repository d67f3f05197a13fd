import assert from 'node:assert/strict'
import {parseConfiguration} from '../../../src/domain/configuration-text.ts'
import {environmentsAmong, ownStacks, stateOf} from '../../../src/domain/environments.ts'
import {AccessError} from '../../../src/domain/errors.ts'
import type {AccountId, EnvironmentName} from '../../../src/domain/names.ts'
import type {StackStatus} from '../../../src/domain/stack-status.ts'
import {listEnvironments} from '../../../src/flows/environments/list.ts'
import {type EnvRemoveOptions, removeEnvironment} from '../../../src/flows/environments/remove.ts'
import {showEnvironment} from '../../../src/flows/environments/show.ts'
import {useEnvironment} from '../../../src/flows/environments/use.ts'
import {configured, demo, deployed, must, runFlow} from '../../helpers/fake-aws/scenario.ts'
import {mutations, stackNamed} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'

const path = 'pi-aws.yaml'
const text = `version: 1
# all of them
environments:
  demo: {region: eu-west-1} # the one
  prod: {region: eu-west-1, account: '999999999999'}
  other: {region: eu-central-1}
  new: {region: eu-west-1}
`

/** What env use chose, in memory. */
function memory(environment?: string) {
  let chosen = environment
  return {
    read: async () => chosen,
    write: async (_path: string, name: string | undefined) => {
      chosen = name
    },
  }
}

const row = (name: string, status: StackStatus = 'CREATE_COMPLETE') => ({name, status})
const name = (one: string) => one as EnvironmentName

describe('the state of an environment', () => {
  for (const [stacks, state] of [
    [[], 'absent'],
    [[row('pi-demo-foundation'), row('pi-demo-app')], 'deployed'],
    [[row('pi-demo-foundation'), row('pi-demo-files')], 'kept'],
    [[row('pi-demo-foundation'), row('pi-demo-app', 'UPDATE_IN_PROGRESS')], 'changing'],
    [[row('pi-demo-app', 'UPDATE_ROLLBACK_FAILED')], 'failed'],
  ] as const) {
    it(`is ${state} for ${stacks.map((one) => `${one.name} ${one.status}`).join(', ') || 'no stack'}`, () => {
      assert.equal(stateOf(stacks), state)
    })
  }

  it('is told by its own stacks alone', () => {
    const all = [
      row('pi-demo-app'),
      row('pi-demo-eu-app'),
      row('pi-demo-x'),
      row('pi-demo-files', 'REVIEW_IN_PROGRESS'),
    ]
    assert.deepEqual(
      ownStacks(name('demo'), all).map((one) => one.name),
      ['pi-demo-app'],
    )
    assert.deepEqual(environmentsAmong([row('pi-demo-foundation'), row('pi-A-foundation'), row('pi-demo-app')]), [
      'demo',
    ])
  })
})

describe('env list', () => {
  const {configuration} = parseConfiguration(path, text)

  it('shows those of the file and of the account, each with its state or why nobody knows', async () => {
    const world = await deployed()
    world.addStack('pi-stray-foundation').status = 'CREATE_COMPLETE'
    const {environments} = must(
      await runFlow(world, ({identity, stacks}) =>
        listEnvironments(
          {path, configuration, ask: true},
          async (region) => {
            if (region === 'eu-central-1') throw new AccessError('No credentials.', {code: 'CREDENTIALS_MISSING'})
            return {identity, stacks}
          },
          memory('prod'),
        ),
      ),
    )
    const {account} = world.caller
    const region = 'eu-west-1'
    assert.deepEqual(environments, [
      {name: 'demo', region, account, state: 'deployed', tag: '2026_01', configured: true, current: false},
      {
        ...{name: 'prod', region, account: '999999999999', state: 'elsewhere', configured: true, current: true},
        reason: `these credentials are of ${account}`,
      },
      {
        name: 'other',
        region: 'eu-central-1',
        state: 'unknown',
        reason: 'No credentials.',
        configured: true,
        current: false,
      },
      {name: 'new', region, state: 'absent', configured: true, current: false},
      {name: 'stray', region, account, state: 'kept', configured: false, current: false},
    ])
    assert.deepEqual(mutations(world), [])
  })

  it('asks for each environment with its own credentials, and tells what two ways lead to once', async () => {
    const world = await deployed()
    world.addStack('pi-stray-foundation').status = 'CREATE_COMPLETE'
    const ways = `version: 1
environments:
  demo: {region: eu-west-1}
  same: {region: eu-west-1, credentials: {profile: also}}
  far: {region: eu-west-1, account: '444455556666', credentials: {roleArn: 'arn:aws:iam::444455556666:role/r'}}
`
    const asked: unknown[] = []
    const {environments} = must(
      await runFlow(world, ({identity, stacks}) =>
        listEnvironments(
          {path, configuration: parseConfiguration(path, ways).configuration, ask: true},
          async (_region, credentials) => {
            asked.push(credentials)
            const caller = async () => ({...world.caller, account: '444455556666' as AccountId})
            if (credentials?.roleArn !== undefined)
              return {identity: {caller}, stacks: {...stacks, list: async () => []}}
            return {identity, stacks}
          },
          memory(),
        ),
      ),
    )
    assert.equal(asked.length, 3)
    assert.deepEqual(
      environments.map(({name: one, state}) => `${one} ${state}`),
      ['demo deployed', 'same absent', 'far absent', 'stray kept'],
    )
  })

  it('asks nobody where nobody is to be asked, and hides no fault of its own', async () => {
    const fail = () => Promise.reject(new RangeError('asked'))
    const {environments} = await listEnvironments({path, configuration, ask: false}, fail, memory())
    assert.ok(environments.every(({state, reason}) => state === 'unknown' && reason === 'not asked'))
    await assert.rejects(listEnvironments({path, configuration, ask: true}, fail, memory()), /asked/)
  })
})

describe('env show', () => {
  it('tells account, region, release, generations and versions', async () => {
    const world = await deployed()
    const show = (more: Record<string, unknown> = {}) =>
      runFlow(world, (ports) => showEnvironment({environment: demo, configuration: configured(more)}, ports))
    const shown = must(await show({images: {tag: '2026_05'}}))
    assert.deepEqual(
      [shown.account, shown.region, shown.state, shown.tag, shown.generations, shown.preset],
      [
        world.caller.account,
        'eu-west-1',
        'deployed',
        {configured: '2026_05', deployed: '2026_01'},
        {database: 1, files: 1},
        'small',
      ],
    )
    assert.equal(shown.stacks.length, 6)
    assert.ok(shown.stacks.every(({version, updatedAt}) => version === '1.0.0' && updatedAt !== ''))
    stackNamed(world, 'pi-demo-app').outputs = {}
    assert.equal(must(await show()).stacks.find(({part}) => part === 'app')?.version, undefined)
    const absent = must(
      await runFlow(new World(), (ports) => showEnvironment({environment: demo, configuration: configured()}, ports)),
    )
    assert.deepEqual([absent.state, absent.tag, absent.stacks], ['absent', {}, []])
    assert.equal((await show({account: '999999999999'})).code, 'WRONG_ACCOUNT')
  })
})

describe('env use', () => {
  it('chooses, tells what was chosen before, and takes it back', async () => {
    const chosen = memory()
    assert.deepEqual(await useEnvironment({path, environment: demo}, chosen), {path, environment: 'demo'})
    assert.deepEqual(await useEnvironment({path, environment: name('prod')}, chosen), {
      ...{path, environment: 'prod', was: 'demo'},
    })
    assert.deepEqual(await useEnvironment({path, environment: undefined}, chosen), {path, was: 'prod'})
    assert.equal(await chosen.read(), undefined)
  })
})

describe('env remove', () => {
  async function remove(world: World, more: Partial<EnvRemoveOptions> = {}, unreachable?: Error) {
    const file = {text: text as string | undefined}
    const chosen = memory('demo')
    const ended = await runFlow(world, (ports) =>
      removeEnvironment(
        {path, environment: demo, forget: false, confirmed: true, ...more},
        {
          configurationFiles: {
            read: async () => file.text,
            update: async (_path, edit) => {
              file.text = edit(file.text)
              return {changed: true, text: file.text}
            },
          },
          currentEnvironment: chosen,
          ask: ports.ask,
          place: async () => {
            if (unreachable !== undefined) throw unreachable
            return ports
          },
        },
      ),
    )
    return {ended, text: file.text ?? '', chosen: await chosen.read()}
  }

  it('takes the lines out, keeps everything else, and forgets the choice', async () => {
    const world = new World()
    const {ended, text: left, chosen} = await remove(world)
    assert.deepEqual(must(ended), {path, environment: 'demo', left: []})
    assert.doesNotMatch(left, /demo/)
    assert.match(left, /# all of them[^]*prod:[^]*other:/)
    assert.equal(chosen, undefined)
    const other = await remove(world, {environment: name('prod')})
    assert.equal(other.chosen, 'demo')
  })

  it('is refused while stacks stand, unless they are to be forgotten; AWS stays as it is', async () => {
    const world = await deployed()
    const refused = await remove(world)
    assert.deepEqual([refused.ended.code, refused.ended.exitCode, refused.text], ['STACKS_STAND', 12, text])
    const forgotten = await remove(world, {forget: true})
    assert.equal(must(forgotten.ended).left.length, 6)
    assert.doesNotMatch(forgotten.text, /demo/)
    assert.deepEqual(mutations(world), [])
  })

  it('is refused while nobody can tell, unless it is to be forgotten', async () => {
    const denied = new AccessError('AWS denies it.', {code: 'ACCESS_DENIED'})
    const refused = await remove(new World(), {}, denied)
    assert.deepEqual([refused.ended.code, refused.text], ['STACKS_UNKNOWN', text])
    assert.deepEqual(must((await remove(new World(), {forget: true}, denied)).ended).left, [])
    assert.equal((await remove(new World(), {}, new RangeError('of ours'))).ended.message, 'of ours')
  })

  it('asks, and needs a yes where nobody can be asked', async () => {
    const world = new World()
    assert.equal((await remove(world, {confirmed: false})).ended.code, 'CONFIRMATION_MISSING')
    assert.equal((await remove(world, {environment: name('nobody')})).ended.code, 'UNKNOWN_ENVIRONMENT')
    const place = async () => world.process().ports
    const options = {path, environment: demo, forget: false, confirmed: false}
    const files = (present: string | undefined) => ({
      read: async () => present,
      update: async (_path: string, edit: (text: string | undefined) => string) => ({
        changed: true,
        text: edit(present),
      }),
    })
    const asked = (yes: boolean, present: string | undefined = text) =>
      removeEnvironment(options, {
        configurationFiles: files(present),
        currentEnvironment: memory(),
        ask: {possible: true, confirm: async () => yes, text: async () => '', secret: async () => ''},
        place,
      })
    await assert.rejects(asked(false), {code: 'CANCELLED'})
    assert.deepEqual(await asked(true), {path, environment: 'demo', left: []})
    await assert.rejects(asked(true, ''), {code: 'INVALID_CONFIGURATION'})
    const none = {configurationFiles: files(undefined), currentEnvironment: memory(), place, ask: world.process().ask}
    await assert.rejects(removeEnvironment({...options, confirmed: true}, none), {code: 'CONFIGURATION_NOT_FOUND'})
  })
})
