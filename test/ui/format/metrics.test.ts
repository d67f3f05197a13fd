import assert from 'node:assert/strict'
import {formatMetrics, formatReading} from '../../../src/ui/format/metrics.ts'
import {loadLayout} from '../../../src/ui/format/layout.ts'
import {result, series} from '../../helpers/metric-samples.ts'

const traits = {isTTY: false, color: false, unicode: true, width: 80, height: 24}

describe('the page of metrics', () => {
  it('shows each service once, its curves, and the last, least, mean and most of them', async () => {
    const text = formatMetrics(
      result([
        series({}, [10, undefined, 20, 40, 30]),
        series({name: 'memory', title: 'Memory'}, []),
        series({service: 'database', name: 'free-storage', title: 'Free storage', unit: 'bytes'}, [2 ** 30]),
      ]),
      await loadLayout(traits),
    )
    assert.equal(
      text,
      [
        'Metrics of demo',
        '2026-11-22T09:00Z to 2026-11-22T09:05Z, a value each 1 min',
        '',
        'Service    Metric        Curve     Last    Least     Mean     Most',
        'dashboard  CPU           ▃·▅█▇     30 %     10 %     25 %     40 %',
        '           Memory               no data',
        'database   Free storage  █····  1.0 GiB  1.0 GiB  1.0 GiB  1.0 GiB',
        '',
      ].join('\n'),
    )
  })

  it('fits on a terminal without Unicode, and says when there is nothing at all, and where it was drawn', async () => {
    const layout = await loadLayout({...traits, unicode: false})
    assert.match(formatMetrics(result([series({}, [1, undefined, 2])], 3), layout), /\*\?#|=\?#/)
    const file = {path: '/tmp/x.png', bytes: 2048}
    const empty = formatMetrics({...result([series({}, [])]), periodSeconds: 21_600, file}, layout)
    assert.match(empty, /a value each 6 h/)
    assert.match(empty, /CloudWatch has no values of this span\.\n\nWritten to \/tmp\/x\.png \(2\.0 KiB\)\.\n$/)
  })

  it('leaves a terminal of 80 columns its newest values', async () => {
    const values = Array.from({length: 100}, (_, index) => index)
    const many = [
      series({service: 'loadbalancer', title: 'Answer p95', unit: 's'}, values),
      series(
        {service: 'database', title: 'Free storage', unit: 'bytes/s'},
        values.map((value) => value * 1e9),
      ),
    ]
    for (const width of [80, 200]) {
      const layout = await loadLayout({...traits, isTTY: true, width})
      const lines = formatMetrics(result(many, 100), layout).split('\n')
      assert.ok(
        lines.every((line) => line.length < width),
        lines.join('\n'),
      )
      assert.match(lines[4] ?? '', /^loadbalancer {2}Answer p95 {4}▁[▁▂▃▄▅▆▇█]{22,}█ +99 s/)
      assert.equal(lines[3]?.includes('Mean'), width === 200)
    }
  })

  it('gives numbers their unit and no more digits than they deserve', () => {
    const rows = [
      [0.734, 's', '0.73 s'],
      [12.34, 'ms', '12.3 ms'],
      [1234.6, 'ms', '1235 ms'],
      [2_000_000, 'count', '2.0M'],
      [12_345, 'count', '12.3k'],
      [3e9, 'credits', '3.0G'],
      [1536, 'bytes/s', '1.5 KiB/s'],
      [5, '%', '5 %'],
    ] as const
    for (const [value, unit, text] of rows) assert.equal(formatReading(value, unit), text)
  })
})
