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

  it('tell values over time by the begin of their period, over all pages', async () => {
    const at = (minute: number) => new Date(minute * 60_000)
    mock
      .on(GetMetricDataCommand)
      .resolvesOnce({
        MetricDataResults: [{Id: 'm0', Timestamps: [at(1), at(2)], Values: [7, 8]}, {Id: 'm1'}],
        NextToken: 'n',
      })
      .resolvesOnce({
        MetricDataResults: [
          {Id: 'm0', Timestamps: [at(3), at(4)], Values: [9]},
          {Id: 'unasked', Timestamps: [at(1)], Values: [1]},
        ],
      })
      .resolvesOnce({})
    const query = (metric: string) => ({
      ...{namespace: 'AWS/ECS', metric, statistic: 'p95'},
      dimensions: [['ClusterName', 'c'] as const, ['ServiceName', 's'] as const],
    })
    const periods = {seconds: 60, from: 0, to: 600_000}
    const values = await metrics.series([query('A'), query('B')], periods)
    const [a, b] = values.map((one) => [...one])
    assert.deepEqual([a, b], [[1, 2, 3].map((minute, index) => [minute * 60_000, 7 + index]), []])
    const [sent] = inputs(mock) as [{StartTime: string; EndTime: string; MetricDataQueries: object[]}]
    assert.deepEqual([sent.StartTime, sent.EndTime], [at(0).toISOString(), at(10).toISOString()])
    const dimensions = [
      {Name: 'ClusterName', Value: 'c'},
      {Name: 'ServiceName', Value: 's'},
    ]
    assert.deepEqual(sent.MetricDataQueries[1], {
      Id: 'm1',
      MetricStat: {
        Metric: {Namespace: 'AWS/ECS', MetricName: 'B', Dimensions: dimensions},
        Period: 60,
        Stat: 'p95',
      },
    })
    mock.on(GetMetricDataCommand).resolves({})
    assert.deepEqual(await metrics.series([query('A')], periods), [new Map()])
    assert.equal((await metrics.series(Array(501).fill(query('A')), periods)).length, 501)
  })

  it('fail with errors of ours', async () => {
    mock.on(DescribeAlarmsCommand).rejects(sdkError('AccessDenied', 'no'))
    await assert.rejects(metrics.firing('x'), saying('AccessError', 'ACCESS_DENIED'))
  })
})
