/**
 * As much of CloudWatch Logs as readers need, on loopback, in a process of its own: pages of at most 10,000 events with
 * tokens, stored events that were made before, and events that are written meanwhile by POST /_bench. Prints its port.
 */
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {text} from 'node:stream/consumers'
import {crc32} from 'node:zlib'

interface Event {
  readonly logStreamName: string
  readonly timestamp: number
  readonly message: string
  readonly ingestionTime: number
  readonly eventId: string
}

const pageSize = 10_000
const services = ['Dashboard', 'Renderer', 'Scheduler', 'Pirana', 'Adminer', 'Sideload', 'Check', 'Seed']
const groups = new Map<string, Event[]>(services.map((name) => [`/bench/${name}`, []]))
const pages = new Map<string, string>()
let calls = 0

function make(group: string, timestamp: number, message: string): Event {
  const events = groups.get(group)!
  const eventId = `3${String(timestamp).padStart(15, '0')}${String(events.length).padStart(40, '0')}`
  return {
    logStreamName: 'dashboard/dashboard/0123456789abcdef0123456789abcdef',
    timestamp,
    message,
    ingestionTime: timestamp + 40,
    eventId,
  }
}

/** Stored events of the first group, 1 ms apart, ending a minute ago; pages of them are rendered once. */
function store(count: number): void {
  const begin = Date.now() - 60_000 - count
  const events = groups.get('/bench/Dashboard')!
  for (let index = 0; index < count; index++) {
    events.push(
      make(
        '/bench/Dashboard',
        begin + index,
        `INFO  c.p.dashboard.Request ${String(index).padStart(7, '0')} GET /pi/chart/17 200 in ${index % 900} ms by user ${index % 50}`,
      ),
    )
  }
}

interface Query {
  readonly logGroupName: string
  readonly startTime?: number
  readonly endTime?: number
  readonly nextToken?: string
}

function filter({logGroupName, startTime = 0, endTime = Infinity, nextToken}: Query): string {
  const events = groups.get(logGroupName)
  if (events === undefined) return ''
  const key = `${logGroupName} ${events.length} ${nextToken ?? startTime}`
  const known = pages.get(key)
  if (known !== undefined) return known
  let from = nextToken === undefined ? events.findIndex(({timestamp}) => timestamp >= startTime) : Number(nextToken)
  if (from === -1) from = events.length
  const page = events.slice(from, from + pageSize).filter(({timestamp}) => timestamp <= endTime)
  const more = from + page.length < events.length && page.length === pageSize
  const body = JSON.stringify({
    events: page,
    searchedLogStreams: [],
    ...(more ? {nextToken: String(from + page.length)} : {}),
  })
  if (page.length === pageSize) pages.set(key, body)
  return body
}

const outputs = services
  .map((name) => `<member><OutputKey>${name}LogGroup</OutputKey><OutputValue>/bench/${name}</OutputValue></member>`)
  .join('')
const stacks = `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member><StackId>arn:aws:cloudformation:eu-west-1:111122223333:stack/pi-demo-app/1</StackId><StackName>pi-demo-app</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime><Parameters><member><ParameterKey>FilesGeneration</ParameterKey><ParameterValue>1</ParameterValue></member></Parameters><Outputs>${outputs}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`

function logsAnswer(action: string, body: string): string {
  if (action === 'FilterLogEvents') {
    calls += 1
    return filter(JSON.parse(body) as Query)
  }
  if (action === 'DescribeLogStreams') {
    const [event] = groups.get((JSON.parse(body) as Query).logGroupName) ?? []
    const stream = {
      logStreamName: 'dashboard/dashboard/0123456789abcdef0123456789abcdef',
      firstEventTimestamp: event?.timestamp ?? 0,
      lastEventTimestamp: Date.now(),
      lastIngestionTime: Date.now(),
    }
    return JSON.stringify({logStreams: [stream]})
  }
  return JSON.stringify({logGroups: [...groups.keys()].map((logGroupName) => ({logGroupName}))})
}

/** Sessions of Live Tail that are open. */
const sessions = new Set<ServerResponse>()

/** A message of an event stream (Smithy, event stream encoding): prelude, headers, payload, checksums. */
function eventMessage(headers: Readonly<Record<string, string>>, payload: string): Buffer {
  const fields = Object.entries(headers).map(([name, value]) => {
    const length = Buffer.alloc(3)
    length.writeUInt8(7)
    length.writeUInt16BE(value.length, 1)
    return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), length, Buffer.from(value)])
  })
  const header = Buffer.concat(fields)
  const body = Buffer.from(payload)
  const prelude = Buffer.alloc(12)
  prelude.writeUInt32BE(16 + header.length + body.length)
  prelude.writeUInt32BE(header.length, 4)
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8)
  const checked = Buffer.concat([prelude, header, body])
  const end = Buffer.alloc(4)
  end.writeUInt32BE(crc32(checked))
  return Buffer.concat([checked, end])
}

function liveEvent(type: string, payload: object): Buffer {
  const headers = {':message-type': 'event', ':event-type': type, ':content-type': 'application/json'}
  return eventMessage(headers, JSON.stringify(payload))
}

/** Live Tail that shows each event at once; AWS itself gathers them for up to a second. */
function openSession(response: ServerResponse): void {
  response.writeHead(200, {'content-type': 'application/vnd.amazon.eventstream'})
  response.write(liveEvent('initial-response', {}))
  response.write(liveEvent('sessionStart', {sessionId: 'bench', logGroupIdentifiers: [...groups.keys()]}))
  sessions.add(response)
  response.on('close', () => sessions.delete(response))
}

function show({logStreamName, timestamp, ingestionTime, message}: Event): void {
  const logGroupIdentifier = '111122223333:/bench/Dashboard'
  const result = {logStreamName, logGroupIdentifier, message, timestamp, ingestionTime}
  const update = liveEvent('sessionUpdate', {sessionMetadata: {sampled: false}, sessionResults: [result]})
  for (const session of sessions) session.write(update)
}

async function bench(request: IncomingMessage): Promise<string> {
  const {put, stored} = JSON.parse((await text(request)) || '{}') as {put?: string; stored?: number}
  if (stored !== undefined) store(stored)
  if (put !== undefined) {
    const event = make('/bench/Dashboard', Date.now(), put)
    groups.get('/bench/Dashboard')!.push(event)
    show(event)
  }
  return JSON.stringify({calls})
}

const server = createServer((request, response) => {
  if (String(request.headers['x-amz-target']).endsWith('.StartLiveTail')) {
    openSession(response)
    return
  }
  const answer = async (): Promise<string> => {
    if (request.url === '/_bench') return bench(request)
    const target = String(request.headers['x-amz-target'])
    const body = await text(request)
    return target.startsWith('Logs_') ? logsAnswer(target.slice(target.indexOf('.') + 1), body) : stacks
  }
  void answer().then((body) => {
    const type = body.startsWith('<') ? 'text/xml' : 'application/x-amz-json-1.1'
    response.writeHead(200, {'content-type': type}).end(body)
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`))
