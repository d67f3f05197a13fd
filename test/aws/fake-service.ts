import {createServer, type IncomingHttpHeaders} from 'node:http'
import type {AddressInfo} from 'node:net'

export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Closes the connection without a word instead. */
  readonly hangUp?: true
  /** Closes the connection behind the body, whatever the headers said of its length. */
  readonly cut?: true
}

/** A service on the loopback that gives the listed answers one after the other, and the last one for ever. */
export async function fakeService(answers: readonly Answer[]) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const answer = answers[Math.min(received.length, answers.length - 1)]
    received.push({method: request.method ?? '', url: request.url ?? '', headers: request.headers})
    request.resume().on('end', () => {
      if (answer?.hangUp === true) return void request.socket.destroy()
      if (answer?.cut === true) {
        response.writeHead(answer.status, answer.headers)
        response.write(answer.body ?? '', () => request.socket.destroy())
        return
      }
      return void response.writeHead(answer?.status ?? 500, answer?.headers).end(answer?.body ?? '')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => {
          resolve()
        })
      }),
  }
}
