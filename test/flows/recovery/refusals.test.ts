import assert from 'node:assert/strict'
import {AccessError, FailedError, PiError} from '../../../src/domain/errors.ts'
import {ownActions} from '../../../src/domain/permissions/own-actions.ts'
import type {SnapshotId} from '../../../src/domain/snapshots/id.ts'
import {catalogueKey} from '../../../src/domain/snapshots/catalogue.ts'
import {manifestKey} from '../../../src/domain/snapshots/keys.ts'
import {type Manifest, openManifest, sealManifest} from '../../../src/domain/snapshots/manifest.ts'
import {restoreWishes, snapshotWishes} from '../../../src/flows/recovery/wishes.ts'
import {showRestorePlan} from '../../../src/flows/restore/plan.ts'
import {siteOf} from '../../../src/flows/snapshot/site.ts'
import {inUse, newest, runAbort, runResume} from '../../helpers/fake-aws/in-use.ts'
import {
  atCall,
  demo,
  type Ended,
  must,
  restoreOptions,
  runFlow,
  runGc,
  runRestore,
  runSnapshot,
} from '../../helpers/fake-aws/scenario.ts'
import {settled} from '../../helpers/fake-aws/settled.ts'
import {lockOf, mutations, records, warnings} from '../../helpers/fake-aws/traces.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

/** An environment with a set. */
async function withSet(): Promise<World> {
  const world = await inUse()
  must(await runSnapshot(world))
  world.clock.pass(1000)
  world.log = []
  return world
}

/** What a run changed but for the questions that it asked of the function. */
function changes(world: World): string[] {
  return mutations(world).filter((call) => call !== 'functions.invoke')
}

/** Refused before anything was begun: exit code, one line that says why, nothing changed, no lock left. */
function refused(world: World, ended: Ended<unknown>, why: RegExp): void {
  assert.equal(ended.exitCode, 12, ended.message)
  assert.match(ended.message, why)
  assert.ok(!ended.message.includes('\n'))
  assert.deepEqual(changes(world), [])
  assert.equal(lockOf(world), undefined)
}

function desired(world: World): number[] {
  return [...world.state.services.values()].map(({desired: count}) => count)
}

/** Makes the newest set one of another place, as if somebody had copied its records. */
function moveSet(world: World, change: Partial<Manifest>): void {
  const [[key, text] = ['', '']] = records(world, 'snapshots/manifests/')
  const id = key.slice(-28, -5) as SnapshotId
  const {hash: _, ...body} = openManifest(id, new TextEncoder().encode(text))
  const bucket = [...world.state.buckets].find(([name]) => name.startsWith('records-'))?.[1]
  const moved = {...body, ...change}
  const {bytes} = sealManifest(moved)
  bucket?.set(manifestKey(id), {body: bytes, etag: 'moved', modified: world.clock.time})
  bucket?.set(catalogueKey(moved), {body: new Uint8Array(), etag: 'moved', modified: world.clock.time})
}

describe('a snapshot that cannot be made', () => {
  const cases: readonly (readonly [what: string, spoil: (world: World) => void, why: RegExp])[] = [
    [
      'for want of one permission',
      (world) => (world.deniedActions = ['backup:StartBackupJob']),
      /permissions: arn:aws:iam::111122223333:user\/ann may not perform backup:StartBackupJob in account 111122223333/,
    ],
    ['with a clock an hour off', (world) => (world.stsSkew = 3_600_000), /clock: this machine is 3600 s behind AWS/],
    [
      'of an instance whose storage is full',
      (world) => {
        for (const instance of world.state.instances.values()) instance.status = 'storage-full'
      },
      /database: instance pi-demo-database-1-instance is storage-full/,
    ],
    [
      'of an instance that cannot reach its key',
      (world) => {
        for (const instance of world.state.instances.values()) instance.status = 'inaccessible-encryption-credentials'
      },
      /is inaccessible-encryption-credentials: RDS takes no snapshot of it/,
    ],
  ]
  for (const [what, spoil, why] of cases) {
    it(`${what} is refused before anything is begun`, async () => {
      const world = await inUse()
      spoil(world)
      refused(world, await runSnapshot(world), why)
      refused(world, await runSnapshot(world, {vaulted: true}), why)
    })
  }

  it('asks only for what it does: a vaulted one needs no permission for manual snapshots', async () => {
    const world = await inUse()
    world.deniedActions = ['rds:CreateDBSnapshot']
    refused(world, await runSnapshot(world), /rds:CreateDBSnapshot/)
    must(await runSnapshot(world, {vaulted: true, maxQuiesceMs: 4 * 3_600_000}))
  })

  it('is made where nobody may simulate, and that is said', async () => {
    const world = await inUse()
    const denied = atCall('permissions.denied', () => {
      throw new AccessError('AWS denies iam:SimulatePrincipalPolicy.', {code: 'ACCESS_DENIED'})
    })
    const ended = await runSnapshot(world, {}, {onCall: denied})
    must(ended)
    assert.deepEqual(warnings(ended.events), ['CHECK_UNKNOWN'])
  })

  it('because the last room was taken meanwhile gives the services back and leaves nothing', async () => {
    const world = await inUse()
    const before = settled(world)
    const ended = await runSnapshot(
      world,
      {},
      {
        onCall: atCall('databases.createSnapshot', () => {
          throw new FailedError('The account has as many as it may have.', {code: 'SNAPSHOT_QUOTA_FULL'})
        }),
      },
    )
    assert.deepEqual([ended.code, ended.exitCode], ['SNAPSHOT_QUOTA_FULL', 1])
    assert.deepEqual(desired(world), [1, 3])
    must(await runGc(world))
    assert.deepEqual(settled(world), before)
  })

  it('because no space is left for the frozen copy gives the services back and leaves nothing', async () => {
    const world = await inUse()
    const before = settled(world)
    const message = '12 MB more are needed'
    world.functionAnswers.set('freeze', {ok: false, error: {code: 'DISK_FULL', message}})
    const ended = await runSnapshot(world)
    assert.deepEqual([ended.code, ended.exitCode], ['SIDELOAD_DISK_FULL', 1])
    assert.match(ended.message, /12 MB more/)
    assert.deepEqual(desired(world), [1, 3])
    assert.equal(records(world, 'snapshots/manifests/').length, 0)
    world.functionAnswers.clear()
    must(await runAbort(world, newest(world).opId))
    assert.deepEqual(settled(world), before)
  })
})

describe('a restore that cannot be', () => {
  const cases: readonly (readonly [what: string, spoil: (world: World) => void, why: RegExp])[] = [
    [
      'of a set of another account',
      (world) => moveSet(world, {account: '999988887777'}),
      /place: snapshot \S+ is of demo, account 999988887777 in eu-west-1; this is demo, 111122223333 in eu-west-1/,
    ],
    ['of a set of another region', (world) => moveSet(world, {region: 'us-east-1'}), /111122223333 in us-east-1; this/],
    ['of a set of another environment', (world) => moveSet(world, {environment: 'prod'}), /is of prod, account/],
    [
      'for want of a permission to change stacks',
      (world) => (world.deniedActions = ['cloudformation:ExecuteChangeSet']),
      /may not perform cloudformation:ExecuteChangeSet/,
    ],
    [
      'for want of a permission to hand the role over',
      (world) => (world.deniedActions = ['iam:PassRole']),
      /may not perform iam:PassRole in account/,
    ],
    ['with a clock an hour off', (world) => (world.stsSkew = -3_600_000), /clock: this machine is 3600 s ahead of AWS/],
    [
      'beside a file system that somebody changed by hand',
      (world) => world.drift.set('FileSystem', {deleted: false, properties: ['/ThroughputMode']}),
      /drift of files: changed by hand, .*: FileSystem \(\/ThroughputMode\)/,
    ],
    [
      'into a file system that is gone',
      (world) => world.drift.set('FileSystem', {deleted: true, properties: []}),
      /the file system is gone, and its stack does not know/,
    ],
    [
      'with a safety snapshot of an instance whose storage is full',
      (world) => {
        for (const instance of world.state.instances.values()) instance.status = 'storage-full'
      },
      /live database: instance pi-demo-database-1-instance is storage-full/,
    ],
  ]
  for (const [what, spoil, why] of cases) {
    it(`${what} is refused before anything is begun`, async () => {
      const world = await withSet()
      spoil(world)
      refused(world, await runRestore(world), why)
      const plan = must(await runFlow(world, (ports) => showRestorePlan(restoreOptions(), ports)))
      assert.equal(plan.possible, false)
    })
  }

  it('can be without a safety snapshot where the instance can give none', async () => {
    const world = await withSet()
    for (const instance of world.state.instances.values()) instance.status = 'storage-full'
    must(await runRestore(world, {safety: 'none'}))
  })

  it('of one half is not kept from by what concerns the other alone', async () => {
    const world = await withSet()
    world.deniedActions = ['backup:StartRestoreJob']
    world.drift.set('FileSystem', {deleted: false, properties: ['/ThroughputMode']})
    must(await runRestore(world, {only: ['database'], safety: 'none'}))
  })

  it('because another one runs is told who works, and the other goes on', async () => {
    const world = await withSet()
    let second: Promise<Ended<unknown>> | undefined
    const first = await runRestore(
      world,
      {safety: 'none'},
      {
        onCall: atCall('backups.startRestore', () => {
          second ??= runRestore(world, {safety: 'none'}, {pid: 900})
        }),
      },
    )
    const ended = await second
    assert.deepEqual([ended?.code, ended?.exitCode], ['LOCKED', 11])
    assert.match(ended?.message ?? '', /ann on desk .* works on it with operation \S+-restore-/)
    assert.deepEqual(must(first).generations.database, {from: 1, to: 2})
    assert.equal([...world.state.instances].length, 2)
  })

  it('because another one was killed in its middle is told which and how to end it, and can be once it was', async () => {
    const world = await withSet()
    const undisturbed = await runRestore(world.copy(), {safety: 'none'})
    const told: string[] = []
    for (let call = 40; call < undisturbed.process.calls; call += 20) {
      const own = world.copy()
      await runRestore(own, {safety: 'none'}, {killAt: {call, when: 'after'}})
      const {opId, state} = newest(own)
      if (!opId.includes('-restore-') || state === 'done') continue
      own.clock.pass(300_000)
      const ended = await runRestore(own, {safety: 'none'})
      if (ended.error === undefined) continue
      assert.equal(ended.exitCode, 12)
      assert.ok(ended.error instanceof PiError)
      assert.match(`${ended.message} ${ended.error.suggestions.join()}`, new RegExp(`ops resume ${opId}`))
      told.push(ended.code ?? '')
      must(await runResume(own, opId))
      own.clock.pass(1000)
      assert.deepEqual(must(await runRestore(own, {safety: 'none'})).generations.database, {from: 2, to: 3})
    }
    assert.deepEqual([...new Set(told)].toSorted(), ['OPERATION_UNFINISHED', 'PREFLIGHT_REFUSED'])
  })

  it('on a platform that a person quiesced by its stack says so', async () => {
    const world = await withSet()
    const app = world.stack('pi-demo-app')
    assert.ok(app?.goal !== undefined)
    app.goal.parameters['Quiesced'] = 'true'
    refused(world, await runRestore(world), /stacks: the platform is quiesced by its stack/)
    refused(world, await runSnapshot(world), /services: the platform is quiesced by its stack/)
  })
})

describe('what is asked of IAM before a set is made or brought back', () => {
  it('is part of the policy that pi-aws prints, with the names of what stands', async () => {
    const world = await inUse()
    const site = must(await runFlow(world, (ports) => siteOf(ports, demo, undefined)))
    const all = [
      ...snapshotWishes(site, {vaulted: false}),
      ...restoreWishes(site, {database: true, files: true}),
      ...restoreWishes(site, {database: false, files: false}),
    ]
    for (const {actions, resources} of all) {
      assert.ok(actions.length > 0 && resources.length > 0)
      assert.deepEqual(
        actions.filter((action) => !ownActions.includes(action)),
        [],
      )
      assert.ok(
        resources.every((arn) => arn === '*' || arn.startsWith('arn:aws:') || arn.startsWith('check-')),
        resources.join(),
      )
    }
    const without = {...site, outputs: {RestoreRoleArn: 'arn:aws:iam::111122223333:role/r'}}
    assert.ok(snapshotWishes(without, {vaulted: true}).every(({actions}) => !actions.join().includes('ecs:')))
  })
})
