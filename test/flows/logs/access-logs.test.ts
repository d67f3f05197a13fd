import assert from 'node:assert/strict'
import {must} from '../../helpers/fake-aws/scenario.ts'
import {stackNamed} from '../../helpers/fake-aws/traces.ts'
import type {World} from '../../helpers/fake-aws/world.ts'
import {requestsIn, writeAccessLogs} from '../../helpers/access-log-generator.ts'
import {deployed, read, stopAfter} from './fakes.ts'

const place = {account: '111122223333', region: 'eu-west-1'}

async function withBucket(): Promise<World> {
  const world = await deployed(['dashboard'])
  stackNamed(world, 'pi-demo-foundation').outputs['AccessLogsBucket'] = 'access'
  return world
}

describe('access logs of the load balancer', () => {
  it('come exactly once and in order, from all nodes, and only those of the span', async () => {
    const world = await withBucket()
    const begin = world.clock.time - 3_600_000
    world.logFiles = [...writeAccessLogs({...place, count: 3000, begin, over: 1_800_000, nodes: 3, late: 200_000})]
    const all = await read(world, {services: ['loadbalancer'], span: {from: begin, to: undefined}})
    assert.deepEqual(requestsIn(all.lines, 3000), {lines: 3000, missing: 0, twice: 0, disorder: 0})
    assert.deepEqual(must(all).services, ['loadbalancer'])
    const span = {from: begin + 600_000, to: begin + 1_200_000}
    const some = await read(world, {services: ['loadbalancer'], span})
    assert.equal(some.lines.length, 1001)
    assert.ok(some.lines.every(({timestamp}) => timestamp >= span.from && timestamp <= span.to))
  })

  it('stay away unless they are named, since they would bury all others', async () => {
    const world = await withBucket()
    stackNamed(world, 'pi-demo-network').outputs['NetworkLogGroup'] = '/demo/network'
    assert.deepEqual(must(await read(world)).services, ['dashboard', 'events'])
    assert.deepEqual(must(await read(world, {services: ['network', 'loadbalancer']})).services, [
      'network',
      'loadbalancer',
    ])
  })

  it('are followed file by file as they arrive, each read once, however late it is', async () => {
    const world = await withBucket()
    const begin = world.clock.time
    const files = writeAccessLogs({...place, count: 2000, begin, over: 1_200_000, nodes: 2, late: 900_000})
    for (const file of files) world.clock.after(file.storedAt - begin, () => void world.logFiles.push(file))
    const arrivals: number[] = []
    const ended = await read(
      world,
      {services: ['loadbalancer'], follow: true},
      {
        pause: stopAfter(world, 2_400_000),
        onLines: (lines, at) => arrivals.push(...lines.map(({ingestedAt}) => at - ingestedAt)),
      },
    )
    const {lines, missing, twice} = requestsIn(ended.lines, 2000)
    assert.deepEqual({lines, missing, twice}, {lines: 2000, missing: 0, twice: 0})
    assert.equal(new Set(world.readLogFiles).size, world.readLogFiles.length, 'no file is read twice')
    assert.ok(Math.max(...arrivals) <= 31_000, `seen ${Math.max(...arrivals)} ms behind their arrival`)
  })

  it('lose no line that a file holds beyond the moment at which following began', async () => {
    const world = await withBucket()
    const begin = world.clock.time - 60_000
    world.logFiles = [...writeAccessLogs({...place, count: 100, begin, over: 120_000, nodes: 1, late: 0})]
    const ended = await read(world, {services: ['loadbalancer'], follow: true}, {pause: stopAfter(world, 600_000)})
    assert.deepEqual(requestsIn(ended.lines, 100), {lines: 100, missing: 0, twice: 0, disorder: 0})
  })

  it('go on behind a file that is damaged or gone, and say which is damaged', async () => {
    const world = await withBucket()
    const begin = world.clock.time - 1_500_000
    const [first, second, ...rest] = writeAccessLogs({...place, count: 400, begin, over: 1_200_000, nodes: 1, late: 0})
    world.logFiles = [{...first!, text: 'damaged'}, {key: second!.key, storedAt: second!.storedAt}, ...rest]
    const ended = await read(world, {services: ['loadbalancer'], span: {from: begin, to: undefined}})
    const expected = rest.reduce((sum, {text}) => sum + text.trimEnd().split('\n').length, 0)
    assert.equal(ended.lines.length, expected)
    assert.deepEqual(
      ended.events.flatMap((one) => (one.type === 'warning' ? [one.message] : [])),
      [`${first!.key} is damaged. Its lines are left out.`],
    )
  })

  it('end the command where they cannot be read at all, cannot be filtered by CloudWatch, or have no bucket', async () => {
    const world = await withBucket()
    assert.equal((await read(world, {services: ['loadbalancer'], filter: 'x'})).code, 'FLAGS_DO_NOT_FIT')
    delete stackNamed(world, 'pi-demo-foundation').outputs['AccessLogsBucket']
    assert.equal((await read(world, {services: ['loadbalancer']})).code, 'NO_LOG_GROUP')
    const network = await read(world, {services: ['network']})
    assert.equal(network.code, 'NO_LOG_GROUP')
  })
})

describe('flow logs of the network', () => {
  it('are followed though they come a quarter of an hour late', async () => {
    const world = await withBucket()
    stackNamed(world, 'pi-demo-network').outputs['NetworkLogGroup'] = '/demo/network'
    const begin = world.clock.time
    for (let index = 0; index < 60; index++) {
      const timestamp = begin + index * 10_000
      const ingestedAt = timestamp + 900_000
      world.logStore.put('/demo/network', [
        {eventId: `f${index}`, stream: 'eni-1-all', timestamp, ingestedAt, message: `2 eni-1 ACCEPT ${index}`},
      ])
    }
    const ended = await read(world, {services: ['network'], follow: true}, {pause: stopAfter(world, 1_800_000)})
    assert.deepEqual(
      ended.lines.map(({eventId}) => eventId),
      Array.from({length: 60}, (_, index) => `f${index}`),
    )
  })
})
