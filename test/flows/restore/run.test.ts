import assert from 'node:assert/strict'
import {RolledBackError} from '../../../src/domain/errors.ts'
import type {JournalEntry} from '../../../src/domain/ledger.ts'
import {lockedOut} from '../../../src/flows/restore/downtime.ts'
import {showRestorePlan} from '../../../src/flows/restore/plan.ts'
import {restoreStatus, unfinishedRestore} from '../../../src/flows/restore/status.ts'
import {inUse, newest, runAbort, runResume} from '../../helpers/fake-aws/in-use.ts'
import {
  atCall,
  ctrlC,
  demo,
  executes,
  must,
  restoreOptions,
  runDeploy,
  runFinalize,
  runFlow,
  runRestore,
  runSnapshot,
  runUndo,
} from '../../helpers/fake-aws/scenario.ts'
import {
  executed,
  journal,
  mutations,
  parametersOf,
  records,
  stackNamed,
  warnings,
} from '../../helpers/fake-aws/traces.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

/** An environment with a set, whose data were damaged afterwards. */
async function damaged(): Promise<World> {
  const world = await inUse()
  must(await runSnapshot(world))
  world.clock.pass(1000)
  for (const instance of world.state.instances.values()) instance.data = 'damaged rows'
  for (const {generations} of world.state.fileSystems.values()) generations.set(1, 'damaged themes')
  world.log = []
  return world
}

const plan = (world: World, more: object = {}) =>
  runFlow(world, (ports) => showRestorePlan(restoreOptions(more), ports))
const status = (world: World) => runFlow(world, (ports) => restoreStatus({environment: demo}, ports))

/** What users see: the data that the app points at. */
function live(world: World): {rows: string | undefined; files: string | undefined} {
  const {DatabaseGeneration = '', FilesGeneration = ''} = parametersOf(world, 'pi-demo-app')
  return {
    rows: world.state.instances.get(`pi-demo-database-${DatabaseGeneration}-instance`)?.data,
    files: world.state.fileSystems.get('fs-demo-1')?.generations.get(Number(FilesGeneration)),
  }
}

const before = {rows: 'damaged rows', files: 'damaged themes'}
const good = {rows: 'rows of a customer', files: 'themes of a customer'}

describe('restore run', () => {
  it('brings both halves back beside the living ones, after a safety snapshot', async () => {
    const world = await damaged()
    const result = must(await runRestore(world))
    assert.deepEqual(live(world), good)
    assert.notEqual(result.safety, '')
    assert.equal(world.state.instances.get('pi-demo-database-1-instance')?.data, 'damaged rows')
    assert.deepEqual(executed(world), ['stage-database', 'quiesced', 'flip', 'released', 'guard', 'keep', 'operations'])
    assert.equal(stackNamed(world, 'pi-demo-database-2').terminationProtection, true)
    assert.equal(parametersOf(world, 'pi-demo-operations')['DatabaseIdentifier'], 'pi-demo-database-2-instance')
    assert.equal(world.state.fileSystems.get('fs-demo-1')?.active, 2)
    assert.deepEqual(
      must(await status(world)).restores.map(({state}) => state),
      ['COMMITTED'],
    )
  })

  it('keeps the count that scaling had made, and the deploy after it flips nothing back', async () => {
    const world = await damaged()
    must(await runRestore(world))
    assert.equal(world.state.services.get('pi-demo-app-Renderer-Service')?.desired, 3)
    world.clock.pass(1000)
    must(await runDeploy(world))
    assert.deepEqual(live(world), good)
  })

  it('moves one half alone when asked', async () => {
    const world = await damaged()
    const result = must(await runRestore(world, {only: ['files'], safety: 'none'}))
    assert.deepEqual(result.generations, {database: {from: 1, to: 1}, files: {from: 1, to: 2}})
    assert.deepEqual(live(world), {rows: 'damaged rows', files: 'themes of a customer'})
    world.clock.pass(1000)
    must(await runUndo(world))
    assert.deepEqual(live(world), before)
    world.clock.pass(1000)
    must(await runRestore(world, {only: ['database'], safety: 'none'}))
    assert.deepEqual(live(world), {rows: 'rows of a customer', files: 'damaged themes'})
  })

  it('goes back by itself when users are not served, and says so with 14', async () => {
    const world = await damaged()
    world.targets = {healthy: 0, total: 1, reasons: ['Target.Timeout']}
    const ended = await runRestore(world, {safety: 'none'})
    assert.deepEqual([ended.code, ended.exitCode], ['PROOF_FAILED', 14])
    assert.match(ended.message, /Target\.Timeout/)
    assert.deepEqual(live(world), before)
    assert.equal(parametersOf(world, 'pi-demo-app')['Quiesced'], 'false')
    assert.equal(world.state.fileSystems.get('fs-demo-1')?.active, 1)
    assert.deepEqual(must(await status(world)).restores[0]?.operation, 'failed')
    assert.equal((await runDeploy(world)).code, 'OPERATION_UNFINISHED')
    world.targets = {healthy: 1, total: 1, reasons: []}
    must(await runResume(world, newest(world).opId))
    assert.deepEqual(live(world), good)
  })

  it('goes back when the flip itself fails', async () => {
    const world = await damaged()
    world.fail('pi-demo-app', 'update', {logicalId: 'DashboardService', reason: 'breaker'}, 1)
    const ended = await runRestore(world, {safety: 'none'})
    assert.equal(ended.code, 'PROOF_FAILED')
    assert.deepEqual(live(world), before)
  })

  it('changes side by side what follows the app, and tells a failure once all have come to their end', async () => {
    const following = ['guard', 'keep', 'operations']
    const ofThem = (entry: string): boolean => following.includes(entry.split(' ')[0] ?? '')
    const world = await damaged()
    must(await runRestore(world, {safety: 'none'}))
    const steps = journal(world).filter(ofThem)
    const begun = steps.slice(
      0,
      steps.findIndex((entry) => entry.endsWith(' done')),
    )
    assert.deepEqual([...new Set(begun)].sort(), ['guard intent', 'keep intent', 'operations intent'])
    const all = journal(world)
    assert.ok(all.indexOf('prove done') < all.findIndex(ofThem), 'an app that was not proven has nothing to follow')

    const failing = await damaged()
    failing.fail('pi-demo-database-2', 'update', {logicalId: 'Database', reason: 'not available'}, 1)
    const ended = await runRestore(failing, {safety: 'none'})
    assert.equal(ended.exitCode, 14)
    assert.deepEqual(live(failing), good)
    const ends = journal(failing).filter((entry) => ofThem(entry) && !entry.endsWith('intent'))
    assert.deepEqual(ends.sort(), ['guard fail', 'keep done', 'operations done'])
    must(await runResume(failing, newest(failing).opId))
    assert.equal(parametersOf(failing, 'pi-demo-database-2')['DeletionProtection'], 'true')
  })

  it('leaves the living data alone when what comes back is not what the set says', async () => {
    const spoil: [string, (world: World) => void][] = [
      ['rows', (world) => [...world.state.snapshots.values()].forEach((one) => Object.assign(one, {data: 'less'}))],
      [
        'canary',
        (world) => [...world.state.snapshots.values()].forEach((one) => Object.assign(one, {canary: 'other'})),
      ],
      [
        'files',
        (world) =>
          [...world.state.recoveryPoints.values()].forEach(({trees}) => {
            for (const path of trees.keys()) (trees as Map<string, string>).set(path, 'rotten')
          }),
      ],
      [
        'no tree',
        (world) =>
          [...world.state.recoveryPoints.values()].forEach(({lists}) => (lists as Map<string, string>).clear()),
      ],
    ]
    for (const [what, act] of spoil) {
      const world = await damaged()
      act(world)
      const ended = await runRestore(world, {safety: 'none'})
      assert.equal(ended.code, 'CHECK_FAILED', what)
      assert.match(ended.message, /live data are untouched/)
      assert.deepEqual(live(world), before)
      assert.ok(!executed(world).includes('quiesced'))
      must(await runAbort(world, newest(world).opId))
      assert.deepEqual([...world.state.instances.keys()], ['pi-demo-database-1-instance'])
      assert.deepEqual([...(world.state.fileSystems.get('fs-demo-1')?.generations.keys() ?? [])], [1])
    }
  })

  it('takes files that moved on while a live set was saved, and says so', async () => {
    const world = await inUse()
    const files = world.state.fileSystems.get('fs-demo-1')
    const save = atCall('backups.startBackup', () => files?.generations.set(1, 'themes, and one more'))
    must(await runSnapshot(world, {consistency: 'live'}, {onCall: save}))
    world.clock.pass(1000)
    const ended = await runRestore(world, {safety: 'none'})
    must(ended)
    assert.ok(warnings(ended.events).includes('FILES_MOVED_ON'))
    assert.equal(live(world).files, 'themes, and one more')
  })

  it('takes rows that moved on while a live set was captured, and says so', async () => {
    const world = await inUse()
    const write = atCall('databases.createSnapshot', () => {
      for (const instance of world.state.instances.values()) instance.data = 'rows of a customer, and one more'
    })
    must(await runSnapshot(world, {consistency: 'live'}, {onCall: write}))
    world.clock.pass(1000)
    const ended = await runRestore(world, {safety: 'none'})
    must(ended)
    assert.ok(warnings(ended.events).includes('ROWS_MOVED_ON'))
    assert.equal(live(world).rows, 'rows of a customer, and one more')
  })

  it('stops at Ctrl-C with the services down only where it says so, and goes on', async () => {
    const world = await damaged()
    const pause = new AbortController()
    const ended = await runRestore(
      world,
      {safety: 'none'},
      {pause, onCall: atCall(executes('flip'), () => ctrlC(pause))},
    )
    assert.equal(ended.exitCode, 13)
    assert.ok(warnings(ended.events).includes('SERVICES_DOWN'))
    assert.deepEqual(must(await status(world)).restores[0]?.state, 'QUIESCED')
    const opId = must(await runFlow(world, (ports) => unfinishedRestore(demo, ports)))
    must(await runResume(world, opId))
    assert.deepEqual(live(world), good)
  })

  it('wants the name', async () => {
    const world = await damaged()
    assert.equal((await runRestore(world, {confirm: undefined})).code, 'CONFIRMATION_MISSING')
    assert.equal((await runRestore(world, {confirm: 'prod'})).code, 'CONFIRMATION_WRONG')
    assert.deepEqual(mutations(world), [])
    must(await runRestore(world, {confirm: undefined, confirmed: true, safety: 'none'}))
  })
})

describe('the time that users were locked out', () => {
  const at = (minute: number): string => new Date(Date.UTC(2026, 0, 2, 3, minute)).toISOString()
  const entry = (step: string, kind: 'intent' | 'done' | 'fail', minute: number, result?: object) =>
    ({step, kind, at: at(minute), result}) as unknown as JournalEntry
  const minutes = (...entries: readonly JournalEntry[]) => {
    const {ms, isUndisturbed} = lockedOut(entries) ?? {}
    return ms === undefined ? undefined : [ms / 60_000, isUndisturbed]
  }

  it('is the one from the execution of their change until they were served, over a run that died too', () => {
    const asked = [entry('staged', 'done', 0), entry('quiesced', 'intent', 1)]
    const begun = [...asked, entry('quiesced', 'intent', 2, {changes: []}), entry('quiesced', 'done', 3)]
    assert.deepEqual(minutes(...begun, entry('released', 'done', 4), entry('prove', 'done', 5)), [3, true])
    assert.deepEqual(minutes(...begun, entry('resumed', 'done', 30), entry('prove', 'done', 40)), [38, false])
    const late = [...asked, entry('resumed', 'done', 50), ...begun.slice(2)]
    assert.deepEqual(minutes(...late, entry('prove', 'done', 5)), [3, true], 'they were served while nobody worked')
    assert.deepEqual(minutes(...asked, entry('quiesced', 'done', 3), entry('prove', 'done', 5)), [2, true])
    assert.equal(minutes(...begun), undefined, 'nobody is served yet')
    assert.deepEqual(minutes(...begun, entry('prove', 'done', 1)), [0, true], 'another clock')
    const back = [...begun, entry('prove', 'fail', 6), entry('back', 'intent', 7), entry('back', 'done', 8)]
    assert.equal(minutes(...back), undefined)
    const again = [entry('quiesced', 'intent', 20, {changes: []}), entry('prove', 'done', 22)]
    assert.deepEqual(minutes(...back, ...again), [2, true])
  })
})

describe('restore plan', () => {
  it('shows the order, who is locked out when, and changes nothing', async () => {
    const world = await damaged()
    const shown = must(await plan(world))
    assert.deepEqual(
      shown.steps.map(({step, down}) => `${step}${down ? ' down' : ''}`),
      ['SAFE down', 'STAGED', 'STAGED', 'CHECKED', 'QUIESCED down', 'FLIPPED down', 'PROVEN down', 'COMMITTED'],
    )
    assert.ok(shown.possible && shown.lostMs > 0)
    assert.deepEqual(
      mutations(world).filter((call) => call !== 'functions.invoke'),
      [],
    )
    assert.deepEqual(
      must(await plan(world, {only: ['files'], safety: 'none'})).steps.map(({step}) => step),
      ['STAGED', 'CHECKED', 'QUIESCED', 'FLIPPED', 'PROVEN', 'COMMITTED'],
    )
  })

  it('foretells how long users are locked out by what the last restore and the set itself took', async () => {
    const world = await damaged()
    const first = must(await plan(world))
    assert.deepEqual(first.downtime.flip, null, 'nothing was ever restored')
    assert.equal(first.downtime.safety?.by, first.snapshot)
    assert.ok(first.downtime.safety.ms > 0)
    const {opId, downMs} = must(await runRestore(world))
    world.clock.pass(1000)
    const alive = {safety: 'live'} as const
    assert.deepEqual(must(await plan(world, alive)).downtime, {safety: null, flip: {ms: downMs, by: opId}})
    const broken = {body: new TextEncoder().encode('{}'), etag: '', modified: 0}
    world.state.buckets.get('records-demo-1')?.set(records(world, 'restores/')[0]?.[0] ?? '', broken)
    assert.deepEqual(must(await plan(world, alive)).downtime.flip, null, 'a broken record keeps nobody from a plan')
    const alone = must(await plan(world, {...alive, only: ['assets']}))
    assert.deepEqual(alone.downtime, {safety: null, flip: null})
  })

  it('binds a restore to the state it was made from', async () => {
    const world = await damaged()
    const {fingerprint} = must(await plan(world))
    world.clock.pass(1000)
    must(await runSnapshot(world))
    world.clock.pass(1000)
    const stale = await runRestore(world, {plan: fingerprint})
    assert.deepEqual([stale.code, stale.exitCode], ['STALE_PLAN', 12])
    const fresh = must(await plan(world, {safety: 'none'})).fingerprint
    must(await runRestore(world, {plan: fresh, safety: 'none'}))
  })

  it('says no, and the restore does not begin, where something is missing', async () => {
    const cases: [string, RegExp, (world: World) => void][] = [
      ['key', /pending|Disabled/, (world) => (world.keyState = 'Disabled')],
      ['database snapshot', /is gone/, (world) => world.state.snapshots.clear()],
      ['recovery point', /is gone/, (world) => world.state.recoveryPoints.clear()],
      ['vault', /denies/, (world) => (world.vaultTrouble = 'the policy denies')],
      ['instances', /has all of its 40/, (world) => (world.quotas.instances = {used: 40, max: 40})],
      [
        'engine',
        /does not offer MariaDB 10\.11/,
        (world) => {
          world.gone.add('10.11')
          for (const instance of world.state.instances.values()) instance.engineVersion = '11.4.1'
        },
      ],
      [
        'drift',
        /Instance \(\/DBInstanceClass\)/,
        (world) => world.drift.set('Instance', {deleted: false, properties: ['/DBInstanceClass', '/AllocatedStorage']}),
      ],
      ['live database', /is gone/, (world) => world.state.instances.clear()],
      [
        'stacks',
        /UPDATE_ROLLBACK_FAILED/,
        (world) => (stackNamed(world, 'pi-demo-network').status = 'UPDATE_ROLLBACK_FAILED'),
      ],
    ]
    for (const [name, message, spoil] of cases) {
      const world = await damaged()
      spoil(world)
      const shown = must(await plan(world))
      assert.equal(shown.possible, false, name)
      assert.match(shown.checks.find((check) => check.name === name)?.reason ?? '', message)
      const ended = await runRestore(world)
      assert.ok(['PREFLIGHT_REFUSED', 'IDENTITY_CHANGED'].includes(ended.code ?? ''), `${name}: ${ended.message}`)
      assert.equal(ended.exitCode, 12)
      assert.deepEqual(executed(world), [])
    }
  })

  it('says unknown where RDS and the live database contradict each other', async () => {
    const world = await damaged()
    world.gone.add('10.11')
    assert.equal(must(await plan(world)).checks.find(({name}) => name === 'engine')?.verdict, 'UNKNOWN')
    assert.equal(must(await plan(world)).possible, true)
  })

  it('refuses a set of another account', async () => {
    const world = await damaged()
    world.caller = {...world.caller, region: 'eu-west-2' as never}
    const ended = await runRestore(world)
    assert.equal(ended.exitCode, 12)
    assert.deepEqual(executed(world), [])
  })
})

describe('restore undo and finalize', () => {
  it('go back and forth, and end it', async () => {
    const world = await damaged()
    must(await runRestore(world, {safety: 'none'}))
    world.clock.pass(1000)
    assert.equal((await runFinalize(world, {now: false})).code, 'TOO_YOUNG')
    assert.equal((await runUndo(world, {confirmed: false})).code, 'CONFIRMATION_MISSING')
    must(await runUndo(world))
    assert.deepEqual(live(world), before)
    assert.equal((await runUndo(world)).code, 'RESTORE_NOT_FOUND')
    world.clock.pass(1000)
    must(await runRestore(world, {safety: 'none'}))
    world.clock.pass(25 * 3_600_000)
    const ended = must(await runFinalize(world, {now: false}))
    assert.deepEqual(ended.removed, ['pi-demo-database-1', 'pi-demo-database-2', 'gen/1', 'gen/2'])
    assert.equal(ended.kept.length, 2)
    assert.deepEqual(live(world), good)
    assert.equal((await runFinalize(world)).code, 'NOTHING_TO_FINALIZE')
    assert.equal((await runUndo(world)).code, 'RESTORE_NOT_FOUND')
    assert.deepEqual(
      must(await status(world)).restores.map(({state}) => state),
      ['FINALIZED', 'FINALIZED'],
    )
  })

  it('end nothing that somebody else changed while their question was open', async () => {
    const world = await damaged()
    must(await runRestore(world, {safety: 'none'}))
    world.clock.pass(1000)
    const undone = async (): Promise<void> => void must(await runUndo(world))
    const confirm = async (): Promise<boolean> => undone().then(() => true)
    assert.equal((await runUndo(world, {confirmed: false}, {ask: {possible: true, confirm}})).code, 'NOTHING_TO_UNDO')
    world.clock.pass(1000)
    const text = async (): Promise<string> => runRestore(world, {safety: 'none'}).then(() => 'demo')
    const ended = await runFinalize(world, {confirm: undefined}, {ask: {possible: true, text}})
    assert.deepEqual([ended.code, ended.exitCode], ['CHANGED_MEANWHILE', 12])
    assert.deepEqual(
      must(await status(world)).restores.map(({state}) => state),
      ['COMMITTED', 'UNDONE'],
    )
    world.clock.pass(1000)
    must(await runUndo(world))
    assert.deepEqual(live(world), before)
  })

  it('do not go back to what is gone', async () => {
    const world = await damaged()
    must(await runRestore(world, {safety: 'none'}))
    world.clock.pass(1000)
    stackNamed(world, 'pi-demo-database-1').status = 'DELETE_COMPLETE'
    assert.equal((await runUndo(world)).code, 'GENERATION_GONE')
    assert.equal((await runUndo(world, {restore: '20260101T000000Z-restore-abcdef'})).code, 'RESTORE_NOT_FOUND')
  })

  it('can be given up half-way: an undo goes forward again, a finalization only on', async () => {
    const world = await damaged()
    must(await runRestore(world, {safety: 'none'}))
    world.clock.pass(1000)
    const pause = new AbortController()
    await runUndo(world, {}, {pause, onCall: atCall(executes('released'), () => ctrlC(pause))})
    const {opId} = newest(world)
    assert.deepEqual(must(await status(world)).unfinished, [{opId, kind: 'undo', state: 'paused'}])
    must(await runAbort(world, opId))
    assert.deepEqual(must(await status(world)).unfinished, [])
    assert.deepEqual(live(world), good)
    world.clock.pass(1000)
    const stop = new AbortController()
    await runFinalize(world, {}, {pause: stop, onCall: atCall('databases.createSnapshot', () => ctrlC(stop))})
    assert.equal((await runAbort(world, newest(world).opId)).code, 'ONLY_FORWARD')
    must(await runResume(world, newest(world).opId))
  })

  it('refuse a second restore while one is unfinished, before anything is written', async () => {
    const world = await damaged()
    await runRestore(
      world,
      {safety: 'none'},
      {
        onCall: atCall(executes('flip'), () => {
          throw new RolledBackError('no', {code: 'TEST'})
        }),
      },
    )
    world.clock.pass(1000)
    const ops = records(world, 'ops/').length
    const ended = await runRestore(world)
    assert.equal(ended.code, 'OPERATION_UNFINISHED')
    assert.equal(records(world, 'ops/').length, ops)
    assert.ok(journal(world).includes('back done'))
  })
})
