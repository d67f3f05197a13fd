import assert from 'node:assert/strict'
import type {FlowEvent} from '../../../src/flows/events.ts'
import {pollInterval} from '../../../src/flows/stack/follow.ts'
import {parseServiceArn} from '../../../src/flows/stack/service-failure.ts'
import {configured, must, runDeploy} from '../../helpers/fake-aws/scenario.ts'
import {World} from '../../helpers/fake-aws/world.ts'

const newTag = {secrets: {}, configuration: configured({images: {tag: '2026_02'}})}

describe('following a stack', () => {
  it('asks below 1.2 times a second at first, and seldom when it takes long', () => {
    assert.ok(1000 / pollInterval(0) <= 1.2)
    assert.ok(pollInterval(0) < pollInterval(120_000))
    assert.ok(pollInterval(120_000) < pollInterval(600_000))
  })

  it('keeps to that over a whole operation', async () => {
    const world = new World()
    must(await runDeploy(world))
    world.durations.update = 60_000
    world.log = []
    const before = world.clock.time
    must(await runDeploy(world, newTag))
    const seconds = (world.clock.time - before) / 1000
    // Beside the polls: two looks at where the events stand, the policy and the stack at the end.
    const polls = world.log.filter(
      ({method, args}) => /events|describe$/.test(method) && String(args[0]).includes('/pi-demo-app/'),
    )
    assert.ok(polls.length > 50 && (polls.length - 4) / seconds <= 1.2, `${polls.length} calls in ${seconds} s`)
  })

  it('asks the stack itself when its closing event does not come', async () => {
    const world = new World()
    must(await runDeploy(world))
    const app = world.stack('pi-demo-app')!
    const ended = await runDeploy(world, newTag, {
      onCall({name}) {
        if (name === 'stacks.events')
          app.timeline = app.timeline.map(({event, ...due}) =>
            event?.physicalId === app.id ? due : {...due, ...(event === undefined ? {} : {event})},
          )
      },
    })
    must(ended)
    assert.equal(app.status, 'UPDATE_COMPLETE')
  })

  it('tells what ECS says about services while they are waited for, once, and nothing old', async () => {
    const world = new World()
    must(await runDeploy(world))
    world.durations.update = 40_000
    const service = world.state.services.get('pi-demo-app-Dashboard-Service')!
    const at = (ms: number) => new Date(world.clock.time + ms).toISOString()
    service.events = [
      {id: 'b', at: at(9000), message: 'registered 1 target'},
      {id: 'a', at: at(8000), message: 'started 1 task'},
      {id: '0', at: at(-1), message: 'long ago'},
    ]
    const ended = await runDeploy(world, newTag)
    const said = ended.events.filter(
      (event): event is Extract<FlowEvent, {type: 'service.event'}> => event.type === 'service.event',
    )
    assert.deepEqual(
      said.map(({service: name, message}) => `${name}: ${message}`),
      ['pi-demo-app-Dashboard-Service: started 1 task', 'pi-demo-app-Dashboard-Service: registered 1 target'],
    )
  })

  it('goes on when ECS cannot be asked', async () => {
    const world = new World()
    must(await runDeploy(world))
    world.durations.update = 40_000
    let denied = 0
    must(
      await runDeploy(world, newTag, {
        onCall({name}) {
          if (name !== 'containers.services' || world.stack('pi-demo-app')?.status !== 'UPDATE_IN_PROGRESS') return
          denied += 1
          throw new Error('denied')
        },
      }),
    )
    assert.ok(denied > 0)
  })

  it('reads cluster and service out of an ARN, and nothing out of another text', () => {
    assert.deepEqual(parseServiceArn('arn:aws:ecs:eu-west-1:1:service/cluster/web'), {
      cluster: 'cluster',
      service: 'web',
    })
    assert.equal(parseServiceArn('arn:aws:ecs:eu-west-1:1:task/cluster/web'), undefined)
  })

  it('waits for an operation that somebody else began, then does its own', async () => {
    const world = new World()
    must(await runDeploy(world))
    must(await runDeploy(world, {...newTag, wait: true}))
    world.durations.update = 30_000
    const first = await runDeploy(world, {
      secrets: {},
      configuration: configured({images: {tag: '2026_03'}}),
      wait: false,
    })
    assert.equal(first.exitCode, 8)
    const second = await runDeploy(world, {secrets: {}, configuration: configured({images: {tag: '2026_04'}})})
    must(second)
    assert.equal(world.stack('pi-demo-app')?.goal?.parameters['ImageTag'], '2026_04')
    assert.ok(
      second.events.some(
        (event) => event.type === 'note' && event.message.includes('UPDATE_IN_PROGRESS: it is being updated. Waiting'),
      ),
    )
  })
})
