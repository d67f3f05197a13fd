import {
  CloudWatchLogsClient,
  DescribeQueryDefinitionsCommand,
  GetQueryResultsCommand,
  type GetQueryResultsCommandOutput,
  type MalformedQueryException,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import {FailedError, UsageError} from '../../domain/errors.ts'
import {pointedAt} from '../../domain/logs/filter-pattern.ts'
import type {Insights, QueryAnswer, SavedQuery} from '../../flows/telemetry/ports.ts'
import {isNamed, translateErrors} from '../errors.ts'
import {present} from '../present.ts'
import type {ClientConfig} from '../settings.ts'

/** Points to the event of a row, and tells nobody anything. */
const pointer = '@ptr'

/** Insights by its API. */
export function createInsights(config: ClientConfig): Insights {
  const client = new CloudWatchLogsClient(config)
  return translateErrors<Insights>(
    {
      async saved(prefix) {
        const all: SavedQuery[] = []
        let nextToken: string | undefined
        // The SDK has no paginator for this list.
        do {
          const page = await client.send(
            new DescribeQueryDefinitionsCommand({queryDefinitionNamePrefix: prefix, ...present({nextToken})}),
          )
          for (const {name = '', queryString = '', logGroupNames = []} of page.queryDefinitions ?? [])
            all.push({name, text: queryString, groups: logGroupNames})
          nextToken = page.nextToken
        } while (nextToken !== undefined)
        return all
      },
      async start({groups, text, from, to, limit}) {
        try {
          const {queryId} = await client.send(
            new StartQueryCommand({
              logGroupNames: [...groups],
              queryString: text,
              startTime: Math.floor(from / 1000),
              endTime: Math.ceil(to / 1000),
              ...(limit === undefined ? {} : {limit}),
            }),
          )
          if (queryId === undefined) throw new FailedError('CloudWatch gave the query no id.', {code: 'QUERY_FAILED'})
          return queryId
        } catch (error) {
          throw isNamed(error, 'MalformedQuery') ? refusal(error as MalformedQueryException, text) : error
        }
      },
      async answer(id) {
        return answerOf(await client.send(new GetQueryResultsCommand({queryId: id})))
      },
      async stop(id) {
        try {
          await client.send(new StopQueryCommand({queryId: id}))
        } catch (error) {
          if (!isNamed(error, 'InvalidParameter', 'ResourceNotFound')) throw error
        }
      },
    },
    {
      saved: 'logs:DescribeQueryDefinitions',
      start: 'logs:StartQuery',
      answer: 'logs:GetQueryResults',
      stop: 'logs:StopQuery',
    },
  )
}

/** AWS's words and, where it tells one, the place. It also refuses spans from before a group was made in this way. */
function refusal(error: MalformedQueryException, text: string): UsageError {
  const at = error.queryCompileError?.location?.startCharOffset
  const place = at === undefined ? '' : `\n${pointedAt(text, at)}`
  return new UsageError(`CloudWatch refuses the query: ${error.message}${place}`, {
    code: 'QUERY_REFUSED',
    suggestions: ['pi-aws logs query --list shows queries that work'],
    cause: error,
  })
}

function answerOf({status = 'Unknown', results = [], statistics = {}}: GetQueryResultsCommandOutput): QueryAnswer {
  const {bytesScanned = 0, recordsScanned = 0, recordsMatched = 0} = statistics
  const ended = status === 'Complete' ? 'complete' : 'failed'
  return {
    status: status === 'Scheduled' || status === 'Running' || status === 'Unknown' ? 'running' : ended,
    word: status,
    rows: results.map((row) =>
      row.flatMap(({field = '', value = ''}) => (field === pointer ? [] : [[field, value] as const])),
    ),
    ...{bytesScanned, recordsScanned, recordsMatched},
  }
}
