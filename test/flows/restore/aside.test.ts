import assert from 'node:assert/strict'
import {assetKey} from '../../../src/domain/assets/paths.ts'
import {showRestorePlan} from '../../../src/flows/restore/plan.ts'
import {FakeFolder} from '../../helpers/fake-aws/fake-assets.ts'
import {changed, lasting, replaced} from '../../helpers/fake-aws/after-a-set.ts'
import {crashMatrix} from '../../helpers/fake-aws/crash-matrix.ts'
import {afterDeath, inUse, newest, runAbort, runResume} from '../../helpers/fake-aws/in-use.ts'
import {
  type Ended,
  must,
  restoreOptions,
  runFinalize,
  runFlow,
  runGc,
  runRestore,
  runSnapshot,
  runUndo,
  type RunOptions,
} from '../../helpers/fake-aws/scenario.ts'
import {loadedIn, upload} from '../../helpers/fake-aws/sideloading.ts'
import {executed, parametersOf, warnings} from '../../helpers/fake-aws/traces.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

function asset(world: World, path: string): string {
  const bucket = [...world.state.buckets].find(([name]) => name.startsWith('assets-'))?.[1]
  return new TextDecoder().decode(bucket?.get(assetKey(path))?.body)
}

const plan = (world: World, only: readonly ('assets' | 'configuration' | 'files')[]) =>
  runFlow(world, (ports) => showRestorePlan(restoreOptions({only, safety: 'none'}), ports))

describe('restore run --only assets', () => {
  it('brings objects, bundle and files back, undoes it, and touches neither services nor generations', async () => {
    const {world, then, now} = await replaced()
    const result = must(await runRestore(world, {only: ['assets'], safety: 'none'}))
    assert.deepEqual([result.assets?.to, result.downMs], [result.opId, 0])
    assert.deepEqual(result.generations, {database: {from: 1, to: 1}, files: {from: 1, to: 1}})
    assert.deepEqual(loadedIn(world), then)
    assert.equal(asset(world, 'themes/a.css'), 'red')
    assert.deepEqual(executed(world), [])
    world.clock.pass(1000)
    must(await runUndo(world))
    assert.deepEqual(loadedIn(world), now)
    world.clock.pass(1000)
    must(await runRestore(world, {only: ['assets'], safety: 'live'}))
    assert.deepEqual(loadedIn(world), then)
    world.clock.pass(1000)
    assert.deepEqual(must(await runFinalize(world)).removed, [])
  })

  it('takes everything away again where nothing had been uploaded before', async () => {
    const {world, then} = await replaced()
    const bucket = [...world.state.buckets].find(([name]) => name.startsWith('assets-'))?.[1]
    bucket?.delete('bundles/demo/latest.json')
    const [files] = world.state.fileSystems.values()
    files?.assets?.clear()
    must(await runRestore(world, {only: ['assets'], safety: 'none'}))
    assert.deepEqual(loadedIn(world), then)
    world.clock.pass(1000)
    must(await runUndo(world))
    assert.deepEqual(loadedIn(world), new Map())
    assert.equal(bucket?.has('bundles/demo/latest.json'), false)
  })

  it('refuses an undo over a later upload, a set without assets, and contents that are gone', async () => {
    const {world} = await replaced()
    const after = world.copy()
    must(await runRestore(after, {only: ['assets'], safety: 'none'}))
    after.clock.pass(1000)
    await upload(after, new FakeFolder({'images/x.svg': 'x'}), true)
    assert.equal((await runUndo(after)).code, 'NOTHING_TO_UNDO')

    const records = [...world.state.buckets].find(([name]) => name.startsWith('records-'))?.[1]
    const content = [...(records?.keys() ?? [])].filter((key) => key.startsWith('objects/'))
    for (const key of content) {
      const damaged = world.copy()
      const bucket = [...damaged.state.buckets].find(([name]) => name.startsWith('records-'))?.[1]
      const isTemplate = new TextDecoder().decode(bucket?.get(key)?.body).includes('Parameters:')
      bucket?.delete(key)
      const ended = await runRestore(damaged, {only: ['assets'], safety: 'none'})
      assert.equal(ended.code, isTemplate ? undefined : 'PREFLIGHT_REFUSED', key)
    }
    const bare = await inUse()
    must(await runSnapshot(bare))
    bare.clock.pass(1000)
    assert.equal((await runRestore(bare, {only: ['assets'], safety: 'none'})).code, 'PREFLIGHT_REFUSED')
  })

  it('says which files could not be loaded, and goes on from there', async () => {
    const {world, then} = await replaced()
    world.brokenPaths.set('themes/a.css', 'no space left')
    const ended = await runRestore(world, {only: ['assets'], safety: 'none'})
    assert.equal(ended.code, 'FILES_INCOMPLETE')
    assert.match(ended.message, /no space left/)
    world.brokenPaths.clear()
    must(await runResume(world, newest(world, 'restore').opId))
    assert.deepEqual(loadedIn(world), then)
  })

  it('goes alone', async () => {
    const {world} = await replaced()
    assert.equal((await runRestore(world, {only: ['assets', 'files']})).code, 'SCOPES_CONFLICT')
    assert.equal((await plan(world, ['assets', 'configuration'])).code, 'SCOPES_CONFLICT')
    const shown = must(await plan(world, ['assets']))
    assert.deepEqual(
      shown.steps.map(({step, down}) => [step, down]),
      [
        ['STAGED', false],
        ['FLIPPED', false],
        ['COMMITTED', false],
      ],
    )
  })

  for (const how of ['resumed', 'aborted'] as const) {
    it(`killed at any call and ${how}, ends as ${how === 'resumed' ? 'an undisturbed one' : 'it began'}`, async function () {
      this.timeout(300_000)
      const {world: start} = await replaced()
      await judged(
        start,
        (world, options) => runRestore(world, {only: ['assets'], safety: 'none'}, options),
        how,
        'restore',
      )
    })
  }

  for (const how of ['resumed', 'aborted'] as const)
    it(`its undo, killed at any call and ${how}, ends whole`, async function () {
      this.timeout(300_000)
      const {world: start} = await replaced()
      must(await runRestore(start, {only: ['assets'], safety: 'none'}))
      start.clock.pass(1000)
      await judged(start, (world, options) => runUndo(world, {}, options), how, 'undo')
    })
})

async function judged(
  start: World,
  killed: (world: World, options: RunOptions) => Promise<Ended<unknown>>,
  how: 'resumed' | 'aborted',
  kind: 'restore' | 'undo',
): Promise<void> {
  const wanted = start.copy()
  must(await killed(wanted, {}))
  const [before, after] = [lasting(start), lasting(wanted)]
  assert.notDeepEqual(before, after)
  const abort = async (world: World, opId: string) => {
    must(await runAbort(world, opId))
    return runGc(world)
  }
  const kills = await crashMatrix({
    start: () => start.copy(),
    killed,
    then: afterDeath(kind, how === 'resumed' ? runResume : abort),
    judge(world, again) {
      must(again)
      const {opId, state} = newest(world, kind)
      const went = opId.includes(`-${kind}-`) && state !== 'aborted'
      assert.deepEqual(lasting(world), went ? after : before)
    },
  })
  assert.ok(kills > 60, `${kills} kills are few`)
}

describe('restore run --only configuration', () => {
  it('shows the plan, changes what differs through change sets, and can be undone', async () => {
    const world = await changed()
    const was = parametersOf(world, 'pi-demo-app')
    const shown = must(await plan(world, ['configuration']))
    assert.deepEqual(
      shown.configuration?.changes.map(({part, changes}) => [part, ...changes.map(({parameter}) => parameter)]),
      [
        ['network', 'NatMode'],
        ['database', 'InstanceClass'],
        ['app', 'ImageTag', 'DashboardEnvironmentFile'],
      ],
    )
    const ended = await runRestore(world, {only: ['configuration'], safety: 'none'})
    const result = must(ended)
    assert.deepEqual(result.configuration, shown.configuration?.changes)
    assert.deepEqual(executed(world), ['configure-network', 'configure-database', 'configure-app'])
    assert.equal(parametersOf(world, 'pi-demo-app')['ImageTag'], '2026_01')
    assert.equal(parametersOf(world, 'pi-demo-database-1')['InstanceClass'], 'db.t4g.medium')
    assert.equal(world.state.services.get('pi-demo-app-Renderer-Service')?.desired, 3)
    assert.ok(warnings(ended.events).includes('CONFIGURATION_FILE'))
    world.clock.pass(1000)
    assert.deepEqual(must(await plan(world, ['configuration'])).configuration?.changes, [])
    must(await runUndo(world))
    assert.deepEqual({...parametersOf(world, 'pi-demo-app'), RendererStartCount: was['RendererStartCount']}, was)
  })

  it('keeps to the data that live, whatever generation they are by now', async () => {
    const world = await changed()
    must(await runRestore(world, {safety: 'none'}))
    world.clock.pass(1000)
    must(await runRestore(world, {only: ['configuration'], safety: 'none'}))
    const {DatabaseGeneration, FilesGeneration, ImageTag} = parametersOf(world, 'pi-demo-app')
    assert.deepEqual([DatabaseGeneration, FilesGeneration, ImageTag], ['2', '2', '2026_01'])
    assert.equal(parametersOf(world, 'pi-demo-database-2')['InstanceClass'], 'db.t4g.medium')
  })

  it('brings an environment file back that is gone, and fails where the set lost it', async () => {
    const world = await changed()
    const artifacts = [...world.state.buckets].find(([name]) => name.startsWith('artifacts-'))?.[1]
    const key = [...(artifacts?.keys() ?? [])].filter((one) => one.endsWith('dashboard.env'))
    for (const one of key) artifacts?.delete(one)
    must(await runRestore(world, {only: ['configuration'], safety: 'none'}))
    assert.equal([...(artifacts?.keys() ?? [])].filter((one) => one.endsWith('.env')).length, 1)

    const lost = await changed()
    const records = [...lost.state.buckets].find(([name]) => name.startsWith('records-'))?.[1]
    for (const [one, {body}] of records ?? [])
      if (one.startsWith('objects/') && new TextDecoder().decode(body).startsWith('PI_A')) records?.delete(one)
    assert.equal((await runRestore(lost, {only: ['configuration'], safety: 'none'})).code, 'OBJECT_MISSING')
  })

  it('tells which images run by other digests, and which stacks of the set are no more', async () => {
    const world = await changed()
    for (const name of [...world.state.services.keys()])
      if (name.includes('Renderer')) world.state.services.delete(name)
    const shown = must(await plan(world, ['configuration']))
    assert.deepEqual(
      shown.configuration?.images.map(({container, now}) => [container, now]),
      [['pi-demo-app-Renderer-Service', '']],
    )
    world.state.stacks = world.state.stacks.filter(({name}) => name !== 'pi-demo-operations')
    const {checks} = must(await plan(world, ['configuration']))
    assert.equal(checks.find(({name}) => name === 'parts')?.verdict, 'UNKNOWN')
  })

  it('is taken back when one of its change sets fails', async () => {
    const world = await changed()
    const was = parametersOf(world, 'pi-demo-network')
    world.fail('pi-demo-app', 'update', {logicalId: 'DashboardService', reason: 'breaker'}, 1)
    const ended = await runRestore(world, {only: ['configuration'], safety: 'none'})
    assert.notEqual(ended.code, undefined)
    assert.equal(parametersOf(world, 'pi-demo-network')['NatMode'], 'one')
    must(await runAbort(world, newest(world, 'restore').opId))
    assert.deepEqual(parametersOf(world, 'pi-demo-network'), was)
  })

  for (const how of ['resumed', 'aborted'] as const) {
    it(`killed at any call and ${how}, ends as ${how === 'resumed' ? 'an undisturbed one' : 'it began'}`, async function () {
      this.timeout(300_000)
      const start = await changed()
      await judged(
        start,
        (world, options) => runRestore(world, {only: ['configuration'], safety: 'none'}, options),
        how,
        'restore',
      )
    })
  }

  for (const how of ['resumed', 'aborted'] as const)
    it(`its undo, killed at any call and ${how}, ends whole`, async function () {
      this.timeout(300_000)
      const start = await changed()
      must(await runRestore(start, {only: ['configuration'], safety: 'none'}))
      start.clock.pass(1000)
      await judged(start, (world, options) => runUndo(world, {}, options), how, 'undo')
    })
})
