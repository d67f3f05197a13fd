import assert from 'node:assert/strict'
import type {ListedAlarm, SilenceResult} from '../../../src/flows/alarms/options.ts'
import {formatAlarmHistory, formatAlarms, formatSilence} from '../../../src/ui/format/alarms.ts'
import {loadLayout} from '../../../src/ui/format/layout.ts'

const layout = await loadLayout({isTTY: false, color: false, unicode: true, width: 80, height: 24})

const alarm = (more: Partial<ListedAlarm>): ListedAlarm => ({
  ...{name: 'pi-demo-app-Health-2', description: 'nobody can log in.', state: 'OK', reason: 'fine'},
  ...{since: '2026-11-22T09:41:07.000Z', actions: 'on'},
  ...more,
})

describe('pages on alarms', () => {
  it('show what fires and why, and what tells nobody', () => {
    const text = formatAlarms(
      {
        environment: 'demo',
        alarms: [
          alarm({state: 'ALARM', reason: 'Threshold\ncrossed'}),
          alarm({name: 'b', state: 'INSUFFICIENT_DATA', since: '', reason: 'no data yet', actions: 'off'}),
          alarm({name: 'c', actions: 'silenced', silencedUntil: '2026-11-22T11:00:00.000Z', overdue: true}),
        ],
      },
      layout,
    )
    assert.equal(
      text,
      [
        'Alarms of demo',
        '3 alarms, 1 of them fires.',
        '',
        'ALARM    pi-demo-app-Health-2',
        '         nobody can log in.',
        '         since 2026-11-22 09:41Z: Threshold crossed',
        '',
        'NO DATA  b',
        '         nobody can log in.',
        '         since -: no data yet',
        '         tells nobody',
        '',
        'OK       c',
        '         nobody can log in.',
        '         since 2026-11-22 09:41Z',
        '         silenced until 2026-11-22 11:00Z, which is over',
        '',
        'Next steps',
        '  • pi-aws alarms silence --all --undo --environment demo',
        '',
      ].join('\n'),
    )
    assert.doesNotMatch(formatAlarms({environment: 'demo', alarms: [alarm({})]}, layout), /Next steps/)
  })

  it('show a history, or that there is none', () => {
    const item = {at: '2026-11-22T09:41:07.000Z', alarm: 'a', kind: 'state', summary: 'from OK to ALARM'} as const
    const of = {environment: 'demo', from: '2026-11-15T00:00:00.000Z'}
    assert.match(
      formatAlarmHistory({...of, items: [item]}, layout),
      /2026-11-22 09:41Z {2}state {2}a +from OK to ALARM\n/,
    )
    assert.match(formatAlarmHistory({...of, items: []}, layout), /^Nothing happened .* since 2026-11-15 00:00Z\.\n$/)
  })

  it('say what a silence did, and what is silent behind it', () => {
    const until = '2026-11-22T11:00:00.000Z'
    const result: SilenceResult = {
      ...{environment: 'demo', action: 'silence', state: 'done', opId: 'op', until, changed: ['a'], notes: ['n']},
      silenced: [
        {alarm: 'a', until, overdue: false},
        {alarm: 'b', until, overdue: true},
      ],
    }
    const text = formatSilence(result, layout)
    assert.match(text, /^Alarms of demo \(1\) are silent until 2026-11-22 11:00Z\n {2}• a\n/)
    assert.match(text, /Silent now {2}2 alarms, 1 past their time\nOperation {3}op\n {2}• n\n$/)
    const {until: _until, opId: _opId, ...rest} = result
    const undo = formatSilence({...rest, action: 'undo', state: 'planned', silenced: []}, layout)
    assert.match(undo, /^Alarms of demo \(1\) would tell again\n/)
    assert.doesNotMatch(undo, /Operation/)
  })
})
