import assert from 'node:assert/strict'
import fc from 'fast-check'
import {metricServices, metricsOf} from '../../../src/domain/metrics/catalogue.ts'
import {beginsOf, periodsOf} from '../../../src/domain/metrics/periods.ts'
import {blockLevels, narrowed, plainLevels, sparkline} from '../../../src/domain/metrics/sparkline.ts'

const hour = 3_600_000
const day = 24 * hour
const now = Date.parse('2026-11-22T09:17:31.250Z')

describe('the metrics of an environment', () => {
  const outputs = {
    ClusterName: 'c',
    DashboardServiceName: 'd',
    AdminerServiceName: 'a',
    LoadBalancerArn: 'arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/demo/50dc',
    DatabaseIdentifier: 'db',
    FileSystemId: 'fs-1',
    SideloadFunctionName: 'f',
  }

  it('are those of what its outputs name, services in their order', () => {
    const found = metricsOf(outputs)
    assert.deepEqual(
      [...new Set(found.map(({service}) => service))],
      ['dashboard', 'adminer', 'loadbalancer', 'database', 'files', 'sideload'],
    )
    const dimensions = new Map(found.map(({service, dimensions: of}) => [service, of]))
    assert.deepEqual(dimensions.get('adminer'), [
      ['ClusterName', 'c'],
      ['ServiceName', 'a'],
    ])
    assert.deepEqual(dimensions.get('loadbalancer'), [['LoadBalancer', 'app/demo/50dc']])
    assert.ok(found.every(({service}) => metricServices.includes(service)))
    assert.equal(new Set(found.map(({service, name}) => `${service} ${name}`)).size, found.length, 'each name is one')
  })

  it('are none where nothing is deployed, and none of services without a cluster', () => {
    assert.deepEqual(metricsOf({}), [])
    assert.deepEqual(metricsOf({DashboardServiceName: 'd'}), [])
  })
})

describe('periods', () => {
  const rows: readonly (readonly [ago: number, lasts: number, seconds: number])[] = [
    [hour, hour, 60],
    [4 * hour, 4 * hour, 60],
    [5 * hour, 5 * hour, 300],
    [day, day, 900],
    [7 * day, 7 * day, 3600],
    [40 * day, 40 * day, 21_600],
    [400 * day, 400 * day, 86_400],
    [14 * day, hour, 60],
    [16 * day, hour, 300],
    [64 * day, hour, 3600],
    [500 * day, hour, 86_400],
  ]
  for (const [ago, lasts, seconds] of rows) {
    it(`of ${lasts / hour} h that begin ${ago / hour} h ago are ${seconds} s long`, () => {
      assert.equal(periodsOf(now - ago, now - ago + lasts, now).seconds, seconds)
    })
  }

  it('are whole, cover the span and are never too many', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 455 * day}), fc.integer({min: 1, max: 455 * day}), (ago, lasts) => {
        const [from, to] = [now - ago, Math.min(now, now - ago + lasts)]
        const periods = periodsOf(from, to, now)
        const begins = beginsOf(periods)
        assert.ok(periods.from <= from && periods.to >= to)
        assert.ok(begins.length >= 1 && begins.length <= 457, `${begins.length} periods`)
        assert.ok(begins.every((begin) => begin % (periods.seconds * 1000) === 0))
      }),
    )
  })
})

describe('a curve in one line', () => {
  it('goes from 0 to the highest value, and has a sign for what is not known', () => {
    assert.equal(sparkline([0, 1, undefined, 7, 8], 10, blockLevels), '▁▂·██')
    assert.equal(sparkline([0, 3, undefined, 6], 10, plainLevels), '_=?#')
    assert.equal(sparkline([-4, 0, 4], 10, blockLevels), '▁▅█')
    assert.equal(sparkline([0, 0], 10, blockLevels), '▁▁')
    assert.equal(sparkline([], 10, blockLevels), '')
  })

  it('keeps each peak however narrow it is', () => {
    const values = Array.from({length: 200}, (_, index) => (index === 77 ? 100 : 1))
    assert.equal(narrowed(values, 20).filter((value) => value === 100).length, 1)
    assert.equal(sparkline(values, 20, blockLevels).length, 20)
    assert.deepEqual(narrowed([undefined, undefined, 1, 2], 2), [undefined, 2])
  })
})
