import assert from 'node:assert/strict'
import {httpImageRegistry, httpImageTags} from '../../src/host/image-registry.ts'
import {type Answer, fakeService} from '../aws/fake-service.ts'
import {saying} from '../aws/sdk.ts'
import {refusal} from '../domain/samples.ts'

const credentials = {username: 'robot', password: 'pass'}
const basic = `Basic ${Buffer.from('robot:pass').toString('base64')}`

describe('an image registry', () => {
  let stop: () => Promise<void> = async () => undefined
  afterEach(() => stop())

  async function against(answers: readonly Answer[]) {
    const service = await fakeService(answers)
    stop = service.close
    return {service, host: new URL(service.url).host}
  }
  const ask = (registry: string, more: object = {credentials}) =>
    httpImageRegistry().manifest({registry, repository: 'server', tag: '2026_10', ...more})

  it('that asks for nothing is asked once, for the manifest', async () => {
    const {service, host} = await against([{status: 200}])
    assert.deepEqual(await ask(`${host}/pi/cr`, {}), {found: true})
    assert.equal(service.received.length, 1)
    assert.equal(service.received[0]?.url, '/v2/pi/cr/server/manifests/2026_10')
    assert.match(String(service.received[0].headers.accept), /vnd\.oci\.image\.index/)
    assert.equal(service.received[0].headers.authorization, undefined)
  })

  it('tells the digest of what it has, where it is one', async () => {
    const digest = `sha256:${'ab'.repeat(32)}`
    const {host} = await against([
      {status: 200, headers: {'docker-content-digest': digest}},
      {status: 200, headers: {'docker-content-digest': 'md5:1'}},
    ])
    assert.deepEqual(await ask(host, {}), {found: true, digest})
    assert.deepEqual(await ask(host, {}), {found: true})
  })

  it('that asks for the credentials gets them at the second try', async () => {
    const {service, host} = await against([
      {status: 401, headers: {'www-authenticate': 'Basic realm="r"'}},
      {status: 200},
    ])
    assert.deepEqual(await ask(host), {found: true})
    assert.deepEqual(
      service.received.map(({headers}) => headers.authorization),
      [undefined, basic],
    )
  })

  it('that asks for a token gets the one that the credentials buy', async () => {
    const tokens = await fakeService([{status: 200, body: '{"token": "t-1"}'}])
    const challenge = `Bearer realm="${tokens.url}/token",service="registry",scope="repository:server:pull"`
    const {service, host} = await against([{status: 401, headers: {'www-authenticate': challenge}}, {status: 200}])
    assert.deepEqual(await ask(host), {found: true})
    assert.equal(tokens.received[0]?.headers.authorization, basic)
    assert.equal(tokens.received[0].url, '/token?service=registry&scope=repository%3Aserver%3Apull')
    assert.equal(service.received[1]?.headers.authorization, 'Bearer t-1')
    await tokens.close()
  })

  for (const [body, authorization] of [
    ['{"access_token": "t-2"}', 'Bearer t-2'],
    ['not JSON', 'Bearer '],
  ] as const) {
    it(`whose token comes as ${body} is asked with ${authorization.trim()}`, async () => {
      const tokens = await fakeService([{status: 200, body}])
      const challenge = `Bearer realm="${tokens.url}/token"`
      const {service, host} = await against([{status: 401, headers: {'www-authenticate': challenge}}, {status: 403}])
      assert.deepEqual(await ask(host), {found: false, why: 'denied', status: 403})
      assert.equal((service.received[1]?.headers.authorization ?? '').trim(), authorization.trim())
      await tokens.close()
    })
  }

  it('that refuses the credentials, or does not have the image, says so', async () => {
    const tokens = await fakeService([{status: 403}])
    const challenge = `Bearer realm="${tokens.url}/token"`
    const {host} = await against([{status: 401, headers: {'www-authenticate': challenge}}])
    assert.deepEqual(await ask(host), {found: false, why: 'denied', status: 401})
    await tokens.close()
    await stop()
    const missing = await against([{status: 404}])
    assert.deepEqual(await ask(missing.host), {found: false, why: 'missing', status: 404})
  })

  it('never sends the password in the clear, nor to what is no address', async () => {
    for (const realm of ['http://tokens.example.com/token', 'nowhere']) {
      const {service, host} = await against([
        {status: 401, headers: {'www-authenticate': `Bearer realm="${realm}"`}},
        {status: 401},
      ])
      assert.deepEqual(await ask(host), {found: false, why: 'denied', status: 401})
      const sent = service.received[1]?.headers.authorization
      assert.equal(sent, realm === 'nowhere' ? basic : undefined)
      await stop()
    }
  })

  it('that fails or is not there is unknown, without the password in the words', async () => {
    const {host} = await against([{status: 500}])
    await assert.rejects(ask(host), saying('FailedError', 'REGISTRY_ANSWER', /HTTP 500/))
    await stop()
    stop = async () => undefined
    await assert.rejects(ask(host), (error: Error) => {
      assert.match(error.message, /cannot be reached/)
      assert.doesNotMatch(error.message, /pass/)
      return true
    })
    await assert.rejects(
      httpImageRegistry('not a certificate').manifest({registry: 'localhost.invalid', repository: 'a', tag: 'b'}),
      saying('FailedError', 'REGISTRY_UNREACHABLE'),
    )
  })

  it('lists its tags, the newest first, without what is no tag; or says why not', async () => {
    const {service, host} = await against([
      {status: 200, body: '{"tags": ["2026_9", "2026_10", "bad tag", "latest"]}'},
      {status: 200, body: '{"tags": null}'},
      {status: 403},
    ])
    const list = () => httpImageTags().tags(`${host}/pi`, 'server')
    assert.deepEqual(await list(), ['latest', '2026_10', '2026_9'])
    assert.equal(service.received[0]?.url, '/v2/pi/server/tags/list?n=1000')
    assert.deepEqual(await list(), [])
    await assert.rejects(list(), refusal('REGISTRY_ANSWER', /HTTP 403/))
  })

  it('lists its tags to whoever buys a token', async () => {
    const tokens = await fakeService([{status: 200, body: '{"token": "t"}'}])
    const {service, host} = await against([
      {status: 401, headers: {'www-authenticate': `Bearer realm="${tokens.url}/token"`}},
      {status: 200, body: '{"tags": ["1"]}'},
    ])
    assert.deepEqual(await httpImageTags().tags(host, 'server'), ['1'])
    assert.equal(service.received[1]?.headers.authorization, 'Bearer t')
    await tokens.close()
  })
})
