import assert from 'node:assert/strict'
import {ACMClient, DescribeCertificateCommand} from '@aws-sdk/client-acm'
import {mockClient} from 'aws-sdk-client-mock'
import {createCertificates} from '../../src/aws/acm.ts'
import {config, sdkError} from './sdk.ts'

describe('certificates of ACM', () => {
  const mock = mockClient(ACMClient)
  const certificates = createCertificates(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('name each of their domains once, and their end when it is known', async () => {
    const found = {
      CertificateArn: 'arn:c',
      Status: 'ISSUED' as const,
      DomainName: 'pi.example.com',
      SubjectAlternativeNames: ['pi.example.com', '*.example.com'],
    }
    mock
      .on(DescribeCertificateCommand, {CertificateArn: 'arn:c'})
      .resolvesOnce({Certificate: {...found, NotAfter: new Date('2027-01-01T00:00:00Z')}})
      .resolvesOnce({Certificate: {...found, Status: 'PENDING_VALIDATION'}})
    const names = ['pi.example.com', '*.example.com']
    assert.deepEqual(await certificates.describe('arn:c'), {
      arn: 'arn:c',
      status: 'ISSUED',
      names,
      notAfter: '2027-01-01T00:00:00.000Z',
    })
    assert.deepEqual(await certificates.describe('arn:c'), {arn: 'arn:c', status: 'PENDING_VALIDATION', names})
  })

  it('are nothing where there is none', async () => {
    mock.rejects(sdkError('ResourceNotFoundException'))
    assert.equal(await certificates.describe('arn:c'), undefined)
  })
})
