import assert from 'node:assert/strict'
import {alarmCalled, descriptionPrefix, silenced, silencesKey} from '../../../src/domain/alarms/silences.ts'
import {demo} from '../../helpers/fake-aws/scenario.ts'

const at = '2026-11-22T09:00:00.000Z'
const silence = (alarm: string, until: string) => ({alarm, at, until, by: 'arn:somebody', opId: 'op'})

describe('silences', () => {
  it('hold where an alarm is silent and the ledger says why, and are over at their time', () => {
    const alarms = [
      {name: 'short', acts: false},
      {name: 'long', acts: false},
      {name: 'ended by a deploy', acts: true},
      {name: 'off by hand', acts: false},
    ]
    const silences = [
      silence('short', '2026-11-22T10:00:00.000Z'),
      silence('long', '2026-11-22T11:00:00.000Z'),
      silence('ended by a deploy', '2026-11-22T11:00:00.000Z'),
      silence('gone', '2026-11-22T11:00:00.000Z'),
    ]
    assert.deepEqual(silenced(alarms, silences, Date.parse('2026-11-22T10:00:00Z')), [
      {alarm: 'short', until: '2026-11-22T10:00:00.000Z', overdue: true},
      {alarm: 'long', until: '2026-11-22T11:00:00.000Z', overdue: false},
    ])
    assert.equal(silencesKey(demo), 'silences/demo.json')
    assert.equal(descriptionPrefix(demo), 'pi-aws demo: ')
  })

  it('are asked for by a whole name, or by a piece that only one has', () => {
    const alarms = ['pi-demo-app-Cpu-1', 'pi-demo-app-Cpu-11', 'pi-demo-app-Health-2'].map((name) => ({name}))
    assert.equal(alarmCalled('pi-demo-app-Cpu-1', alarms, demo).name, 'pi-demo-app-Cpu-1')
    assert.equal(alarmCalled('health', alarms, demo).name, 'pi-demo-app-Health-2')
    assert.throws(
      () => alarmCalled('cpu', alarms, demo),
      /Unclear alarm: "cpu" is a piece of 2 names: pi-demo-app-Cpu-1/,
    )
    assert.throws(() => alarmCalled('pi-demo-app-Helth-2', alarms, demo), {
      code: 'UNKNOWN_ALARM',
      suggestions: ['Did you mean pi-demo-app-Health-2?', 'pi-aws alarms list demo'],
    })
    assert.throws(() => alarmCalled('x', [], demo), {suggestions: ['pi-aws alarms list demo']})
  })
})
