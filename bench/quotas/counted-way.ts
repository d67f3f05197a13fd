import {once} from 'node:events'
import {createServer, type IncomingHttpHeaders, request} from 'node:http'
import type {AddressInfo} from 'node:net'
import {buffer} from 'node:stream/consumers'
import {setTimeout as pause} from 'node:timers/promises'

/** One request as it went by. */
export interface Call {
  /** Service and region that it was signed for. */
  readonly service: string
  /** What it asks, without the token of its page. */
  readonly action: string
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** When it came (ms since 1970), and when its answer had gone; not a number before that. */
  readonly begun: number
  ended: number
}

/** A way to an endpoint that notes what goes through, and makes each request wait as a network would. */
export interface CountedWay {
  readonly url: string
  /** Calls since the last time this was asked. */
  taken(): readonly Call[]
  /** From now on each request takes so many milliseconds longer. */
  delay(ms: number): void
  close(): void
}

function serviceOf(headers: IncomingHttpHeaders): string {
  const [, region, service] = /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(headers.authorization ?? '') ?? []
  return `${service ?? 'unsigned'} ${region ?? ''}`
}

function actionOf(path: string, headers: IncomingHttpHeaders, body: Buffer): string {
  const target = headers['x-amz-target']
  if (typeof target === 'string') return target
  return new URLSearchParams(body.toString()).get('Action') ?? path.replace(/\?.*$/, '')
}

export async function countedWay(endpoint: string): Promise<CountedWay> {
  let calls: Call[] = []
  let delay = 0
  const server = createServer((incoming, answer) => {
    void (async () => {
      const {method = 'GET', url: path = '/', headers} = incoming
      const body = await buffer(incoming)
      const [service, action] = [serviceOf(headers), actionOf(path, headers, body)]
      const call: Call = {service, action, method, path, headers, body, begun: Date.now(), ended: Number.NaN}
      calls.push(call)
      answer.once('close', () => (call.ended = Date.now()))
      if (delay > 0) await pause(delay)
      const outgoing = request(new URL(path, endpoint), {method, headers}, (from) => {
        answer.writeHead(from.statusCode ?? 502, from.headers)
        from.pipe(answer)
      })
      outgoing.on('error', () => answer.destroy())
      outgoing.end(body)
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    taken() {
      const now = calls
      calls = []
      return now
    },
    delay(ms) {
      delay = ms
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
