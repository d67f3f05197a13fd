import assert from 'node:assert/strict'
import {openManifest} from '../../../src/domain/snapshots/manifest.ts'
import {parseSnapshotRef, type SnapshotId} from '../../../src/domain/snapshots/id.ts'
import type {EnvironmentName} from '../../../src/domain/names.ts'
import {restoreInto} from '../../../src/flows/restore/into.ts'
import {showRestorePlan} from '../../../src/flows/restore/plan.ts'
import {deleteSnapshot} from '../../../src/flows/snapshot/delete.ts'
import {pruneSnapshots} from '../../../src/flows/snapshot/prune.ts'
import {listSnapshots} from '../../../src/flows/snapshot/sets.ts'
import {verifySnapshot} from '../../../src/flows/snapshot/verify.ts'
import {inUse, newest, runAbort, runResume} from '../../helpers/fake-aws/in-use.ts'
import {
  atCall,
  deathAt,
  demo,
  must,
  restoreOptions,
  runFlow,
  runGc,
  runProof,
  runRestore,
  runSnapshot,
} from '../../helpers/fake-aws/scenario.ts'
import {journal, records, warnings} from '../../helpers/fake-aws/traces.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

const longEnough = 4 * 3_600_000

function manifestOf(world: World, id: string) {
  const text = records(world, `snapshots/manifests/${id}`)[0]?.[1] ?? ''
  return openManifest(id as SnapshotId, new TextEncoder().encode(text))
}

const list = async (world: World) =>
  must(await runFlow(world, (ports) => listSnapshots({environment: demo, incomplete: true}, ports)))
const verify = (world: World) =>
  runFlow(world, (ports) => verifySnapshot({environment: demo, ref: {kind: 'latest'}, content: false}, ports))
const remove = (world: World, ref: string) =>
  runFlow(world, (ports, run) => {
    const asked = {environment: demo, account: undefined, resume: undefined, confirm: 'demo', confirmed: false}
    return deleteSnapshot({...asked, ref: parseSnapshotRef(ref), last: true}, ports, run)
  })
const plan = (world: World, more: Parameters<typeof restoreOptions>[0] = {}) =>
  runFlow(world, (ports) => showRestorePlan(restoreOptions(more), ports))

/** Recovery points of the database. */
function databasePoints(world: World) {
  return [...world.state.recoveryPoints.values()].filter(({resourceArn}) => resourceArn.includes(':db:'))
}

function lock(world: World, until: number): void {
  for (const point of world.state.recoveryPoints.values()) point.lockedUntil = until
}

/** An environment with a set in the vault. */
async function vaulted(): Promise<{world: World; id: string}> {
  const world = await inUse()
  const {id} = must(await runSnapshot(world, {vaulted: true, maxQuiesceMs: longEnough}))
  world.clock.pass(1000)
  return {world, id}
}

describe('a set whose halves both lie in the vault', () => {
  it('has one backup of the database, as of a moment at which nobody wrote, and no snapshot outside', async () => {
    const world = await inUse()
    let upAt = 0
    // What users write once they are let in again is not in it.
    const written = atCall('containers.setDesired', ({args}) => {
      if (args[2] === 0) return
      upAt ||= world.clock.time
      for (const instance of world.state.instances.values()) instance.data = 'rows of later'
    })
    const made = must(await runSnapshot(world, {vaulted: true, maxQuiesceMs: longEnough}, {onCall: written}))
    assert.deepEqual([made.vaulted, made.consistency, made.skewMs], [true, 'strict', 0])
    const {database, files} = manifestOf(world, made.id)
    assert.match(database.snapshotIdentifier, /^awsbackup:job-/)
    assert.equal(database.snapshotArn, databasePoints(world)[0]?.arn)
    assert.equal(database.vault, files.vault)
    assert.deepEqual(
      [...world.state.snapshots.values()].map(({data, identifier}) => [identifier, data]),
      [[database.snapshotIdentifier, 'rows of a customer']],
    )
    assert.ok(Date.parse(database.at) < upAt)
    const steps = journal(world)
    assert.ok(steps.indexOf('database-1 done') < steps.indexOf('release intent'))
    assert.ok(steps.indexOf('vaulted-1 done') < steps.indexOf('manifest intent'))
    assert.equal(must(await verify(world)).good, true)
    assert.deepEqual(
      (await list(world)).snapshots.map((set) => set.vaulted),
      [true],
    )
  })

  it('needs no room for a manual snapshot', async () => {
    const world = await inUse()
    world.quotas = {...world.quotas, snapshots: {used: 100, max: 100}}
    assert.equal((await runSnapshot(world)).code, 'PREFLIGHT_REFUSED')
    must(await runSnapshot(world, {vaulted: true, maxQuiesceMs: longEnough}))
  })

  it('is live where AWS Backup lets the database wait, and then has the backup that waited', async () => {
    const world = await inUse()
    world.durations.queue = 1_800_000
    const made = must(await runSnapshot(world, {vaulted: true}))
    assert.deepEqual([made.consistency, made.vaulted], ['live', true])
    assert.ok(made.downMs >= 900_000 && made.downMs < 960_000, `${made.downMs}`)
    assert.ok(made.skewMs < 1_800_000, 'the later of both moments is after the wait')
    const jobs = world.state.jobs.filter(({resourceArn}) => resourceArn.includes(':db:'))
    assert.equal(jobs.length, 1)
    assert.equal(databasePoints(world).length, 1)
    assert.equal(must(await verify(world)).good, true)
  })

  for (const locked of [false, true]) {
    it(`takes the database anew when the files were not frozen in time, and what it took before ${locked ? 'stays as long as the vault is locked' : 'goes'}`, async () => {
      const world = await inUse()
      let asked = 0
      world.answer = ({operation}) => {
        if (operation !== 'freeze' || ++asked > 4) return undefined
        // By the fourth time the moment of the database is known.
        if (asked === 4) world.clock.pass(1_000_000)
        return {ok: false, error: {code: 'BUSY', message: 'another slice is running'}}
      }
      const ended = await runSnapshot(
        world,
        {vaulted: true},
        {
          onCall() {
            if (locked) lock(world, Infinity)
          },
        },
      )
      const made = must(ended)
      assert.equal(made.consistency, 'live')
      assert.match(manifestOf(world, made.id).database.snapshotIdentifier, /^awsbackup:job-/)
      assert.equal(databasePoints(world).length, locked ? 2 : 1)
      assert.deepEqual(warnings(ended.events).includes('VAULT_LOCKED'), locked)
      lock(world, 0)
      must(await remove(world, made.id))
      assert.equal(world.state.recoveryPoints.size + world.state.snapshots.size, 0)
    })
  }

  it('waits for the backup of a plan before anybody is locked out', async () => {
    const world = await inUse()
    const arn = 'arn:aws:rds:eu-west-1:111122223333:db:pi-demo-database-1-instance'
    const request = {vault: 'vault-demo-1', resourceArn: arn, roleArn: 'r', token: 'the plan', tags: {}}
    must(await runFlow(world, (ports) => ports.backups.startBackup(request)))
    const ended = await runSnapshot(world, {vaulted: true, maxQuiesceMs: longEnough})
    assert.ok(must(ended).downMs < 10_000)
    assert.ok(ended.events.some((event) => event.type === 'note' && event.message.includes('backup of the database')))
  })

  it('is none, with the services up, when the backup fails or its database is gone', async () => {
    for (const spoil of ['job', 'instance'] as const) {
      const world = await inUse()
      const ended = await runSnapshot(
        world,
        {vaulted: true, maxQuiesceMs: longEnough},
        {
          onCall: atCall('backups.backupJob', () => {
            const job = world.state.jobs.find(({capturesAt}) => capturesAt !== undefined)
            if (spoil === 'job' && job !== undefined) Object.assign(job, {state: 'FAILED', reason: 'no room'})
            if (spoil === 'instance') world.state.instances.clear()
          }),
        },
      )
      assert.equal(ended.code, 'BACKUP_FAILED', ended.message)
      assert.match(ended.message, spoil === 'job' ? /of the database is FAILED: no room/ : /the database is gone/)
      assert.deepEqual(
        [...world.state.services.values()].map(({desired}) => desired),
        [1, 3],
      )
      assert.equal(records(world, 'snapshots/manifests/').length, 0)
      must(await runAbort(world, newest(world).opId))
      assert.equal(world.state.recoveryPoints.size + world.state.snapshots.size, 0)
    }
  })

  it('given up, leaves no backup of the database, though nobody can stop one', async () => {
    const world = await inUse()
    const kill = {maxQuiesceMs: longEnough, vaulted: true}
    let call = 0
    await runSnapshot(world.copy(), kill, {
      onCall: atCall('backups.startBackup', ({number}) => void (call ||= number)),
    })
    for (const when of ['before', 'after'] as const) {
      const own = world.copy()
      await runSnapshot(own, kill, {killAt: {call, when}})
      own.clock.pass(300_000)
      must(await runAbort(own, newest(own).opId))
      assert.equal(own.state.recoveryPoints.size + own.state.snapshots.size, 0, when)
      assert.ok(own.state.jobs.every(({state}) => state === 'COMPLETED'))
    }
  })

  it('given up in a locked vault, is told of until the vault lets it go', async () => {
    const world = await inUse()
    let call = 0
    const asked = {vaulted: true, maxQuiesceMs: longEnough}
    await runSnapshot(world.copy(), asked, {
      onCall: ({name, args, number}) => {
        if (name === 'objects.putIfAbsent' && String(args[1]).includes('manifests/')) call = number
      },
    })
    await runSnapshot(world, asked, {killAt: {call, when: 'before'}})
    world.clock.pass(300_000)
    lock(world, Infinity)
    const given = must(await runAbort(world, newest(world).opId)) as {undone: readonly string[]}
    assert.equal(given.undone.filter((text) => /stays: vault .* keeps it for as long as/.test(text)).length, 2)
    assert.equal((await list(world)).incomplete.length, 1)
    world.clock.pass(300_000)
    assert.equal(must(await runGc(world)).removed.filter((text) => text.includes('stays')).length, 2)
    lock(world, 0)
    world.clock.pass(300_000)
    must(await runGc(world))
    assert.deepEqual([world.state.recoveryPoints.size, (await list(world)).incomplete], [0, []])
  })

  it('stays while the vault is locked, says how long, and goes whole afterwards', async () => {
    const {world, id} = await vaulted()
    lock(world, Infinity)
    const refused = await remove(world, id)
    assert.equal(refused.code, 'VAULT_LOCKED')
    assert.match(refused.message, /keeps its database and files for as long as its lock holds/)
    // A lock that only one half has left holds the whole set.
    lock(world, 0)
    for (const point of databasePoints(world)) point.lockedUntil = world.clock.time + 60_000
    assert.match((await remove(world, id)).message, /until 20/)
    must(await runSnapshot(world))
    const policy = {last: 1, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0, tags: []}
    const pruned = must(
      await runFlow(world, (ports, run) => {
        const asked = {environment: demo, account: undefined, resume: undefined, confirm: 'demo', confirmed: false}
        return pruneSnapshots({...asked, policy, dryRun: true}, ports, run)
      }),
    )
    assert.match(pruned.snapshots.find((set) => set.id === id)?.reasons.join() ?? '', /locked by the vault until/)
    world.clock.pass(120_000)
    must(await remove(world, id))
    assert.deepEqual([databasePoints(world).length, world.state.recoveryPoints.size], [0, 1])
  })

  it('is not good when its recovery point is gone or not whole', async () => {
    const {world} = await vaulted()
    const [point] = databasePoints(world)
    assert.ok(point !== undefined)
    world.state.recoveryPoints.delete(point.arn)
    const [failed] = must(await verify(world)).checks.filter(({verdict}) => verdict === 'FAIL')
    assert.match(failed?.reason ?? '', /^recovery point arn:aws:rds:.* is gone$/)
    const {checks} = must(await plan(world))
    assert.match(checks.find(({name}) => name === 'database snapshot')?.reason ?? '', /is gone$/)
  })

  it('is proven by a trial', async () => {
    const {world} = await vaulted()
    assert.equal(must(await runProof(world)).proof?.proven, true)
  })
})

describe('a restore out of the vault', () => {
  it('brings back what the recovery point has, by the ARN of it', async () => {
    const {world, id} = await vaulted()
    for (const instance of world.state.instances.values()) instance.data = 'damaged rows'
    must(await runRestore(world, {vaulted: true, safety: 'none'}))
    assert.equal(
      world.stack('pi-demo-database-2')?.goal?.parameters['SnapshotIdentifier'],
      databasePoints(world)[0]?.arn,
    )
    assert.equal(world.state.instances.get('pi-demo-database-2-instance')?.data, 'rows of a customer')
    assert.equal(manifestOf(world, id).database.vault, 'vault-demo-1')
  })

  it('takes the latest of the sets that lie there, and says so when there is none', async () => {
    const {world, id} = await vaulted()
    must(await runSnapshot(world))
    assert.equal(must(await plan(world, {vaulted: true})).snapshot, id)
    assert.notEqual(must(await plan(world)).snapshot, id)
    const bare = await inUse()
    assert.match((await plan(bare, {vaulted: true})).message, /there is none yet/)
    must(await runSnapshot(bare))
    const none = await plan(bare, {vaulted: true})
    assert.equal(none.code, 'SNAPSHOT_NOT_FOUND')
    assert.match(none.message, /none has both halves in the backup vault/)
  })

  it('refuses a set whose database half lies outside, before anything is begun', async () => {
    const world = await inUse()
    const {id} = must(await runSnapshot(world))
    world.clock.pass(1000)
    world.log = []
    const ref = parseSnapshotRef(id)
    const refused = await runRestore(world, {ref, vaulted: true})
    assert.equal(refused.code, 'PREFLIGHT_REFUSED')
    assert.match(refused.message, /is a manual snapshot outside the vault/)
    const verdicts = async (only: ('files' | 'database' | 'assets')[]) =>
      must(await plan(world, {ref, vaulted: true, only})).checks.find(({name}) => name === 'vaulted')?.verdict
    assert.equal(await verdicts(['files']), 'OK')
    assert.equal(await verdicts(['database']), 'FAIL')
    assert.equal(await verdicts(['assets']), 'FAIL')
  })

  it('does not go into another environment', async () => {
    const {world} = await vaulted()
    const ended = await runFlow(world, (ports, run) =>
      restoreInto(
        {environment: demo, account: undefined},
        restoreOptions({environment: 'standby' as EnvironmentName, vaulted: true}),
        {source: ports, target: ports},
        run,
      ),
    )
    assert.deepEqual([ended.code, ended.exitCode], ['VAULTED_STAYS', 2])
  })

  it('is gone on with from where it was', async () => {
    const {world} = await vaulted()
    await runRestore(world, {vaulted: true, safety: 'none'}, deathAt('stage-database'))
    world.clock.pass(300_000)
    must(await runResume(world, newest(world).opId))
    assert.equal(world.state.instances.get('pi-demo-database-2-instance')?.data, 'rows of a customer')
  })
})
