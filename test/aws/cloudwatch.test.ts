import assert from 'node:assert/strict'
import {CloudWatchClient, DescribeAlarmsCommand, GetMetricDataCommand} from '@aws-sdk/client-cloudwatch'
import {mockClient} from 'aws-sdk-client-mock'
import {createMetrics} from '../../src/aws/cloudwatch.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

describe('alarms and metrics of CloudWatch', () => {
  const mock = mockClient(CloudWatchClient)
  const metrics = createMetrics(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('tell the alarms that fire, over all pages', async () => {
    mock
      .on(DescribeAlarmsCommand, {AlarmNamePrefix: 'pi-demo-', StateValue: 'ALARM'})
      .resolvesOnce({
        MetricAlarms: [{AlarmName: 'a', AlarmDescription: 'd', StateReason: 'r', StateUpdatedTimestamp: new Date(0)}],
        NextToken: 'n',
      })
      .resolvesOnce({MetricAlarms: [{}]})
      .resolvesOnce({})
    assert.deepEqual(await metrics.firing('pi-demo-'), [
      {name: 'a', description: 'd', reason: 'r', since: '1970-01-01T00:00:00.000Z'},
      {name: '', description: '', reason: '', since: ''},
    ])
  })

  it('tell the newest value of each metric, and of one without values nothing', async () => {
    mock
      .on(GetMetricDataCommand)
      .resolvesOnce({
        MetricDataResults: [
          {Id: 'm1', Values: [7, 8]},
          {Id: 'm0', Values: []},
        ],
      })
      .resolvesOnce({})
    const query = (metric: string) =>
      ({namespace: 'AWS/RDS', metric, dimension: ['DBInstanceIdentifier', 'db'], statistic: 'Minimum'}) as const
    const ask = () => metrics.latest([query('A'), query('B')], new Date(0), new Date(1000))
    assert.deepEqual(await ask(), [undefined, 7])
    assert.deepEqual(await ask(), [undefined, undefined])
    const [sent] = inputs(mock) as [{MetricDataQueries: {Id: string; MetricStat: object}[]}]
    assert.deepEqual(sent.MetricDataQueries[0], {
      Id: 'm0',
      MetricStat: {
        Metric: {Namespace: 'AWS/RDS', MetricName: 'A', Dimensions: [{Name: 'DBInstanceIdentifier', Value: 'db'}]},
        Period: 300,
        Stat: 'Minimum',
      },
    })
  })

  it('fail with errors of ours', async () => {
    mock.on(DescribeAlarmsCommand).rejects(sdkError('AccessDenied', 'no'))
    await assert.rejects(metrics.firing('x'), saying('AccessError', 'ACCESS_DENIED'))
  })
})
