import assert from 'node:assert/strict'
import {
  CloudWatchLogsClient,
  DescribeQueryDefinitionsCommand,
  GetQueryResultsCommand,
  StartLiveTailCommand,
  type StartLiveTailResponseStream,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import {mockClient} from 'aws-sdk-client-mock'
import {createInsights} from '../../src/aws/logs/insights.ts'
import {createLiveTail} from '../../src/aws/logs/live-tail.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

describe('Insights', () => {
  const mock = mockClient(CloudWatchLogsClient)
  const insights = createInsights(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('lists saved queries, all pages of them', async () => {
    mock
      .on(DescribeQueryDefinitionsCommand)
      .resolvesOnce({queryDefinitions: [{name: 'p/a', queryString: 'x', logGroupNames: ['g']}], nextToken: 't'})
      .resolvesOnce({queryDefinitions: [{name: 'p/b', queryString: 'y'}]})
    assert.deepEqual(await insights.saved('p/'), [
      {name: 'p/a', text: 'x', groups: ['g']},
      {name: 'p/b', text: 'y', groups: []},
    ])
    assert.deepEqual(inputs(mock)[1], {queryDefinitionNamePrefix: 'p/', nextToken: 't'})
  })

  it('asks for whole seconds that hold the span', async () => {
    mock.on(StartQueryCommand).resolves({queryId: 'q'})
    assert.equal(await insights.start({groups: ['g'], text: 'x', from: 1999, to: 2001, limit: 5}), 'q')
    assert.deepEqual(inputs(mock), [{logGroupNames: ['g'], queryString: 'x', startTime: 1, endTime: 3, limit: 5}])
    mock.on(StartQueryCommand).resolves({})
    await assert.rejects(insights.start({groups: [], text: '', from: 0, to: 1}), saying('FailedError', 'QUERY_FAILED'))
  })

  it('tells what AWS does not understand, and what it denies', async () => {
    const query = {groups: ['g'], text: 'x', from: 0, to: 1}
    mock.on(StartQueryCommand).rejects(sdkError('MalformedQueryException', 'unexpected symbol'))
    await assert.rejects(insights.start(query), saying('UsageError', 'QUERY_REFUSED', /refuses the query: .*symbol$/))
    const place = {queryCompileError: {location: {startCharOffset: 11, endCharOffset: 12}}}
    mock.on(StartQueryCommand).rejects(Object.assign(sdkError('MalformedQueryException', 'no'), place))
    const long = {...query, text: 'fields x\n| filtr y'}
    await assert.rejects(insights.start(long), saying('UsageError', 'QUERY_REFUSED', /: no\n\| filtr y\n {2}\^$/))
    mock.on(StartQueryCommand).rejects(sdkError('AccessDeniedException', 'no'))
    await assert.rejects(insights.start(query), saying('AccessError', 'ACCESS_DENIED', /logs:StartQuery/))
  })

  it('reads answers without their pointers', async () => {
    const row = [
      {field: '@message', value: 'm'},
      {field: '@ptr', value: 'p'},
    ]
    mock
      .on(GetQueryResultsCommand)
      .resolvesOnce({status: 'Scheduled'})
      .resolvesOnce({
        ...{status: 'Complete', results: [row]},
        statistics: {bytesScanned: 3, recordsScanned: 2, recordsMatched: 1},
      })
      .resolvesOnce({status: 'Timeout'})
    assert.equal((await insights.answer('q')).status, 'running')
    assert.deepEqual(await insights.answer('q'), {
      ...{status: 'complete', word: 'Complete', rows: [[['@message', 'm']]]},
      ...{bytesScanned: 3, recordsScanned: 2, recordsMatched: 1},
    })
    assert.deepEqual([(await insights.answer('q')).status], ['failed'])
  })

  it('stops a query, also one that has ended', async () => {
    mock.on(StopQueryCommand).rejectsOnce(sdkError('InvalidParameterException')).resolves({})
    await insights.stop('q')
    await insights.stop('q')
    mock.on(StopQueryCommand).rejects(sdkError('AccessDeniedException', 'no'))
    await assert.rejects(insights.stop('q'), saying('AccessError', 'ACCESS_DENIED'))
  })
})

describe('Live Tail', () => {
  const mock = mockClient(CloudWatchLogsClient)
  const tail = createLiveTail(config)
  const {signal} = new AbortController()
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  const streaming = (...events: object[]): void => {
    async function* stream(): AsyncGenerator<StartLiveTailResponseStream> {
      for (const event of events) {
        if (event instanceof Error) throw event
        yield event as StartLiveTailResponseStream
      }
    }
    mock.on(StartLiveTailCommand).resolves({responseStream: stream()})
  }
  const all = async (): Promise<unknown[]> => {
    const seen: unknown[] = []
    for await (const one of await tail.open(['arn:g'], 'ERROR', signal)) seen.push(one)
    return seen
  }
  const update = (logGroupIdentifier: string, sampled = false) => ({
    sessionUpdate: {
      sessionMetadata: {sampled},
      sessionResults: [{logGroupIdentifier, logStreamName: 's', message: 'm', timestamp: 1, ingestionTime: 2}],
    },
  })
  const event = {group: '/g', stream: 's', message: 'm', timestamp: 1, ingestedAt: 2}

  it('gives what is shown, whether AWS names groups by account or by ARN', async () => {
    streaming({sessionStart: {}}, update('123456789012:/g'), update('arn:aws:logs:r:1:log-group:/g', true))
    assert.deepEqual(await all(), [
      {events: [event], sampled: false},
      {events: [event], sampled: true},
    ])
    assert.deepEqual(inputs(mock), [{logGroupIdentifiers: ['arn:g'], logEventFilterPattern: 'ERROR'}])
  })

  it('says why a session ended', async () => {
    for (const [end, why] of [
      [{SessionTimeoutException: {}}, /three hours are over/],
      [{SessionStreamingException: {}}, /AWS broke it off/],
      [sdkError('ECONNRESET'), /the connection broke/],
    ] as const) {
      streaming(update('1:/g'), end)
      await assert.rejects(all(), saying('FailedError', 'LIVE_TAIL_ENDED', why))
    }
  })

  it('says that AWS refuses it', async () => {
    mock.on(StartLiveTailCommand).rejects(sdkError('AccessDeniedException', 'no'))
    await assert.rejects(all(), saying('AccessError', 'ACCESS_DENIED', /logs:StartLiveTail/))
    mock.on(StartLiveTailCommand).resolves({})
    await assert.rejects(all(), saying('FailedError', 'LIVE_TAIL_ENDED', /no stream/))
  })

  it('ends with the signal', async () => {
    const over = new AbortController()
    streaming(update('1:/g'), update('1:/g'))
    const seen: unknown[] = []
    for await (const one of await tail.open(['arn:g'], undefined, over.signal)) {
      seen.push(one)
      over.abort()
    }
    assert.equal(seen.length, 1)
  })
})
