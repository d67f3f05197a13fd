import assert from 'node:assert/strict'
import {FailedError, PendingError} from '../../../src/domain/errors.ts'
import {type OpId, parseOpId} from '../../../src/domain/names.ts'
import {opsAbort} from '../../../src/flows/ops/ops.ts'
import {resume} from '../../../src/flows/ops/resume.ts'
import {sideloadCancel, sideloadStatus, sideloadWait} from '../../../src/flows/sideload/status.ts'
import {FakeFolder} from '../../helpers/fake-aws/fake-assets.ts'
import {
  atCall,
  configured,
  ctrlC,
  demo,
  isCall,
  must,
  runDeploy,
  runDeployWith,
  runFlow,
  type RunOptions,
} from '../../helpers/fake-aws/scenario.ts'
import {loadedIn, runSideload, runVerify, someFiles, upload, uploaded} from '../../helpers/fake-aws/sideloading.ts'
import {lockOf, records, stackNamed} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'

const statusOf = (world: World, opId?: OpId) =>
  runFlow(world, (ports) => sideloadStatus({environment: demo, opId}, ports))
const waitFor = (world: World, opId?: OpId, options: RunOptions = {}) =>
  runFlow(world, (ports, run) => sideloadWait({environment: demo, account: undefined, opId}, ports, run), options)
const resumed = (world: World, opId: OpId) =>
  runFlow(world, (ports, run) =>
    resume(
      {
        environment: demo,
        configuration: configured(),
        opId,
        cloudFormationRoleArn: undefined,
        placeholderSecrets: false,
        assetsFolder: undefined,
      },
      ports,
      run,
      () => Promise.reject(new RangeError('no assets here')),
    ),
  )
const invocations = (world: World) =>
  world.log.flatMap(({method, args}) => (method === 'invoke' ? [args[1] as {operation: string; sliceId?: string}] : []))

describe('a side-load', () => {
  it('brings the bundle into the active generation, slice by slice, and tells of every path', async () => {
    const {world, folder} = await uploaded()
    const ended = await runSideload(world)
    const result = must(ended)
    assert.deepEqual(loadedIn(world), folder.loaded)
    assert.deepEqual([result.state, result.copied, result.skipped, result.failed], ['done', 8, 0, 0])
    assert.equal(result.generation, 1)
    assert.deepEqual(
      result.files.map(({path, result: what}) => [path, what]),
      [...folder.loaded.keys()].sort().map((path) => [path, 'copied']),
    )
    assert.deepEqual(
      ended.events.flatMap((event) => (event.type === 'file.result' ? [event.path] : [])),
      result.files.map(({path}) => path),
    )
    assert.ok(ended.events.some(({type}) => type === 'transfer.progress'))
    assert.deepEqual(
      records(world, `ops/${result.opId}/0`).map(([key]) => key.split('/')[2]),
      ['0001-plan.done.json', '0002-sideload.intent.json', '0003-sideload.done.json', '0004-committed.done.json'],
    )
  })

  it('copies nothing the second time', async () => {
    const {world} = await uploaded()
    must(await runSideload(world))
    const again = must(await runSideload(world))
    assert.deepEqual([again.copied, again.skipped], [0, 8])
  })

  it('needs a bundle, a function, the right account', async () => {
    const world = new World()
    must(await runDeploy(world))
    assert.deepEqual(await codeOf(runSideload(world)), [5, 'NO_BUNDLE'])
    assert.deepEqual(await codeOf(runVerify(world)), [5, 'NO_BUNDLE'])
    const {world: other} = await uploaded()
    assert.deepEqual(await codeOf(runSideload(other, {account: '999999999999'})), [12, 'WRONG_ACCOUNT'])
    other.state.functions.clear()
    assert.deepEqual(await codeOf(runSideload(other)), [5, 'FUNCTION_NOT_FOUND'])
    const part = new World()
    must(await runDeploy(part, {parts: ['foundation', 'network']}))
    assert.deepEqual(await codeOf(runSideload(part)), [12, 'NO_FUNCTION'])
  })

  it('waits for a function that was idle, and says why', async () => {
    const {world} = await uploaded()
    world.functionsAwakeAt = world.clock.time + 90_000
    const ended = await runSideload(world)
    must(ended)
    assert.ok(ended.events.some((event) => event.type === 'note' && event.message.includes('EFSMountTimeout')))
  })

  it('asks again for an invocation that was lost, under the same name', async () => {
    const {world, folder} = await uploaded()
    let lost = 3
    const onCall = atCall('functions.invoke', ({args}) => {
      const {operation} = args[1] as {operation: string}
      if (operation !== 'sideload' || lost-- <= 0) return
      throw new FailedError('The function failed: Task timed out', {code: 'FUNCTION_FAILED'})
    })
    must(await runSideload(world, {}, {onCall}))
    assert.deepEqual(loadedIn(world), folder.loaded)
    lost = 100
    const gaveUp = await runSideload(world, {}, {onCall})
    assert.deepEqual([gaveUp.exitCode, gaveUp.code], [1, 'FUNCTION_FAILED'])
  })

  it('does not ask again for what the function refuses', async () => {
    const {world} = await uploaded()
    world.functionAnswers.set('sideload', {ok: false, error: {code: 'MANIFEST_BROKEN', message: 'line 3'}})
    const ended = await runSideload(world)
    assert.deepEqual([ended.exitCode, ended.code], [1, 'SIDELOAD_MANIFEST_BROKEN'])
    assert.equal(invocations(world).filter(({operation}) => operation === 'sideload').length, 1)
  })

  it('names files that fail, loads the others, fails as a whole; resumed it tries them again', async () => {
    const {world, folder} = await uploaded()
    world.brokenPaths.set('images/a b.svg', 'no space is left')
    const result = must(await runSideload(world))
    assert.deepEqual([result.state, result.failed, result.copied], ['failed', 1, 7])
    assert.deepEqual(
      result.files.filter(({result: what}) => what === 'failed'),
      [{path: 'images/a b.svg', result: 'failed', reason: 'no space is left'}],
    )
    assert.equal(lockOf(world), undefined)
    const status = must(await statusOf(world))
    assert.deepEqual([status.state, status.failed, status.copied], ['failed', 1, 7])
    const waited = must(await waitFor(world))
    assert.equal(waited.state, 'failed', 'waiting does not try again')

    world.brokenPaths.clear()
    const again = must(await resumed(world, result.opId as OpId))
    assert.equal(again.kind, 'sideload')
    assert.deepEqual(loadedIn(world), folder.loaded)
    const after = must(await statusOf(world))
    assert.deepEqual([after.state, after.failed, after.copied, after.skipped], ['done', 0, 1, 7])
  })

  it('prunes what an earlier bundle brought, and nothing while something fails', async () => {
    const {world, folder} = await uploaded()
    must(await runSideload(world))
    folder.files.delete('themes/x/theme.json')
    await upload(world, folder, true)
    world.brokenPaths.set('images/a b.svg', 'a reason')
    assert.equal(must(await runSideload(world, {prune: true})).state, 'failed')
    assert.ok(loadedIn(world).has('themes/x/theme.json'))
    world.brokenPaths.clear()
    const result = must(await runSideload(world, {prune: true}))
    assert.equal(result.removed, 1)
    assert.deepEqual(loadedIn(world), folder.loaded)
    assert.deepEqual(result.files.at(-1), {path: 'themes/x/theme.json', result: 'removed'})
  })

  it('makes room by pruning where a file became a folder or a folder a file, unless something else fails too', async () => {
    const {world, folder} = await uploaded()
    must(await runSideload(world))
    const before = new Map(folder.files)
    folder.files.delete('themes/x/theme.css')
    folder.files.delete('themes/x/theme.json')
    folder.files.set('themes/x', 'a file')
    await upload(world, folder, true)
    const blocked = must(await runSideload(world))
    assert.equal(blocked.state, 'failed', 'without --prune nothing is removed')
    const ended = await runSideload(world, {prune: true})
    const result = must(ended)
    assert.deepEqual([result.state, result.copied, result.removed, result.failed], ['done', 1, 3, 0])
    assert.deepEqual(loadedIn(world), folder.loaded)
    assert.equal(must(await statusOf(world)).state, 'done')
    assert.equal(must(await runVerify(world)).same, folder.loaded.size)

    folder.files.delete('themes/x')
    for (const [path, one] of before) folder.files.set(path, one)
    await upload(world, folder, true)
    world.brokenPaths.set('images/a b.svg', 'a reason')
    const broken = must(await runSideload(world, {prune: true}))
    assert.deepEqual([broken.state, loadedIn(world).has('themes/x')], ['failed', true], 'another failure: nothing goes')
    world.brokenPaths.clear()
    assert.equal(must(await runSideload(world, {prune: true})).state, 'done')
    assert.deepEqual(loadedIn(world), folder.loaded)
  })

  it('that makes room ends at the bundle wherever it is killed and run again', async () => {
    const turned = async () => {
      const made = await uploaded()
      must(await runSideload(made.world))
      made.folder.files.delete('themes/x/theme.css')
      made.folder.files.delete('themes/x/theme.json')
      made.folder.files.set('themes/x', 'a file')
      await upload(made.world, made.folder, true)
      return made
    }
    const calls = (await runSideload((await turned()).world, {prune: true})).process.calls
    assert.ok(calls > 20)
    for (let call = 1; call <= calls; call++) {
      for (const when of ['before', 'after'] as const) {
        const {world, folder} = await turned()
        await runSideload(world, {prune: true}, {killAt: {call, when}})
        // Another machine's claim lapses.
        world.clock.pass(3_600_000)
        const again = must(await runSideload(world, {prune: true}))
        assert.equal(again.state, 'done', `killed ${when} ${call}`)
        assert.deepEqual(loadedIn(world), folder.loaded, `killed ${when} ${call}`)
      }
    }
  })

  it('pauses at Ctrl-C with 13 and goes on where it was', async () => {
    const {world, folder} = await uploaded()
    const pause = new AbortController()
    let slices = 0
    const onCall = atCall('functions.invoke', ({args}) => {
      if ((args[1] as {operation: string}).operation === 'sideload' && ++slices === 2) ctrlC(pause)
    })
    const ended = await runSideload(world, {}, {pause, onCall})
    assert.deepEqual([ended.exitCode, ended.code], [13, 'PAUSED'])
    const {opId, state, copied} = must(await statusOf(world))
    assert.deepEqual([state, copied], ['paused', 4])
    world.log = []
    must(await resumed(world, parseOpId(opId)))
    assert.deepEqual(loadedIn(world), folder.loaded)
    const ids = invocations(world).flatMap(({sliceId}) => sliceId ?? [])
    assert.deepEqual(ids, ['sideload-0-0-3', 'sideload-0-0-4'], 'what was done is not done again')
  })

  it('of two at once one works, the other ends 11 and names the holder', async () => {
    const {world} = await uploaded()
    let second: Promise<unknown> | undefined
    const onCall = atCall('functions.invoke', () => {
      second ??= codeOf(runSideload(world, {}, {user: 'bob'}))
    })
    must(await runSideload(world, {}, {onCall, user: 'ann'}))
    assert.deepEqual(await second, [11, 'LOCKED'])
  })

  it('can be given up, by ops abort or sideload cancel', async () => {
    const {world} = await uploaded()
    const killed = await runSideload(world, {}, {killAt: {call: isCall('functions.invoke'), when: 'after'}})
    assert.ok(killed.process.dead)
    const {opId, state} = must(await statusOf(world))
    assert.equal(state, 'open')
    const cancelled = must(await runFlow(world, (ports) => sideloadCancel({environment: demo, opId: undefined}, ports)))
    assert.deepEqual([cancelled.opId, cancelled.state], [opId, 'aborted'])
    assert.equal(must(await statusOf(world)).state, 'aborted')
    const late = await runFlow(world, (ports) => opsAbort({environment: demo, opId: opId as OpId}, ports))
    assert.deepEqual([late.exitCode, late.code], [12, 'NOT_UNFINISHED'])
  })

  it('handed over it is running, and whoever waits finds what the function did alone', async () => {
    const {world, folder} = await uploaded()
    const handed = must(await runSideload(world, {wait: false}))
    assert.equal(handed.state, 'running')
    assert.deepEqual(must(await statusOf(world)).state, 'running')
    world.log = []
    const result = must(await waitFor(world))
    assert.deepEqual([result.state, result.opId, result.copied], ['done', handed.opId, 8])
    assert.deepEqual(loadedIn(world), folder.loaded)
    assert.ok(!invocations(world).some(({sliceId}) => sliceId === 'sideload-0-0-1'))
  })

  it('handed over to a function that never came to it, it is driven after the time that the function had', async () => {
    const {world, folder} = await uploaded()
    world.ignores.add('begin')
    must(await runSideload(world, {wait: false}))
    const begun = world.clock.time
    must(await waitFor(world))
    assert.deepEqual(loadedIn(world), folder.loaded)
    assert.ok(world.clock.time - begun >= 120_000)
    assert.equal(must(await waitFor(world)).state, 'done', 'one that is done is only looked at')
  })

  it('is looked at while somebody else drives it', async () => {
    const {world} = await uploaded()
    let looks = 0
    let waiting: Promise<unknown> | undefined
    const onCall = atCall('functions.invoke', ({args}) => {
      if ((args[1] as {operation: string}).operation !== 'sideload' || looks++ > 0) return
      waiting = (async () => {
        const running = must(await statusOf(world))
        const waited = must(await waitFor(world))
        return [running.state, waited.state]
      })()
    })
    must(await runSideload(world, {}, {onCall}))
    assert.deepEqual(await waiting, ['running', 'done'])
  })

  it('ends the wait at the time limit with 8', async () => {
    const {world} = await uploaded()
    world.functionsAwakeAt = world.clock.time + 300_000
    const pause = new AbortController()
    const onCall = atCall('functions.invoke', () =>
      pause.abort(new PendingError('The time limit ended the wait.', {code: 'TIMEOUT'})),
    )
    const ended = await runSideload(world, {}, {pause, onCall})
    assert.deepEqual([ended.exitCode, ended.code], [8, 'TIMEOUT'])
  })

  it('is told of by its journal when what slices told of each file has expired', async () => {
    const {world} = await uploaded()
    const {opId, copied, bytes} = must(await runSideload(world))
    for (const [name, objects] of world.state.buckets) {
      if (!name.startsWith('records-')) continue
      for (const key of [...objects.keys()]) if (key.startsWith(`ops/${opId}/result-`)) objects.delete(key)
    }
    const told = must(await statusOf(world))
    assert.deepEqual([told.state, told.copied, told.bytes, told.files], ['done', copied, bytes, []])
    assert.ok(copied > 0)
  })

  it('status, wait and cancel say so where there is none', async () => {
    const world = new World()
    must(await runDeploy(world))
    assert.deepEqual(await codeOf(statusOf(world)), [5, 'NO_SIDELOAD'])
    assert.deepEqual(await codeOf(waitFor(world)), [5, 'NO_SIDELOAD'])
    const [deployed] = records(world, 'ops/').flatMap(([key]) => key.split('/')[1] ?? [])
    assert.deepEqual(await codeOf(statusOf(world, deployed as OpId)), [5, 'NO_SIDELOAD'])
  })

  it('is not gone on with when the platform has moved to another generation', async () => {
    const {world} = await uploaded()
    const {opId} = must(await runSideload(world, {wait: false}))
    const app = stackNamed(world, 'pi-demo-app')
    app.goal!.parameters['FilesGeneration'] = '2'
    const ended = await waitFor(world, opId as OpId)
    assert.deepEqual([ended.exitCode, ended.code], [12, 'GENERATION_MOVED'])
  })

  it('says what to do where the function is older than the command', async () => {
    const {world} = await uploaded()
    world.answer = ({operation}) =>
      operation === 'sideload' ? {ok: false, error: {code: 'UNKNOWN_OPERATION', message: 'no such'}} : undefined
    const {error} = await runSideload(world)
    assert.match((error as {suggestions: readonly string[]}).suggestions.join(), /pi-aws deploy/)
  })

  it('stops where the function comes no further', async () => {
    const {world} = await uploaded()
    // Results that were written once and always name the same place.
    const onCall = atCall('objects.get', ({args}) => {
      const [bucket, key] = args as [string, string]
      if (!key.includes('result-')) return
      const found = world.state.buckets.get(bucket)?.get(key)
      const text = JSON.stringify({counts: {}, cursor: 'here'})
      if (found !== undefined)
        world.state.buckets.get(bucket)?.set(key, {...found, body: new TextEncoder().encode(text)})
    })
    const ended = await runSideload(world, {}, {onCall})
    assert.deepEqual([ended.exitCode, ended.code], [1, 'SIDELOAD_STUCK'])
  })
})

describe('a verification', () => {
  it('tells what is the same, changed and missing, and changes nothing', async () => {
    const {world} = await uploaded()
    must(await runSideload(world))
    const held = loadedIn(world) as Map<string, string>
    held.set('images/a b.svg', 'something else')
    held.delete('locale/de.properties')
    const before = new Map(held)
    const result = must(await runVerify(world))
    assert.deepEqual([result.same, result.changed, result.missing, result.failed], [6, 1, 1, 0])
    assert.deepEqual(loadedIn(world), before)
  })

  it('leaves an unfinished side-load alone, and is resumed by its id', async () => {
    const {world} = await uploaded()
    await runSideload(world, {}, {killAt: {call: isCall('functions.invoke'), when: 'after'}})
    await runVerify(world, undefined, {killAt: {call: isCall('functions.invoke'), when: 'after'}})
    assert.equal(must(await statusOf(world)).state, 'open')
    const opId = records(world, 'ops/')
      .map(([key]) => key.split('/')[1] ?? '')
      .find((id) => id.includes('-verify-'))
    const again = must(await resumed(world, opId as OpId))
    assert.equal(again.kind, 'verify')
  })
})

describe('a deploy with a folder of assets', () => {
  it('ends with the folder in the file system, and finds all of it there the second time', async () => {
    const world = new World()
    const folder = new FakeFolder(someFiles)
    const first = must(await runDeployWith(folder, world))
    assert.deepEqual(loadedIn(world), folder.loaded)
    assert.equal(first.assets?.files, 4)
    assert.deepEqual([first.assets.sent, first.assets.copied], [4, 8])
    assert.equal(first.assets.place, `${first.outputs['FileSystemId']}:/gen/1`)
    assert.equal([...world.state.fileSystems.values()][0]?.active, 1)
    const began = world.clock.time
    const again = await runDeployWith(folder, world)
    const second = must(again)
    assert.deepEqual([second.changed, second.assets?.sent, second.assets?.copied], [false, 0, 0])
    assert.ok(again.process.calls <= 100, `${again.process.calls} calls`)
    assert.ok(world.clock.time - began < 5000)
    folder.files.set('svg/new.svg', 'new')
    assert.equal(must(await runDeployWith(folder, world)).changed, true)
    assert.deepEqual(loadedIn(world), folder.loaded)
  })

  it('a folder that is not there is told of before anything is changed', async () => {
    const world = new World()
    const ended = await runDeployWith(new FakeFolder({}), world, {assetsFolder: '/nowhere'})
    assert.deepEqual([ended.exitCode, ended.code], [5, 'FOLDER_NOT_FOUND'])
    assert.equal(world.state.stacks.length, 0)
  })

  it('a failing side-load fails the deploy and says that the stacks stand', async () => {
    const world = new World()
    world.brokenPaths.set('images/a b.svg', 'no space is left')
    const folder = new FakeFolder(someFiles)
    const ended = await runDeployWith(folder, world)
    assert.deepEqual([ended.exitCode, ended.code], [1, 'ASSETS_NOT_LOADED'])
    assert.match(ended.message, /demo is deployed and works, .*a b\.svg.*no space is left/)
    const {suggestions} = ended.error as {suggestions: readonly string[]}
    assert.ok(suggestions.includes('pi-aws deploy demo'))
    assert.ok(suggestions.some((one) => one.startsWith('pi-aws sideload status ')))
    world.brokenPaths.clear()
    must(await runDeployWith(folder, world))
    assert.deepEqual(loadedIn(world), folder.loaded)
  })

  it('leaves assets alone where only other parts are deployed', async () => {
    const world = new World()
    const folder = new FakeFolder(someFiles)
    must(await runDeployWith(folder, world))
    world.log = []
    const {assets} = must(await runDeployWith(folder, world, {parts: ['network']}))
    assert.equal(assets, undefined)
    assert.deepEqual(invocations(world), [])
  })

  it('paused in its assets it is the deploy that is resumed', async () => {
    const world = new World()
    const folder = new FakeFolder(someFiles)
    const pause = new AbortController()
    const onCall = atCall(
      ({name, args}) => name === 'functions.invoke' && (args[1] as {operation: string}).operation === 'sideload',
      () => ctrlC(pause),
    )
    const ended = await runDeployWith(folder, world, {}, {pause, onCall})
    assert.equal(ended.exitCode, 13)
    assert.match((ended.error as {suggestions: readonly string[]}).suggestions[0] ?? '', /ops resume \S+-deploy-/)
    must(await runDeployWith(folder, world))
    assert.deepEqual(loadedIn(world), folder.loaded)
  })
})

async function codeOf(
  running: Promise<{readonly exitCode: number; readonly code: string | undefined}>,
): Promise<readonly [number, string | undefined]> {
  const {exitCode, code} = await running
  return [exitCode, code]
}
