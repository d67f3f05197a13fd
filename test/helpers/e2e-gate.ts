import {readFileSync, writeFileSync} from 'node:fs'
import {createServer, request as send, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import {join} from 'node:path'
import {type Embedded, freePort} from './e2e.ts'

/** What became of a journal entry that was written through a gate. */
export type Pass = 'before' | 'after'
/** Called for each entry before it goes to S3 and after it is there; what it gives back never comes to the command. */
export type Watch = (entry: JournalName, pass: Pass) => 'go on' | 'hold'

/** A journal entry by the name of its object. */
export interface JournalName {
  readonly opId: string
  readonly number: number
  readonly step: string
  readonly kind: string
}

/** Reads a journal entry off the path of a request or the key of an object. */
export function journalName(path: string): JournalName | undefined {
  const match = /(?:^|\/)ops\/([^/]+)\/(\d{4,})-(.+)\.(intent|done|fail)\.json$/.exec(path)
  if (match === null) return undefined
  const [, opId = '', number = '', step = '', kind = ''] = match
  return {opId, number: Number(number), step, kind}
}

/**
 * The only way from commands to an embedded AWS: it stands between them, and may hold a command at an entry of its
 * journal, so that a kill lands where it was meant to, however busy the machine is.
 */
export class Gate {
  /** Who looks at the journals in which bucket; entries that nobody looks at pass. */
  readonly watches = new Map<string, Watch>()
  /** Called for each answer before it goes back to the command, with the operation that was asked for. */
  delay: (operation: string) => Promise<void> = async () => undefined
  readonly #server: Server
  readonly #record: {readonly path: string; readonly text: string}
  readonly #to: URL

  private constructor(to: URL, record: {readonly path: string; readonly text: string}) {
    this.#to = to
    this.#record = record
    this.#server = createServer((incoming, outgoing) => {
      this.#pass(incoming, outgoing)
    })
  }

  static async before(cloud: Embedded): Promise<Gate> {
    const path = join(cloud.stateDir, 'server.json')
    const text = readFileSync(path, 'utf8')
    const gate = new Gate(new URL(cloud.endpoint), {path, text})
    const port = await freePort()
    await new Promise<void>((resolve) => gate.#server.listen(port, '127.0.0.1', resolve))
    writeFileSync(path, JSON.stringify({...(JSON.parse(text) as object), port}))
    return gate
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const {method, headers, url = '/'} = incoming
    const path = decodeURIComponent(url.split('?')[0] ?? '')
    const entry = method === 'PUT' ? journalName(path) : undefined
    const held = (pass: Pass): boolean =>
      entry !== undefined && this.watches.get(path.split('/')[1] ?? '')?.(entry, pass) === 'hold'
    if (held('before')) return
    const onward = send({host: this.#to.hostname, port: this.#to.port, method, path: url, headers}, (answer) => {
      if (held('after')) {
        answer.resume()
        return
      }
      const operation =
        String(headers['x-amz-target'] ?? '')
          .split('.')
          .at(-1) ?? ''
      void this.delay(operation).then(() => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      })
    })
    // A killed command takes its half of the connection with it.
    for (const stream of [incoming, outgoing]) stream.on('error', () => undefined)
    onward.on('error', () => outgoing.destroy())
    incoming.pipe(onward)
  }

  /** Leaves the way that was there before. */
  async close(): Promise<void> {
    writeFileSync(this.#record.path, this.#record.text)
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
