import assert from 'node:assert/strict'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {gzipSync} from 'node:zlib'
import {createLogFiles} from '../../src/aws/logs/files.ts'
import {clientConfig} from '../../src/aws/settings.ts'
import type {LogFiles} from '../../src/flows/telemetry/ports.ts'
import {saying, settings} from './sdk.ts'

const list = `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>false</IsTruncated><EncodingType>url</EncodingType><Contents><Key>alb/a.log.gz</Key><LastModified>2026-11-22T09:45:00.000Z</LastModified><Size>7</Size></Contents></ListBucketResult>`

describe('log files in a bucket', () => {
  const bodies = new Map<string, Uint8Array>()
  let server: Server
  let files: LogFiles

  before(async () => {
    server = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://localhost')
      const body = bodies.get(url.pathname)
      if (url.searchParams.has('list-type')) return void response.end(list)
      if (body === undefined) return void response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>')
      return void response.end(body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const endpointUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    files = createLogFiles(clientConfig({...settings, endpointUrl}))
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })

  it('are listed with the time at which S3 took them', async () => {
    assert.deepEqual(await files.list('b', 'alb/'), [
      {key: 'alb/a.log.gz', storedAt: Date.parse('2026-11-22T09:45:00Z')},
    ])
  })

  it('are unpacked where they are gzip, and text as it is otherwise', async () => {
    bodies.set('/b/packed', gzipSync('one\ntwo\n'))
    bodies.set('/b/plain', Buffer.from('plain ü'))
    assert.equal(await files.text('b', 'packed'), 'one\ntwo\n')
    assert.equal(await files.text('b', 'plain'), 'plain ü')
    assert.equal(await files.text('b', 'gone'), undefined)
  })

  it('are named where they are cut off', async () => {
    bodies.set('/b/k.gz', gzipSync('a line that is long enough to be cut').subarray(0, 20))
    await assert.rejects(files.text('b', 'k.gz'), saying('FailedError', 'LOG_FILE_UNREADABLE', /^k\.gz is damaged/))
  })
})
