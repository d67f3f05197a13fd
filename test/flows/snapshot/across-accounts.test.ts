import assert from 'node:assert/strict'
import {FailedError, type PiError} from '../../../src/domain/errors.ts'
import type {AccountId, EnvironmentName} from '../../../src/domain/names.ts'
import {verifySnapshot} from '../../../src/flows/snapshot/verify.ts'
import {crashMatrix} from '../../helpers/fake-aws/crash-matrix.ts'
import type {FakeProcess, OwnCall} from '../../helpers/fake-aws/fake-process.ts'
import {newest, runUnlock} from '../../helpers/fake-aws/in-use.ts'
import {atCall, ctrlC, must} from '../../helpers/fake-aws/scenario.ts'
import {settled} from '../../helpers/fake-aws/settled.ts'
import {records} from '../../helpers/fake-aws/traces.ts'
import {
  otherAccount,
  otherCaller,
  portsOf,
  runApart,
  runCopyApart,
  runDeployApart,
  runGcApart,
  runHealApart,
  runIntoApart,
  twoAccounts,
} from '../../helpers/fake-aws/two-accounts.ts'
import {other} from '../../helpers/fake-aws/two-environments.ts'
import type {World} from '../../helpers/fake-aws/world.ts'
import {copySnapshot} from '../../../src/flows/snapshot/copy.ts'

const nothingGiven = (world: World): void => {
  assert.deepEqual([[...world.state.shares], world.state.loans], [[], []])
}

describe('snapshot copy into another account', () => {
  it('lends snapshot and key for as long as the copy takes, and is a set there afterwards', async () => {
    const world = await twoAccounts()
    const given: unknown[] = []
    const onCall = atCall('databases.copySnapshot', () => given.push([...world.state.shares], world.state.loans))
    const result = must(await runCopyApart(world, {onCall}))
    assert.deepEqual([result.account, result.from.account, result.copied], [otherAccount, '111122223333', true])
    const [shares, loans] = given as [[string, string[]][], {to: string}[]]
    assert.deepEqual(shares, [[`pi-demo-${result.id}`, [otherAccount]]])
    assert.deepEqual(
      loans.map(({to}) => to),
      [otherCaller],
    )
    nothingGiven(world)
    const verified = must(
      await runApart(world, ({target}) =>
        verifySnapshot({environment: other, ref: {kind: 'latest'}, content: true}, target),
      ),
    )
    assert.deepEqual(
      verified.checks.filter(({verdict}) => verdict !== 'OK'),
      [],
    )
    world.clock.pass(1000)
    assert.equal(must(await runCopyApart(world)).copied, false, 'a second copy is none')
  })

  it('makes a manual snapshot for it of a half that lies in the vault, and removes that again', async () => {
    const world = await twoAccounts({vaulted: true})
    const before = [...world.state.snapshots.keys()]
    const {id} = must(await runCopyApart(world))
    assert.deepEqual([...world.state.snapshots.keys()].sort(), [...before, `pi-other-${id}`].sort())
    nothingGiven(world)
  })

  it('is refused before anything is given, with the command that helps', async () => {
    const start = await twoAccounts()
    const cases: [string, RegExp, (world: World) => void][] = [
      ['organization of demo', /isCrossAccountBackupEnabled=true/, (world) => (world.across = false)],
      ['in no organization', /AWS Organizations/, (world) => (world.across = undefined)],
      [
        'policy of the vault',
        /put-backup-vault-access-policy .*CopyIntoBackupVault/,
        (world) => world.vaultPolicies.clear(),
      ],
      ['permissions in demo', /^$/, (world) => (world.deniedActions = ['rds:ModifyDBSnapshotAttribute'])],
      ['permissions in other', /^$/, (world) => (world.deniedActions = ['rds:CopyDBSnapshot'])],
      [
        'key of the database',
        /CopyIntoBackupVault/,
        (world) => (world.caller = {...world.caller, account: '999988887777' as AccountId}),
      ],
      ['partition', /^$/, (world) => (world.caller = {...world.caller, partition: 'aws-cn'})],
    ]
    for (const [what, next, spoil] of cases) {
      const world = start.copy()
      spoil(world)
      const chinese = what === 'partition'
      const ended = await runApart(world, ({source, target}, run) => {
        const caller = async () => ({...world.caller, account: otherAccount, arn: otherCaller, partition: 'aws'})
        const options = {environment: 'demo' as EnvironmentName, account: undefined, ref: {kind: 'latest'} as const}
        const taking = chinese ? {...target, identity: {caller}} : target
        return copySnapshot(
          {...options, target: {environment: other, account: undefined}},
          {source, target: taking},
          run,
        )
      })
      assert.deepEqual([ended.code, ended.exitCode], ['PREFLIGHT_REFUSED', 12], what)
      assert.ok(ended.message.includes(what), `${what}: ${ended.message}`)
      assert.match((ended.error as PiError).suggestions.join('\n'), next, what)
      assert.equal(newest(world, 'copy', 'other').opId, '')
      nothingGiven(world)
    }
  })

  it('with a policy that nobody can read says so, and tries', async () => {
    const world = await twoAccounts()
    world.vaultPolicies.set('vault-other-1', 'no JSON')
    const ended = await runCopyApart(world)
    assert.ok(
      ended.events.some(
        (event) => event.type === 'warning' && event.message.startsWith('policy of the vault of other'),
      ),
    )
    must(ended)
  })

  it('refuses credentials of a wrong account on either side', async () => {
    const world = await twoAccounts()
    const wrong = await runApart(world, ({source}, run) =>
      copySnapshot(
        {
          ...{environment: 'demo' as EnvironmentName, account: '111122223333', ref: {kind: 'latest'}},
          target: {environment: other, account: otherAccount},
        },
        {source, target: source},
        run,
      ),
    )
    assert.deepEqual([wrong.code, wrong.exitCode], ['WRONG_ACCOUNT', 12])
    assert.match(wrong.message, /of account 111122223333, other lives in 444455556666/)
    const moved = await runCopyApart(world, {}, {account: '999988887777'})
    assert.match(moved.message, /demo lives in 999988887777/)
  })

  it('where the snapshot is not shared, the key not lent or the vault shut after all, fails and takes back', async () => {
    const start = await twoAccounts()
    const cases: [string, (world: World) => void][] = [
      ['AWS_DB_SNAPSHOT_NOT_FOUND', (world) => world.ignores.add('share')],
      ['KEY_NOT_LENT', (world) => world.ignores.add('lend')],
      ['COPY_FAILED', (world) => world.ignores.add('startCopy')],
    ]
    for (const [code, spoil] of cases) {
      const world = start.copy()
      spoil(world)
      const ended = await runCopyApart(world)
      assert.equal(ended.code, code)
      nothingGiven(world)
      world.ignores.clear()
      world.clock.pass(1000)
      must(await runCopyApart(world))
    }
  })

  it('says what stays given where even taking it back fails, and the next copy takes it back', async () => {
    const world = await twoAccounts()
    world.ignores.add('startCopy')
    const onCall = atCall('databases.unshare', () => {
      throw new FailedError('RDS is away', {code: 'AWS_AWAY'})
    })
    const ended = await runCopyApart(world, {onCall})
    assert.equal(ended.code, 'AWS_AWAY')
    assert.ok(ended.events.some((event) => event.type === 'warning' && event.code === 'STILL_SHARED'))
    assert.equal(world.state.shares.size, 1)
    world.ignores.clear()
    world.clock.pass(1000)
    must(await runCopyApart(world))
    nothingGiven(world)
  })

  it('does not take another refusal of KMS for a grant that is on its way', async () => {
    const world = await twoAccounts()
    let calls = 0
    const onCall = atCall('keys.state', () => {
      calls += 1
      if (calls > 2) throw new FailedError('KMS is away', {code: 'AWS_AWAY'})
    })
    assert.equal((await runCopyApart(world, {onCall})).code, 'AWS_AWAY')
    nothingGiven(world)
  })

  it('waits for a grant that RDS has not heard of yet, and not for ever', async () => {
    const start = await twoAccounts()
    for (const [loan, code] of [
      [240_000, undefined],
      [3_600_000, 'KEY_NOT_LENT'],
    ] as const) {
      const world = start.copy()
      // KMS shows the key at once; RDS asks later.
      const late = (process: FakeProcess) => {
        const target = portsOf(world, process, 'other')
        return {...target, keys: {...target.keys, state: async () => 'Enabled'}}
      }
      world.durations.loan = loan
      const ended = await runApart(world, ({source}, run) => {
        const process = world.process()
        return copySnapshot(
          {
            ...{environment: 'demo' as EnvironmentName, account: undefined, ref: {kind: 'latest'}},
            target: {environment: other, account: undefined},
          },
          {source, target: late(process)},
          run,
        )
      })
      assert.equal(ended.code, code)
      nothingGiven(world)
    }
  })

  it('stopped by Ctrl-C keeps what was given, says so, and lets nothing else begin until that is ended', async () => {
    for (const how of ['resume', 'abort', 'copy'] as const) {
      const world = await twoAccounts()
      const pause = new AbortController()
      const onAnswer = (call: OwnCall): void => {
        if (call.name === 'databases.copySnapshot') ctrlC(pause)
      }
      const stopped = await runCopyApart(world, {pause, onAnswer})
      assert.equal(stopped.code, 'PAUSED')
      assert.ok(stopped.events.some((event) => event.type === 'warning' && event.code === 'STILL_SHARED'))
      assert.equal(world.state.loans.length, 1)
      const {opId} = newest(world, 'copy', 'other')
      world.clock.pass(1000)
      const refused = await runDeployApart(world)
      assert.equal(refused.code, 'OPERATION_UNFINISHED')
      const healed = how === 'copy' ? await runCopyApart(world) : await runHealApart(world, how, opId)
      must(healed)
      nothingGiven(world)
      const manifests = records(world, 'snapshots/manifests/', 'other')
      assert.equal(manifests.length, how === 'abort' ? 0 : 1)
      assert.equal(newest(world, 'copy', 'other').state, how === 'abort' ? 'aborted' : 'done')
    }
  })

  it('killed at any call and run again, ends as an undisturbed one', async function () {
    this.timeout(300_000)
    const start = await twoAccounts()
    const wanted = start.copy()
    must(await runCopyApart(wanted))
    const after = settled(wanted)
    const kills = await crashMatrix({
      start: () => start.copy(),
      killed: runCopyApart,
      async then(world) {
        world.clock.pass(300_000)
        const again = await runCopyApart(world)
        // Died behind its last entry: only the lock is left, and nobody needs it.
        if (world.state.buckets.get('records-other-1')?.has('locks/other.json') === true)
          must(await runUnlock(world, other))
        return again
      },
      judge(world, again) {
        must(again)
        nothingGiven(world)
        assert.deepEqual(settled(world), after)
      },
    })
    assert.ok(kills > 80, `${kills} kills are few`)
  })

  it('killed at any call and given up, has given nothing and leaves nothing after gc', async function () {
    this.timeout(300_000)
    const start = await twoAccounts({vaulted: true})
    const wanted = start.copy()
    must(await runCopyApart(wanted))
    const [before, after] = [settled(start), settled(wanted)]
    await crashMatrix({
      start: () => start.copy(),
      killed: runCopyApart,
      async then(world) {
        world.clock.pass(300_000)
        const {opId, state} = newest(world, 'copy', 'other')
        if (opId !== '' && state !== 'done') must(await runHealApart(world, 'abort', opId))
        nothingGiven(world)
        world.clock.pass(1000)
        return runGcApart(world)
      },
      judge(world, again) {
        must(again)
        const whole = records(world, 'snapshots/manifests/', 'other').length > 0
        assert.deepEqual(settled(world), whole ? after : before)
      },
    })
  })
})

describe('restore run --into another account', () => {
  it('goes through the same states as into another environment', async () => {
    const world = await twoAccounts()
    const result = must(await runIntoApart(world))
    assert.deepEqual(result.generations, {database: {from: 1, to: 2}, files: {from: 1, to: 2}})
    assert.equal(world.state.instances.get('pi-other-database-2-instance')?.data, 'rows of a customer')
    assert.equal(world.state.fileSystems.get('fs-other-1')?.generations.get(2), 'themes of a customer')
    nothingGiven(world)
  })
})
