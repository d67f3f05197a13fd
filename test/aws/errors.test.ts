import assert from 'node:assert/strict'
import {isNamed, translate, translateErrors} from '../../src/aws/errors.ts'
import {FailedError, PiError} from '../../src/domain/errors.ts'
import {exitCodes} from '../../src/domain/exit-codes.ts'
import {sdkError} from './sdk.ts'

function ours(error: unknown, action?: string): PiError {
  const translated = translate(error, action)
  assert.ok(translated instanceof PiError)
  return translated
}

const denial =
  'User: arn:aws:iam::111122223333:user/ops is not authorized to perform: rds:CreateDBSnapshot on resource: ' +
  'arn:aws:rds:eu-west-1:111122223333:snapshot:s because no identity-based policy allows the rds:CreateDBSnapshot action'

describe('errors of AWS', () => {
  const rows = [
    ['CredentialsProviderError', 'CREDENTIALS_MISSING', exitCodes.access],
    ['TokenProviderError', 'CREDENTIALS_MISSING', exitCodes.access],
    ['ExpiredToken', 'CREDENTIALS_EXPIRED', exitCodes.access],
    ['ExpiredTokenException', 'CREDENTIALS_EXPIRED', exitCodes.access],
    ['RequestExpired', 'CREDENTIALS_EXPIRED', exitCodes.access],
    ['InvalidClientTokenId', 'CREDENTIALS_REFUSED', exitCodes.access],
    ['UnrecognizedClientException', 'CREDENTIALS_REFUSED', exitCodes.access],
    ['InvalidAccessKeyId', 'CREDENTIALS_REFUSED', exitCodes.access],
    ['AuthFailure', 'CREDENTIALS_REFUSED', exitCodes.access],
    ['SignatureDoesNotMatch', 'CREDENTIALS_REFUSED', exitCodes.access],
    ['RequestTimeTooSkewed', 'CLOCK_SKEWED', exitCodes.access],
    ['AccessDenied', 'ACCESS_DENIED', exitCodes.access],
    ['AccessDeniedException', 'ACCESS_DENIED', exitCodes.access],
    ['UnauthorizedOperation', 'ACCESS_DENIED', exitCodes.access],
    ['Throttling', 'THROTTLED', exitCodes.failed],
    ['ThrottlingException', 'THROTTLED', exitCodes.failed],
    ['TooManyRequestsException', 'THROTTLED', exitCodes.failed],
    ['RequestLimitExceeded', 'THROTTLED', exitCodes.failed],
    ['SlowDown', 'THROTTLED', exitCodes.failed],
    ['TimeoutError', 'NETWORK_UNREACHABLE', exitCodes.failed],
    ['ValidationError', 'AWS_VALIDATION_ERROR', exitCodes.failed],
    ['DBInstanceNotFoundFault', 'AWS_DBINSTANCE_NOT_FOUND', exitCodes.failed],
    ['Weird.Name Exception', 'AWS_WEIRD_NAME_', exitCodes.failed],
  ] as const
  for (const [name, code, exit] of rows) {
    it(`${name} ends ${exit} with ${code}`, () => {
      const original = sdkError(name, 'said so')
      const error = ours(original)
      assert.equal(error.code, code)
      assert.equal(error.exitCode, exit)
      assert.equal(error.cause, original)
    })
  }

  it('name the denied action, the resource, the identity and the reason', () => {
    const error = ours(sdkError('AccessDenied', denial))
    assert.equal(
      error.message,
      'AWS denies rds:CreateDBSnapshot on arn:aws:rds:eu-west-1:111122223333:snapshot:s ' +
        'because no identity-based policy allows the rds:CreateDBSnapshot action.',
    )
    assert.equal(error.suggestions[0], 'Allow rds:CreateDBSnapshot for arn:aws:iam::111122223333:user/ops')
  })

  it('name the resource where S3 puts it in quotes, and an explicit deny', () => {
    const message =
      'User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::b/k" with an explicit deny in a resource-based policy'
    assert.match(ours(sdkError('AccessDenied', message)).message, /^AWS denies s3:PutObject on arn:aws:s3:::b\/k/)
  })

  it('take the action of the call when AWS names none, and say so when nobody knows', () => {
    assert.match(ours(sdkError('AccessDenied', 'Access Denied'), 's3:ListBucket').message, /AWS denies s3:ListBucket\./)
    assert.equal(ours(sdkError('AccessDenied', 'Access Denied')).message, 'AWS denies a call: Access Denied.')
  })

  it('of an unknown kind carry name, words and request id', () => {
    const error = ours(sdkError('InternalFailure', 'oops', {requestId: 'r-9', httpStatusCode: 500}))
    assert.equal(error.message, 'AWS answered InternalFailure: oops (request r-9)')
  })

  it('without a body carry their status', () => {
    const error = ours(sdkError('Unknown', 'UnknownError', {httpStatusCode: 418}))
    assert.equal(error.message, 'AWS answered HTTP 418')
  })

  it('of the network tell the machine itself from the rest of the world', () => {
    const refused = (address: string) => Object.assign(new Error('connect'), {code: 'ECONNREFUSED', address})
    const local = ours(refused('127.0.0.1'))
    assert.equal(local.code, 'ENDPOINT_UNREACHABLE')
    assert.deepEqual(local.suggestions, ['pi-aws local start'])
    assert.equal(ours(refused('192.0.2.1')).code, 'NETWORK_UNREACHABLE')
    assert.equal(ours(Object.assign(new Error('getaddrinfo'), {code: 'ENOTFOUND'})).code, 'NETWORK_UNREACHABLE')
    const several = new AggregateError([refused('::1'), refused('127.0.0.1')], 'both')
    assert.equal(ours(Object.assign(several, {code: 'ECONNREFUSED'})).code, 'ENDPOINT_UNREACHABLE')
  })

  it('of a region that nobody has name it', () => {
    const unknown = (hostname: string) => ours(Object.assign(new Error('getaddrinfo'), {code: 'ENOTFOUND', hostname}))
    assert.match(unknown('sts.eu-west-9.amazonaws.com').suggestions.at(-1) ?? '', /no region eu-west-9:/)
    assert.match(unknown('ec2.us-gov-south-7.amazonaws.com').suggestions.at(-1) ?? '', /no region us-gov-south-7:/)
    for (const host of ['ghcr.io', 'iam.amazonaws.com', 'my-host-1.example.com'])
      assert.equal(unknown(host).suggestions.length, 1)
  })

  it('leave what is ours, what was aborted and what is a fault of the program as it is', () => {
    const abort = Object.assign(new Error('stop'), {name: 'AbortError'})
    const bug = new RangeError('bug')
    const failed = new FailedError('x', {code: 'X'})
    for (const error of [abort, bug, failed, 'text', undefined]) assert.equal(translate(error), error)
  })

  it('are known by name with and without the endings of the protocols', () => {
    assert.ok(isNamed(sdkError('DBSnapshotNotFoundFault'), 'DBSnapshotNotFound'))
    assert.ok(isNamed(sdkError('DBSnapshotNotFound'), 'DBSnapshotNotFoundFault'))
    assert.ok(!isNamed(sdkError('DBSnapshotNotFound'), 'DBSnapshot'))
    assert.ok(!isNamed('DBSnapshotNotFound', 'DBSnapshotNotFound'))
  })
})

describe('a port with translated errors', () => {
  const port = translateErrors(
    {
      denied: () =>
        Promise.reject(sdkError('UnauthorizedOperation', 'You are not authorized to perform this operation.')),
      fine: (value: number) => Promise.resolve(value + 1),
      name: (value: string) => `<${value}>`,
    },
    {denied: 'ec2:DescribeVpcs'},
  )

  it('passes answers on, promised or not', async () => {
    assert.equal(await port.fine(1), 2)
    assert.equal(port.name('a'), '<a>')
  })

  it('fails with our errors, naming the action of the method', async () => {
    await assert.rejects(
      port.denied(),
      (error: unknown) => error instanceof PiError && error.message.includes('ec2:DescribeVpcs'),
    )
  })
})
