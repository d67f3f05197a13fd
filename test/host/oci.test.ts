import assert from 'node:assert/strict'
import type {ServerResponse} from 'node:http'
import {CancelledError} from '../../src/domain/errors.ts'
import type {RepositoryPlace} from '../../src/flows/mirror/ports.ts'
import {ociTransfer} from '../../src/host/oci.ts'
import {digestOf, OciRegistry} from '../helpers/oci-registry.ts'
import {saying} from '../aws/sdk.ts'

const credentials = {username: 'robot', password: 'pass'}
const basic = `Basic ${Buffer.from('robot:pass').toString('base64')}`

describe('images between registries', () => {
  let [source, target]: OciRegistry[] = []
  let from: RepositoryPlace
  let to: RepositoryPlace
  let transfer: ReturnType<typeof ociTransfer>
  let index = ''

  beforeEach(async () => {
    source = await new OciRegistry().start()
    target = await new OciRegistry().start()
    index = source.add('pi-cr/server', '2026_10', 3_000_000)
    from = {url: `http://${source.host}`, path: 'pi-cr/server'}
    to = {url: `http://${target.host}`, path: 'pi-demo/server', credentials}
    transfer = ociTransfer()
  })
  afterEach(async () => {
    await source?.stop()
    await target?.stop()
  })

  /** The layer of the first architecture. */
  function layer(): {digest: string; size: number; mediaType: string} {
    const found = [...(source?.kept ?? [])].find(([key, {bytes}]) => key.includes('/blobs/') && bytes.length > 1e6)
    assert.ok(found !== undefined)
    return {digest: digestOf(found[1].bytes), size: found[1].bytes.length, mediaType: 'application/octet-stream'}
  }
  const quiet = {onBytes: () => undefined, signal: AbortSignal.any([])}
  const answering = (registry: OciRegistry | undefined, wanted: RegExp, answer: (response: ServerResponse) => void) => {
    assert.ok(registry !== undefined)
    registry.instead = (line, response) => {
      if (!wanted.test(line)) return false
      answer(response)
      return true
    }
  }

  it('are read by tag and by digest, byte for byte', async () => {
    const byTag = await transfer.manifest(from, '2026_10')
    assert.deepEqual([byTag.digest, byTag.mediaType], [index, 'application/vnd.oci.image.index.v1+json'])
    assert.deepEqual(await transfer.manifest(from, index), byTag)
    assert.equal(await transfer.stored(from, 'manifests', '2026_10'), index)
    assert.equal(await transfer.stored(from, 'blobs', layer().digest), layer().digest)
    assert.equal(await transfer.stored(to, 'blobs', layer().digest), undefined)
  })

  it('go over with a login at the challenge, and are completed by their digest', async () => {
    let asked = 0
    assert.ok(target !== undefined)
    target.instead = (_line, response, authorization) => {
      if (authorization === basic) return false
      asked += 1
      response.writeHead(401, {'www-authenticate': 'Basic realm="ecr"'}).end()
      return true
    }
    let bytes = 0
    await transfer.copyBlob(from, to, layer(), {...quiet, onBytes: (count) => (bytes += count)})
    assert.equal(bytes, layer().size)
    assert.deepEqual(target.kept.get(`pi-demo/server/blobs/${layer().digest}`)?.bytes.length, layer().size)
    const manifest = await transfer.manifest(from, '2026_10')
    await transfer.putManifest(to, '2026_10', manifest)
    assert.equal((await transfer.manifest(to, '2026_10')).digest, index)
    // Once for reading and once for writing.
    assert.equal(asked, 2)
  })

  it('follow a registry that keeps blobs elsewhere, without the login', async () => {
    const place = `http://${target?.host}/v2/else/blobs/${layer().digest}`
    const bytes = source?.kept.get(`pi-cr/server/blobs/${layer().digest}`)
    assert.ok(bytes !== undefined && target !== undefined)
    target.kept.set(`else/blobs/${layer().digest}`, bytes)
    const seen: (string | undefined)[] = []
    target.instead = (_line, _response, authorization) => {
      seen.push(authorization)
      return false
    }
    answering(source, /^GET .*blobs/, (response) => response.writeHead(307, {location: place}).end())
    await transfer.copyBlob(from, {...to, path: 'copy'}, layer(), quiet)
    assert.deepEqual([...new Set(seen)], [undefined])
    answering(source, /^GET .*blobs/, (response) => response.writeHead(307, {location: '#'}).end())
    await assert.rejects(transfer.copyBlob(from, to, layer(), quiet), saying('FailedError', 'REGISTRY_ANSWER'))
  })

  it('of other bytes than their digest are not kept', async () => {
    const wrong = Buffer.alloc(layer().size, 'x')
    answering(source, /^GET .*blobs/, (response) => response.writeHead(200).end(wrong))
    await assert.rejects(transfer.copyBlob(from, to, layer(), quiet), saying('FailedError', 'WRONG_DIGEST'))
    assert.equal(target?.kept.size, 0)
    assert.equal(target.open, 0)
    answering(source, /^GET .*manifests/, (response) => response.writeHead(200).end('{}'))
    await assert.rejects(transfer.manifest(from, index), saying('FailedError', 'WRONG_DIGEST'))
    answering(source, /^GET .*manifests/, (response) => response.writeHead(200).end(Buffer.alloc(5_000_000)))
    await assert.rejects(transfer.manifest(from, '2026_10'), saying('FailedError', 'REGISTRY_ANSWER', /more than/))
  })

  for (const [status, headers, name, code, words] of [
    [404, {}, 'NotFoundError', 'IMAGE_NOT_FOUND', /has no pi-cr\/server\/manifests\/2026_10\./],
    [403, {}, 'AccessError', 'REGISTRY_DENIED', /HTTP 403/],
    [401, {'www-authenticate': 'Basic realm="r"'}, 'AccessError', 'REGISTRY_DENIED', /HTTP 401/],
    [429, {'retry-after': '7'}, 'FailedError', 'RATE_LIMITED', /too many pulls/],
    [429, {}, 'FailedError', 'RATE_LIMITED', /too many pulls/],
    [500, {}, 'FailedError', 'REGISTRY_ANSWER', /HTTP 500/],
  ] as const)
    it(`say what HTTP ${status} means${'retry-after' in headers ? ', and when to come back' : ''}`, async () => {
      answering(source, /manifests/, (response) => response.writeHead(status, headers).end('no json'))
      await assert.rejects(transfer.manifest({...from, credentials}, '2026_10'), saying(name, code, words))
      await assert.rejects(transfer.manifest(from, '2026_10'), saying(name, code, words))
    })

  it("end where a registry's words, a break or Ctrl-C end them", async () => {
    const refusal = JSON.stringify({errors: [{code: 'DENIED', message: 'quota'}]})
    answering(target, /^PATCH/, (response) => response.writeHead(403).end(refusal))
    await assert.rejects(
      transfer.copyBlob(from, to, layer(), quiet),
      saying('AccessError', 'REGISTRY_DENIED', /DENIED: quota/),
    )
    answering(target, /^PATCH/, (response) => response.writeHead(403).end('{}'))
    await assert.rejects(transfer.copyBlob(from, to, layer(), quiet), saying('AccessError', 'REGISTRY_DENIED'))
    if (target !== undefined) target.instead = () => false
    answering(source, /^GET .*blobs/, (response) => {
      response.writeHead(200, {'content-length': layer().size})
      response.write(Buffer.alloc(1000))
      setImmediate(() => response.destroy())
    })
    await assert.rejects(transfer.copyBlob(from, to, layer(), quiet), saying('FailedError', 'REGISTRY_UNREACHABLE'))
    if (source !== undefined) source.instead = () => false
    const stop = new AbortController()
    const reason = new CancelledError('Cancelled.', {code: 'CANCELLED'})
    const cut = transfer.copyBlob(from, to, layer(), {onBytes: () => stop.abort(reason), signal: stop.signal})
    await assert.rejects(cut, saying('CancelledError', 'CANCELLED'))
    await assert.rejects(
      transfer.copyBlob(from, to, layer(), {...quiet, signal: stop.signal}),
      saying('CancelledError', 'CANCELLED'),
    )
    await source?.stop()
    await assert.rejects(transfer.manifest(from, '2026_10'), saying('FailedError', 'REGISTRY_UNREACHABLE'))
  })
})
