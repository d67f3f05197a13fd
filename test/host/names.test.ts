import assert from 'node:assert/strict'
import {createSocket, type Socket} from 'node:dgram'
import {once} from 'node:events'
import {systemNames} from '../../src/host/names.ts'
import {saying} from '../aws/sdk.ts'

const nxdomain = 3
const refused = 5

/** Labels of a name as DNS writes them (RFC 1035, 3.1). */
function labels(name: string): Buffer {
  return Buffer.concat([
    ...name.split('.').map((part) => Buffer.from([part.length, ...Buffer.from(part)])),
    Buffer.from([0]),
  ])
}

/** Answers every question with these name servers, or with an error code. */
async function nameServer(answers: readonly string[], code = 0): Promise<{address: string; socket: Socket}> {
  const socket = createSocket('udp4')
  socket.on('message', (question, from) => {
    const records = answers.map((name) => {
      const data = labels(name)
      return Buffer.concat([Buffer.from([0xc0, 0x0c, 0, 2, 0, 1, 0, 0, 0, 60, 0, data.length]), data])
    })
    const end = question.indexOf(0, 12) + 5
    const header = Buffer.from([...question.subarray(0, 2), 0x81, 0x80 | code, 0, 1, 0, records.length, 0, 0, 0, 0])
    socket.send(Buffer.concat([header, question.subarray(12, end), ...records]), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {address: `127.0.0.1:${socket.address().port}`, socket}
}

describe('names of the world', () => {
  it('are served by those that the zone above names', async () => {
    const {address, socket} = await nameServer(['ns-1.example.net', 'ns-2.example.org'])
    const found = await systemNames([address]).nameServers('example.com')
    assert.deepEqual(found.toSorted(), ['ns-1.example.net', 'ns-2.example.org'])
    socket.close()
  })

  it('are served by nobody where the name is not there, and unknown where the resolver refuses', async () => {
    const {address, socket} = await nameServer([], nxdomain)
    assert.deepEqual(await systemNames([address]).nameServers('example.com'), [])
    socket.close()
    const other = await nameServer([], refused)
    await assert.rejects(
      systemNames([other.address]).nameServers('example.com'),
      saying('FailedError', 'NAMES_UNREACHABLE', /example\.com/),
    )
    other.socket.close()
  })
})
