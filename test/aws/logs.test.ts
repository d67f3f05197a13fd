import assert from 'node:assert/strict'
import {CloudWatchLogsClient, FilterLogEventsCommand} from '@aws-sdk/client-cloudwatch-logs'
import {mockClient} from 'aws-sdk-client-mock'
import {createLogs} from '../../src/aws/logs.ts'
import {config, inputs, sdkError} from './sdk.ts'

describe('the tail of a log group', () => {
  const mock = mockClient(CloudWatchLogsClient)
  const logs = createLogs(config)
  const line = (timestamp: number, message: string) => ({timestamp, message})

  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('is asked for newest first and given oldest first, lines of one moment in their order', async () => {
    mock.on(FilterLogEventsCommand).resolves({events: [line(3, 'd\n'), line(2, 'c'), line(2, 'b'), line(1, 'a')]})
    assert.deepEqual(await logs.tail('/g', {limit: 10, streamPrefix: 'seed/'}), ['a', 'b', 'c', 'd'])
    assert.deepEqual(inputs(mock), [
      {
        logGroupName: '/g',
        logStreamNamePrefix: 'seed/',
        startFromHead: false,
        startTime: Date.UTC(2024, 0, 1),
        limit: 10,
      },
    ])
  })

  it('goes on behind empty pages until it has enough', async () => {
    mock
      .on(FilterLogEventsCommand)
      .resolvesOnce({events: [], nextToken: 'p2'})
      .resolvesOnce({events: [line(9, 'i'), line(8, 'h')], nextToken: 'p3'})
      .resolvesOnce({events: [line(7, 'g'), line(6, 'f')], nextToken: 'p4'})
    assert.deepEqual(await logs.tail('/g', {limit: 3}), ['g', 'h', 'i'])
    assert.equal(mock.calls().length, 3)
  })

  it('is empty where there is no group', async () => {
    mock.rejects(sdkError('ResourceNotFoundException'))
    assert.deepEqual(await logs.tail('/g', {limit: 3}), [])
  })
})
