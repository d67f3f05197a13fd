import {createServer, request, type IncomingMessage, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {json} from 'node:stream/consumers'

/** What of FilterLogEvents is looked at here. */
interface Page {
  events: object[]
  nextToken?: string
}

/**
 * Stands before the embedded AWS and makes FilterLogEvents as hard as CloudWatch: every fifth call is refused, pages are
 * small and have tokens, each begins with events of the one before. Everything else passes.
 */
export class HardLogs {
  readonly #server: Server
  readonly #target: string
  calls = 0
  refused = 0
  endpoint = ''

  constructor(target: string) {
    this.#target = target
    this.#server = createServer((incoming, answer) => {
      if (!String(incoming.headers['x-amz-target']).endsWith('.FilterLogEvents')) {
        const outgoing = this.#ask(incoming, (reply) => {
          answer.writeHead(reply.statusCode ?? 502, reply.headers)
          reply.pipe(answer)
        })
        outgoing.on('error', () => answer.destroy())
        incoming.pipe(outgoing)
        return
      }
      this.#page(incoming).then(
        ([status, body]) =>
          answer.writeHead(status, {'content-type': 'application/x-amz-json-1.1'}).end(JSON.stringify(body)),
        () => answer.destroy(),
      )
    })
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.endpoint = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return this
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #ask(incoming: IncomingMessage, answered: (reply: IncomingMessage) => void) {
    const {'content-length': _length, ...headers} = incoming.headers
    return request(new URL(incoming.url ?? '/', this.#target), {method: incoming.method, headers}, answered)
  }

  async #page(incoming: IncomingMessage): Promise<[number, object]> {
    const {nextToken = '0', ...query} = (await json(incoming)) as {nextToken?: string}
    this.calls += 1
    if (this.calls % 5 === 0) {
      this.refused += 1
      return [400, {__type: 'ThrottlingException', message: 'Rate exceeded'}]
    }
    const reply = await new Promise<IncomingMessage>((resolve, reject) => {
      this.#ask(incoming, resolve).on('error', reject).end(JSON.stringify(query))
    })
    const all = (await json(reply)) as Page
    const from = Number(nextToken)
    const events = (all.events ?? []).slice(from, from + pageSize)
    const more = from + events.length < (all.events ?? []).length
    return [
      reply.statusCode ?? 502,
      {...all, events, ...(more ? {nextToken: String(from + events.length - repeated)} : {})},
    ]
  }
}

const pageSize = 2000
const repeated = 30
