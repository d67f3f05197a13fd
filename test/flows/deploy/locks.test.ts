import assert from 'node:assert/strict'
import {FailedError} from '../../../src/domain/errors.ts'
import {deployed, must, runDeploy, runDestroy} from '../../helpers/fake-aws/scenario.ts'
import {executed, journal, lockOf, messages, mutations, records, warnings} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'

const encoder = new TextEncoder()

/** Puts a lock there that somebody holds, renewed `age` ms ago by S3's clock. */
function held(world: World, host: string, pid: number, age = 0): void {
  const record = {
    schemaVersion: 1,
    environment: 'demo',
    opId: '20260101T000000Z-deploy-abcdef',
    holder: {host, pid, user: 'bob'},
    acquiredAt: '2026-01-01T00:00:00.000Z',
  }
  const body = encoder.encode(JSON.stringify(record))
  const modified = world.clock.time + world.serverSkew - age
  world.state.buckets.get('records-demo-1')?.set('locks/demo.json', {body, etag: '"held"', modified})
}

describe('two at once', () => {
  it('one deploy works, the other ends 11 naming the holder', async () => {
    const world = await deployed()
    world.durations.changeSet = 5000
    const [first, second] = await Promise.all([
      runDeploy(world, {secrets: {}}),
      runDeploy(world, {secrets: {}}, {host: 'laptop', user: 'bob'}),
    ])
    must(first)
    assert.equal(second.code, 'LOCKED')
    assert.equal(second.exitCode, 11)
    assert.match(second.message, /ann on desk \(process \d+\) works on it with operation \S+-deploy-[0-9a-f]{6}/)
    assert.equal(lockOf(world), undefined)
  })

  it('only one makes the foundation of a new environment, whoever sees the stack first', async () => {
    for (const delay of [0, 40, 100, 200, 1000, 2500]) {
      const world = new World()
      const late = async () => {
        const process = world.process({host: 'clock', pid: 1})
        await process.ports.clock.sleep(delay)
        return runDeploy(world, {}, {host: 'laptop', user: 'bob'})
      }
      const ended = await Promise.all([runDeploy(world), late()])
      const worked = ended.filter(({error}) => error === undefined)
      const locked = ended.filter(({exitCode}) => exitCode === 11)
      assert.deepEqual(
        [worked.length, locked.length],
        [1, 1],
        `${delay} ms later: ${ended.map(({message}) => message).join(' / ')}`,
      )
      assert.match(
        locked[0]?.message ?? '',
        /pi-demo-foundation is being created by (ann on desk|bob on laptop)|is locked: (ann on desk|bob on laptop)/,
      )
      assert.equal(executed(world).filter((step) => step === 'pi-create').length, 1)
    }
  })

  it('a destroy during a deploy ends 11, and a deploy during a destroy', async () => {
    const world = await deployed()
    const [first, second] = await Promise.all([runDestroy(world), runDeploy(world, {secrets: {}})])
    assert.deepEqual(
      [first.exitCode, second.exitCode].sort((a, b) => a - b),
      [0, 11],
    )
    const other = await deployed()
    other.durations.changeSet = 3000
    const [deploying, destroying] = await Promise.all([runDeploy(other, {secrets: {}}), runDestroy(other)])
    assert.deepEqual(
      [deploying.exitCode, destroying.exitCode].sort((a, b) => a - b),
      [0, 11],
    )
  })
})

describe('the creation of a foundation that somebody else began', () => {
  async function abandoned(host: string): Promise<World> {
    const world = new World()
    const dead = await runDeploy(
      world,
      {},
      {
        host,
        user: 'bob',
        onCall({name}) {
          if (name === 'stacks.executeChangeSet') throw new Error('the laptop is shut')
        },
      },
    )
    assert.match(dead.message, /laptop is shut/)
    world.log = []
    return world
  }

  it('is taken up when its process on this machine is dead', async () => {
    must(await runDeploy(await abandoned('desk')))
  })

  it('is left to a machine of which nothing is known, naming it and the way out', async () => {
    const world = await abandoned('laptop')
    const ended = await runDeploy(world)
    assert.equal(ended.code, 'FOUNDATION_LOCKED')
    assert.match(ended.message, /bob on laptop/)
    assert.match(
      (ended.error as {suggestions: string[]}).suggestions[1] ?? '',
      /delete-change-set --stack-name pi-demo-foundation --change-set-name pi-create/,
    )
    assert.deepEqual(mutations(world), [])
  })

  it('is left alone too when its change set does not say who made it', async () => {
    for (const description of ['made by hand', '{"host":"x"}']) {
      const world = await abandoned('laptop')
      Object.assign(world.stack('pi-demo-foundation')!.changeSets[0]!, {description})
      assert.match((await runDeploy(world)).message, /created by somebody else/)
    }
  })

  it('is waited for when nobody says who began it', async () => {
    const world = await abandoned('laptop')
    const stack = world.stack('pi-demo-foundation')!
    const {arn} = stack.changeSets[0]!
    world.aws.stacks.executeChangeSet(arn, 'by hand')
    stack.changeSets = []
    const ended = await runDeploy(world)
    must(ended)
    assert.match(
      messages(ended.events, 'note').join(),
      /pi-demo-foundation is CREATE_IN_PROGRESS; nobody says who began it/,
    )
  })

  it('does not keep anybody out once the foundation failed and nobody works on it', async () => {
    const world = new World()
    world.fail('pi-demo-foundation', 'create', {logicalId: 'AlarmTopic', reason: 'no'})
    assert.equal((await runDeploy(world, {}, {host: 'laptop'})).code, 'STACK_ROLLED_BACK')
    must(await runDeploy(world))
  })

  it('does not keep anybody out while the finished foundation is being updated: then the lock does', async () => {
    const world = new World()
    must(await runDeploy(world, {}, {host: 'laptop', user: 'bob'}))
    world.stack('pi-demo-foundation')!.status = 'UPDATE_IN_PROGRESS'
    held(world, 'server', 7)
    const ended = await runDeploy(world)
    assert.equal(ended.code, 'LOCKED')
    assert.match(ended.message, /bob on server/)
  })

  it('fails when its change set vanished under it', async () => {
    const world = new World()
    const ended = await runDeploy(
      world,
      {},
      {
        onCall({name}) {
          if (name === 'stacks.findChangeSet') world.stack('pi-demo-foundation')!.changeSets = []
        },
      },
    )
    assert.equal(ended.code, 'CHANGE_SET_GONE')
    assert.equal(ended.exitCode, 12)
  })
})

describe('the lock', () => {
  it('of a dead process on this machine is taken over at once, and that is journaled', async () => {
    const world = await deployed()
    held(world, 'desk', 99_999)
    const ended = await runDeploy(world, {secrets: {}})
    must(ended)
    assert.deepEqual(warnings(ended.events), ['LOCK_TAKEN_OVER'])
    assert.ok(journal(world).includes('lock-taken-over done'))
    assert.equal(lockOf(world), undefined)
  })

  it('of another machine is respected for two minutes', async () => {
    const world = await deployed()
    held(world, 'laptop', 1, 119_000)
    const ended = await runDeploy(world, {secrets: {}})
    assert.equal(ended.exitCode, 11)
    assert.match(ended.message, /bob on laptop \(process 1\).*renewed 119 s ago/)
  })

  it("of another machine is taken over when it expired by S3's clock, whatever ours says", async () => {
    const world = await deployed()
    world.serverSkew = 3_600_000
    held(world, 'laptop', 1, 121_000)
    must(await runDeploy(world, {secrets: {}}))
    const early = await deployed()
    early.serverSkew = -3_600_000
    held(early, 'laptop', 1, 10_000)
    assert.equal((await runDeploy(early, {secrets: {}})).exitCode, 11)
  })

  it('that nobody can read is respected until it expires', async () => {
    const world = await deployed()
    const put = (age: number) =>
      world.state.buckets
        .get('records-demo-1')
        ?.set('locks/demo.json', {body: encoder.encode('?'), etag: '"?"', modified: world.clock.time - age})
    put(0)
    assert.match((await runDeploy(world, {secrets: {}})).message, /somebody unknown works on it/)
    put(121_000)
    must(await runDeploy(world, {secrets: {}}))
  })

  it('goes to only one of two that find it dead', async () => {
    const world = await deployed()
    held(world, 'desk', 99_999)
    const ended = await Promise.all([runDeploy(world, {secrets: {}}), runDeploy(world, {secrets: {}})])
    assert.deepEqual(
      ended.map(({exitCode}) => exitCode).sort((a, b) => a - b),
      [0, 11],
    )
  })

  it('is taken when it goes away while it is looked at', async () => {
    const world = await deployed()
    held(world, 'laptop', 1)
    must(
      await runDeploy(
        world,
        {secrets: {}},
        {
          onCall({name, args}) {
            if (name === 'objects.get' && args[1] === 'locks/demo.json')
              world.state.buckets.get('records-demo-1')?.delete('locks/demo.json')
          },
        },
      ),
    )
  })

  it('is renewed while a long deploy runs', async () => {
    const world = new World()
    world.durations.create = 300_000
    const [ended] = await Promise.all([runDeploy(world)])
    must(ended)
    const renewals = world.log.filter(({method, args}) => method === 'putIfMatch' && args[1] === 'locks/demo.json')
    assert.ok(renewals.length > 50, `${renewals.length} renewals in 25 minutes`)
  })

  it('that was lost stops the work before the next step, with 11, and is not touched again', async () => {
    const world = new World()
    world.durations.create = 100_000
    const ended = await runDeploy(
      world,
      {},
      {
        onCall({name, args}) {
          if (name === 'objects.putIfMatch' && args[1] === 'locks/demo.json') held(world, 'laptop', 1)
        },
      },
    )
    assert.equal(ended.code, 'LOCK_LOST')
    assert.equal(ended.exitCode, 11)
    assert.deepEqual(executed(world), ['pi-create', 'network'])
    assert.equal(lockOf(world)?.holder.host, 'laptop')
    assert.equal(journal(world).includes('failed done'), false)
  })

  it('counts as lost after three renewals that failed, not before', async () => {
    const run = async (refusals: number) => {
      const world = new World()
      world.durations.create = 200_000
      let left = refusals
      return runDeploy(
        world,
        {},
        {
          onCall({name}) {
            if (name === 'objects.putIfMatch' && left-- > 0)
              throw new FailedError('AWS cannot be reached', {code: 'NETWORK_UNREACHABLE'})
          },
        },
      )
    }
    must(await run(2))
    const ended = await run(3)
    assert.equal(ended.code, 'LOCK_LOST')
    assert.match(ended.message, /could not be renewed/)
  })

  it('is still ours when the answer of a renewal was lost', async () => {
    const world = new World()
    world.durations.create = 100_000
    let once = true
    must(
      await runDeploy(
        world,
        {},
        {
          onCall({name, args}) {
            if (!once || name !== 'objects.putIfMatch') return
            once = false
            // The write got through, its answer did not; the retry meets its own etag.
            world.aws.objects.putIfMatch(...(args as [string, string, Uint8Array, string]))
          },
        },
      ),
    )
  })

  it('is fenced by the journal: whoever finds an entry that is not his writes no more', async () => {
    const world = new World()
    const ended = await runDeploy(
      world,
      {},
      {
        onCall({name, args}) {
          const key = String(args[1])
          if (name === 'objects.putIfAbsent' && key.includes('network.intent')) {
            world.state.buckets.get('records-demo-1')?.set(key, {body: encoder.encode('{}'), etag: '"x"', modified: 0})
          }
        },
      },
    )
    assert.equal(ended.code, 'JOURNAL_FENCED')
    assert.equal(ended.exitCode, 11)
    assert.deepEqual(executed(world), ['pi-create'])
  })

  it('knows its own entry again when the answer of the write was lost', async () => {
    const world = new World()
    const lost = new Set<string>()
    must(
      await runDeploy(
        world,
        {},
        {
          onCall({name, args}) {
            const key = String(args[1])
            if (name !== 'objects.putIfAbsent' || !key.startsWith('ops/') || lost.has(key)) return
            lost.add(key)
            world.aws.objects.putIfAbsent(...(args as [string, string, Uint8Array]))
          },
        },
      ),
    )
    assert.ok(lost.size > 10)
  })

  it('is freed when the ledger cannot be opened behind it', async () => {
    const world = await deployed()
    world.state.buckets
      .get('records-demo-1')
      ?.set('ops/20260101T000000Z-deploy-abcdef/0001-x.done.json', {body: encoder.encode('?'), etag: '', modified: 0})
    const ended = await runDeploy(world, {secrets: {}})
    assert.equal(ended.code, 'OPERATION_NOT_FOUND')
    assert.equal(lockOf(world), undefined)
    world.state.buckets
      .get('records-demo-1')
      ?.set('ops/20260101T000000Z-deploy-abcdef/operation.json', {body: encoder.encode('{}'), etag: '', modified: 0})
    assert.equal((await runDeploy(world, {secrets: {}})).code, 'JOURNAL_UNREADABLE')
  })

  it('says how to end a removal of everything that lost the ledger half-way', async () => {
    const world = await deployed()
    world.state.buckets.delete('records-demo-1')
    const ended = await runDeploy(world, {secrets: {}})
    assert.equal(ended.code, 'LEDGER_GONE')
    assert.match((ended.error as {suggestions: string[]}).suggestions[0] ?? '', /destroy demo --with-data/)
    assert.equal((await runDestroy(world)).code, 'LEDGER_GONE')
  })

  it('marks what a dead run left open as superseded', async () => {
    const world = new World()
    const clean = new World()
    must(await runDeploy(clean))
    const released = clean.log.findLastIndex(({method}) => method === 'executeChangeSet')
    await runDeploy(world, {}, {killAt: {call: released + 1, when: 'after'}})
    const ended = await runDeploy(world)
    must(ended)
    assert.match(messages(ended.events, 'note').join(), /was unfinished \(open\); this one takes up what it left/)
    assert.equal(records(world, 'ops/').filter(([key]) => key.includes('superseded')).length, 1)
  })

  it('looks at the environment only once it is held: what changed meanwhile is not lost', async () => {
    const world = await deployed()
    must(
      await runDeploy(
        world,
        {secrets: {}},
        {
          onCall({name, args}) {
            // Scaling and another deploy, between the first look and the lock.
            if (name === 'objects.putIfAbsent' && args[1] === 'locks/demo.json')
              world.stack('pi-demo-app')!.goal!.parameters['FilesGeneration'] = '1'
          },
        },
      ),
    )
    const lists = world.log.filter(({method}) => method === 'list')
    assert.ok(lists.length >= 2)
  })
})
