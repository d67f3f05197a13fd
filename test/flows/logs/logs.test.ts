import assert from 'node:assert/strict'
import {AccessError, FailedError} from '../../../src/domain/errors.ts'
import type {LogEvent} from '../../../src/flows/telemetry/ports.ts'
import {ctrlC, must} from '../../helpers/fake-aws/scenario.ts'
import {stackNamed} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'
import {deployed, optionsFor, read, stopAfter} from './fakes.ts'

function event(timestamp: number, message: string, more: Partial<LogEvent> = {}): LogEvent {
  return {eventId: `${timestamp}/${message}`, stream: 's', timestamp, ingestedAt: timestamp, message, ...more}
}

const messages = (lines: readonly {readonly service: string; readonly message: string}[]) =>
  lines.map(({service, message}) => `${service}: ${message}`)

describe('logs of the past', () => {
  it('are those of all services in the span, and the events of AWS among them', async () => {
    const world = await deployed()
    const now = world.clock.time
    world.logStore.put('/demo/dashboard', [
      event(now - 700_000, 'too old'),
      event(now - 3000, 'a'),
      event(now - 1000, 'c'),
    ])
    world.logStore.put('/demo/renderer', [event(now - 2000, 'b')])
    world.state.services.get('pi-demo-app-Dashboard-Service')!.events = [
      {id: 'e1', at: new Date(now - 1500).toISOString(), message: 'has reached a steady state.'},
    ]
    world.databaseEvents = [{id: 'r1', at: new Date(now - 1400).toISOString(), message: 'DB instance restarted'}]
    world.backupJobs = [
      {id: 'j1', state: 'FAILED', resourceArn: 'arn:fs', createdAt: new Date(now - 1300).toISOString(), message: 'no'},
      {
        id: 'j2',
        state: 'COMPLETED',
        resourceArn: 'arn:db',
        createdAt: new Date(now - 1290).toISOString(),
        completedAt: new Date(now - 1200).toISOString(),
      },
    ]
    const ended = await read(world)
    assert.deepEqual(messages(ended.lines), [
      'dashboard: a',
      'renderer: b',
      'events: has reached a steady state.',
      'events: DB instance restarted',
      'events: FAILED backup of arn:fs: no',
      'events: COMPLETED backup of arn:db',
      'dashboard: c',
    ])
    assert.deepEqual(
      ended.lines.filter(({service}) => service === 'events').map(({stream}) => stream),
      ['ecs/dashboard', 'rds/demo-1-instance', 'backup/j1', 'backup/j2'].map((name) =>
        name.startsWith('rds') ? ended.lines[3]!.stream : name,
      ),
    )
    const {environment, services, lines, late, cancelled} = must(ended)
    assert.deepEqual(
      {environment, services, lines, late, cancelled},
      {environment: 'demo', services: ['dashboard', 'renderer', 'events'], lines: 7, late: 0, cancelled: false},
    )
  })

  it('hold the events of a deploy with those of its nested stacks', async () => {
    const world = await deployed()
    const app = stackNamed(world, 'pi-demo-app')
    const at = new Date(world.clock.time - 1000).toISOString()
    const base = {stackId: app.id, stackName: app.name, type: 'AWS::CloudFormation::Stack', at, status: 'UPDATE_FAILED'}
    app.updatedAt = at
    app.events.push({
      ...base,
      id: 'p',
      logicalId: 'Dashboard',
      physicalId: 'arn:child',
      reason: 'Embedded stack failed',
    })
    world.children.set('arn:child', [
      {
        ...base,
        stackId: 'arn:child',
        stackName: 'child',
        id: 'c',
        logicalId: 'Service',
        physicalId: 'x',
        type: 'AWS::ECS::Service',
      },
    ])
    const ended = await read(world, {services: ['events']})
    assert.deepEqual(messages(ended.lines), [
      'events: UPDATE_FAILED Dashboard (AWS::CloudFormation::Stack): Embedded stack failed',
      'events: UPDATE_FAILED Service (AWS::ECS::Service)',
    ])
    assert.equal(ended.lines[1]!.stream, 'cloudformation/child')
  })

  it('leave out a kind of events that cannot be read, and say so', async () => {
    const world = await deployed()
    const onCall = ({name}: {name: string}) => {
      if (name === 'databases.events') throw new AccessError('AWS denies rds:DescribeEvents.', {code: 'ACCESS_DENIED'})
    }
    const ended = await read(world, {services: ['events']}, {onCall})
    assert.equal(ended.error, undefined)
    assert.deepEqual(
      ended.events.filter(({type}) => type === 'warning'),
      [
        {
          type: 'warning',
          code: 'EVENTS_UNREADABLE',
          message: 'Events of RDS are left out: AWS denies rds:DescribeEvents.',
        },
      ],
    )
  })

  it('can be cut to the newest lines and searched here and there', async () => {
    const world = await deployed()
    const now = world.clock.time
    world.logStore.put(
      '/demo/dashboard',
      ['x1', 'y2', 'x3', 'x4'].map((text, index) => event(now - 1000 + index, text)),
    )
    assert.deepEqual(messages((await read(world, {services: ['dashboard'], limit: 2})).lines), [
      'dashboard: x3',
      'dashboard: x4',
    ])
    assert.deepEqual(messages((await read(world, {grep: [/x/], exclude: [/3/]})).lines), [
      'dashboard: x1',
      'dashboard: x4',
    ])
    const filtered = await read(world, {filter: 'y2'})
    assert.deepEqual(messages(filtered.lines), ['dashboard: y2'])
    assert.deepEqual(must(filtered).services, ['dashboard', 'renderer'], 'a filter of CloudWatch leaves events out')
  })

  it('show where CloudWatch refuses a filter', async () => {
    const world = await deployed()
    world.logStore.refusal = "AWS answered InvalidParameterException: Invalid character(s) in term 'a:b'"
    const ended = await read(world, {filter: 'x a:b'})
    assert.equal(ended.code, 'FILTER_REFUSED')
    assert.match(ended.message, /a:b'\nx a:b\n {2}\^$/)
  })

  it('of a service without a group are not found; of a group that is gone they are empty, and that is said', async () => {
    const world = await deployed()
    assert.deepEqual([(await read(world, {services: ['adminer']})).code], ['NO_LOG_GROUP'])
    world.logStore.groups.delete('/demo/renderer')
    const ended = await read(world, {services: ['renderer']})
    assert.equal(ended.value?.lines, 0)
    assert.ok(ended.events.some((one) => one.type === 'warning' && one.code === 'LOG_GROUP_MISSING'))
    assert.equal((await read(new World())).code, 'NO_LOG_GROUP')
  })

  it('are asked for again when a call is refused, and given up when it never succeeds', async () => {
    const world = await deployed()
    world.logStore.put('/demo/dashboard', [event(world.clock.time - 1000, 'a')])
    world.logStore.refuses = (call) => call < 6
    const ended = await read(world, {services: ['dashboard']})
    assert.deepEqual(messages(ended.lines), ['dashboard: a'])
    const told = ended.events.flatMap((one) => ('message' in one ? [one.message] : []))
    assert.match(
      told[0] ?? '',
      /^dashboard \(\/demo\/dashboard\) is \d s behind: AWS refuses calls because there are too many/,
    )
    assert.equal(told.at(-1), 'dashboard (/demo/dashboard) is up to date again')
    world.logStore.refuses = () => true
    assert.equal((await read(world, {services: ['dashboard']})).code, 'THROTTLED')
    world.logStore.refuses = () => {
      throw new FailedError('no', {code: 'AWS_INVALID_OPERATION'})
    }
    assert.equal((await read(world, {services: ['dashboard']})).code, 'AWS_INVALID_OPERATION')
  })

  it('end with what they have at Ctrl-C', async () => {
    const world = await deployed()
    world.logStore.refuses = () => true
    const ended = await read(world, {services: ['dashboard']}, {pause: stopAfter(world, 1000)})
    assert.deepEqual([ended.error, ended.value?.cancelled, ended.value?.lines], [undefined, true, 0])
    const pause = new AbortController()
    ctrlC(pause)
    assert.equal((await read(world, {services: ['dashboard']}, {pause})).code, 'PAUSED', 'another reason is an error')
  })
})

describe('logs of tasks that stopped', () => {
  it('are the lines of their streams, and how they ended', async () => {
    const world = await deployed()
    const now = world.clock.time
    const at = (ago: number) => new Date(now - ago).toISOString()
    world.stoppedTasks = [
      {
        arn: 'arn:task/c/t1',
        stoppedReason: 'Essential container in task exited',
        createdAt: at(2_000_000),
        stoppedAt: at(1_000_000),
        containers: [{name: 'dashboard', exitCode: 137, reason: 'OutOfMemoryError'}, {name: 'init'}],
      },
    ]
    world.logStore.put('/demo/dashboard', [
      event(now - 1_500_000, 'last words', {stream: 'dashboard/dashboard/t1'}),
      event(now - 1_400_000, 'of another', {stream: 'dashboard/dashboard/t2'}),
    ])
    const ended = await read(world, {services: ['dashboard'], previous: true, since: false})
    assert.deepEqual(messages(ended.lines), [
      'dashboard: last words',
      'dashboard: Task t1 stopped: Essential container in task exited; dashboard ended with exit code 137 (OutOfMemoryError); init ended with no exit code',
    ])
    assert.equal(must(ended).from, at(2_000_000))
    const narrow = await read(world, {previous: true, services: ['dashboard']})
    assert.equal(must(narrow).from, at(600_000))
  })

  it('are none where ECS remembers none', async () => {
    const world = await deployed()
    const ended = await read(world, {previous: true, since: false})
    assert.equal(ended.value?.lines, 0)
    assert.ok(ended.events.some((one) => 'message' in one && one.message.includes('remembers no stopped task')))
    delete stackNamed(world, 'pi-demo-app').outputs['ClusterName']
    assert.equal((await read(world, {previous: true})).value?.lines, 0)
  })

  it('are told without times where ECS tells none', async () => {
    const world = await deployed()
    world.stoppedTasks = [{arn: 'arn:task/c/t1', stoppedReason: '', containers: []}]
    const ended = await read(world, {previous: true, since: false, services: ['dashboard']})
    assert.deepEqual(messages(ended.lines), ['dashboard: Task t1 stopped: ECS gave no reason'])
  })
})

describe('following', () => {
  it('begins with a group that is made later, and with a service that is deployed later', async () => {
    const world = await deployed(['dashboard'])
    const now = world.clock.time
    world.logStore.groups.delete('/demo/dashboard')
    world.clock.after(20_000, () => world.logStore.put('/demo/dashboard', [event(now + 20_000, 'born')]))
    world.clock.after(25_000, () => {
      stackNamed(world, 'pi-demo-app').outputs['PiranaLogGroup'] = '/demo/pirana'
      world.logStore.put('/demo/pirana', [event(now + 26_000, 'hello')])
    })
    const ended = await read(
      world,
      {follow: true, services: ['dashboard', 'pirana']},
      {pause: stopAfter(world, 60_000)},
    )
    assert.deepEqual(messages(ended.lines), ['dashboard: born', 'pirana: hello'])
    const notes = ended.events.flatMap((one) => (one.type === 'note' ? [one.message] : []))
    assert.deepEqual(notes, ['dashboard (/demo/dashboard) is there now', 'pirana (/demo/pirana) is there now'])
  })

  it('asks a silent service once in five seconds and a busy one three times a second', async () => {
    const world = await deployed()
    const begun = world.clock.time
    for (let at = 0; at < 60_000; at += 200) world.logStore.put('/demo/dashboard', [event(begun + at, `x${at}`)])
    const delays: number[] = []
    await read(
      world,
      {follow: true, services: ['dashboard', 'renderer']},
      {
        pause: stopAfter(world, 60_000),
        onLines: (lines, at) => delays.push(...lines.map(({timestamp}) => at - timestamp)),
      },
    )
    const late = world.logStore.calls.filter(({at}) => at > begun + 20_000)
    const silent = late.filter(({group}) => group === '/demo/renderer').length
    assert.ok(silent >= 7 && silent <= 9, `${silent} calls in 40 s`)
    const busy = late.filter(({group}) => group === '/demo/dashboard').length / 40
    assert.ok(busy > 2.5 && busy < 3.7, `${busy} calls a second`)
    const steady = delays.slice(10).toSorted((a, b) => a - b)
    assert.ok(steady[Math.floor(steady.length / 2)]! <= 300, 'half of the lines are there after 0.3 s')
  })

  it('goes on over an hour of silence without asking for all of it', async () => {
    const world = await deployed()
    const begun = world.clock.time
    world.logStore.put('/demo/dashboard', [event(begun + 1000, 'first'), event(begun + 7_200_000, 'second')])
    const ended = await read(world, {follow: true, services: ['dashboard']}, {pause: stopAfter(world, 7_300_000)})
    assert.deepEqual(messages(ended.lines), ['dashboard: first', 'dashboard: second'])
    const last = world.logStore.calls.at(-1)!
    assert.ok(last.at - last.query.startTime < 1_000_000)
  })

  it('ends with the error that no other try turns, and gives out what was held back', async () => {
    const world = await deployed()
    world.logStore.put('/demo/dashboard', [event(world.clock.time + 10, 'held')])
    world.logStore.refuses = (call) => {
      if (call > 8) throw new AccessError('AWS denies logs:FilterLogEvents.', {code: 'ACCESS_DENIED'})
      return false
    }
    const ended = await read(world, {follow: true, services: ['dashboard'], reorder: 60_000})
    assert.equal(ended.code, 'ACCESS_DENIED')
    assert.deepEqual(messages(ended.lines), ['dashboard: held'])
  })

  it('waits for an environment that is not there yet', async () => {
    const world = new World()
    const ended = await read(world, {follow: true}, {pause: stopAfter(world, 40_000)})
    assert.deepEqual([ended.error, ended.value?.cancelled], [undefined, true])
    assert.equal(optionsFor(world).follow, false)
  })
})
