import assert from 'node:assert/strict'
import {FailedError} from '../../../src/domain/errors.ts'
import {parseSnapshotRef} from '../../../src/domain/snapshots/id.ts'
import {restoreStatus, unfinishedRestore} from '../../../src/flows/restore/status.ts'
import {listSnapshots, showSnapshot} from '../../../src/flows/snapshot/sets.ts'
import {verifySnapshot} from '../../../src/flows/snapshot/verify.ts'
import {inUse, newest, runAbort, runResume} from '../../helpers/fake-aws/in-use.ts'
import {
  atCall,
  ctrlC,
  deathAt,
  demo,
  executes,
  must,
  runDeploy,
  runFlow,
  runGc,
  runRestore,
  runSnapshot,
  runUndo,
} from '../../helpers/fake-aws/scenario.ts'
import type {OwnCall} from '../../helpers/fake-aws/fake-process.ts'
import {World} from '../../helpers/fake-aws/world.ts'

function recordsOf(world: World): Map<string, {body: Uint8Array; etag: string; modified: number}> {
  const found = [...world.state.buckets].find(([name]) => name.startsWith('records-'))?.[1]
  assert.ok(found !== undefined)
  return found
}

const list = async (world: World) =>
  must(await runFlow(world, (ports) => listSnapshots({environment: demo, incomplete: true}, ports)))
const show = (world: World, ref: string) =>
  runFlow(world, (ports) => showSnapshot({environment: demo, ref: parseSnapshotRef(ref)}, ports))

describe('records of sets that were meddled with', () => {
  it('never make a set of what is none', async () => {
    const world = await inUse()
    const {id} = must(await runSnapshot(world))
    const records = recordsOf(world)
    const key = `snapshots/manifests/${id}.json`
    const manifest = records.get(key)
    assert.ok(manifest !== undefined)
    for (const name of [...records.keys()]) if (name.startsWith('snapshots/catalogue/')) records.delete(name)
    assert.equal((await list(world)).snapshots[0]?.id, id, 'opened instead')
    records.set(key, {...manifest, body: new TextEncoder().encode('{}')})
    assert.deepEqual((await list(world)).snapshots, [])
    assert.equal((await show(world, id)).code, 'SNAPSHOT_NOT_FOUND')
  })

  it('do not let a set be written over another one', async () => {
    const world = await inUse()
    const ended = await runSnapshot(
      world,
      {},
      {
        onCall: atCall(
          ({name, args}) => name === 'objects.putIfAbsent' && String(args[1]).includes('/manifests/'),
          ({args}) => {
            world.aws.objects.put(String(args[0]), String(args[1]), new TextEncoder().encode('{"schemaVersion":1}'))
          },
        ),
      },
    )
    assert.equal(ended.code, 'MANIFEST_DAMAGED')
    // Lists read names alone; whoever wants to use it is told.
    assert.equal((await show(world, 'latest')).code, 'MANIFEST_DAMAGED')
  })

  it('that were taken away under a running snapshot end it', async () => {
    const world = await inUse()
    const ended = await runSnapshot(
      world,
      {},
      {
        onCall: atCall(
          ({name, args}) => name === 'objects.head' && String(args[1]).includes('/plans/'),
          ({args}) => {
            recordsOf(world).delete(String(args[1]))
          },
        ),
      },
    )
    assert.equal(ended.code, 'LEDGER_UNREADABLE')
  })

  it('and recovery points that vanish before the manifest end it too', async () => {
    const world = await inUse()
    const vanish = atCall('backups.recoveryPoint', () => world.state.recoveryPoints.clear())
    const ended = await runSnapshot(world, {}, {onCall: vanish})
    assert.equal(ended.code, 'BACKUP_FAILED')
    assert.match(ended.message, /is gone/)
  })

  it('are told in a set that differs from what RDS says', async () => {
    const world = await inUse()
    must(await runSnapshot(world))
    const different = {engineVersion: '11.4.1', allocatedStorage: 99, instance: 'other', failed: true}
    for (const snapshot of world.state.snapshots.values()) Object.assign(snapshot, different)
    const asked = {environment: demo, ref: {kind: 'latest'}, content: false} as const
    const {checks} = must(await runFlow(world, (ports) => verifySnapshot(asked, ports)))
    const {reason = ''} = checks.find(({name}) => name === 'database') ?? {}
    assert.match(reason, /it is failed; it is of other; it has MariaDB 11\.4\.1; it has 99 GiB/)
  })
})

describe('what an unfinished operation may still need', () => {
  it('is spared when garbage is collected', async () => {
    const world = await inUse()
    const pause = new AbortController()
    await runSnapshot(world, {}, {pause, onCall: atCall('backups.backupJob', () => ctrlC(pause))})
    // A collection is another operation, and takes up what is paused: the set's children are nobody's then.
    const {spared, removed} = must(await runGc(world))
    assert.deepEqual([spared, removed.length > 0], [[], true])
    assert.equal((await list(world)).incomplete.length, 0)
  })

  it('is waited for when a set is given up while AWS Backup or RDS is still at it', async () => {
    const world = await inUse()
    world.durations.snapshot = 120_000
    world.durations.backup = 120_000
    const pause = new AbortController()
    await runSnapshot(world, {}, {pause, onCall: atCall('backups.backupJob', () => ctrlC(pause))})
    must(await runAbort(world, newest(world).opId))
    assert.equal(world.state.snapshots.size, 0)
    assert.equal(world.state.jobs.filter(({state}) => state === 'RUNNING').length, 0)
  })

  it('of a deploy is aborted in the old way', async () => {
    const world = new World()
    await runDeploy(world, {}, deathAt('network'))
    must(await runAbort(world, newest(world).opId))
  })
})

describe('restores and where they are', () => {
  it('are none in an environment that was never restored', async () => {
    const world = await inUse()
    const state = must(await runFlow(world, (ports) => restoreStatus({environment: demo}, ports)))
    assert.deepEqual([state.restores, state.kept, state.active], [[], [], {database: 1, files: 1}])
    assert.equal((await runFlow(world, (ports) => unfinishedRestore(demo, ports))).code, 'RESTORE_NOT_FOUND')
    assert.equal((await runUndo(world, {restore: '20260101T000000Z-restore-abcdef'})).code, 'RESTORE_NOT_FOUND')
  })

  it('tell their phase from the first step on', async () => {
    const world = await inUse()
    must(await runSnapshot(world))
    world.clock.pass(1000)
    const phases: unknown[] = []
    for (const call of ['functions.invoke', 'backups.startRestore'] as const) {
      const sick = world.copy()
      const pause = new AbortController()
      await runRestore(sick, {safety: 'none'}, {pause, onCall: atCall(call, () => ctrlC(pause))})
      const {restores} = must(await runFlow(sick, (ports) => restoreStatus({environment: demo}, ports)))
      phases.push(restores[0]?.state, restores[0]?.operation)
    }
    assert.deepEqual(phases, ['PLANNED', 'paused', 'PLANNED', 'paused'])
  })

  it('are not called unreadable where S3 cannot be asked', async () => {
    const world = await inUse()
    must(await runSnapshot(world))
    world.clock.pass(1000)
    const pause = new AbortController()
    await runRestore(world, {safety: 'none'}, {pause, onCall: atCall('backups.startRestore', () => ctrlC(pause))})
    const {opId} = newest(world)
    const reads = ({name, args}: OwnCall): boolean => name === 'objects.list' && args[1] === `ops/${opId}/0`
    const onCall = atCall(reads, () => {
      throw new FailedError('AWS cannot be reached', {code: 'NETWORK_UNREACHABLE'})
    })
    assert.equal((await runResume(world, opId, {onCall})).code, 'NETWORK_UNREACHABLE')
  })

  it('an undo refuses a pair that is not the one in use', async () => {
    const world = await inUse()
    must(await runSnapshot(world))
    world.clock.pass(1000)
    const {opId} = must(await runRestore(world, {safety: 'none'}))
    world.clock.pass(1000)
    must(await runRestore(world, {safety: 'none', only: ['files']}))
    world.clock.pass(1000)
    assert.equal((await runUndo(world, {restore: opId})).code, 'NOTHING_TO_UNDO')
  })

  it('given up before anything was staged leave services released and no set that is not whole', async () => {
    const world = await inUse()
    must(await runSnapshot(world))
    world.clock.pass(1000)
    await runRestore(world, {safety: 'strict'}, {killAt: {call: await quiescedAt(world), when: 'after'}})
    assert.ok([...world.state.services.values()].every(({desired}) => desired === 0))
    must(await runAbort(world, newest(world).opId))
    assert.ok([...world.state.services.values()].every(({desired}) => desired > 0))
    assert.equal((await list(world)).incomplete.length, 0)
  })

  it('paused in an undo go back to where they were', async () => {
    const world = await inUse()
    must(await runSnapshot(world))
    world.clock.pass(1000)
    must(await runRestore(world, {safety: 'none'}))
    world.clock.pass(1000)
    const pause = new AbortController()
    await runUndo(world, {}, {pause, onCall: atCall(executes('quiesced'), () => ctrlC(pause))})
    must(await runAbort(world, newest(world).opId))
    assert.equal(world.stack('pi-demo-app')?.goal?.parameters['DatabaseGeneration'], '2')
  })
})

/** The call of a restore that starts the canary's task, with the services at zero. */
async function quiescedAt(world: World): Promise<number> {
  let found = 0
  const note = ({number, name}: {number: number; name: string}): void => {
    if (name === 'containers.runTask' && found === 0) found = number
  }
  must(await runRestore(world.copy(), {safety: 'strict'}, {onCall: note}))
  return found
}
