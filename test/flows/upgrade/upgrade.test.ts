import assert from 'node:assert/strict'
import {parse} from 'yaml'
import {FailedError} from '../../../src/domain/errors.ts'
import type {UpgradeOptions, UpgradeResult} from '../../../src/flows/upgrade/options.ts'
import {upgrade} from '../../../src/flows/upgrade/upgrade.ts'
import {configurationSchema, type EnvironmentConfiguration} from '../../../src/domain/configuration.ts'
import {withoutDefaults} from '../../../src/domain/shared-defaults.ts'
import {inUse, newest, runResume} from '../../helpers/fake-aws/in-use.ts'
import {
  atCall,
  configured,
  ctrlC,
  demo,
  type Ended,
  must,
  runDeploy,
  runFlow,
  type RunOptions,
} from '../../helpers/fake-aws/scenario.ts'
import {executed, parametersOf, records, stackNamed} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'

const noAssets = () => Promise.reject(new RangeError('no assets here'))

/** A pi-aws.yaml in memory. */
class File {
  text = 'version: 1\nenvironments:\n  # ours\n  demo: {region: eu-west-1, domain: {httpOnly: true}}\n'
  writable = true

  get configuration(): EnvironmentConfiguration {
    return configurationSchema.parse(withoutDefaults(parse(this.text))).environments['demo'] as EnvironmentConfiguration
  }

  get tag(): string | undefined {
    return this.configuration.images.tag
  }

  readonly port = {
    read: async () => this.text,
    update: async (_path: string, edit: (text: string | undefined) => string) => {
      const text = edit(this.text)
      const changed = text !== this.text
      this.text = text
      return {changed, text}
    },
    isWritable: async () => this.writable,
  }
}

function run(
  world: World,
  more: Partial<UpgradeOptions> = {},
  {file = new File(), ...options}: RunOptions & {file?: File} = {},
): Promise<Ended<UpgradeResult>> {
  const asked: UpgradeOptions = {
    environment: demo,
    configuration: file.configuration,
    tag: '2026_11',
    toTemplate: false,
    rollback: false,
    snapshotFirst: true,
    consistency: 'strict',
    maxQuiesceMs: 900_000,
    dryRun: false,
    confirmed: true,
    confirm: undefined,
    cloudFormationRoleArn: undefined,
    file: 'pi-aws.yaml',
    embedded: false,
    assetsFolder: undefined,
    ...more,
  }
  return runFlow(world, (ports, given) => upgrade(asked, {...ports, tagFiles: file.port}, given, noAssets), options)
}

const runs = (world: World) => parametersOf(world, 'pi-demo-app')['ImageTag']
const sets = (world: World) => records(world, 'snapshots/manifests/').length
const down = (world: World) => [...world.state.services.values()].some(({desired}) => desired === 0)

describe('upgrade', () => {
  it('takes a snapshot, writes the tag into the file with its comments, deploys and waits', async () => {
    const world = await inUse()
    const file = new File()
    const result = must(await run(world, {}, {file}))
    assert.equal(result.state, 'upgraded')
    assert.deepEqual([runs(world), file.tag, sets(world), down(world)], ['2026_11', '2026_11', 1, false])
    assert.match(file.text, /# ours/)
    assert.match(result.snapshot ?? '', /^\d{8}t/)
    assert.deepEqual(result.plan.tag, {from: '2026_01', to: '2026_11'})
    assert.equal(result.plan.file, 'pi-aws.yaml')
    assert.ok(result.deployed?.some(({part, status}) => part === 'app' && status === 'updated'))
  })

  it('is handed over with its snapshot whole and the tag in the file, and gone on with from the journal', async () => {
    const world = await inUse()
    const file = new File()
    const ended = await run(world, {wait: false}, {file})
    assert.deepEqual([ended.code, ended.exitCode], ['NOT_WAITED', 8])
    assert.deepEqual([sets(world), file.tag, down(world)], [1, '2026_11', false])
    must(await runResume(world, newest(world, 'deploy').opId))
    assert.equal(runs(world), '2026_11')
  })

  it('shows images by digest, what users notice and what does not come back, and changes nothing', async () => {
    const world = await inUse()
    world.runningImages = [{container: 'dashboard', image: 'ghcr.io/pi-cr/server:2026_01', digest: 'sha256:a'}]
    world.images.set('ghcr.io/pi-cr/server:2026_11', {found: true, digest: 'sha256:b'})
    const file = new File()
    world.log = []
    const {state, plan} = must(await run(world, {dryRun: true, confirmed: false}, {file}))
    assert.equal(state, 'planned')
    assert.deepEqual(plan.images, [
      {
        name: 'server',
        from: {reference: 'ghcr.io/pi-cr/server:2026_01', digest: 'sha256:a'},
        to: {reference: 'ghcr.io/pi-cr/server:2026_11', digest: 'sha256:b'},
        same: false,
      },
    ])
    assert.deepEqual(
      plan.parts.filter(({action}) => action !== 'unchanged').map(({part}) => part),
      ['app'],
    )
    assert.match(plan.downtime.join(), /all services to zero[^]*dashboard[^]*503/)
    assert.match(plan.warnings.join(), /schema of the database/)
    assert.deepEqual([runs(world), sets(world), file.tag], ['2026_01', 0, undefined])
    assert.deepEqual(executed(world), [])
  })

  it('goes to the tag of the file where none is named, and writes nothing then', async () => {
    const world = await inUse()
    const file = new File()
    file.text = file.text.replace('{region', '{images: {tag: 2026_12}, region')
    const {plan} = must(await run(world, {tag: undefined}, {file: Object.assign(file, {writable: false})}))
    assert.deepEqual([runs(world), plan.file], ['2026_12', undefined])
    const again = must(await run(world, {tag: undefined}, {file}))
    assert.deepEqual([again.state, sets(world)], ['unchanged', 1])
  })

  it('is refused before anything is changed, and before the services go to zero', async () => {
    const cases: [string, string, (world: World, file: File) => Partial<UpgradeOptions>][] = [
      [
        'TAG_NOT_FOUND',
        'no ghcr.io/pi-cr/server:2026_11',
        (world) => {
          world.image = {found: false, why: 'missing', status: 404}
          return {}
        },
      ],
      [
        'CONFIGURATION_UNWRITABLE',
        'images.tag: 2026_11',
        (_world, file) => {
          file.writable = false
          return {}
        },
      ],
      [
        'TEMPLATES_MOVE',
        'network 1.0.0 -> 1.1.0',
        (world) => {
          const text = world.templates.get('network.yaml') ?? ''
          world.templates.set('network.yaml', text.replace('Value: 1.0.0', 'Value: 1.1.0'))
          return {}
        },
      ],
      [
        'UPGRADE_REFUSED',
        'database.Instance holds data',
        (world) => {
          const change = {path: [], logicalId: 'Instance', type: 'AWS::RDS::DBInstance', properties: []}
          world.changes.set('pi-demo-database-1', [{...change, action: 'Modify', replacement: 'True'}])
          return {}
        },
      ],
      [
        'UPGRADE_REFUSED',
        'UPDATE_ROLLBACK_FAILED',
        (world) => {
          stackNamed(world, 'pi-demo-operations').status = 'UPDATE_ROLLBACK_FAILED'
          return {}
        },
      ],
      [
        'TAG_FIXED',
        'parameters.ImageTag says 2026_03',
        () => ({configuration: configured({parameters: {ImageTag: '2026_03'}})}),
      ],
      ['NO_TAG_BEFORE', 'No tag before 2026_01', () => ({rollback: true, tag: undefined})],
      ['WRONG_ACCOUNT', '999999999999', () => ({configuration: configured({account: '999999999999'})})],
    ]
    for (const [code, message, spoil] of cases) {
      const world = await inUse()
      const file = new File()
      const more = spoil(world, file)
      world.log = []
      const ended = await run(world, more, {file})
      assert.deepEqual([ended.code, ended.exitCode], [code, 12], ended.message)
      assert.ok(ended.message.includes(message), ended.message)
      assert.deepEqual([runs(world), sets(world), file.tag, down(world)], ['2026_01', 0, undefined, false], code)
      assert.deepEqual(executed(world), [])
    }
    const ended = await run(new World())
    assert.deepEqual([ended.code, ended.exitCode], ['NOT_DEPLOYED', 5])
  })

  it('asks, wants a yes where nobody can be asked, and the name where no snapshot is taken', async () => {
    const world = await inUse()
    const unasked = await run(world, {confirmed: false})
    assert.deepEqual([unasked.code, unasked.exitCode], ['CONFIRMATION_MISSING', 2])
    const questions: string[] = []
    const declines = {possible: true, confirm: async (question: string) => (questions.push(question), false)}
    const declined = await run(world, {confirmed: false}, {ask: declines})
    assert.deepEqual([declined.code, declined.exitCode], ['CANCELLED', 130])
    assert.match(questions[0] ?? '', /from 2026_01 to 2026_11[^]*503[^]*Go on\?/)
    const nameless = await run(world, {snapshotFirst: false})
    assert.equal(nameless.code, 'CONFIRMATION_MISSING')
    assert.equal((await run(world, {snapshotFirst: false, confirm: 'other'})).code, 'CONFIRMATION_WRONG')
    assert.equal(runs(world), '2026_01')
    const agreed = {possible: true, confirm: async () => true}
    assert.equal(must(await run(world, {confirmed: false}, {ask: agreed})).state, 'upgraded')
  })

  it('leaves the snapshot out where the name says so, and says that the data then stay', async () => {
    const world = await inUse()
    const result = must(await run(world, {snapshotFirst: false, confirm: 'demo', confirmed: false}))
    assert.deepEqual([result.snapshot, sets(world), runs(world)], [undefined, 0, '2026_11'])
    assert.match(result.plan.warnings.join(), /No snapshot is taken first/)
    const embedded = await run(world, {snapshotFirst: false, tag: '2026_12', embedded: true, file: undefined})
    assert.deepEqual([must(embedded).plan.file, runs(world)], [undefined, '2026_12'])
  })

  it('goes back to the tag before with its own plan, and leaves the data to a restore', async () => {
    const world = await inUse()
    const file = new File()
    must(await run(world, {}, {file}))
    world.clock.pass(60_000)
    const back = must(await run(world, {rollback: true, tag: undefined}, {file}))
    assert.deepEqual(back.plan.tag, {from: '2026_11', to: '2026_01'})
    assert.deepEqual([runs(world), file.tag, sets(world)], ['2026_01', '2026_01', 2])
    assert.match(back.plan.warnings.join(), /going back with the data means restoring the snapshot/)
  })

  it('also goes back from a tag that a plain deploy brought', async () => {
    const world = await inUse()
    must(await runDeploy(world, {configuration: configured({images: {tag: '2026_05'}})}))
    world.clock.pass(60_000)
    must(await runDeploy(world, {configuration: configured({images: {tag: '2026_05'}, notify: 'a@b.example'})}))
    const {plan} = must(await run(world, {rollback: true, tag: undefined, dryRun: true}))
    assert.deepEqual(plan.tag, {from: '2026_05', to: '2026_01'})
  })

  it('moves templates with their notes when asked, alone or with a tag', async () => {
    const world = await inUse()
    const text = world.templates.get('files.yaml') ?? ''
    world.templates.set('files.yaml', text.replace('Value: 1.0.0', 'Value: 1.0.2'))
    const {plan, state} = must(await run(world, {tag: undefined, toTemplate: true}))
    assert.equal(state, 'upgraded')
    assert.deepEqual(plan.tag, {from: '2026_01', to: '2026_01'})
    assert.deepEqual(
      plan.templates.map(({part, from, to, notes}) => [part, from, to, notes.length]),
      [['files', '1.0.0', '1.0.2', 2]],
    )
    assert.deepEqual(plan.downtime, [])
    assert.equal(stackNamed(world, 'pi-demo-files').outputs['TemplateVersion'], '1.0.2')
    assert.equal(must(await run(world, {tag: undefined, toTemplate: true})).state, 'unchanged')
  })

  it('takes the tag out of the file again where CloudFormation rolled back, and says how the data come back', async () => {
    const world = await inUse()
    const file = new File()
    world.fail('pi-demo-app', 'update', {logicalId: 'DashboardService', reason: 'circuit breaker'})
    const ended = await run(world, {}, {file})
    assert.deepEqual([ended.exitCode, runs(world), file.tag], [14, '2026_01', undefined])
    const {suggestions} = ended.error as FailedError
    assert.match(suggestions.join('\n'), /If 2026_11 changed the data before it failed: pi-aws restore run \d{8}t/)
  })

  it('says how to go back where it failed otherwise', async () => {
    const world = await inUse()
    const file = new File()
    const fails = atCall('stacks.executeChangeSet', () => {
      throw new FailedError('AWS answered no.', {code: 'AWS_NO'})
    })
    const ended = await run(world, {snapshotFirst: false, confirm: 'demo'}, {file, onCall: fails})
    assert.deepEqual([ended.exitCode, ended.code, file.tag], [1, 'AWS_NO', '2026_11'])
    const {suggestions} = ended.error as FailedError
    assert.deepEqual(suggestions.slice(-1), ['Go back: pi-aws upgrade demo --tag 2026_01'])
    const bug = atCall('stacks.executeChangeSet', () => {
      throw new RangeError('of ours')
    })
    assert.equal((await run(world, {}, {file, onCall: bug})).message, 'of ours')
  })

  it('goes on, resumed, to the tag that was confirmed, whatever the file says by then', async () => {
    const world = await inUse()
    const pause = new AbortController()
    const ended = await run(world, {}, {pause, onCall: atCall('stacks.executeChangeSet', () => ctrlC(pause))})
    assert.equal(ended.exitCode, 13)
    const {opId, state} = newest(world, 'deploy')
    assert.equal(state, 'paused')
    must(await runResume(world, opId))
    assert.deepEqual([runs(world), down(world)], ['2026_11', false])
  })

  it('warns of a registry that cannot be asked, and asks none for what tasks pull by their role', async () => {
    const world = await inUse()
    const unreachable = atCall('imageRegistry.manifest', () => {
      throw new FailedError('The image registry ghcr.io cannot be reached.', {code: 'REGISTRY_UNREACHABLE'})
    })
    const ended = await run(world, {dryRun: true}, {onCall: unreachable})
    assert.equal(must(ended).plan.images[0]?.to.digest, undefined)
    assert.ok(ended.events.some((event) => event.type === 'warning' && event.code === 'DIGEST_UNKNOWN'))
    const bug = atCall('imageRegistry.manifest', () => {
      throw new RangeError('of ours')
    })
    assert.equal((await run(world, {dryRun: true}, {onCall: bug})).message, 'of ours')
    world.log = []
    must(await run(world, {dryRun: true, configuration: configured({images: {login: 'role'}})}))
    must(await run(world, {dryRun: true, embedded: true}))
    assert.ok(!world.log.some(({port}) => port === 'imageRegistry'))
    assert.deepEqual(executed(world), [])
  })

  it('killed anywhere and run again ends on the new release, with services up and a file that says so', async function () {
    this.timeout(120_000)
    const undisturbed = await run(await inUse())
    must(undisturbed)
    const {calls} = undisturbed.process
    const start = await inUse()
    for (let call = 1; call <= calls; call += 23) {
      const world = start.copy()
      const file = new File()
      const first = await run(world, {}, {file, killAt: {call, when: call % 2 === 0 ? 'before' : 'after'}})
      assert.ok(first.process.dead)
      world.clock.pass(3_600_000)
      const {opId, state} = newest(world)
      // What keeps services at zero has to be ended first, as the refusal says.
      let again = await run(world, {}, {file})
      if (again.code === 'OPERATION_UNFINISHED') {
        assert.notEqual(state, 'done')
        must(await runResume(world, opId))
        again = await run(world, {}, {file})
      }
      must(again)
      assert.deepEqual([runs(world), file.tag, down(world)], ['2026_11', '2026_11', false], `killed at call ${call}`)
    }
  })
})
