import assert from 'node:assert/strict'
import {once} from 'node:events'
import {createServer, type Server, type Socket} from 'node:net'
import type {AddressInfo} from 'node:net'
import fc from 'fast-check'
import {AnswerReader, type Head} from '../../lambda/sideload/http/answer.ts'
import {Connections} from '../../lambda/sideload/http/connections.ts'

interface Taken {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

class Notes {
  #head: Head | undefined
  readonly #body: Buffer[] = []
  readonly #enough: number

  constructor(enough = Number.POSITIVE_INFINITY) {
    this.#enough = enough
  }

  begin(head: Head): void {
    this.#head = head
  }

  take(bytes: Uint8Array): boolean {
    this.#body.push(Buffer.from(bytes))
    return this.#body.reduce((sum, piece) => sum + piece.byteLength, 0) >= this.#enough
  }

  get taken(): Taken {
    const {status = 0, headers = new Map<string, string>()} = this.#head ?? {}
    return {status, headers: Object.fromEntries(headers), body: Buffer.concat(this.#body).toString('latin1')}
  }
}

const plain = 'HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nETag: "e"\r\n\r\nabcde'
const chunked =
  'HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n'
const whole: readonly (readonly [what: string, text: string, body: string, keepsOpen: boolean])[] = [
  ['a length', plain, 'abcde', true],
  ['chunks', chunked, 'abc0123456789', true],
  ['no body', 'HTTP/1.1 304 Not Modified\r\n\r\n', '', true],
  ['an empty body', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', '', true],
  ['a word on the way', `HTTP/1.1 100 Continue\r\n\r\n${plain}`, 'abcde', true],
  ['a connection that is not kept', plain.replace('ETag: "e"', 'Connection: Close'), 'abcde', false],
  ['the older version', plain.replace('1.1', '1.0'), 'abcde', false],
]

describe('an answer over HTTP', () => {
  for (const [what, text, body, keepsOpen] of whole) {
    it(`with ${what} is the same in whatever pieces it comes`, () => {
      const bytes = Buffer.from(text, 'latin1')
      const cuts = fc.array(fc.nat(bytes.byteLength), {maxLength: 8})
      fc.assert(
        fc.property(cuts, (at) => {
          const notes = new Notes()
          const reader = new AnswerReader(notes)
          const ends = [...at, bytes.byteLength].sort((a, b) => a - b)
          ends.forEach((end, index) => {
            // Memory that is used again, as that of a connection is.
            const piece = Buffer.from(bytes.subarray(ends[index - 1] ?? 0, end))
            reader.feed(piece)
            piece.fill(0)
          })
          assert.deepEqual([reader.isDone, reader.keepsOpen, notes.taken.body], [true, keepsOpen, body])
        }),
      )
    })
  }

  it('goes to the end of the connection when it does not say how long it is', () => {
    const notes = new Notes()
    const reader = new AnswerReader(notes)
    reader.feed(Buffer.from('HTTP/1.1 500 Oops\r\n\r\nall of'))
    reader.feed(Buffer.from(' it'))
    assert.equal(reader.isDone, false)
    reader.end()
    assert.deepEqual([reader.isDone, reader.keepsOpen, notes.taken.status], [true, false, 500])
    assert.equal(notes.taken.body, 'all of it')
  })

  it('is left where no more of it is wanted', () => {
    for (const text of ['HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nabcdef', 'HTTP/1.1 200 OK\r\n\r\nabcdef']) {
      const reader = new AnswerReader(new Notes(3))
      reader.feed(Buffer.from(text))
      assert.deepEqual([reader.isDone, reader.keepsOpen], [true, false])
    }
  })

  for (const [what, text] of [
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
    ['a header without a name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n'],
    ['a length that is no number', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n'],
    ['a coding that nobody asked for', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n'],
    ['more than it says', `${plain}x`],
    ['a chunk without a length', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n'],
    ['a chunk that is longer than it says', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n'],
    ['a line that ends otherwise', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\nab\r\n'],
    ['a head without an end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}`],
  ] as const) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => new AnswerReader(new Notes()).feed(Buffer.from(text)), {name: 'BrokenAnswer'})
    })
  }

  it('is refused when it breaks off', () => {
    for (const [, text, , keepsOpen] of whole) {
      const bytes = Buffer.from(text)
      const reader = new AnswerReader(new Notes())
      reader.feed(bytes.subarray(0, bytes.byteLength - 1))
      assert.throws(() => reader.end(), {name: 'BrokenAnswer'}, `${text} ${keepsOpen}`)
    }
  })
})

/** A server on loopback that sees each connection and each piece that comes. */
async function withServer(
  came: (socket: Socket, turn: number) => void,
  use: (connections: Connections, sockets: readonly Socket[]) => Promise<void>,
): Promise<void> {
  const sockets: Socket[] = []
  let turn = 0
  const server: Server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', () => came(socket, ++turn))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  try {
    await use(new Connections({secure: false, host: '127.0.0.1', port}, 10_000), sockets)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

const asked = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'

describe('connections', () => {
  it('are used again, one for each request at a time', () =>
    withServer(
      (socket) => socket.write(plain),
      async (connections, sockets) => {
        const all = [new Notes(), new Notes(), new Notes()]
        await Promise.all(all.map(async (notes) => connections.ask(asked, notes, undefined)))
        assert.deepEqual(
          all.map(({taken}) => taken.body),
          ['abcde', 'abcde', 'abcde'],
        )
        assert.equal(sockets.length, 3)
        await connections.ask(asked, new Notes(), undefined)
        assert.equal(sockets.length, 3)
      },
    ))

  it('that were kept are all given up when one of them turns out to be closed', () =>
    withServer(
      (socket, turn) => (turn <= 3 ? socket.write(plain) : turn === 4 ? socket.destroy() : socket.write(plain)),
      async (connections, sockets) => {
        await Promise.all([1, 2, 3].map(async () => connections.ask(asked, new Notes(), undefined)))
        await assert.rejects(connections.ask(asked, new Notes(), undefined))
        const notes = new Notes()
        await connections.ask(asked, notes, undefined)
        assert.deepEqual([notes.taken.body, sockets.length], ['abcde', 4])
      },
    ))

  it('on which something comes that nobody asked for are not used again', () =>
    withServer(
      (socket, turn) => void socket.write(turn === 1 ? `${plain}HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n!` : plain),
      async (connections) => {
        await assert.rejects(connections.ask(asked, new Notes(), undefined), {name: 'BrokenAnswer'})
        const notes = new Notes()
        await connections.ask(asked, notes, undefined)
        assert.equal(notes.taken.body, 'abcde')
      },
    ))
})
