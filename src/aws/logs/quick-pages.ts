import type {Readable} from 'node:stream'
import type {CloudWatchLogsClient, FilterLogEventsCommandOutput} from '@aws-sdk/client-cloudwatch-logs'
import {FailedError} from '../../domain/errors.ts'

type Events = NonNullable<FilterLogEventsCommandOutput['events']>

/** What of an answer's JSON is used: its events, or the pieces that they are made in, and the token. */
interface Page {
  readonly events?: FilterLogEventsCommandOutput['events']
  readonly pieces?: Iterable<Events>
  readonly nextToken?: string | undefined
}

/** An answer on its way through the SDK; the body is a stream of Node. */
interface Answer {
  statusCode?: number
  body?: Readable | Uint8Array
}

/** Where the page stands in an output: beside all that the SDK's own steps look through. */
const pageKey = Symbol('page')

/** Room for a page: CloudWatch sends a megabyte of messages at most, and about as much around them. Bytes. */
const pageRoom = 3 * 1024 * 1024
/** Room that nobody uses at the moment: taken again, it is neither made anew nor waits for the garbage collector. */
const idle: Buffer[] = []

interface Bytes {
  readonly room: Buffer
  readonly length: number
}

/** All of a body. The network's own buffers are let go piece by piece. */
function bytesOf(body: Readable): Promise<Bytes> {
  return new Promise((resolve, reject) => {
    let room = idle.pop() ?? Buffer.allocUnsafeSlow(pageRoom)
    let length = 0
    body.on('data', (chunk: Buffer) => {
      if (length + chunk.length > room.length) {
        const larger = Buffer.allocUnsafeSlow(2 * (length + chunk.length))
        room.copy(larger, 0, 0, length)
        room = larger
      }
      chunk.copy(room, length)
      length += chunk.length
    })
    body.once('end', () => resolve({room, length}))
    body.once('error', reject)
    body.once('aborted', () => body.destroy(new DroppedError()))
  })
}

/** So much of a page becomes events at once, bytes: garbage that is young costs next to nothing to collect. */
const pieceSize = 64 * 1024
const opening = '"events":['

/** Where one event ends and the next begins. Inside of a text there is a backslash before each quotation mark. */
const boundary = '},{"'

/** The place of the bracket that closes the events, which begin at `from`; -1 where that is not certain. */
function endOf(bytes: Buffer, from: number): number {
  const before = bytes.indexOf('}],"', from)
  if (before !== -1) return before + 1
  return bytes.toString('latin1', bytes.length - 3) === '}]}' ? bytes.length - 2 : -1
}

function* piecesOf(bytes: Buffer, from: number, end: number, done: () => void): Generator<Events> {
  for (let begin = from; begin < end;) {
    const found = begin + pieceSize < end ? bytes.indexOf(boundary, begin + pieceSize) : -1
    const next = found === -1 || found >= end ? end : found + 1
    yield JSON.parse(`[${bytes.toString('utf8', begin, next)}]`) as Events
    begin = next + 1
  }
  done()
}

/** A page of its bytes; a large one in pieces, each made when it is asked for, once. */
function pageOf({room, length}: Bytes): Page {
  const bytes = room.subarray(0, length)
  const free = (): void => void idle.push(room)
  const at = length < 2 * pieceSize ? -1 : bytes.indexOf(opening)
  const from = at + opening.length
  const end = at === -1 || bytes[from] !== 0x7b ? -1 : endOf(bytes, from)
  if (end === -1) {
    const text = bytes.toString('utf8')
    free()
    return JSON.parse(text) as Page
  }
  const {nextToken} = JSON.parse(bytes.toString('utf8', 0, from) + bytes.toString('utf8', end)) as Page
  return {nextToken, pieces: piecesOf(bytes, from, end, free)}
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
      read.set(answer, pageOf(await bytesOf(answer.body)))
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
