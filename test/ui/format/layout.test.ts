import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  fitColumns,
  formatBytes,
  formatDuration,
  formatElapsed,
  loadLayout,
  plural,
} from '../../../src/ui/format/layout.ts'
import {displayWidth} from '../../../src/ui/format/width.ts'
import {matchesGolden} from '../../helpers/golden.ts'

const traits = {isTTY: true, color: false, unicode: true, width: 80, height: 24}

const columns = [
  {head: 'Quota'},
  {head: 'Used', align: 'right'},
  {head: 'Limit', align: 'right'},
  {head: 'Why'},
] as const
const rows = [
  ['VPCs per region', '4', '5', 'one for the environment'],
  ['NAT gateways per zone', '0', '5', 'one for each zone of the environment, so that a zone can fail alone'],
  [
    'Fargate On-Demand vCPU resource count',
    '12',
    '1000',
    'dashboard, renderer, scheduler and pirana at their largest size\nwith a second line',
  ],
]

async function page(settings: Partial<typeof traits> = {}): Promise<string> {
  const layout = await loadLayout({...traits, ...settings})
  return [
    layout.heading('Environment prod'),
    layout.keyValues([
      ['account', '123456789012'],
      ['region', 'eu-west-1'],
      ['left out', undefined],
      ['addresses', '10.20.0.0/16\n10.21.0.0/16'],
    ]),
    '\n',
    layout.table(columns, rows),
    '\n',
    layout.bulletList(['one', 'two']),
    layout.nextSteps(['pi-aws status prod', 'Point the name at the load balancer']),
    layout.nextSteps([]),
  ].join('')
}

describe('layouts', () => {
  for (const width of [80, 200]) {
    it(`stay within ${width} columns on a terminal`, async () => {
      const text = await page({width})
      for (const line of text.split('\n')) assert.ok(displayWidth(line) < width, line)
      matchesGolden(`ui/layout-${width}.txt`, text)
    })
  }

  it('are not cut where nobody looks', async () => {
    assert.match(await page({isTTY: false, width: 40}), /at their largest size with a second line\n/)
  })

  it('colour by meaning', async () => matchesGolden('ui/layout-colour.txt', await page({color: true})))

  it('do with ASCII', async () => {
    assert.match(await page({unicode: false}), /^[\u0000-\u007f]+$/)
  })

  it('paint cells without moving columns', async () => {
    const layout = await loadLayout({...traits, color: true})
    const painted = layout.table([{head: 'State', paint: layout.theme.bad}, {head: 'Name'}], [['down', 'dashboard']])
    assert.match(painted, /\u001b\[31mdown\u001b\[39m {3}dashboard\n$/)
  })

  it('put what one copies on further lines, whole, and cut only the rest', async () => {
    const layout = await loadLayout({...traits, width: 40})
    const name = 'arn:aws:rds:eu-west-1:000000000000:snapshot:pi-prod-1'
    const table = layout.table([{head: 'What'}, {head: 'Name', wraps: true}], [['w'.repeat(60), name]])
    const [, ...lines] = table.trimEnd().split('\n')
    assert.ok(lines.length > 1 && lines.every((line) => displayWidth(line) < 40), table)
    assert.equal(lines.map((line) => line.split(' ').at(-1)).join(''), name)
    assert.match(lines[0] ?? '', /^w+… {2}/)
  })

  it('show a table without rows as its head', async () => {
    const layout = await loadLayout(traits)
    assert.equal(layout.table([{head: 'A'}, {head: 'B'}], []), 'A  B\n')
  })

  it('let no cell move the cursor', async () => {
    const layout = await loadLayout(traits)
    assert.doesNotMatch(
      layout.table([{head: 'A'}], [['\u001b[2J\u0007']]) + layout.keyValues([['a', '\u001b[1A\r']]),
      /[\u0007\r\u001b]/,
    )
  })
})

describe('columns', () => {
  it('fit as far as they can, and keep their width where there is room', () => {
    assert.deepEqual(fitColumns([10, 20], 40), [10, 20])
    assert.deepEqual(fitColumns([10, 40, 30], 60), [10, 23, 23])
    fc.assert(
      fc.property(
        fc.array(fc.integer({min: 1, max: 90}), {minLength: 1, maxLength: 8}),
        fc.integer({min: 80, max: 200}),
        (natural, width) => {
          const fitted = fitColumns(natural, width)
          const total = fitted.reduce((sum, value) => sum + value, 0) + 2 * (fitted.length - 1)
          assert.ok(total <= width)
          fitted.forEach((value, index) => assert.ok(value >= 1 && value <= (natural[index] ?? 0)))
        },
      ),
    )
  })
})

describe('numbers with units', () => {
  it('are durations', () => {
    const shown = [
      -5, 0, 449.6, 999, 1000, 4234, 9949, 9950, 59_400, 59_600, 65_000, 3_599_400, 3_600_000, 90_000_000,
    ].map(formatDuration)
    assert.deepEqual(shown, [
      '0ms',
      '0ms',
      '450ms',
      '999ms',
      '1.0s',
      '4.2s',
      '9.9s',
      '10s',
      '59s',
      '1m 00s',
      '1m 05s',
      '59m 59s',
      '1h 00m',
      '25h 00m',
    ])
  })

  it('are elapsed times, in whole seconds', () =>
    assert.deepEqual([-1, 400, 1600].map(formatElapsed), ['0s', '0s', '2s']))

  it('are sizes', () => {
    const shown = [0, 1, 1023, 1024, 1536, 1_048_524, 1_048_575, 21_474_836_480, 2 ** 70].map(formatBytes)
    assert.deepEqual(shown, [
      '0 B',
      '1 B',
      '1023 B',
      '1.0 KiB',
      '1.5 KiB',
      '1023.9 KiB',
      '1.0 MiB',
      '20.0 GiB',
      '1048576.0 PiB',
    ])
  })

  it('are counts', () =>
    assert.deepEqual(
      [0, 1, 2].map((count) => plural(count, 'step')),
      ['0 steps', '1 step', '2 steps'],
    ))
})
