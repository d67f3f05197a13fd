import {
  paginateListAWSDefaultServiceQuotas,
  paginateListRequestedServiceQuotaChangeHistory,
  paginateListServiceQuotas,
  RequestServiceQuotaIncreaseCommand,
  type RequestedServiceQuotaChange,
  ServiceQuotasClient,
  type ServiceQuota,
} from '@aws-sdk/client-service-quotas'
import type {QuotaRequest, QuotaValue, ServiceQuotas} from '../flows/quotas/ports.ts'
import {type Actions, isNamed, translateErrors} from './errors.ts'
import {present} from './present.ts'
import {limitedClient, limiterOf} from './rate-limit.ts'
import type {ClientConfig} from './settings.ts'

const actions: Actions = {
  applied: 'servicequotas:ListServiceQuotas',
  defaults: 'servicequotas:ListAWSDefaultServiceQuotas',
  requests: 'servicequotas:ListRequestedServiceQuotaChangeHistory',
  request: 'servicequotas:RequestServiceQuotaIncrease',
}

/** The region of a partition in which quotas of global services are kept. */
export function globalRegion(region: string): string {
  if (region.startsWith('cn-')) return 'cn-northwest-1'
  return region.startsWith('us-gov-') ? 'us-gov-west-1' : 'us-east-1'
}

/**
 * Service Quotas by its API.
 * @param perSecond calls a second; AWS takes five of some kinds in a region (Service Quotas user guide)
 */
export function createServiceQuotas(config: ClientConfig, perSecond: number): ServiceQuotas {
  const clientIn = (region: string): ServiceQuotasClient =>
    limitedClient(new ServiceQuotasClient({...config, region}), limiterOf(perSecond))
  const here = clientIn(config.region)
  const home = globalRegion(config.region)
  const there = home === config.region ? here : clientIn(home)
  const of = (global: boolean): ServiceQuotasClient => (global ? there : here)
  return translateErrors<ServiceQuotas>(
    {
      applied: ({service, global}) =>
        values(paginateListServiceQuotas({client: of(global), pageSize: 100}, {ServiceCode: service})),
      defaults: ({service, global}) =>
        values(paginateListAWSDefaultServiceQuotas({client: of(global), pageSize: 100}, {ServiceCode: service})),
      async requests(global) {
        const all: QuotaRequest[] = []
        const pages = paginateListRequestedServiceQuotaChangeHistory({client: of(global), pageSize: 100}, {})
        for await (const {RequestedQuotas = []} of pages) all.push(...RequestedQuotas.map(requestOf))
        return all.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
      },
      async request({service, code, global}, value) {
        try {
          const {RequestedQuota: made} = await of(global).send(
            new RequestServiceQuotaIncreaseCommand({ServiceCode: service, QuotaCode: code, DesiredValue: value}),
          )
          return made === undefined ? undefined : requestOf(made)
        } catch (error) {
          if (isNamed(error, 'ResourceAlreadyExists')) return undefined
          throw error
        }
      },
    },
    actions,
  )
}

/** A service that Service Quotas does not know in the region has no quotas there. */
async function values(
  pages: AsyncIterable<{readonly Quotas?: readonly ServiceQuota[] | undefined}>,
): Promise<readonly QuotaValue[]> {
  const all: QuotaValue[] = []
  try {
    for await (const {Quotas = []} of pages) all.push(...Quotas.map(valueOf))
  } catch (error) {
    if (!isNamed(error, 'NoSuchResource')) throw error
  }
  return all
}

function valueOf({
  QuotaCode: code = '',
  Value: value,
  ErrorReason: fault,
  UsageMetric: usage,
}: ServiceQuota): QuotaValue {
  const {MetricNamespace: namespace, MetricName: name, MetricDimensions: dimensions} = usage ?? {}
  return {
    code,
    // With a reason why it could not be found out, the value says nothing.
    ...(value === undefined || fault !== undefined ? {} : {value}),
    ...(namespace === undefined || name === undefined ? {} : {metric: {namespace, name, dimensions: dimensions ?? {}}}),
  }
}

function requestOf(change: RequestedServiceQuotaChange): QuotaRequest {
  return {
    id: change.Id ?? '',
    service: change.ServiceCode ?? '',
    code: change.QuotaCode ?? '',
    name: change.QuotaName ?? '',
    desired: change.DesiredValue ?? 0,
    status: change.Status ?? '',
    createdAt: change.Created?.toISOString() ?? '',
    ...present({caseId: change.CaseId}),
  }
}
