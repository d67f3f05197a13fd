import assert from 'node:assert/strict'
import {
  ListAWSDefaultServiceQuotasCommand,
  ListRequestedServiceQuotaChangeHistoryCommand,
  ListServiceQuotasCommand,
  RequestServiceQuotaIncreaseCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas'
import {mockClient} from 'aws-sdk-client-mock'
import {createServiceQuotas, globalRegion} from '../../src/aws/service-quotas.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

describe('Service Quotas', () => {
  const mock = mockClient(ServiceQuotasClient)
  const quotas = createServiceQuotas(config, 1000)
  const vpc = {service: 'vpc', global: false}

  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('tells the values in force, page by page, with their usage metrics', async () => {
    mock
      .on(ListServiceQuotasCommand)
      .resolvesOnce({Quotas: [{QuotaCode: 'L-1', Value: 5}], NextToken: '2'})
      .resolvesOnce({
        Quotas: [
          {QuotaCode: 'L-2', Value: 6, UsageMetric: {MetricNamespace: 'AWS/Usage', MetricName: 'ResourceCount'}},
          {QuotaCode: 'L-3', Value: 0, ErrorReason: {ErrorCode: 'DEPENDENCY_THROTTLING_ERROR'}},
        ],
      })
    assert.deepEqual(await quotas.applied(vpc), [
      {code: 'L-1', value: 5},
      {code: 'L-2', value: 6, metric: {namespace: 'AWS/Usage', name: 'ResourceCount', dimensions: {}}},
      {code: 'L-3'},
    ])
    assert.equal(mock.calls().length, 2)
  })

  it('tells the defaults of AWS, and nothing for a service that it does not know', async () => {
    mock
      .on(ListAWSDefaultServiceQuotasCommand)
      .resolvesOnce({Quotas: [{QuotaCode: 'L-1', Value: 5}]})
      .rejects(sdkError('NoSuchResourceException', 'The service does not exist.'))
    assert.deepEqual(await quotas.defaults(vpc), [{code: 'L-1', value: 5}])
    assert.deepEqual(await quotas.defaults({service: 'nothing', global: true}), [])
  })

  it('names the action that is refused', async () => {
    mock.on(ListServiceQuotasCommand).rejects(sdkError('AccessDeniedException', 'You may not', {httpStatusCode: 400}))
    await assert.rejects(quotas.applied(vpc), saying('AccessError', 'ACCESS_DENIED', /servicequotas:ListServiceQuotas/))
  })

  it('asks for more, and finds that somebody did already', async () => {
    const Created = new Date('2026-01-02T03:04:05Z')
    mock
      .on(RequestServiceQuotaIncreaseCommand)
      .resolvesOnce({
        RequestedQuota: {
          Id: 'r1',
          ServiceCode: 'vpc',
          QuotaCode: 'L-1',
          QuotaName: 'VPCs',
          DesiredValue: 9,
          Status: 'PENDING',
          Created,
          CaseId: '77',
        },
      })
      .rejectsOnce(sdkError('ResourceAlreadyExistsException', 'open'))
      .resolvesOnce({})
      .rejects(sdkError('QuotaExceededException', 'too many requests are open'))
    const more = {...vpc, code: 'L-1'}
    assert.deepEqual(await quotas.request(more, 9), {
      ...{id: 'r1', service: 'vpc', code: 'L-1', name: 'VPCs', desired: 9, status: 'PENDING'},
      ...{createdAt: '2026-01-02T03:04:05.000Z', caseId: '77'},
    })
    assert.equal(await quotas.request(more, 9), undefined)
    assert.equal(await quotas.request(more, 9), undefined)
    await assert.rejects(quotas.request(more, 9), saying('FailedError', 'AWS_QUOTA_EXCEEDED'))
    assert.deepEqual(inputs(mock)[0], {ServiceCode: 'vpc', QuotaCode: 'L-1', DesiredValue: 9})
  })

  it('lists requests, the newest first', async () => {
    mock
      .on(ListRequestedServiceQuotaChangeHistoryCommand)
      .resolvesOnce({RequestedQuotas: [{Id: 'old', Created: new Date(1000)}], NextToken: '2'})
      .resolvesOnce({RequestedQuotas: [{Id: 'new', Created: new Date(2000)}, {}]})
    assert.deepEqual(
      (await quotas.requests(false)).map(({id}) => id),
      ['new', 'old', ''],
    )
  })

  it('knows where quotas of global services are kept', () => {
    assert.deepEqual(['eu-west-1', 'cn-north-1', 'us-gov-east-1'].map(globalRegion), [
      'us-east-1',
      'cn-northwest-1',
      'us-gov-west-1',
    ])
    assert.ok(createServiceQuotas({...config, region: 'us-east-1'}, 4))
  })
})
