import assert from 'node:assert/strict'
import {metrics} from '../../../src/flows/metrics/metrics.ts'
import type {MetricsOptions} from '../../../src/flows/metrics/options.ts'
import {demo, must, runDeploy, runFlow} from '../../helpers/fake-aws/scenario.ts'
import {World} from '../../helpers/fake-aws/world.ts'

const minute = 60_000

async function deployed(): Promise<World> {
  const world = new World()
  must(await runDeploy(world))
  return world
}

function read(world: World, more: Partial<MetricsOptions> = {}) {
  const span = {from: world.clock.time - 5 * minute, to: undefined}
  return runFlow(world, (ports) => metrics({environment: demo, services: [], span, ...more}, ports))
}

describe('metrics', () => {
  it('are values in whole periods up to now; a gap stays one, a counter that was silent is at zero', async () => {
    const world = await deployed()
    const begin = Math.floor(world.clock.time / minute) * minute - 4 * minute
    world.series.set(
      'CPUUtilization Average',
      new Map([
        [begin, 40],
        [begin + 2 * minute, 60],
      ]),
    )
    world.series.set('TotalIOBytes Sum', new Map([[begin + minute, 6000]]))
    const result = must(await read(world))
    assert.deepEqual(result.periodSeconds, 60)
    assert.deepEqual(world.seriesAsked, [{seconds: 60, from: Date.parse(result.from), to: Date.parse(result.to)}])
    const of = (service: string, name: string) =>
      result.metrics.find((one) => one.service === service && one.name === name)?.points
    const at = (index: number) => new Date(begin + index * minute).toISOString()
    assert.deepEqual(of('dashboard', 'cpu'), [
      {at: at(0), value: 40},
      {at: at(2), value: 60},
    ])
    const throughput = of('files', 'throughput') ?? []
    assert.deepEqual(
      throughput.find((point) => point.at === at(1)),
      {at: at(1), value: 100},
      'bytes of a minute as bytes a second',
    )
    assert.ok(throughput.length > 3)
    assert.ok(throughput.every(({value}) => value === 0 || value === 100))
    assert.deepEqual(of('database', 'connections'), [])
  })

  it('are those of the services that are named, over the span that is named', async () => {
    const world = await deployed()
    const to = world.clock.time - 60 * minute
    const result = must(await read(world, {services: ['database'], span: {from: to - 600 * minute, to}}))
    assert.deepEqual([...new Set(result.metrics.map(({service}) => service))], ['database'])
    assert.equal(result.periodSeconds, 300)
    assert.ok(Date.parse(result.to) >= to && Date.parse(result.to) < to + 300_000)
  })

  it('are not there where nothing is deployed, nor of what is not', async () => {
    const nothing = await read(new World())
    assert.equal(nothing.code, 'NO_METRICS')
    assert.match(nothing.message, /nothing of it is deployed/)
    const adminer = await read(await deployed(), {services: ['database', 'adminer']})
    assert.equal(adminer.exitCode, 5)
    assert.match(adminer.message, /adminer is not deployed/)
  })
})
