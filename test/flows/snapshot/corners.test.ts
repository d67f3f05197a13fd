import assert from 'node:assert/strict'
import {FailedError, NotFoundError, type PiError} from '../../../src/domain/errors.ts'
import {showSnapshot} from '../../../src/flows/snapshot/sets.ts'
import {TreeFunction} from '../../../src/flows/snapshot/tree.ts'
import {verifySnapshot} from '../../../src/flows/snapshot/verify.ts'
import {layBundle} from '../../helpers/fake-aws/assets.ts'
import {inUse, newest, runAbort, runResume} from '../../helpers/fake-aws/in-use.ts'
import {
  atCall,
  demo,
  must,
  runDestroy,
  runFlow,
  runGc,
  runRestore,
  runSnapshot,
  runUndo,
} from '../../helpers/fake-aws/scenario.ts'
import {records, warnings} from '../../helpers/fake-aws/traces.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

const verify = (world: World) =>
  runFlow(world, (ports) => verifySnapshot({environment: demo, ref: {kind: 'latest'}, content: true}, ports))
const manifestOf = async (world: World) =>
  must(await runFlow(world, (ports) => showSnapshot({environment: demo, ref: {kind: 'latest'}}, ports))).manifest

function throwing(code: string, message = 'no'): () => never {
  return () => {
    throw new FailedError(message, {code})
  }
}

describe('assets in a set', () => {
  it('are copied under the hash of their content, once, and outlive the assets bucket', async () => {
    const world = await inUse()
    layBundle(world, {'themes/a.css': 'red', 'themes/same.css': 'red', 'images/b.png': ''})
    must(await runSnapshot(world))
    const {assets} = await manifestOf(world)
    assert.deepEqual([assets?.bundle, assets?.count, assets?.bytes], ['bundle-1', 3, 6])
    const copies = () => world.log.filter(({method}) => method === 'copy').length
    assert.equal(copies(), 2, 'equal contents are one object')
    world.clock.pass(1000)
    must(await runSnapshot(world))
    assert.equal(copies(), 2, 'the second set copies nothing')
    world.state.buckets.get('assets-demo-1')?.clear()
    assert.equal(must(await verify(world)).good, true)
    assert.equal(must(await runGc(world)).objects, 0)
  })

  it('that are gone from the bucket keep a set from being whole', async () => {
    const world = await inUse()
    layBundle(world, {'themes/a.css': 'red'})
    world.state.buckets.get('assets-demo-1')?.delete('themes/a.css')
    const ended = await runSnapshot(world)
    assert.equal(ended.code, 'OBJECT_GONE')
    assert.ok(ended.error instanceof NotFoundError)
    assert.equal(records(world, 'snapshots/manifests/').length, 0)
  })

  it('are missed when their list or one of them is damaged', async () => {
    for (const spoil of ['gone', 'damaged', 'short'] as const) {
      const world = await inUse()
      layBundle(world, {'themes/a.css': 'red'})
      must(await runSnapshot(world))
      const {assets} = await manifestOf(world)
      const bucket = [...world.state.buckets].find(([name]) => name.startsWith('records-'))?.[1]
      const list = `objects/${assets?.list ?? ''}`
      const found = bucket?.get(list)
      assert.ok(found !== undefined)
      if (spoil === 'gone') bucket?.delete(list)
      if (spoil === 'damaged') bucket?.set(list, {...found, body: new TextEncoder().encode('{}\n')})
      if (spoil === 'short') {
        const red = 'objects/b1f51a511f1da0cd348b8f8598db32e61cb963e5fc69e2b41485bf99590ed75a'
        const object = bucket?.get(red)
        assert.ok(object !== undefined)
        bucket?.set(red, {...object, body: new Uint8Array(1)})
      }
      const result = must(await verify(world))
      assert.equal(result.checks.find(({name}) => name === 'contents')?.verdict, 'FAIL', spoil)
    }
  })
})

describe('services that do not obey', () => {
  it('keep a set from being strict, and are given back as they were', async () => {
    const world = await inUse()
    world.durations.drain = 3_600_000
    const ended = await runSnapshot(world, {maxQuiesceMs: 4 * 3_600_000})
    assert.equal(ended.code, 'QUIESCE_FAILED')
    assert.match(ended.message, /pi-demo-app-Dashboard-Service/)
    assert.deepEqual(
      [...world.state.services.values()].map(({desired}) => desired),
      [1, 3],
    )
  })

  it('are taken to zero again when something started them in between', async () => {
    const world = await inUse()
    let once = true
    const meddle = atCall('containers.setDesired', ({args}) => {
      if (!once || args[2] !== 0) return
      once = false
      world.clock.after(400, () => {
        for (const service of world.state.services.values()) service.desired = 2
        for (const scaling of world.state.scaling.values()) Object.assign(scaling, {min: 1, suspended: false})
      })
    })
    must(await runSnapshot(world, {}, {onCall: meddle}))
  })

  it('are told of when they do not come up as they were, and resume brings them up', async () => {
    const world = await inUse()
    const obedient = world.aws.containers.setDesired
    const holder = world.aws.containers as {setDesired: typeof obedient}
    holder.setDesired = (cluster, service, count) => {
      if (count === 0) obedient(cluster, service, count)
    }
    const ended = await runSnapshot(world, {consistency: 'strict'})
    assert.equal(ended.code, 'RELEASE_FAILED')
    assert.match(ended.message, /wants 0 tasks instead of/)
    assert.ok(warnings(ended.events).includes('SERVICES_DOWN'))
    holder.setDesired = obedient
    must(await runResume(world, newest(world).opId))
    assert.deepEqual(
      [...world.state.services.values()].map(({desired}) => desired),
      [1, 3],
    )
  })

  it('whose floor is not brought back are told of too', async () => {
    const world = await inUse()
    const obedient = world.aws.scaling.set
    const holder = world.aws.scaling as {set: typeof obedient}
    holder.set = (cluster, service) => {
      if (service.suspended) obedient(cluster, service)
    }
    const ended = await runSnapshot(world)
    assert.match(ended.message, /scaling of pi-demo-app-Renderer-Service is not as it was/)
  })
})

describe('a database that is not as it should be', () => {
  it('is waited for while RDS is at something, but not for ever', async () => {
    const world = await inUse()
    for (const instance of world.state.instances.values()) instance.status = 'modifying'
    world.clock.after(60_000, () => {
      for (const instance of world.state.instances.values()) delete instance.status
    })
    must(await runSnapshot(world, {consistency: 'live'}))
    world.clock.pass(1000)
    for (const instance of world.state.instances.values()) instance.status = 'maintenance'
    const ended = await runSnapshot(world, {maxQuiesceMs: 4 * 3_600_000})
    assert.equal(ended.code, 'DATABASE_BUSY')
    assert.match(ended.message, /is maintenance/)
  })

  it('fails the set when its snapshot fails, goes away or is of another', async () => {
    const cases: [string, RegExp, (world: World) => void][] = [
      ['SNAPSHOT_FAILED', /is failed/, (world) => spoilSnapshots(world, {failed: true})],
      ['SNAPSHOT_FAILED', /is gone/, (world) => world.state.snapshots.clear()],
      ['SNAPSHOT_DIFFERS', /it is of instance other/, (world) => spoilSnapshots(world, {instance: 'other'})],
      ['SNAPSHOT_DIFFERS', /its instance is gone/, (world) => world.state.instances.clear()],
    ]
    for (const [code, message, spoil] of cases) {
      const world = await inUse()
      const ended = await runSnapshot(world, {}, {onCall: atCall('backups.backupJob', () => spoil(world))})
      assert.equal(ended.code, code)
      assert.match(ended.message, message)
    }
  })

  it('that nobody could count is said so, and a restore compares nothing of it', async () => {
    const world = await inUse()
    const mute = world.aws.logs as Pick<typeof world.aws.logs, 'page'> & {tail: () => readonly string[]}
    mute.tail = () => []
    const ended = await runSnapshot(world)
    must(ended)
    assert.ok(warnings(ended.events).includes('DATABASE_UNCOUNTED'))
    assert.equal((await manifestOf(world)).database.counts, undefined)
    world.clock.pass(1000)
    const restored = await runRestore(world, {safety: 'none'})
    must(restored)
    assert.ok(restored.events.some((event) => event.type === 'step.finished' && event.outcome === 'skipped'))
  })

  it('is not what the set says when nothing could be counted after the restore', async () => {
    const world = await inUse()
    must(await runSnapshot(world))
    world.clock.pass(1000)
    const mute = world.aws.logs as Pick<typeof world.aws.logs, 'page'> & {tail: () => readonly string[]}
    mute.tail = () => []
    const ended = await runRestore(world, {safety: 'none'})
    assert.match(ended.message, /canary is not there; it has uncounted tables instead of 1; it has uncounted rows/)
  })

  it('whose storage has outgrown its limit comes back with room to grow', async () => {
    const world = await inUse()
    const text = world.templates.get('database.yaml') ?? ''
    assert.ok(text.includes('AllocatedStorage'))
    for (const stack of world.state.stacks) {
      if (stack.name !== 'pi-demo-database-1' || stack.goal === undefined) continue
      const template = stack.goal.template.replace(
        'AllocatedStorage: {Type: Number, Default: 20}',
        'AllocatedStorage: {Type: Number, Default: 20}\n  MaxAllocatedStorage: {Type: Number, Default: 22}',
      )
      stack.goal = {...stack.goal, template, parameters: {...stack.goal.parameters, MaxAllocatedStorage: '22'}}
    }
    for (const instance of world.state.instances.values()) instance.allocatedStorage = 40
    must(await runSnapshot(world))
    world.clock.pass(1000)
    must(await runRestore(world, {safety: 'none'}))
    const parameters = world.stack('pi-demo-database-2')?.goal?.parameters
    assert.deepEqual([parameters?.['AllocatedStorage'], parameters?.['MaxAllocatedStorage']], ['40', '50'])
  })
})

describe('the function, asked for whole trees', () => {
  const ask = async (world: World, onCall?: (n: number) => void, request = 'seal') =>
    runFlow(
      world,
      async (ports, run) => {
        const tree = new TreeFunction(ports, 'sideload-demo-1', {stop: run.pause, between: () => undefined})
        return request === 'roots' ? tree.roots() : tree.seal(1, 's1')
      },
      onCall === undefined ? {} : {onCall: ({number}) => onCall(number)},
    )

  it('is asked again when a call was lost or it was busy, and woken when it slept', async () => {
    const world = await inUse()
    must(await ask(world, (number) => (number === 1 ? throwing('FUNCTION_FAILED')() : undefined)))
    world.functionsAwakeAt = world.clock.time + 5000
    must(await ask(world))
    world.functionAnswers.set('seal', {ok: false, error: {code: 'BUSY', message: 'another call'}})
    const busy = await ask(world)
    assert.equal(busy.code, 'SIDELOAD_BUSY')
    assert.equal(busy.process.calls, 5)
  })

  it('is not asked again after a no, nor for ever', async () => {
    const world = await inUse()
    world.functionAnswers.set('seal', {ok: false})
    assert.deepEqual([(await ask(world)).code, (await ask(world)).process.calls], ['SIDELOAD_FAILED', 1])
    world.functionAnswers.set('seal', {ok: true, state: 'continues'})
    assert.equal((await ask(world)).code, 'FUNCTION_ENDLESS')
  })
})

describe('an environment that is not whole', () => {
  it('has nothing to save or to restore beside', async () => {
    const world = await inUse()
    must(await runSnapshot(world))
    world.clock.pass(1000)
    must(await runDestroy(world))
    for (const ended of [await runSnapshot(world), await runRestore(world)]) {
      assert.deepEqual([ended.code, ended.exitCode], ['NOT_DEPLOYED', 12])
      assert.match(ended.message, /app, database/)
    }
  })

  it('is waited for while somebody changes a stack of it, and not deployed', async () => {
    const world = await inUse()
    must(await runSnapshot(world))
    const app = world.stack('pi-demo-app')
    if (app !== undefined) app.status = 'UPDATE_IN_PROGRESS'
    for (const ended of [await runSnapshot(world), await runRestore(world)]) {
      assert.deepEqual([ended.code, ended.exitCode], ['NOT_DEPLOYED', 12])
      assert.match(ended.message, /is being changed: pi-demo-app is UPDATE_IN_PROGRESS/)
      assert.deepEqual((ended.error as PiError).suggestions, ['pi-aws ops wait demo', 'pi-aws status demo'])
    }
  })

  it('is refused by the preflight while it is quiesced by its stack, or a stack is unwell', async () => {
    const world = await inUse()
    const app = world.stack('pi-demo-app')
    assert.ok(app?.goal !== undefined)
    app.goal.parameters['Quiesced'] = 'true'
    assert.match((await runSnapshot(world)).message, /quiesced by its stack/)
    app.goal.parameters['Quiesced'] = 'false'
    app.status = 'UPDATE_ROLLBACK_FAILED'
    assert.match((await runSnapshot(world)).message, /pi-demo-app is UPDATE_ROLLBACK_FAILED/)
    app.status = 'UPDATE_COMPLETE'
    world.state.instances.clear()
    assert.match((await runSnapshot(world)).message, /instance .* is gone|is not what it was/)
  })

  it('is asked further where a check cannot be made, but not where the permission is missing', async () => {
    const world = await inUse()
    const unknown = await runSnapshot(world, {}, {onCall: atCall('keys.state', throwing('NETWORK_UNREACHABLE'))})
    must(unknown)
    assert.ok(warnings(unknown.events).includes('CHECK_UNKNOWN'))
    world.clock.pass(1000)
    const denied = await runSnapshot(
      world,
      {},
      {onCall: atCall('databases.quotas', throwing('ACCESS_DENIED', 'AWS denies rds:X'))},
    )
    assert.match(denied.message, /AWS denies rds:X/)
    const planned = await runRestore(
      world,
      {},
      {onCall: atCall('databases.offers', throwing('ACCESS_DENIED', 'AWS denies rds:Y'))},
    )
    assert.match(planned.message, /AWS denies rds:Y/)
    for (const run of [runSnapshot, runRestore]) {
      const expired = await run(world, {}, {onCall: atCall('keys.state', throwing('CREDENTIALS_EXPIRED'))})
      assert.equal(expired.code, 'CREDENTIALS_EXPIRED')
    }
  })
})

describe('a restore job that fails', () => {
  it('leaves everything as it was', async () => {
    const world = await inUse()
    must(await runSnapshot(world))
    world.clock.pass(1000)
    const spoil = atCall('backups.restoreJob', () => {
      for (const job of world.state.jobs)
        if (job.kind === 'restore') Object.assign(job, {state: 'FAILED', reason: 'no space'})
    })
    const ended = await runRestore(world, {safety: 'none'}, {onCall: spoil})
    assert.equal(ended.code, 'RESTORE_FAILED')
    assert.match(ended.message, /is FAILED: no space/)
    must(await runAbort(world, newest(world).opId))
  })

  it('and a record that cannot be read is said so', async () => {
    const world = await inUse()
    must(await runSnapshot(world))
    world.clock.pass(1000)
    must(await runRestore(world, {safety: 'none'}))
    const bucket = [...world.state.buckets].find(([name]) => name.startsWith('records-'))?.[1]
    for (const [key, object] of bucket ?? [])
      if (key.startsWith('restores/')) bucket?.set(key, {...object, body: new TextEncoder().encode('{}')})
    assert.equal((await runUndo(world)).code, 'LEDGER_UNREADABLE')
  })

  it('an undo that is declined changes nothing', async () => {
    const world = await inUse()
    must(await runSnapshot(world))
    world.clock.pass(1000)
    must(await runRestore(world, {safety: 'none'}))
    world.clock.pass(1000)
    const ask = {possible: true, confirm: async () => false}
    assert.equal((await runUndo(world, {confirmed: false}, {ask})).code, 'CANCELLED')
    must(await runUndo(world, {confirmed: false}, {ask: {possible: true, confirm: async () => true}}))
  })
})

function spoilSnapshots(world: World, change: object): void {
  for (const snapshot of world.state.snapshots.values()) Object.assign(snapshot, change)
}
