import assert from 'node:assert/strict'
import {FailedError} from '../../../src/domain/errors.ts'
import {openManifest} from '../../../src/domain/snapshots/manifest.ts'
import type {SnapshotId} from '../../../src/domain/snapshots/id.ts'
import {listSnapshots, showSnapshot} from '../../../src/flows/snapshot/sets.ts'
import {inUse, newest, runAbort, runResume} from '../../helpers/fake-aws/in-use.ts'
import {settled} from '../../helpers/fake-aws/settled.ts'
import {atCall, ctrlC, demo, must, runDeploy, runFlow, runGc, runSnapshot} from '../../helpers/fake-aws/scenario.ts'
import {journal, lockOf, mutations, records, warnings} from '../../helpers/fake-aws/traces.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

const list = (world: World, incomplete = false) =>
  runFlow(world, (ports) => listSnapshots({environment: demo, incomplete}, ports))
const show = (world: World) =>
  runFlow(world, (ports) => showSnapshot({environment: demo, ref: {kind: 'latest'}}, ports))

function counts(world: World): Record<string, number> {
  return Object.fromEntries([...world.state.services].map(([name, {desired}]) => [name, desired]))
}

/** Calls that change something, in order, without those of the ledger. */
function effects(world: World): string[] {
  return mutations(world).filter((call) => !call.startsWith('objects.'))
}

describe('snapshot create', () => {
  it('takes the writers down, captures both halves, and lets AWS Backup work with the writers up again', async () => {
    const world = await inUse()
    const before = counts(world)
    const result = must(await runSnapshot(world, {note: 'before the upgrade', tags: ['weekly']}))
    assert.deepEqual([result.state, result.consistency, result.skewMs], ['COMMITTED', 'strict', 0])
    assert.ok(result.downMs > 0 && result.downMs < 10_000)
    const steps = journal(world)
    const order = ['quiesce done', 'freeze-1 done', 'release done', 'saved-1 done', 'manifest done', 'committed done']
    assert.deepEqual(
      order.map((step) => steps.indexOf(step)),
      order.map((step) => steps.indexOf(step)).toSorted((a, b) => a - b),
    )
    assert.ok(steps.indexOf('database-1 done') < steps.indexOf('release intent'))
    assert.deepEqual(counts(world), before)
    assert.equal(lockOf(world), undefined)
  })

  it('suspends scaling and lowers the floor before it takes a service to zero, and undoes it the other way round', async () => {
    const world = await inUse()
    must(await runSnapshot(world))
    const moved = world.log.flatMap(({port, method, args}) => {
      if (method === 'setDesired') return [`${String(args[1]).split('-').at(-2) ?? ''} to ${String(args[2])}`]
      if (port !== 'scaling' || method !== 'set') return []
      const {min, suspended} = args[1] as {min: number; suspended: boolean}
      return [`floor ${min}${suspended ? ', suspended' : ''}`]
    })
    assert.deepEqual(moved, [
      'floor 0, suspended',
      'Dashboard to 0',
      'Renderer to 0',
      'Renderer to 3',
      'Dashboard to 1',
      'floor 1',
    ])
  })

  it('names everything in a manifest that carries its own hash', async () => {
    const world = await inUse()
    const {id} = must(await runSnapshot(world, {note: 'n', tags: ['a']}))
    const text = records(world, `snapshots/manifests/${id}`)[0]?.[1] ?? ''
    const manifest = openManifest(id as SnapshotId, new TextEncoder().encode(text))
    assert.equal(manifest.files.path, `gen/.frozen/${id}`)
    assert.equal(manifest.database.snapshotIdentifier, `pi-demo-${id}`)
    assert.deepEqual(manifest.database.counts, {tables: 1, rows: 'rows of a customer'.length})
    assert.deepEqual(
      manifest.configuration.stacks.map(({part}) => part),
      ['app', 'database', 'files', 'foundation', 'network', 'operations'],
    )
    assert.equal(manifest.configuration.images.length, 2)
    assert.equal(manifest.configuration.images[0]?.digest, 'sha256:pi-demo-app-Dashboard-Service')
    assert.ok(manifest.configuration.stacks.every(({template}) => records(world, `objects/${template}`).length === 1))
  })

  it('states how far the halves of a live set may be apart, and takes nothing down', async () => {
    const world = await inUse()
    const result = must(await runSnapshot(world, {consistency: 'live'}))
    assert.equal(result.consistency, 'live')
    assert.ok(result.skewMs >= world.durations.backup)
    assert.equal(result.downMs, 0)
    assert.deepEqual(
      effects(world).filter((call) => call.startsWith('scaling') || call.endsWith('setDesired')),
      [],
    )
  })

  it('is live, and says why, when the services were down for as long as they may be', async () => {
    const world = await inUse()
    const before = counts(world)
    world.durations.drain = 240_000
    const result = must(await runSnapshot(world, {maxQuiesceMs: 60_000}))
    assert.equal(result.consistency, 'live')
    assert.ok(result.downMs >= 60_000 && result.downMs < 70_000, `${result.downMs}`)
    assert.match(must(await show(world)).manifest.weakened, /at zero for more than 1 minutes/)
    assert.deepEqual(counts(world), before)
  })

  it('releases the services whatever fails while they are down', async () => {
    for (const call of ['databases.createSnapshot', 'functions.invoke', 'containers.runTask']) {
      const world = await inUse()
      const before = counts(world)
      const failed = await runSnapshot(
        world,
        {},
        {
          onCall: atCall(
            ({name, args}) => name === call && (name !== 'functions.invoke' || JSON.stringify(args).includes('freeze')),
            () => {
              throw new FailedError('no', {code: 'TEST'})
            },
          ),
        },
      )
      assert.equal(failed.code, 'TEST', call)
      assert.deepEqual(counts(world), before)
      assert.equal(world.state.scaling.get('pi-demo-app-Renderer-Service')?.suspended, false)
      assert.equal(lockOf(world), undefined)
      assert.deepEqual(must(await list(world)).snapshots, [])
    }
  })

  it('pauses at Ctrl-C with the services up, and goes on with a try of its own', async () => {
    const world = await inUse()
    const before = counts(world)
    const pause = new AbortController()
    const ended = await runSnapshot(world, {}, {pause, onCall: atCall('databases.createSnapshot', () => ctrlC(pause))})
    assert.equal(ended.exitCode, 13)
    assert.deepEqual(counts(world), before)
    assert.deepEqual(warnings(ended.events), [])
    must(await runResume(world, newest(world).opId))
    const {manifest} = must(await show(world))
    assert.match(manifest.database.snapshotIdentifier, /-2$/)
    assert.equal(manifest.consistency, 'strict')
    assert.deepEqual([...world.state.snapshots.keys()], [manifest.database.snapshotIdentifier])
  })

  it('keeps others out while a dead run has left services down, and says what to do', async () => {
    const world = await inUse()
    await runSnapshot(world, {}, {killAt: {call: await callOf('containers.runTask'), when: 'after'}})
    assert.deepEqual(Object.values(counts(world)), [0, 0])
    const refused = await runDeploy(world)
    assert.equal(refused.code, 'OPERATION_UNFINISHED')
    assert.equal(refused.exitCode, 12)
    must(await runAbort(world, newest(world).opId))
    assert.deepEqual(Object.values(counts(world)), [1, 3])
    must(await runDeploy(world))
  })

  it('does not touch services any more when its lock was lost: whoever has it may need them down', async () => {
    const world = await inUse()
    world.durations.moment = 600_000
    world.durations.snapshot = 600_000
    const ended = await runSnapshot(world, {}, {onCall: atCall('databases.createSnapshot', () => stealLock(world))})
    assert.equal(ended.code, 'LOCK_LOST')
    assert.deepEqual(Object.values(counts(world)), [0, 0])
    assert.ok(!journal(world).includes('release intent'))
  })

  it('waits for a backup of somebody else before it has its own made', async () => {
    const world = await inUse()
    const resourceArn = 'arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-demo-1'
    const vault = [...world.state.vaults.keys()][0] ?? ''
    world.durations.backup = 30_000
    world.aws.backups.startBackup({vault, resourceArn, roleArn: '', token: 'plan', tags: {}})
    for (const consistency of ['strict', 'live'] as const) must(await runSnapshot(world, {consistency}))
    assert.equal(world.state.jobs.filter(({state}) => state === 'COMPLETED').length, 3)
  })

  it('never calls a partial backup whole', async () => {
    const world = await inUse()
    const ended = await runSnapshot(
      world,
      {},
      {
        onCall: atCall('backups.backupJob', () => {
          for (const job of world.state.jobs) job.state = 'PARTIAL'
        }),
      },
    )
    assert.equal(ended.code, 'BACKUP_FAILED')
    assert.match(ended.message, /is PARTIAL/)
    assert.deepEqual(must(await list(world)).snapshots, [])
    assert.equal(must(await list(world, true)).incomplete.length, 1)
  })

  it('is refused before anything is begun where the way is known to be closed', async () => {
    const cases: [(world: World) => void, RegExp][] = [
      [(world) => (world.vaultTrouble = 'the policy denies'), /vault: the policy denies/],
      [(world) => (world.keyState = 'Disabled'), /key: the key of the environment is Disabled/],
      [
        (world) => (world.quotas.snapshots = {used: 100, max: 100}),
        /snapshots: quota manual-snapshots: .*100 of 100 are used/,
      ],
    ]
    for (const [spoil, message] of cases) {
      const world = await inUse()
      spoil(world)
      const ended = await runSnapshot(world)
      assert.equal(ended.code, 'PREFLIGHT_REFUSED')
      assert.match(ended.message, message)
      assert.deepEqual(effects(world), [])
      assert.equal(records(world, 'snapshots/').length, 0)
    }
  })

  it('refuses words that do not fit', async () => {
    const world = await inUse()
    const cases: [Parameters<typeof runSnapshot>[1], string][] = [
      [{note: 'x'.repeat(201)}, 'INVALID_NOTE'],
      [{note: 'two\nlines'}, 'INVALID_NOTE'],
      [{tags: ['UPPER']}, 'INVALID_TAG'],
      [{tags: ['a', 'b', 'c', 'd', 'e']}, 'INVALID_TAG'],
      [{maxQuiesceMs: 1000}, 'INVALID_DURATION'],
    ]
    for (const [options, code] of cases) assert.equal((await runSnapshot(world, options)).code, code)
    assert.deepEqual(mutations(world), [])
  })

  it('dates a set by the clock of S3, whatever the machine thinks', async () => {
    const world = await inUse()
    world.serverSkew = -3_600_000
    must(await runSnapshot(world))
    const [set] = must(await list(world)).snapshots
    assert.ok(Date.parse(set?.createdAt ?? '') < world.clock.time - 3_000_000)
  })
})

describe('snapshot gc', () => {
  it('leaves whole sets alone and takes what a failed one left', async () => {
    const world = await inUse()
    must(await runSnapshot(world))
    const whole = settled(world)
    world.clock.pass(1000)
    await runSnapshot(world, {}, {onCall: atCall('backups.backupJob', () => fail(world))})
    assert.equal(world.state.snapshots.size, 2)
    const result = must(await runGc(world))
    assert.ok(result.removed.some((what) => what.startsWith('database snapshot')))
    assert.deepEqual(settled(world), whole)
  })
})

function fail(world: World): never {
  for (const job of world.state.jobs) if (job.state === 'RUNNING') job.state = 'FAILED'
  throw new FailedError('no', {code: 'TEST'})
}

/** The number of the first call of a kind, in an undisturbed run. */
async function callOf(name: string): Promise<number> {
  let found = 0
  const note = ({number, name: made}: {number: number; name: string}): void => {
    if (made === name && found === 0) found = number
  }
  must(await runSnapshot(await inUse(), {}, {onCall: note}))
  assert.ok(found > 0)
  return found
}

function stealLock(world: World): void {
  const bucket = [...world.state.buckets].find(([name]) => name.startsWith('records-'))?.[1]
  const [key = '', lock] = [...(bucket ?? [])].find(([name]) => name.startsWith('locks/')) ?? []
  assert.ok(lock !== undefined)
  const body = new TextDecoder().decode(lock.body).replace(/"opId":"[^"]+"/, '"opId":"20260102T030405Z-tidy-abcdef"')
  bucket?.set(key, {...lock, body: new TextEncoder().encode(body), etag: 'another'})
}
