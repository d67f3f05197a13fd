import assert from 'node:assert/strict'
import {alarmHistory, listAlarms} from '../../../src/flows/alarms/list.ts'
import type {SilenceOptions} from '../../../src/flows/alarms/options.ts'
import {silenceAlarms} from '../../../src/flows/alarms/silence.ts'
import {diagnose} from '../../../src/flows/diagnose/diagnose.ts'
import {status} from '../../../src/flows/status.ts'
import {resume} from '../../../src/flows/ops/resume.ts'
import {atCall, configured, demo, must, runDeploy, runFlow, type RunOptions} from '../../helpers/fake-aws/scenario.ts'
import {stackNamed} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'

const hour = 3_600_000
const policy = {rpoMs: 1e15, rtoMs: 1e15, promised: []}

async function watched(): Promise<World> {
  const world = new World()
  must(await runDeploy(world))
  const since = '2026-01-01T00:00:00.000Z'
  const ours = {reason: 'threshold', since, acts: true} as const
  world.watching = [
    {...ours, name: 'pi-demo-app-Cpu-1', description: 'pi-aws demo: the dashboard is slow', state: 'OK'},
    {...ours, name: 'pi-demo-app-Health-2', description: 'pi-aws demo: nobody can log in', state: 'ALARM'},
    {...ours, name: 'pi-demo-files-Burst-3', description: 'pi-aws demo: files are slow', state: 'INSUFFICIENT_DATA'},
    {...ours, name: 'pi-demo-app-Off-4', description: 'pi-aws demo: off by hand', state: 'OK', acts: false},
    {...ours, name: 'pi-demo-two-app-Cpu-9', description: 'pi-aws demo-two: not ours', state: 'ALARM'},
  ]
  return world
}

function silence(world: World, more: Partial<SilenceOptions> = {}, run: RunOptions = {}) {
  const options = {environment: demo, account: undefined, alarms: [], until: world.clock.time + 2 * hour}
  return runFlow(
    world,
    (ports, own) => silenceAlarms({...options, dryRun: false, resume: undefined, ...more}, ports, own),
    run,
  )
}

const listed = async (world: World) => must(await runFlow(world, (ports) => listAlarms(demo, ports))).alarms
const seen = async (world: World) => must(await runFlow(world, (ports) => status({environment: demo, policy}, ports)))
const found = async (world: World) =>
  must(await runFlow(world, (ports) => diagnose({environment: demo, domain: {}}, ports))).findings
const acting = (world: World) => world.watching.filter(({acts}) => acts).map(({name}) => name)

describe('alarms', () => {
  it('are listed with what they mean, those that fire first, and none of another environment', async () => {
    const alarms = await listed(await watched())
    assert.deepEqual(
      alarms.map(({name, description, state, actions}) => [name, description, state, actions]),
      [
        ['pi-demo-app-Health-2', 'nobody can log in', 'ALARM', 'on'],
        ['pi-demo-files-Burst-3', 'files are slow', 'INSUFFICIENT_DATA', 'on'],
        ['pi-demo-app-Cpu-1', 'the dashboard is slow', 'OK', 'on'],
        ['pi-demo-app-Off-4', 'off by hand', 'OK', 'off'],
      ],
    )
    assert.equal((await runFlow(new World(), (ports) => listAlarms(demo, ports))).code, 'NO_FOUNDATION')
  })

  it('tell their history, newest first, of one or of all', async () => {
    const world = await watched()
    const event = (at: string) => ({at: `2026-01-0${at}T00:00:00.000Z`, kind: 'state' as const, summary: at})
    world.alarmEvents.set('pi-demo-app-Cpu-1', [event('4'), event('1')])
    world.alarmEvents.set('pi-demo-app-Health-2', [event('5'), event('3')])
    const history = async (name?: string) => {
      const from = Date.parse('2026-01-02T00:00:00Z')
      const ended = await runFlow(world, (ports) => alarmHistory({environment: demo, name, from}, ports))
      return must(ended).items.map(({alarm, summary}) => `${summary} ${alarm.slice(-1)}`)
    }
    assert.deepEqual(await history(), ['5 2', '4 1', '3 2'])
    assert.deepEqual(await history('cpu'), ['4 1'])
    await assert.rejects(history('nothing'), {code: 'UNKNOWN_ALARM'})
  })
})

describe('a silence', () => {
  it('switches off what alarms tell, is known to list, status and diagnose, and is no fault until its time is over', async () => {
    const world = await watched()
    const off = await found(world)
    assert.deepEqual(
      off.map(({what, evidence}) => [what, evidence]),
      [['An alarm is switched off', ['pi-demo-app-Off-4']]],
    )
    const until = new Date(world.clock.time + 2 * hour).toISOString()
    const done = must(await silence(world, {alarms: ['cpu', 'pi-demo-files-Burst-3']}))
    assert.deepEqual([done.state, done.action, done.until], ['done', 'silence', until])
    assert.deepEqual(done.changed, ['pi-demo-app-Cpu-1', 'pi-demo-files-Burst-3'])
    assert.deepEqual(acting(world), ['pi-demo-app-Health-2', 'pi-demo-two-app-Cpu-9'])
    const [, burst, cpu] = await listed(world)
    assert.deepEqual(
      [burst?.actions, cpu?.actions, cpu?.silencedUntil, cpu?.overdue],
      ['silenced', 'silenced', until, false],
    )
    const during = await seen(world)
    assert.deepEqual(
      during.silenced?.map(({alarm}) => alarm),
      done.changed,
    )
    assert.ok(!during.problems.some((text) => text.includes('silent')))
    assert.deepEqual(await found(world), off)
    world.clock.pass(2 * hour)
    const behind = await seen(world)
    assert.ok(behind.problems.includes(`alarm pi-demo-app-Cpu-1 is silent past its time, ${until}`))
    assert.equal((await listed(world)).at(2)?.overdue, true)
    const [finding, ...others] = await found(world)
    assert.deepEqual(
      others.map(({what}) => what),
      off.map(({what}) => what),
    )
    assert.deepEqual(
      finding?.evidence,
      done.changed.map((name) => `${name}: silenced until ${until}`),
    )
    const named = finding?.next[0]?.split(' silence ')[1]?.split(' --undo')[0]?.split(' ') ?? []
    must(await silence(world, {alarms: named, until: undefined}))
    assert.deepEqual(await found(world), off)
  })

  it('leaves alone what is off for another reason, and so does its undo', async () => {
    const world = await watched()
    const done = must(await silence(world))
    assert.deepEqual(done.changed.length, 3)
    assert.match(done.notes[0] ?? '', /^pi-demo-app-Off-4 tells nobody already/)
    const undone = must(await silence(world, {until: undefined}))
    assert.deepEqual([undone.action, undone.changed.length, undone.silenced, undone.until], ['undo', 3, [], undefined])
    assert.deepEqual(
      world.watching.filter(({acts}) => !acts).map(({name}) => name),
      ['pi-demo-app-Off-4'],
    )
    const again = must(await silence(world, {until: undefined}))
    assert.deepEqual(
      [again.state, again.opId, again.notes],
      ['unchanged', undefined, ['None of them was silenced here']],
    )
  })

  it('can be made longer, and ended in part', async () => {
    const world = await watched()
    must(await silence(world))
    const until = world.clock.time + 5 * hour
    const longer = must(await silence(world, {alarms: ['health'], until}))
    assert.deepEqual(
      longer.silenced.map((one) => Date.parse(one.until) === until),
      [false, true, false],
    )
    const part = must(await silence(world, {alarms: ['cpu'], until: undefined}))
    assert.deepEqual(
      part.silenced.map(({alarm}) => alarm),
      ['pi-demo-app-Health-2', 'pi-demo-files-Burst-3'],
    )
  })

  it('can be looked at first, which changes nothing', async () => {
    const world = await watched()
    const before = acting(world)
    const planned = must(await silence(world, {dryRun: true}))
    assert.deepEqual([planned.state, planned.changed.length, planned.opId], ['planned', 3, undefined])
    assert.deepEqual(acting(world), before)
    assert.equal((await seen(world)).silenced, undefined)
  })

  it('is over where somebody else switched an alarm on again', async () => {
    const world = await watched()
    must(await silence(world))
    world.watching = world.watching.map((alarm) => ({...alarm, acts: true}))
    assert.equal((await seen(world)).silenced, undefined)
    assert.ok((await listed(world)).every(({actions}) => actions === 'on'))
  })

  it('is not undone while the platform is quiesced, which silences alarms too', async () => {
    const world = await watched()
    must(await silence(world))
    stackNamed(world, 'pi-demo-app').goal!.parameters['Quiesced'] = 'true'
    const refused = await silence(world, {until: undefined})
    assert.deepEqual([refused.code, refused.exitCode], ['QUIESCED', 12])
    must(await silence(world, {alarms: ['cpu']}))
  })

  it('that broke off is taken up under its own id', async () => {
    const world = await watched()
    const onCall = atCall('alarms.setActions', () => {
      throw new RangeError('the line is dead')
    })
    const {events} = await silence(world, {alarms: ['cpu']}, {onCall})
    const opId = events.flatMap((event) => (event.type === 'operation.started' ? [event.opId] : []))[0]!
    const again = {environment: demo, configuration: configured(), opId, cloudFormationRoleArn: undefined}
    const resumed = await runFlow(world, (ports, run) =>
      resume({...again, placeholderSecrets: false, assetsFolder: undefined}, ports, run, () =>
        Promise.reject(new RangeError('no assets here')),
      ),
    )
    const {kind, result} = must(resumed)
    assert.deepEqual([kind, 'opId' in result && result.opId], ['silence', opId])
    assert.ok(!acting(world).includes('pi-demo-app-Cpu-1'))
  })

  it('leaves nothing silent that nobody knows of when a call fails, and is taken up by the next one', async () => {
    const world = await watched()
    const onCall = ({name}: {name: string}) => {
      if (name === 'alarms.setActions') throw new RangeError('the line is dead')
    }
    assert.notEqual((await silence(world, {}, {onCall})).error, undefined)
    assert.deepEqual(acting(world).length, 4)
    assert.equal((await seen(world)).silenced, undefined)
    const done = must(await silence(world))
    assert.equal(done.silenced.length, 3)
    assert.notEqual((await silence(world, {until: undefined}, {onCall})).error, undefined)
    assert.equal((await seen(world)).silenced?.length, 3)
    const resumed = must(await silence(world, {until: undefined}))
    assert.deepEqual(resumed.silenced, [])
  })
})
