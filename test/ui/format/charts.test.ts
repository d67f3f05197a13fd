import assert from 'node:assert/strict'
import {join} from 'node:path'
import {inflateSync} from 'node:zlib'
import {axisEnd, axisUnit, tickLabel, timeLabel} from '../../../src/ui/format/charts/axes.ts'
import {metricsCsv} from '../../../src/ui/format/charts/csv.ts'
import {panelsOf} from '../../../src/ui/format/charts/panels.ts'
import {pngOf} from '../../../src/ui/format/charts/png.ts'
import {drawingOf} from '../../../src/ui/format/charts/drawing.ts'
import {svgOf} from '../../../src/ui/format/charts/svg.ts'
import type {MetricsResult} from '../../../src/flows/metrics/options.ts'
import {result, series} from '../../helpers/metric-samples.ts'

const folder = join(import.meta.dirname, '../../../node_modules/dejavu-fonts-ttf/ttf')
const fonts = {regular: join(folder, 'DejaVuSans.ttf'), bold: join(folder, 'DejaVuSans-Bold.ttf')}
const metricsSvg = (of: MetricsResult): string => svgOf(drawingOf(of))

const wholly = result([
  series({}, [10, undefined, 20, 40, 30]),
  series({service: 'renderer'}, [5, 6, undefined, 7, undefined]),
  series({name: 'memory', title: 'Memory <&>', panel: 'Memory <&>'}, [1, 2, 3, 4, 5]),
  series({service: 'loadbalancer', title: 'Requests', panel: 'Requests', unit: 'count'}, []),
])

describe('charts', () => {
  it('put metrics of one panel together, called by what tells them apart, and leave empty ones out', () => {
    const panels = panelsOf(wholly)
    assert.deepEqual(
      panels.map(({title, curves}) => [title, curves.map(({label}) => label)]),
      [
        ['CPU of services', ['dashboard', 'renderer']],
        ['Memory <&>', ['Memory <&>']],
      ],
    )
    const mixed = panelsOf(result([series({}, [1]), series({service: 'pirana', title: 'Other'}, [1])]))
    assert.deepEqual(
      mixed[0]?.curves.map(({label}) => label),
      ['dashboard CPU', 'pirana Other'],
    )
  })

  it('are SVG that is well-formed, breaks lines where nothing is known and shows lonely values', () => {
    const svg = metricsSvg(wholly)
    assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="1200" height="\d+"/)
    assert.ok(svg.includes('Memory &lt;&amp;&gt;') && !svg.includes('<&>'))
    const [dashboard = '', renderer = ''] = [
      ...svg.matchAll(/<path d="([^"]*)" fill="none" stroke="[^"]*" stroke-width="1.8"/g),
    ].map(([, d]) => d)
    assert.equal(dashboard.match(/M/g)?.length, 2, dashboard)
    assert.equal(renderer.match(/M/g)?.length, 2, renderer)
    assert.equal(svg.match(/<circle/g)?.length, 2, 'the first of the dashboard and the fourth of the renderer')
    assert.ok(!svg.includes('NaN') && !svg.includes('undefined'))
    assert.match(metricsSvg(result([])), /CloudWatch has no values of this span/)
  })

  it('are CSV with a line for each value', () => {
    assert.equal(
      metricsCsv(result([series({}, [1.5, undefined, 2])])),
      [
        'at,service,metric,statistic,unit,value',
        '2026-11-22T09:00:00.000Z,dashboard,cpu,Average,%,1.5',
        '2026-11-22T09:02:00.000Z,dashboard,cpu,Average,%,2',
        '',
      ].join('\r\n'),
    )
  })

  it('are PNG whose pixels have the colours of the curves and letters', async () => {
    const drawing = drawingOf(result(wholly.metrics.slice(0, 2)))
    const {width, height, has} = pixelsOf(await pngOf(drawing, fonts))
    assert.deepEqual([width, height], [2 * drawing.width, 2 * drawing.height])
    assert.ok(has(0x00, 0x72, 0xb2) && has(0xd5, 0x5e, 0x00), 'both curves are drawn')
    assert.ok(has(0x1f, 0x23, 0x28), 'the title is written')
    const shapes = drawing.shapes.filter(({kind}) => kind !== 'text')
    const without = pixelsOf(await pngOf({...drawing, shapes}, fonts))
    assert.ok(!without.has(0x1f, 0x23, 0x28), 'and nothing else has its colour')
  })
})

describe('axes', () => {
  it('count in units that keep numbers short', () => {
    const rows = [
      ['bytes', 15 * 2 ** 30, 2 ** 30, ' GiB'],
      ['bytes/s', 3000, 1024, ' KiB/s'],
      ['bytes', 0, 1, ' B'],
      ['count', 9000, 1, ''],
      ['count', 90_000, 1000, 'k'],
      ['credits', 5e7, 1e6, 'M'],
      ['s', 3, 1, ' s'],
    ] as const
    for (const [unit, most, divisor, suffix] of rows) assert.deepEqual(axisUnit(unit, most), {divisor, suffix})
    assert.equal(tickLabel(0.30000000000000004, {divisor: 1, suffix: ' s'}), '0.3 s')
  })

  it('end where the values do, and percents neither far below ten nor above a hundred', () => {
    const rows = [
      ['%', 3, 10],
      ['%', 40, 40],
      ['%', 93, 100],
      ['%', 130, 130],
      ['s', 0, 1],
      ['s', 0.4, 0.4],
    ] as const
    for (const [unit, most, end] of rows) assert.equal(axisEnd(unit, most), end)
  })

  it('show times of day, dates at midnight and over many days', () => {
    assert.equal(timeLabel(new Date('2026-11-22T09:30:00Z'), 3_600_000), '09:30')
    assert.equal(timeLabel(new Date('2026-11-22T00:00:00Z'), 3_600_000), '11-22')
    assert.equal(timeLabel(new Date('2026-11-22T12:00:00Z'), 30 * 86_400_000), '11-22')
  })
})

/** Reads an 8-bit RGBA PNG, as far as to say which colours it has. */
function pixelsOf(png: Uint8Array) {
  const bytes = Buffer.from(png)
  assert.equal(bytes.subarray(0, 8).toString('hex'), '89504e470d0a1a0a')
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
  assert.deepEqual([bytes[24], bytes[25]], [8, 6], 'eight bits, red, green, blue and alpha')
  const data: Buffer[] = []
  for (let at = 8; at < bytes.length; at += bytes.readUInt32BE(at) + 12) {
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)))
  }
  const raw = inflateSync(Buffer.concat(data))
  const stride = width * 4
  const colours = new Set<number>()
  let above = Buffer.alloc(stride)
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)]
    const row = Buffer.from(raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)))
    for (let x = 0; x < stride; x++) {
      const [left, up, corner] = [x < 4 ? 0 : row[x - 4]!, above[x]!, x < 4 ? 0 : above[x - 4]!]
      row[x] = (row[x]! + predicted(filter, left, up, corner)) & 0xff
    }
    for (let x = 0; x < stride; x += 4) colours.add(row.readUIntBE(x, 3))
    above = row
  }
  return {
    width,
    height,
    has: (red: number, green: number, blue: number) => colours.has((red << 16) | (green << 8) | blue),
  }
}

/** The filters of PNG (specification, section 9). */
function predicted(filter: number | undefined, left: number, up: number, corner: number): number {
  if (filter === 1) return left
  if (filter === 2) return up
  if (filter === 3) return (left + up) >> 1
  if (filter !== 4) return 0
  const guess = left + up - corner
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)]
  if (toLeft <= toUp && toLeft <= toCorner) return left
  return toUp <= toCorner ? up : corner
}
