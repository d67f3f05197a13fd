import assert from 'node:assert/strict'
import {createObjects} from '../../src/aws/s3.ts'
import {clientConfig} from '../../src/aws/settings.ts'
import {createIdentity} from '../../src/aws/sts.ts'
import {type Answer, fakeService} from './fake-service.ts'
import {saying, settings} from './sdk.ts'

const body = new TextEncoder().encode('{"opId":1}')
const caller = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::000000000000:root</Arn>
  <Account>000000000000</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`
const throttle = {
  status: 400,
  body: '<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>',
}
const lost = {
  status: 412,
  body: '<Error><Code>PreconditionFailed</Code><Message>At least one of the pre-conditions did not hold</Message></Error>',
}
const found = {
  status: 200,
  headers: {etag: '"9"', 'last-modified': 'Fri, 02 Jan 2026 03:04:05 GMT'},
  body: '{"opId":1}',
}

describe('on the wire', () => {
  let stop: () => Promise<void>
  afterEach(() => stop())

  async function against(answers: readonly Answer[], log?: (line: string) => void) {
    const service = await fakeService(answers)
    stop = service.close
    return {service, config: clientConfig({...settings, endpointUrl: service.url, ...(log === undefined ? {} : {log})})}
  }

  it('S3 tells its own time with every object', async () => {
    const {config} = await against([{...found, headers: {...found.headers, date: 'Sat, 03 Jan 2026 00:00:00 GMT'}}])
    const object = await createObjects(config).get('b', 'k')
    assert.equal(object?.serverTime.toISOString(), '2026-01-03T00:00:00.000Z')
    assert.equal(object.lastModified.toISOString(), '2026-01-02T03:04:05.000Z')
    assert.equal(object.size, 10)
    assert.deepEqual(Buffer.from(object.body), Buffer.from(body))
  })

  it('an object comes whole, in how many pieces ever, and not at all where the connection ends before it', async () => {
    const long = 'x'.repeat(300_000)
    const told = (length: number) => ({
      ...found,
      body: long,
      headers: {...found.headers, 'content-length': `${length}`},
    })
    const {config} = await against([told(300_000), {...found, body: long}, {...told(0), body: ''}])
    const objects = createObjects(config)
    for (const size of [300_000, 300_000, 0]) {
      const object = await objects.get('b', 'k')
      assert.equal(object?.size, size)
      assert.equal(new TextDecoder().decode(object.body), long.slice(0, size))
    }
    await stop()
    const {config: cut} = await against([{...told(300_001), cut: true}])
    await assert.rejects(createObjects(cut).get('b', 'k'))
  })

  it('a lock is not judged by our own clock when S3 tells no time', async () => {
    const {config} = await against([{...found, headers: {...found.headers, date: 'whenever'}}])
    await assert.rejects(createObjects(config).get('b', 'k'), saying('FailedError', 'NO_SERVER_TIME'))
  })

  it('a custom endpoint is called in path style with our name and a SHA-256', async () => {
    const {config, service} = await against([{status: 200, headers: {etag: '"1"'}}])
    await createObjects(config).putIfAbsent('bucket', 'a b', body)
    const [request] = service.received
    assert.equal(request?.url.split('?')[0], '/bucket/a%20b')
    assert.equal(request.headers['if-none-match'], '*')
    assert.match(String(request.headers['user-agent']), /pi-aws\/0\.0\.0/)
    assert.match(String(request.headers['authorization']), /Credential=local\//)
    assert.ok(request.headers['x-amz-checksum-sha256'] ?? request.headers['x-amz-trailer'] === 'x-amz-checksum-sha256')
  })

  it('a write whose answer was lost is known again as ours by its bytes', async () => {
    const {config, service} = await against([{status: 200, hangUp: true}, lost, found])
    assert.deepEqual(await createObjects(config).putIfAbsent('b', 'k', body), {written: true, etag: '"9"'})
    assert.deepEqual(
      service.received.map(({method}) => method),
      ['PUT', 'PUT', 'GET'],
    )
  })

  it('a write that met a foreign object after a lost answer is not ours', async () => {
    const {config} = await against([{status: 503}, {status: 412}, {...found, body: '{"opId":2}'}])
    assert.deepEqual(await createObjects(config).putIfAbsent('b', 'k', body), {written: false})
  })

  it('throttling is waited out, with one line a call in the log', async () => {
    const lines: string[] = []
    const {config} = await against(
      [throttle, throttle, {status: 200, headers: {'x-amzn-requestid': 'r-7'}, body: caller}],
      (line) => lines.push(line),
    )
    assert.deepEqual(await createIdentity(config).caller(), {
      account: '000000000000',
      arn: 'arn:aws:iam::000000000000:root',
      region: 'eu-west-1',
      partition: 'aws',
    })
    assert.deepEqual(lines, ['STS GetCallerIdentity 200 attempts=3 request=r-7'])
  })

  it('throttling that goes on ends after seven tries', async () => {
    const {config, service} = await against([throttle])
    await assert.rejects(createIdentity(config).caller(), saying('FailedError', 'THROTTLED', /Rate exceeded/))
    assert.equal(service.received.length, 7)
  })

  it('an endpoint of this machine where nobody listens says how to start one', async () => {
    const {config} = await against([{status: 200}])
    await stop()
    stop = () => Promise.resolve()
    await assert.rejects(createIdentity(config).caller(), saying('FailedError', 'ENDPOINT_UNREACHABLE'))
  })
})
