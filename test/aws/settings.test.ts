import assert from 'node:assert/strict'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {dnsSuffix, isLoopback} from '../../src/aws/endpoints.ts'
import {type AwsSettings, clientConfig, maxAttempts, retryDelay} from '../../src/aws/settings.ts'
import {createIdentity} from '../../src/aws/sts.ts'
import {type Answer, fakeService} from './fake-service.ts'
import {saying, settings} from './sdk.ts'

/** Sets variables for one test. */
const before: NodeJS.ProcessEnv = {...process.env}
function setEnvironment(variables: Readonly<Record<string, string>>): void {
  Object.assign(process.env, variables)
}
function resetEnvironment(): void {
  for (const name of Object.keys(process.env)) if (!(name in before)) Reflect.deleteProperty(process.env, name)
  Object.assign(process.env, before)
}

describe('the wait before a retry', () => {
  const retries = Array.from({length: maxAttempts - 1}, (_, index) => index + 1)

  it('doubles up to 15 s and is never longer than 60 s over one call', () => {
    const longest = retries.map((attempt) => retryDelay(attempt, false, () => 1))
    assert.deepEqual(longest, [1000, 2000, 4000, 8000, 15_000, 15_000])
    assert.ok(longest.reduce((sum, ms) => sum + ms, 0) <= 60_000)
  })

  it('is half chance, so that many callers do not come back together', () => {
    assert.deepEqual(
      retries.map((attempt) => retryDelay(attempt, false, () => 0)),
      [500, 1000, 2000, 4000, 7500, 7500],
    )
  })

  it('is short where the embedded AWS answers', () => {
    assert.ok(retries.every((attempt) => retryDelay(attempt, true, () => 1) <= 400))
  })
})

describe('endpoints', () => {
  it('end in the suffix of their partition', () => {
    const regions = ['eu-west-1', 'us-gov-west-1', 'cn-north-1', 'eusc-de-east-1', 'us-iso-east-1', 'us-isob-east-1']
    assert.deepEqual(regions.map(dnsSuffix), [
      'amazonaws.com',
      'amazonaws.com',
      'amazonaws.com.cn',
      'amazonaws.eu',
      'c2s.ic.gov',
      'sc2s.sgov.gov',
    ])
  })

  it('are of this machine or not', () => {
    for (const host of ['localhost', 'a.localhost', '127.0.0.1', '127.8.0.1', '::1', '[::1]'])
      assert.ok(isLoopback(host), host)
    for (const host of ['localhost.example.com', '10.0.0.1', '128.0.0.1', 'sts.amazonaws.com']) {
      assert.ok(!isLoopback(host), host)
    }
  })
})

describe('the way out', () => {
  let proxy: Server
  const asked: string[] = []
  beforeEach(async () => {
    asked.length = 0
    proxy = createServer().on('connect', (request, socket) => {
      asked.push(request.url ?? '')
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  })
  afterEach(() => {
    resetEnvironment()
    proxy.close()
  })

  it('leads through the proxy that HTTPS_PROXY names', async () => {
    setEnvironment({
      HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
    })
    const config = clientConfig({...settings, local: false, endpointUrl: 'https://sts.invalid'})
    await assert.rejects(createIdentity(config).caller(), saying('FailedError', 'NETWORK_UNREACHABLE'))
    assert.deepEqual(asked, ['sts.invalid:443'])
  })

  it('trusts the given authorities beside the usual ones', () => {
    const {httpsAgent} = clientConfig({...settings, certificates: 'PEM'}).requestHandler
    const {ca} = httpsAgent.options
    assert.ok(Array.isArray(ca) && ca.length > 1 && ca.at(-1) === 'PEM')
    assert.equal(clientConfig(settings).requestHandler.httpsAgent.options.ca, undefined)
  })
})

describe('credentials', () => {
  let stop = (): Promise<void> => Promise.resolve()
  afterEach(async () => {
    resetEnvironment()
    await stop()
  })

  function assumed(minutes: number, key = 'ROLE'): Answer {
    const end = new Date(Date.now() + minutes * 60_000).toISOString()
    return {
      status: 200,
      body: `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>${key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
        <SessionToken>t</SessionToken><Expiration>${end}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
    }
  }

  async function provider(answers: readonly Answer[]) {
    setEnvironment({AWS_ACCESS_KEY_ID: 'BASE', AWS_SECRET_ACCESS_KEY: 'b'})
    const service = await fakeService(answers)
    stop = service.close
    const role = {roleArn: 'arn:aws:iam::111122223333:role/deployer', endpointUrl: service.url}
    const {credentials} = clientConfig({...settings, local: false, ...role})
    assert.ok(typeof credentials === 'function')
    return {service, credentials}
  }

  it('of the embedded AWS are those of the account that a role names, and of the usual one without', () => {
    const keyOf = (more: Partial<AwsSettings>): unknown => {
      const {credentials} = clientConfig({...settings, ...more})
      return typeof credentials === 'function' ? undefined : credentials.accessKeyId
    }
    assert.equal(keyOf({}), 'local')
    assert.equal(keyOf({roleArn: 'arn:aws:iam::222222222222:role/pi-aws'}), '222222222222')
    assert.equal(keyOf({roleArn: 'no ARN'}), 'local')
  })

  it('of a role are got once with the base credentials, for all who ask', async () => {
    const {service, credentials} = await provider([assumed(60)])
    const all = await Promise.all([credentials(), credentials(), credentials()])
    all.push(await credentials())
    assert.deepEqual([...new Set(all.map(({accessKeyId}) => accessKeyId))], ['ROLE'])
    assert.equal(service.received.length, 1)
    assert.match(service.received[0]?.headers.authorization ?? '', /Credential=BASE\//)
  })

  it('that end soon are got again', async () => {
    const {service, credentials} = await provider([assumed(2), assumed(60)])
    await credentials()
    await credentials()
    await credentials()
    assert.equal(service.received.length, 2)
  })

  function callerOf(account: string): Answer {
    return {
      status: 200,
      body: `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
    }
  }

  it('that were renewed are used when they are of the same account', async () => {
    const answers = [assumed(2), assumed(60, 'NEXT'), callerOf('111122223333'), callerOf('111122223333')]
    const {service, credentials} = await provider(answers)
    await credentials()
    const all = await Promise.all([credentials(), credentials()])
    assert.deepEqual(
      all.map(({accessKeyId}) => accessKeyId),
      ['NEXT', 'NEXT'],
    )
    assert.equal(service.received.length, 4)
  })

  it('that were renewed for another account are refused, and go on being refused', async () => {
    const [ours, theirs] = [callerOf('111122223333'), callerOf('444455556666')]
    const answers = [assumed(2), assumed(60, 'NEXT'), ours, theirs, assumed(60, 'NEXT'), ours, theirs]
    const {credentials} = await provider(answers)
    await credentials()
    for (const _ of [1, 2]) await assert.rejects(credentials(), saying('AccessError', 'CREDENTIALS_OF_ANOTHER_ACCOUNT'))
  })

  it('that were refused once can still be had', async () => {
    const denied = {status: 403, body: '<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>'}
    const {credentials} = await provider([denied, assumed(60)])
    await assert.rejects(credentials())
    assert.equal((await credentials()).accessKeyId, 'ROLE')
  })

  it('that are missing are an access error that says what to do', async () => {
    setEnvironment({
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/nowhere',
      AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
    })
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE']) {
      Reflect.deleteProperty(process.env, name)
    }
    const config = clientConfig({...settings, local: false, endpointUrl: 'http://127.0.0.1:9'})
    await assert.rejects(createIdentity(config).caller(), saying('AccessError', 'CREDENTIALS_MISSING'))
    const named = clientConfig({...settings, local: false, endpointUrl: 'http://127.0.0.1:9', profile: 'nobody'})
    await assert.rejects(
      createIdentity(named).caller(),
      saying('AccessError', 'PROFILE_UNUSABLE', /profile "nobody" gives no credentials/),
    )
  })
})
