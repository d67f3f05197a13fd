import {connect as connectPlainly, isIP, type Socket} from 'node:net'
import {connect as connectSecurely, type ConnectionOptions} from 'node:tls'
import {Budget} from '../slice/pool.ts'
import {AnswerReader, BrokenAnswer, type Taker} from './answer.ts'

/** Where a server listens. */
export interface Origin {
  readonly secure: boolean
  readonly host: string
  readonly port: number
}

/** Connections at a time. */
const most = 64
/** Bytes that are read off a connection at once. */
const readBytes = 65_536

/** Connections to one server that are used again, the last one first. */
export class Connections {
  readonly #origin: Origin
  readonly #silence: number
  readonly #room = new Budget(most)
  readonly #idle: Connection[] = []

  /** @param silence milliseconds without a byte, after which a connection is given up */
  constructor(origin: Origin, silence: number) {
    this.#origin = origin
    this.#silence = silence
  }

  /**
   * Sends a request and hands its answer to `taker`; ends when the answer is whole.
   * @param request head and all, as it goes over the line
   * @throws BrokenAnswer, errors of the network, what the taker throws, and the reason of `signal`
   */
  async ask(request: string, taker: Taker, signal: AbortSignal | undefined): Promise<void> {
    const done = this.#room.takeNow(1) ?? (await this.#room.take(1))
    try {
      signal?.throwIfAborted()
      const connection = this.#idle.pop() ?? new Connection(this.#origin, this.#silence)
      await connection.ask(request, taker, signal)
      if (connection.isOpen) this.#keep(connection)
    } catch (error) {
      // The others were kept as long: a function that slept has them all closed, and each would cost a try.
      for (const connection of this.#idle.splice(0)) connection.close()
      throw error
    } finally {
      done()
    }
  }

  #keep(connection: Connection): void {
    this.#idle.push(connection)
    connection.onClosed = () => {
      const at = this.#idle.indexOf(connection)
      if (at >= 0) this.#idle.splice(at, 1)
    }
  }
}

interface Asked {
  readonly answer: AnswerReader
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** One connection, with one request at a time. */
class Connection {
  readonly #socket: Socket
  #asked: Asked | undefined
  onClosed: () => void = () => undefined

  constructor({secure, host, port}: Origin, silence: number) {
    // The same memory for all that comes: the stream of a socket makes a buffer for each piece.
    const onread = {
      buffer: Buffer.allocUnsafeSlow(readBytes),
      callback: (length: number, bytes: Uint8Array): boolean => {
        this.#came(bytes.subarray(0, length))
        return true
      },
    }
    const options = {host, port, onread, noDelay: true, keepAlive: true}
    // It reads that way too, which its types do not say.
    const secured: ConnectionOptions = {...options, ...(isIP(host) === 0 ? {servername: host} : {})}
    const socket = secure ? connectSecurely(secured) : connectPlainly(options)
    this.#socket = socket
    socket.setTimeout(silence, () => socket.destroy(new BrokenAnswer(`no byte for ${silence} ms`)))
    socket.on('error', (error) => this.#fail(error))
    socket.on('end', () => this.#ended())
    socket.on('close', () => {
      this.#fail(new BrokenAnswer('the connection was closed'))
      this.onClosed()
    })
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.writable
  }

  close(): void {
    this.#socket.destroy()
  }

  async ask(request: string, taker: Taker, signal: AbortSignal | undefined): Promise<void> {
    const stop = (): void => void this.#socket.destroy(signal?.reason as Error)
    signal?.addEventListener('abort', stop)
    try {
      await new Promise<void>((resolve, reject) => {
        this.#asked = {answer: new AnswerReader(taker), resolve, reject}
        this.#socket.ref()
        this.#socket.write(request, 'latin1')
      })
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }

  #came(bytes: Uint8Array): void {
    const asked = this.#asked
    if (asked === undefined) {
      // Nothing was asked: whatever this is, it must not be taken for the next answer.
      this.#socket.destroy()
      return
    }
    try {
      asked.answer.feed(bytes)
      if (asked.answer.isDone) this.#done(asked)
    } catch (error) {
      this.#fail(error)
    }
  }

  #ended(): void {
    try {
      this.#asked?.answer.end()
      if (this.#asked !== undefined) this.#done(this.#asked)
    } catch (error) {
      this.#fail(error)
    }
    this.#socket.destroy()
  }

  #done({answer, resolve}: Asked): void {
    this.#asked = undefined
    if (answer.keepsOpen) this.#socket.unref()
    else this.#socket.destroy()
    resolve()
  }

  #fail(error: unknown): void {
    const asked = this.#asked
    this.#asked = undefined
    this.#socket.destroy()
    asked?.reject(error)
  }
}
