import {FailedError, NotFoundError, UsageError} from '../../domain/errors.ts'
import type {Span} from '../../domain/logs/moments.ts'
import {queryCalled, queryFolder, queryKey} from '../../domain/logs/saved-queries.ts'
import {isMeant, type LogService, logGroupsOf} from '../../domain/logs/services.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import {mergedOutputs, readLandscape} from '../landscape.ts'
import type {Ports} from '../ports.ts'
import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import type {Insights, QueryAnswer, SavedQuery} from '../telemetry/ports.ts'

/** Shortest and longest pause between two looks at a query, ms. */
const [firstPause, longestPause] = [200, 2000] as const
/** Most groups of one query (API reference, StartQuery). */
const mostGroups = 50

export interface LogsQueryOptions {
  readonly environment: EnvironmentName
  readonly span: Span
  /** Key of a saved query; undefined with a text of one's own. */
  readonly name: string | undefined
  readonly text: string | undefined
  /** Whose logs a query of one's own asks; all when empty. A saved one knows its own unless some are named. */
  readonly services: readonly LogService[]
  readonly limit: number | undefined
}

/** What scripts get from `logs query --json`. */
export interface LogsQueryResult {
  readonly environment: string
  /** Key of the saved query; absent for a text of one's own. */
  readonly query?: string
  readonly text: string
  readonly groups: readonly string[]
  /** ISO 8601 UTC. */
  readonly from: string
  readonly to: string
  /** In the order of the query. */
  readonly fields: readonly string[]
  readonly rows: readonly Readonly<Record<string, string>>[]
  readonly recordsMatched: number
  readonly recordsScanned: number
  /** What AWS bills the query by. */
  readonly bytesScanned: number
}

/** What scripts get from `logs query --list --json`. */
export interface LogsQueriesResult {
  readonly environment: string
  readonly queries: readonly {readonly key: string; readonly name: string; readonly text: string}[]
}

type QueryPorts = Pick<Ports, 'stacks' | 'objects' | 'insights' | 'clock'>

/** The queries that the environment's stack keeps in the account, and others in the same folder. */
export async function savedQueries(
  {environment}: Pick<LogsQueryOptions, 'environment'>,
  {insights}: Pick<Ports, 'insights'>,
): Promise<LogsQueriesResult> {
  const saved = await insights.saved(queryFolder(environment))
  const queries = saved.map(({name, text}) => ({key: queryKey(name, environment), name, text}))
  return {environment, queries: queries.toSorted((a, b) => (a.key < b.key ? -1 : 1))}
}

async function groupsFor(
  {environment, services}: LogsQueryOptions,
  saved: SavedQuery | undefined,
  ports: QueryPorts,
): Promise<readonly string[]> {
  if (saved !== undefined && saved.groups.length > 0 && services.length === 0) return saved.groups
  const all = logGroupsOf(mergedOutputs(await readLandscape(ports, environment)))
  const groups = all.filter(({service}) => isMeant(service, services))
  if (groups.length === 0) {
    const whose = services.length === 0 ? environment : `${services.join(' and ')} of ${environment}`
    throw new NotFoundError(`There is no log group of ${whose}: nothing of it is deployed.`, {
      code: 'NO_LOG_GROUP',
      suggestions: [`pi-aws status ${environment}`],
    })
  }
  return groups.map(({group}) => group).slice(0, mostGroups)
}

/** Looks until a query has ended; stops it when nobody waits any more. */
async function finished(id: string, insights: Insights, clock: QueryPorts['clock'], run: Run): Promise<QueryAnswer> {
  try {
    for (let pause: number = firstPause; ; pause = Math.min(longestPause, pause * 2)) {
      const answer = await insights.answer(id)
      if (answer.status !== 'running') return answer
      await clock.sleep(pause, run.pause)
    }
  } catch (error) {
    await insights.stop(id)
    throw error
  }
}

/**
 * Asks Insights: a saved query, or a text of one's own.
 * @throws NotFoundError UNKNOWN_QUERY, NO_LOG_GROUP; UsageError QUERY_MISSING, QUERY_REFUSED; FailedError QUERY_FAILED
 */
export async function logsQuery(options: LogsQueryOptions, ports: QueryPorts, run: Run): Promise<LogsQueryResult> {
  const {environment, name, text: own, limit, span} = options
  const {insights, clock} = ports
  if ((name === undefined) === (own === undefined)) {
    throw new UsageError('Name one saved query, or write one with --text.', {
      code: 'QUERY_MISSING',
      suggestions: ['pi-aws logs query --list', 'pi-aws logs query errors'],
    })
  }
  const saved =
    name === undefined ? undefined : queryCalled(name, await insights.saved(queryFolder(environment)), environment)
  const text = saved?.text ?? own ?? ''
  const groups = await groupsFor(options, saved, ports)
  const to = span.to ?? clock.now().getTime()
  const id = await insights.start({groups, text, from: span.from, to, ...(limit === undefined ? {} : {limit})})
  const answer = await reported({clock, report: run.report}, {step: 'query', title: 'Query'}, async () => {
    const value = await finished(id, insights, clock, run)
    return {value, outcome: 'done', detail: `${value.recordsScanned} lines`}
  })
  if (answer.status === 'failed') {
    throw new FailedError(`The query ended as ${answer.word}: ask for less time, or of fewer services.`, {
      code: 'QUERY_FAILED',
      suggestions: ['Add --since 1h'],
    })
  }
  const {bytesScanned, recordsScanned, recordsMatched} = answer
  return {
    environment,
    ...(saved === undefined ? {} : {query: queryKey(saved.name, environment)}),
    ...{text, groups, from: new Date(span.from).toISOString(), to: new Date(to).toISOString()},
    fields: [...new Set(answer.rows.flatMap((row) => row.map(([field]) => field)))],
    rows: answer.rows.map((row) => Object.fromEntries(row)),
    ...{recordsMatched, recordsScanned, bytesScanned},
  }
}
