import assert from 'node:assert/strict'
import {FailedError} from '../../../src/domain/errors.ts'
import {parseSnapshotRef} from '../../../src/domain/snapshots/id.ts'
import type {RetentionPolicy} from '../../../src/domain/snapshots/retention.ts'
import {deleteSnapshot} from '../../../src/flows/snapshot/delete.ts'
import {pruneSnapshots} from '../../../src/flows/snapshot/prune.ts'
import {listSnapshots} from '../../../src/flows/snapshot/sets.ts'
import {verifySnapshot} from '../../../src/flows/snapshot/verify.ts'
import {inUse, newest, runResume} from '../../helpers/fake-aws/in-use.ts'
import {atCall, demo, must, runFlow, runGc, runSnapshot, type RunOptions} from '../../helpers/fake-aws/scenario.ts'
import {mutations, records, warnings} from '../../helpers/fake-aws/traces.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

const list = async (world: World) =>
  must(await runFlow(world, (ports) => listSnapshots({environment: demo, incomplete: true}, ports)))
const verify = (world: World, ref = 'latest', content = true) =>
  runFlow(world, (ports) => verifySnapshot({environment: demo, ref: parseSnapshotRef(ref), content}, ports))
const remove = (world: World, ref: string, more: object = {}, options: RunOptions = {}) => {
  const asked = {
    environment: demo,
    account: undefined,
    confirm: 'demo',
    confirmed: false,
    last: false,
    resume: undefined,
  }
  return runFlow(
    world,
    (ports, run) => deleteSnapshot({...asked, ref: parseSnapshotRef(ref), ...more}, ports, run),
    options,
  )
}
const prune = (world: World, policy: Partial<RetentionPolicy>, more: object = {}, options: RunOptions = {}) => {
  const nothing = {last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0, tags: []}
  const asked = {
    environment: demo,
    account: undefined,
    dryRun: false,
    confirm: 'demo',
    confirmed: false,
    resume: undefined,
  }
  return runFlow(
    world,
    (ports, run) => pruneSnapshots({...asked, policy: {...nothing, ...policy}, ...more}, ports, run),
    options,
  )
}

function spoilManifest(world: World, id: string): void {
  const key = `snapshots/manifests/${id}.json`
  for (const objects of world.state.buckets.values()) {
    const found = objects.get(key)
    if (found !== undefined) objects.set(key, {...found, body: found.body.slice(0, -20)})
  }
}

/** Some sets, half a day apart, oldest first. */
async function withSets(count: number): Promise<{world: World; ids: string[]}> {
  const world = await inUse()
  const ids: string[] = []
  for (let index = 0; index < count; index++) {
    ids.push(must(await runSnapshot(world, {consistency: 'live', tags: index === 0 ? ['first'] : []})).id)
    world.clock.pass(12 * 3_600_000)
  }
  world.log = []
  return {world, ids}
}

describe('snapshot verify', () => {
  it('says yes of a set that is whole, and changes nothing', async () => {
    const {world} = await withSets(1)
    const result = must(await verify(world))
    assert.equal(result.good, true)
    assert.deepEqual(
      result.checks.map(({name}) => name),
      ['manifest', 'database', 'files', 'key', 'contents'],
    )
    assert.deepEqual(mutations(world), [])
  })

  it('names what is gone, damaged or not what it was', async () => {
    const cases: [string, RegExp, (world: World) => void][] = [
      ['database', /is gone/, (world) => world.state.snapshots.clear()],
      [
        'database',
        /it is of other/,
        (world) => [...world.state.snapshots.values()].forEach((one) => Object.assign(one, {instance: 'other'})),
      ],
      ['files', /is gone/, (world) => world.state.recoveryPoints.clear()],
      ['key', /PendingDeletion/, (world) => (world.keyState = 'PendingDeletion')],
      ['contents', /1 of 6 objects: .* is gone/, (world) => firstObject(world, (objects, key) => objects.delete(key))],
      [
        'contents',
        /is damaged/,
        (world) =>
          firstObject(world, (objects, key) => {
            const found = objects.get(key)
            if (found !== undefined) objects.set(key, {...found, body: new TextEncoder().encode('rotten')})
          }),
      ],
    ]
    for (const [name, message, spoil] of cases) {
      const {world} = await withSets(1)
      spoil(world)
      const result = must(await verify(world))
      assert.equal(result.good, false, name)
      assert.match(result.checks.find((check) => check.name === name)?.reason ?? '', message)
    }
  })

  it('never takes what could not be asked for a yes', async () => {
    const {world} = await withSets(1)
    const onCall = atCall('keys.state', () => {
      throw new FailedError('AWS cannot be reached', {code: 'NETWORK_UNREACHABLE'})
    })
    const asked = {environment: demo, ref: {kind: 'latest'}, content: false} as const
    const result = must(await runFlow(world, (ports) => verifySnapshot(asked, ports), {onCall}))
    assert.equal(result.good, false)
    assert.equal(result.checks.find(({name}) => name === 'key')?.verdict, 'UNKNOWN')
  })

  it('refuses a manifest that was changed, cut off or is gone', async () => {
    const {world, ids} = await withSets(2)
    const bucket = [...world.state.buckets].find(([name]) => name.startsWith('records-'))?.[1]
    const key = `snapshots/manifests/${ids[1] ?? ''}.json`
    const found = bucket?.get(key)
    assert.ok(bucket !== undefined && found !== undefined)
    bucket.set(key, {...found, body: found.body.slice(0, -20)})
    assert.equal((await verify(world)).code, 'MANIFEST_DAMAGED')
    bucket.delete(key)
    assert.equal(must(await verify(world)).id, ids[0])
    assert.equal((await verify(world, ids[1])).code, 'SNAPSHOT_NOT_FOUND')
  })

  it('finds a whole set although its entry in the catalogue was lost', async () => {
    const {world, ids} = await withSets(1)
    const bucket = [...world.state.buckets].find(([name]) => name.startsWith('records-'))?.[1]
    for (const key of bucket?.keys() ?? []) if (key.startsWith('snapshots/catalogue/')) bucket?.delete(key)
    assert.deepEqual(
      (await list(world)).snapshots.map(({id}) => id),
      ids,
    )
  })
})

describe('snapshot delete', () => {
  it('removes a set with all its children, and no other', async () => {
    const {world, ids} = await withSets(2)
    const result = must(await remove(world, ids[0] ?? ''))
    assert.equal(result.removed.length, 2)
    assert.equal(world.state.snapshots.size, 1)
    assert.equal(world.state.recoveryPoints.size, 1)
    assert.deepEqual(
      (await list(world)).snapshots.map(({id}) => id),
      [ids[1]],
    )
    assert.equal(must(await verify(world)).good, true)
    assert.equal(must(await runGc(world)).objects, 0, 'what the other set names stays')
  })

  it('refuses the last good set, one that the vault has locked, and a wrong name', async () => {
    const {world, ids} = await withSets(2)
    assert.equal((await remove(world, 'latest')).code, 'LAST_GOOD_SET')
    assert.equal((await remove(world, ids[0] ?? '', {confirm: 'prod'})).code, 'CONFIRMATION_WRONG')
    assert.equal((await remove(world, '19990101')).code, 'SNAPSHOT_NOT_FOUND')
    assert.equal((await remove(world, '2026')).code, 'SNAPSHOT_AMBIGUOUS')
    for (const point of world.state.recoveryPoints.values()) point.lockedUntil = world.clock.time + 1000
    const locked = await remove(world, ids[0] ?? '')
    assert.equal(locked.code, 'VAULT_LOCKED')
    assert.deepEqual(mutations(world), [])
    world.clock.pass(2000)
    must(await remove(world, 'latest', {last: true, confirm: undefined, confirmed: true}))
  })

  it('killed at any call it is gone on with, and a half deleted set is none', async () => {
    const {world: start, ids} = await withSets(2)
    const undisturbed = await remove(start.copy(), ids[0] ?? '')
    must(undisturbed)
    for (let call = 1; call <= undisturbed.process.calls; call++) {
      const world = start.copy()
      await remove(world, ids[0] ?? '', {}, {killAt: {call, when: 'after'}})
      const {snapshots, incomplete} = await list(world)
      assert.equal(snapshots.length + incomplete.length >= 1, true)
      const {opId, state} = newest(world)
      if (opId.includes('-tidy-') && state !== 'done') must(await runResume(world, opId))
      else if (state !== 'done' || !opId.includes('-tidy-')) must(await remove(world, ids[0] ?? ''))
      assert.equal(world.state.snapshots.size, 1, `after call ${call}`)
      assert.equal(world.state.recoveryPoints.size, 1, `after call ${call}`)
      assert.equal(records(world, `snapshots/manifests/`).length, 1)
      assert.equal(records(world, 'snapshots/tombstones/').length, 0)
    }
  })
})

describe('a set whose manifest is damaged', () => {
  it('counts for no rule, keeps others from nothing, and goes when somebody deletes it', async () => {
    const {world, ids} = await withSets(3)
    const [first = '', second = '', third = ''] = ids
    spoilManifest(world, third)
    const dry = must(await prune(world, {last: 1}, {dryRun: true}))
    assert.deepEqual(
      dry.snapshots.map(({reasons}) => reasons[0]),
      ['its manifest is damaged: snapshot verify, snapshot delete', 'the last good set', undefined],
    )
    assert.deepEqual(must(await prune(world, {last: 1})).removed, [first])
    world.clock.pass(1000)
    const spared = await runGc(world)
    assert.equal(must(spared).objects, 0)
    assert.ok(warnings(spared.events).includes('SNAPSHOT_DAMAGED'))
    world.clock.pass(1000)
    assert.equal((await remove(world, third)).code, 'LAST_GOOD_SET')
    must(await remove(world, third, {last: true}))
    assert.equal(world.state.snapshots.size, 1)
    assert.equal(world.state.recoveryPoints.size, 1)
    assert.equal(must(await verify(world)).id, second)
    world.clock.pass(1000)
    assert.deepEqual(warnings((await runGc(world)).events), [])
  })

  it('is not taken for one when S3 cannot be asked', async () => {
    const {world} = await withSets(2)
    const onCall = atCall('objects.get', () => {
      throw new FailedError('AWS cannot be reached', {code: 'NETWORK_UNREACHABLE'})
    })
    assert.equal((await prune(world, {last: 1}, {}, {onCall})).code, 'NETWORK_UNREACHABLE')
    for (const objects of world.state.buckets.values())
      for (const key of objects.keys()) if (key.startsWith('snapshots/catalogue/')) objects.delete(key)
    const asked = {environment: demo, incomplete: true}
    const listed = await runFlow(world, (ports) => listSnapshots(asked, ports), {onCall})
    assert.equal(listed.code, 'NETWORK_UNREACHABLE')
  })
})

describe('snapshot prune', () => {
  it('explains each keep, and removes only what no rule keeps', async () => {
    const {world, ids} = await withSets(4)
    const dry = must(await prune(world, {last: 2, tags: ['first']}, {dryRun: true}))
    assert.deepEqual(dry.removed, [ids[1]])
    assert.deepEqual(
      dry.snapshots.map(({keep, reasons}) => (keep ? reasons.at(-1) : 'goes')),
      ['last 1 of 2', 'last 2 of 2', 'goes', 'tag first'],
    )
    assert.deepEqual(mutations(world), [])
    must(await prune(world, {last: 2, tags: ['first']}))
    assert.deepEqual(
      (await list(world)).snapshots.map(({id}) => id),
      [ids[3], ids[2], ids[0]],
    )
  })

  it('keeps what the vault has locked, and says until when', async () => {
    const {world} = await withSets(2)
    for (const point of world.state.recoveryPoints.values()) point.lockedUntil = world.clock.time + 1000
    const result = must(await prune(world, {last: 1}))
    assert.deepEqual(result.removed, [])
    assert.match(result.snapshots[1]?.reasons[0] ?? '', /locked by the vault until 20/)
  })

  it('is refused without a rule or with a wrong name', async () => {
    const {world} = await withSets(2)
    assert.equal((await prune(world, {})).code, 'RETENTION_EMPTY')
    assert.equal((await prune(world, {last: 1}, {confirm: 'prod'})).code, 'CONFIRMATION_WRONG')
    assert.deepEqual(mutations(world), [])
  })

  it('and a deletion leave the last set alone when somebody deletes the others meanwhile', async () => {
    const {world, ids} = await withSets(2)
    const twin = world.copy()
    const meanwhile = (where: World): RunOptions => {
      const text = async (): Promise<string> =>
        remove(where, ids[1] ?? '', {last: true}).then((ended) => (must(ended), 'demo'))
      return {ask: {possible: true, text}}
    }
    const open = {confirm: undefined}
    assert.equal((await remove(world, ids[0] ?? '', open, meanwhile(world))).code, 'LAST_GOOD_SET')
    assert.equal((await prune(twin, {last: 1}, open, meanwhile(twin))).code, 'CHANGED_MEANWHILE')
    for (const one of [world, twin]) assert.equal((await list(one)).snapshots.length, 1)
  })

  it('that was killed is gone on with for what it was confirmed for', async () => {
    const {world, ids} = await withSets(3)
    await prune(
      world,
      {last: 1},
      {},
      {
        onCall: atCall('databases.deleteSnapshot', () => {
          throw new FailedError('not now', {code: 'TEST'})
        }),
      },
    )
    must(await runResume(world, newest(world).opId))
    assert.deepEqual(
      (await list(world)).snapshots.map(({id}) => id),
      [ids[2]],
    )
  })
})

describe('snapshot gc', () => {
  it('that was killed is gone on with', async () => {
    const {world} = await withSets(1)
    await runSnapshot(
      world,
      {},
      {
        onCall: atCall('backups.backupJob', () => {
          throw new FailedError('no', {code: 'TEST'})
        }),
      },
    )
    world.clock.pass(60_000)
    await runGc(world, {
      onCall: atCall('databases.deleteSnapshot', () => {
        throw new FailedError('not now', {code: 'TEST'})
      }),
    })
    must(await runResume(world, newest(world).opId))
    assert.equal(world.state.snapshots.size, 1)
    assert.deepEqual((await list(world)).incomplete, [])
  })
})

function firstObject(
  world: World,
  act: (objects: Map<string, {body: Uint8Array; etag: string; modified: number}>, key: string) => void,
): void {
  for (const objects of world.state.buckets.values()) {
    const key = [...objects.keys()].find((one) => one.startsWith('objects/'))
    if (key === undefined) continue
    act(objects, key)
    return
  }
}
