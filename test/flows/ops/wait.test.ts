import assert from 'node:assert/strict'
import {parseOpId} from '../../../src/domain/names.ts'
import {opsAbort} from '../../../src/flows/ops/ops.ts'
import {waitForOperation} from '../../../src/flows/ops/wait.ts'
import {
  atCall,
  configured,
  ctrlC,
  deathAt,
  demo,
  executes,
  must,
  runDeploy,
  runDestroy,
  runFlow,
  type RunOptions,
  runSnapshot,
} from '../../helpers/fake-aws/scenario.ts'
import {inUse} from '../../helpers/fake-aws/in-use.ts'
import {journal, messages, mutations, records} from '../../helpers/fake-aws/traces.ts'
import {other, runCopy, two} from '../../helpers/fake-aws/two-environments.ts'
import {World} from '../../helpers/fake-aws/world.ts'
import {PendingError, type PiError} from '../../../src/domain/errors.ts'
import {unfinishedRestore} from '../../../src/flows/restore/status.ts'

const wait = (world: World, opId?: string, options: RunOptions = {}, environment = demo) =>
  runFlow(
    world,
    (ports, run) =>
      waitForOperation(
        {
          environment,
          configuration: configured({}, environment),
          opId: opId === undefined ? undefined : parseOpId(opId),
          cloudFormationRoleArn: undefined,
          placeholderSecrets: false,
          assetsFolder: undefined,
        },
        ports,
        run,
        () => Promise.reject(new RangeError('no assets here')),
        () => Promise.resolve({account: undefined, ports}),
      ),
    options,
  )

/** Starts something beside a deploy, as soon as it is journaled. */
async function besideDeploy<T>(world: World, act: () => Promise<T>, deploy: RunOptions = {}) {
  let beside: Promise<T> | undefined
  const deployed = await runDeploy(
    world,
    {},
    {
      ...deploy,
      onCall(call) {
        if (records(world, 'ops/').length > 0) beside ??= act()
        deploy.onCall?.(call)
      },
    },
  )
  return {deployed, beside: await beside!}
}

describe('ops wait', () => {
  it('looks at a deploy of another process until it is done, tells its steps and changes nothing', async () => {
    const world = new World()
    const {deployed, beside} = await besideDeploy(world, () => wait(world, undefined, {pid: 77}))
    const result = must(beside)
    assert.equal(result.opId, must(deployed).opId)
    assert.deepEqual([result.state, result.exitCode, result.wentOn], ['done', 0, false])
    const steps = beside.events.flatMap((event) => (event.type === 'step.finished' ? [event.step] : []))
    assert.ok(steps.includes('network') && steps.includes('app'), steps.join())
    const begun = beside.events.flatMap((event) => (event.type === 'step.started' ? [event.step] : []))
    assert.ok(begun.includes('app'), begun.join())
    assert.equal(
      beside.events.some(({type}) => type === 'operation.started'),
      false,
    )
    const times = beside.events.flatMap((event) => (event.type === 'step.finished' ? [event.durationMs] : []))
    assert.ok(times.some((ms) => ms > 0))
  })

  it('ends as the operation does: with the code of its failure', async () => {
    const world = new World()
    world.fail('pi-demo-network', 'create', {logicalId: 'Nat', reason: 'no addresses'})
    const {deployed, beside} = await besideDeploy(world, () => wait(world, undefined, {pid: 77}))
    const result = must(beside)
    assert.deepEqual([result.state, result.exitCode], ['failed', deployed.exitCode])
    assert.match(result.reason ?? '', /STACK_ROLLED_BACK/)
    const failed = beside.events.find((event) => event.type === 'step.failed')
    assert.match(failed?.type === 'step.failed' ? failed.message : '', /no addresses/)
    assert.equal(must(await wait(world)).exitCode, deployed.exitCode, 'a second time as well')
  })

  it('goes on with what --no-wait handed over, under its own id', async () => {
    const world = new World()
    assert.equal((await runDeploy(world, {wait: false})).exitCode, 8)
    const ended = await wait(world)
    const result = must(ended)
    assert.deepEqual([result.kind, result.state, result.exitCode, result.wentOn], ['deploy', 'done', 0, true])
    assert.ok(ended.events.some((event) => event.type === 'operation.started' && event.opId === result.opId))
    assert.equal(must(await wait(world, result.opId)).wentOn, false)
  })

  it('goes on with a destroy that was handed over at its first stack operation', async () => {
    const world = await inUse()
    const handed = await runDestroy(world, {wait: false})
    assert.deepEqual([handed.code, handed.exitCode], ['NOT_WAITED', 8])
    assert.ok(records(world, 'locks/').length === 0, 'nobody holds the environment')
    assert.ok(!handed.events.some(({type}) => type === 'step.failed'), 'what goes on has not failed')
    assert.ok(handed.events.some((event) => event.type === 'step.finished' && event.outcome === 'running'))
    const result = must(await wait(world))
    assert.deepEqual([result.kind, result.state, result.exitCode, result.wentOn], ['destroy', 'done', 0, true])
    const left = [...world.state.stacks.values()].filter(({status}) => status !== 'DELETE_COMPLETE')
    assert.deepEqual(left.map(({name}) => name).sort(), ['pi-demo-files', 'pi-demo-foundation'])
  })

  it('goes on with a copy into another environment whose time was up', async () => {
    const world = await two()
    const pause = new AbortController()
    const timeUp = () => pause.abort(new PendingError('The time limit ended the wait.', {code: 'TIMEOUT'}))
    assert.equal((await runCopy(world, {pause, onCall: atCall('backups.copyJob', timeUp)})).exitCode, 8)
    const none = await runFlow(world, (ports) => unfinishedRestore(other, ports))
    assert.equal(none.code, 'RESTORE_NOT_FOUND')
    assert.match((none.error as PiError).suggestions.join(), /^pi-aws ops resume \S+-copy-\S+ --environment other$/)
    const result = must(await wait(world, undefined, {}, other))
    assert.deepEqual([result.kind, result.state, result.exitCode, result.wentOn], ['copy', 'done', 0, true])
    assert.equal(must(await runCopy(world)).copied, false)
  })

  it('goes on with a destroy that was handed over while a stack was being deleted', async () => {
    const world = new World()
    must(await runDeploy(world, {parts: ['foundation', 'network'], secrets: {}}))
    const handed = await runDestroy(world, {wait: false})
    assert.deepEqual([handed.code, handed.exitCode], ['NOT_WAITED', 8])
    assert.equal(world.stack('pi-demo-network')?.status, 'DELETE_IN_PROGRESS')
    assert.equal(must(await wait(world)).state, 'done')
    assert.notEqual(world.stack('pi-demo-network')?.status, 'DELETE_IN_PROGRESS')
  })

  it('goes on with a snapshot that was handed over with its services up, and makes the same set of it', async () => {
    for (const consistency of ['strict', 'live'] as const) {
      const world = await inUse()
      const before = [...world.state.services.values()].map(({desired}) => desired)
      const handed = await runSnapshot(world, {consistency, wait: false})
      assert.deepEqual([handed.code, handed.exitCode], ['NOT_WAITED', 8])
      assert.deepEqual(
        [...world.state.services.values()].map(({desired}) => desired),
        before,
      )
      assert.equal(records(world, 'snapshots/manifests/').length, 0)
      assert.ok(records(world, 'locks/').length === 0, 'nobody holds the environment')
      const result = must(await wait(world))
      assert.deepEqual([result.kind, result.state, result.exitCode, result.wentOn], ['snapshot', 'done', 0, true])
      assert.equal(records(world, 'snapshots/manifests/').length, 1)
      assert.equal(world.log.filter(({method}) => method === 'startBackup').length, 1)
    }
  })

  it('ends with the error of what it went on with, and the next wait with its code', async () => {
    const world = new World()
    await runDeploy(world, {wait: false})
    world.fail('pi-demo-database-1', 'create', {logicalId: 'Instance', reason: 'no room'})
    const ended = await wait(world)
    assert.deepEqual([ended.exitCode, ended.code], [14, 'STACK_ROLLED_BACK'])
    const again = must(await wait(world))
    assert.deepEqual([again.state, again.exitCode, again.wentOn], ['failed', 14, false])
  })

  it('of two that wait for what was handed over one goes on, and the other looks at it', async () => {
    const world = new World()
    await runDeploy(world, {wait: false})
    const both = await Promise.all([wait(world, undefined, {pid: 71}), wait(world, undefined, {pid: 72})])
    assert.deepEqual(both.map((ended) => must(ended).wentOn).sort(), [false, true])
    assert.deepEqual(
      both.map((ended) => must(ended).exitCode),
      [0, 0],
    )
  })

  it('leaves alone what a person paused and what died: 13, and the commands to go on', async () => {
    const world = new World()
    const pause = new AbortController()
    await runDeploy(world, {}, {pause, onCall: atCall(executes('database'), () => ctrlC(pause))})
    const before = mutations(world).length
    const paused = must(await wait(world))
    assert.deepEqual([paused.state, paused.exitCode, paused.wentOn], ['paused', 13, false])
    assert.equal(mutations(world).length, before)

    const other = new World()
    await runDeploy(other, {}, deathAt('network'))
    const died = must(await wait(other))
    assert.deepEqual([died.state, died.exitCode], ['open', 13])
  })

  it('waits for one whose machine is gone until its lock is dead', async () => {
    const world = new World()
    await runDeploy(world, {}, {host: 'runner-1', ...deathAt('network')})
    const begun = world.clock.time
    const result = must(await wait(world))
    assert.deepEqual([result.state, result.exitCode], ['open', 13])
    assert.ok(world.clock.time - begun >= 100_000, 'a lock lives two minutes')
    assert.ok(world.clock.time - begun <= 130_000)
    world.clock.pass(1000)
    must(await runDeploy(world))
    assert.equal(must(await wait(world, result.opId)).state, 'done', 'what took it up is what is waited for')
  })

  it('follows an operation to the one that took it up', async () => {
    const world = new World()
    await runDeploy(world, {wait: false})
    const opId = must(await runFlow(world, async () => lastOpId(world)))
    world.clock.pass(1000)
    must(await runDeploy(world))
    const ended = await wait(world, opId)
    assert.notEqual(must(ended).opId, opId)
    assert.deepEqual([must(ended).state, must(ended).exitCode], ['done', 0])
    assert.match(messages(ended.events, 'note').join(), /was taken up by/)
  })

  it('ends 130 for one that was given up, 5 where there is none', async () => {
    const world = new World()
    must(await runDeploy(world, {parts: ['foundation']}))
    const pause = new AbortController()
    world.clock.pass(1000)
    await runDeploy(world, {}, {pause, onCall: atCall(executes('network'), () => ctrlC(pause))})
    const opId = lastOpId(world)
    must(await runFlow(world, (ports) => opsAbort({environment: demo, opId: parseOpId(opId)}, ports)))
    const aborted = must(await wait(world, opId))
    assert.deepEqual([aborted.state, aborted.exitCode], ['aborted', 130])
    for (const objects of world.state.buckets.values())
      for (const key of objects.keys()) if (key.startsWith('ops/')) objects.delete(key)
    assert.deepEqual((await wait(world)).code, 'NO_OPERATION')
    assert.equal((await wait(world)).exitCode, 5)
    assert.equal((await wait(world, '20260101T000000Z-deploy-abcdef')).code, 'OPERATION_NOT_FOUND')
  })

  it('is left with 130 by Ctrl-C and with 8 by its time limit, and the operation goes on', async () => {
    for (const [reason, code] of [
      [undefined, 130],
      [new PendingError('The time limit ended the wait.', {code: 'TIMEOUT'}), 8],
    ] as const) {
      const world = new World()
      const pause = new AbortController()
      world.clock.after(6000, () => (reason === undefined ? ctrlC(pause) : pause.abort(reason)))
      const {deployed, beside} = await besideDeploy(world, () => wait(world, undefined, {pid: 77, pause}))
      assert.equal(beside.exitCode, code)
      assert.equal(must(deployed).changed, true)
    }
  })
})

function lastOpId(world: World): string {
  for (const objects of world.state.buckets.values()) {
    const ids = [...objects.keys()].flatMap((key) => /^ops\/([^/]+)\//.exec(key)?.[1] ?? [])
    if (ids.length > 0) return ids.sort().at(-1)!
  }
  return assert.fail(`no operation: ${journal(world).join()}`)
}
