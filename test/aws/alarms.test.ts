import assert from 'node:assert/strict'
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
} from '@aws-sdk/client-cloudwatch'
import {mockClient} from 'aws-sdk-client-mock'
import {createAlarms} from '../../src/aws/cloudwatch/alarms.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

describe('alarms of CloudWatch', () => {
  const mock = mockClient(CloudWatchClient)
  const alarms = createAlarms(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('are those of all pages and both types', async () => {
    mock
      .on(DescribeAlarmsCommand)
      .resolvesOnce({
        MetricAlarms: [
          {
            ...{AlarmName: 'a', AlarmDescription: 'd', StateReason: 'r', StateValue: 'ALARM'},
            ...{StateUpdatedTimestamp: new Date(0), ActionsEnabled: false},
          },
        ],
        NextToken: 'n',
      })
      .resolvesOnce({CompositeAlarms: [{}]})
    assert.deepEqual(await alarms.list('pi-demo-'), [
      {name: 'a', description: 'd', state: 'ALARM', reason: 'r', since: '1970-01-01T00:00:00.000Z', acts: false},
      {name: '', description: '', state: 'INSUFFICIENT_DATA', reason: '', since: '', acts: true},
    ])
    const [first] = inputs(mock) as [{AlarmNamePrefix: string; AlarmTypes: string[]}]
    assert.deepEqual([first.AlarmNamePrefix, first.AlarmTypes], ['pi-demo-', ['MetricAlarm', 'CompositeAlarm']])
  })

  it('have a history of states, actions and changes, and of nothing else', async () => {
    const item = (HistoryItemType: 'StateUpdate' | 'Action' | 'ConfigurationUpdate') => ({
      ...{HistoryItemType, HistorySummary: 's'},
      Timestamp: new Date(7),
    })
    mock
      .on(DescribeAlarmHistoryCommand)
      .resolvesOnce({AlarmHistoryItems: [item('StateUpdate'), item('Action')], NextToken: 'n'})
      .resolvesOnce({
        AlarmHistoryItems: [item('ConfigurationUpdate'), {HistoryItemType: 'StateUpdate'}, {Timestamp: new Date(1)}],
      })
      .resolvesOnce({})
    const found = await alarms.history('a', new Date(1))
    assert.deepEqual(
      found,
      (['state', 'action', 'configuration'] as const).map((kind) => ({
        at: new Date(7).toISOString(),
        kind,
        summary: 's',
      })),
    )
    assert.deepEqual(await alarms.history('a', new Date(1)), [])
  })

  it('are given their voice and silenced by name', async () => {
    mock.on(DisableAlarmActionsCommand).resolves({}).on(EnableAlarmActionsCommand).resolves({})
    await alarms.setActions(['a', 'b'], false)
    await alarms.setActions(['a'], true)
    assert.deepEqual(mock.commandCalls(DisableAlarmActionsCommand)[0]?.args[0].input, {AlarmNames: ['a', 'b']})
    assert.deepEqual(mock.commandCalls(EnableAlarmActionsCommand)[0]?.args[0].input, {AlarmNames: ['a']})
    mock.on(DescribeAlarmsCommand).rejects(sdkError('AccessDenied', 'no'))
    await assert.rejects(alarms.list('x'), saying('AccessError', 'ACCESS_DENIED'))
  })
})
