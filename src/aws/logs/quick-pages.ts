import type {Readable} from 'node:stream'
import type {CloudWatchLogsClient, FilterLogEventsCommandOutput} from '@aws-sdk/client-cloudwatch-logs'
import {FailedError} from '../../domain/errors.ts'

/** What of an answer's JSON is used. */
interface Page {
  readonly events?: FilterLogEventsCommandOutput['events']
  readonly nextToken?: string | undefined
}

/** An answer on its way through the SDK; the body is a stream of Node. */
interface Answer {
  statusCode?: number
  body?: Readable | Uint8Array
}

/** Where the page stands in an output: beside all that the SDK's own steps look through. */
const pageKey = Symbol('page')

/** As text from the first chunk on: a page kept as bytes and as text would be there twice. */
function textOf(body: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    body.setEncoding('utf8')
    body.on('data', (chunk: string) => (text += chunk))
    body.once('end', () => resolve(text))
    body.once('error', reject)
    body.once('aborted', () => body.destroy(new DroppedError()))
  })
}

/** The connection ended in the middle of an answer. */
class DroppedError extends FailedError {
  constructor() {
    super('AWS cannot be reached: the connection ended in the middle of an answer.', {code: 'NETWORK_UNREACHABLE'})
  }
}

/**
 * Has the client read pages by plain JSON.parse. The SDK walks through every field of every event by its schema, more than
 * once, which takes longer than everything else together; the form on the wire is what the API reference says already, its
 * times ms since 1970. Errors stay with the SDK.
 */
export function readPagesQuickly(client: CloudWatchLogsClient): void {
  const read = new WeakMap<object, Page>()
  // Innermost: the SDK finds an empty object where the page was.
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const answer = result.response as Answer
      if (answer.statusCode !== 200 || answer.body === undefined || answer.body instanceof Uint8Array) return result
      read.set(answer, JSON.parse(await textOf(answer.body)) as Page)
      answer.body = Buffer.from('{}')
      return result
    },
    {step: 'deserialize', priority: 'low', name: 'readPageAsJson'},
  )
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const page = read.get(result.response as Answer)
      if (page !== undefined && result.output !== undefined) Object.assign(result.output, {[pageKey]: page})
      return result
    },
    {step: 'deserialize', priority: 'high', name: 'handOverPage'},
  )
}

/** The page of an output. */
export function pageOfOutput(output: FilterLogEventsCommandOutput & {readonly [pageKey]?: Page}): Page {
  return output[pageKey] ?? output
}
