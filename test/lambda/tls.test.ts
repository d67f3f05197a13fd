import assert from 'node:assert/strict'
import {once} from 'node:events'
import {createServer, type Server} from 'node:https'
import type {AddressInfo} from 'node:net'
import {getCACertificates, setDefaultCACertificates} from 'node:tls'
import {s3Store} from '../../lambda/sideload/s3.ts'
import {selfSigned} from '../helpers/certificate.ts'

const source = {bucket: 'assets', key: 'themes/a b.css', versionId: 'v1'}
const patience = {silence: 500, pause: 1}

describe('bodies over TLS', () => {
  const environment = {AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'wJalr', AWS_REGION: 'eu-west-1'}
  const before: NodeJS.ProcessEnv = {}
  const authorities = getCACertificates('default')
  let server: Server | undefined
  let asked: string[] = []
  const big = Buffer.alloc(3 * 1_048_576, 'pi')

  beforeEach(() => {
    for (const [name, value] of Object.entries(environment)) {
      before[name] = process.env[name]
      process.env[name] = value
    }
  })
  afterEach(() => {
    server?.closeAllConnections()
    server?.close()
    server = undefined
    setDefaultCACertificates(authorities)
    for (const name of Object.keys(environment)) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = before[name]
    }
  })

  /** A bucket whose certificate is for `name`. */
  async function bucketOf(name: string): Promise<{readonly url: string; readonly cert: string}> {
    const {cert, key} = selfSigned(name)
    asked = []
    server = createServer({cert, key}, (request, response) => {
      asked.push(String(request.url))
      const [, from = '0', to = '0'] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? []
      const part = big.subarray(Number(from), Number(to) + 1)
      const range = `bytes ${from}-${to}/${big.byteLength}`
      response.writeHead(206, {'content-length': part.byteLength, 'content-range': range, etag: '"e"'}).end(part)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return {url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, cert}
  }

  it('come whole from a server whose certificate is known and bears its name', async () => {
    const {url, cert} = await bucketOf('127.0.0.1')
    setDefaultCACertificates([...authorities, cert])
    const store = s3Store(url, patience)
    for (let round = 0; round < 2; round++) {
      const piece = await store.read(source, 0, big.byteLength)
      assert.ok(Buffer.from(piece.bytes).equals(big))
      piece.release?.()
    }
    assert.equal(asked.length, 2)
  })

  it('are not asked for of a server that nobody vouches for', async () => {
    const {url} = await bucketOf('127.0.0.1')
    await assert.rejects(s3Store(url, patience).read(source, 0, 4), /self.signed certificate/i)
    assert.deepEqual(asked, [])
  })

  it('are not asked for of a server with a certificate for another', async () => {
    const {url, cert} = await bucketOf('elsewhere.example')
    setDefaultCACertificates([...authorities, cert])
    await assert.rejects(s3Store(url, patience).read(source, 0, 4), /altnames|does not match/i)
    assert.deepEqual(asked, [])
  })
})
