import assert from 'node:assert/strict'
import {CloudWatchLogsClient, FilterLogEventsCommand} from '@aws-sdk/client-cloudwatch-logs'
import {mockClient} from 'aws-sdk-client-mock'
import {createLogs} from '../../src/aws/logs.ts'
import {clientConfig} from '../../src/aws/settings.ts'
import {fakeService} from './fake-service.ts'
import {config, inputs, saying, sdkError, settings} from './sdk.ts'

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

describe('a page of a log group', () => {
  const mock = mockClient(CloudWatchLogsClient)
  const logs = createLogs(config)

  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('is asked for with everything that narrows it', async () => {
    mock.on(FilterLogEventsCommand).resolves({
      events: [{timestamp: 5, message: 'a', logStreamName: 's', eventId: 'e', ingestionTime: 7}],
      nextToken: 't2',
    })
    const query = {startTime: -3.5, endTime: 9.9, filter: 'error', streams: ['s'], token: 't1'}
    assert.deepEqual(await logs.page('/g', query), {
      events: [{eventId: 'e', stream: 's', timestamp: 5, ingestedAt: 7, message: 'a'}],
      token: 't2',
    })
    assert.deepEqual(inputs(mock), [
      {logGroupName: '/g', startTime: 0, endTime: 9, filterPattern: 'error', logStreamNames: ['s'], nextToken: 't1'},
    ])
  })

  it('may be empty, may lack what AWS seldom lacks, and is nothing where there is no group', async () => {
    mock
      .on(FilterLogEventsCommand)
      .resolvesOnce({})
      .resolvesOnce({events: [{timestamp: 5, message: 'a'}]})
      .rejects(sdkError('ResourceNotFoundException'))
    assert.deepEqual(await logs.page('/g', {startTime: 1}), {events: []})
    assert.deepEqual((await logs.page('/g', {startTime: 1}))?.events, [
      {eventId: '/5/a', stream: '', timestamp: 5, ingestedAt: 5, message: 'a'},
    ])
    assert.equal(await logs.page('/g', {startTime: 1}), undefined)
  })
})

describe('a page of a log group on the wire', () => {
  const answer = (body: object, status = 200) => ({
    status,
    headers: {'content-type': 'application/x-amz-json-1.1'},
    body: JSON.stringify(body),
  })

  it('is read whole: events, times, token, and text of any kind', async () => {
    const events = [
      {
        eventId: 'e',
        logStreamName: 's',
        timestamp: 1_700_000_000_123,
        ingestionTime: 1_700_000_000_456,
        message: 'ä\u001b[1m\n𝄞',
      },
    ]
    const service = await fakeService([answer({events, nextToken: 't'})])
    try {
      const logs = createLogs(clientConfig({...settings, endpointUrl: service.url}))
      assert.deepEqual(await logs.page('/g', {startTime: 0}), {
        events: [
          {
            eventId: 'e',
            stream: 's',
            timestamp: 1_700_000_000_123,
            ingestedAt: 1_700_000_000_456,
            message: 'ä\u001b[1m\n𝄞',
          },
        ],
        token: 't',
      })
    } finally {
      await service.close()
    }
  })

  it('is read in pieces where it is large, whatever its messages look like, and each event once', async () => {
    const treacherous = ['plain', '},{"', '}],"x":1', '{"a":[{"b":1}]}', '}]}', 'ä\u2028𝄞', '\\"},{\\"', '']
    const events = Array.from({length: 9000}, (_, index) => ({
      eventId: `e${index}`,
      logStreamName: 's',
      timestamp: index,
      ingestionTime: index + 1,
      message: `${treacherous[index % treacherous.length]!} ${index}`,
    }))
    const streams = [{logStreamName: 'a', searchedCompletely: true}, {logStreamName: 'b'}]
    const service = await fakeService([
      answer({events, searchedLogStreams: streams, nextToken: 't'}),
      answer({nextToken: 'u', searchedLogStreams: streams, events}),
      answer({events: events.slice(0, 10)}),
      answer({events: Array(3).fill(events).flat(), nextToken: 'v'}),
    ])
    try {
      const logs = createLogs(clientConfig({...settings, endpointUrl: service.url}))
      const expected = events.map(
        ({eventId, logStreamName: stream, timestamp, ingestionTime: ingestedAt, message}) => ({
          ...{eventId, stream, timestamp, ingestedAt, message},
        }),
      )
      const first = await logs.page('/g', {startTime: 0})
      const pieces = [...(first?.pieces ?? [])]
      assert.ok(pieces.length > 5, `${pieces.length} pieces`)
      assert.deepEqual([pieces.flat(), first?.token], [expected, 't'])
      const second = await logs.page('/g', {startTime: 0})
      assert.deepEqual([second?.events, second?.token], [expected, 'u'])
      const small = await logs.page('/g', {startTime: 0})
      assert.deepEqual([small?.events, small?.pieces], [expected.slice(0, 10), undefined])
      const huge = await logs.page('/g', {startTime: 0})
      assert.deepEqual([[...(huge?.pieces ?? [])].flat().length, huge?.token], [27_000, 'v'])
    } finally {
      await service.close()
    }
  })

  it('is asked for once: what is refused is told at once', async () => {
    const service = await fakeService([answer({__type: 'ThrottlingException', message: 'Rate exceeded'}, 400)])
    try {
      const logs = createLogs(clientConfig({...settings, endpointUrl: service.url}))
      await assert.rejects(logs.page('/g', {startTime: 0}), saying('FailedError', 'THROTTLED', /Rate exceeded/))
      assert.equal(service.received.length, 1)
    } finally {
      await service.close()
    }
  })

  it('is given up at the signal', async () => {
    const service = await fakeService([answer({events: []})])
    try {
      const logs = createLogs(clientConfig({...settings, endpointUrl: service.url}))
      await assert.rejects(logs.page('/g', {startTime: 0}, AbortSignal.abort()), {name: 'AbortError'})
    } finally {
      await service.close()
    }
  })
})
