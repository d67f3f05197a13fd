import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import fc from 'fast-check'
import {encodeName, SigningKeys} from '../../sigv4/signing.ts'
import {sdkSigner} from '../helpers/sdk-signer.ts'

const region = 'eu-west-1'
const names = fc
  .array(fc.string({unit: 'grapheme', minLength: 1, maxLength: 8}), {minLength: 1, maxLength: 3})
  .map((parts) => parts.map((part) => part.replaceAll(/[\uD800-\uDFFF]/g, '')))
const secrets = fc.string({minLength: 16, maxLength: 40, unit: fc.constantFrom('a', 'Z', '0', '+', '/')})
const moments = fc.date({min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true})

describe('a signature', () => {
  it('of a PUT is the one of the SDK, whatever its key, body, secret, token and time', async () => {
    const keys = new SigningKeys()
    await fc.assert(
      fc.asyncProperty(names, fc.uint8Array(), secrets, fc.option(secrets), moments, async (parts, body, ...rest) => {
        const [secretAccessKey, token, at] = rest
        const credentials = {
          accessKeyId: 'AKIDEXAMPLE',
          secretAccessKey,
          ...(token === null ? {} : {sessionToken: token}),
        }
        const path = `/bucket/k${parts.map(encodeName).join('/')}`
        const bodyHash = createHash('sha256').update(body).digest('hex')
        const headers = {
          host: 'localhost',
          'content-length': String(body.byteLength),
          'x-amz-expected-bucket-owner': '1',
        }
        const ours = keys.sign(
          {method: 'PUT', path, query: '', headers, bodyHash, at},
          {...credentials, region, service: 's3'},
        )
        const signer = await sdkSigner(region, credentials)
        const theirs = await signer.sign(
          {
            method: 'PUT',
            protocol: 'http:',
            hostname: 'localhost',
            path,
            query: {},
            headers: {...headers, 'x-amz-content-sha256': bodyHash},
          },
          {signingDate: at, signingRegion: region, signingService: 's3'},
        )
        assert.deepEqual(ours, theirs.headers)
      }),
      {numRuns: 100},
    )
  })

  it('uses a key of the day, of the secret and of the region that it is for', () => {
    const keys = new SigningKeys()
    const request = {method: 'GET', path: '/b/k', query: '', headers: {host: 'h'}, bodyHash: '00'} as const
    const signers = {accessKeyId: 'A', secretAccessKey: 's', region, service: 's3'}
    const [first, next] = [new Date('2026-01-01T23:59:59Z'), new Date('2026-01-02T00:00:00Z')]
    const fresh = (at: Date, changed: object = {}): unknown =>
      new SigningKeys().sign({...request, at}, {...signers, ...changed})
    assert.deepEqual(keys.sign({...request, at: first}, signers), fresh(first))
    assert.deepEqual(keys.sign({...request, at: next}, signers), fresh(next))
    for (const changed of [{secretAccessKey: 't'}, {region: 'us-east-1'}, {service: 's3express'}]) {
      assert.deepEqual(keys.sign({...request, at: next}, {...signers, ...changed}), fresh(next, changed))
      assert.notDeepEqual(fresh(next, changed), fresh(next))
    }
  })
})
