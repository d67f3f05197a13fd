import {once} from 'node:events'
import {request} from 'node:http'
import {RateLimit} from '../../src/aws/rate-limit.ts'
import type {Call} from './counted-way.ts'

/** Calls a second that a service takes from us; others are those of Service Quotas. */
const perSecond = (service: string): number => (service.startsWith('servicequotas ') ? 4 : 10)

async function send({method, path, headers, body}: Call, url: string): Promise<void> {
  const outgoing = request(new URL(path, url), {method, headers})
  outgoing.end(body)
  const [answer] = (await once(outgoing, 'response')) as [NodeJS.ReadableStream & {resume(): void}]
  answer.resume()
  await once(answer, 'end')
}

/**
 * How long the calls of one service take by themselves, at the pace that it is called at: pages of a list one after the
 * other, lists side by side.
 * @returns seconds
 */
async function alone(service: string, calls: readonly Call[], url: string): Promise<number> {
  const limit = new RateLimit(perSecond(service))
  const lists = Map.groupBy(calls, ({action}) => action)
  const begun = performance.now()
  await Promise.all(
    [...lists.values()].map(async (pages) => {
      for (const page of pages) {
        await limit.take()
        await send(page, url)
      }
    }),
  )
  return (performance.now() - begun) / 1000
}

export interface OwnTime {
  /** Service and region. */
  readonly service: string
  readonly calls: number
  readonly seconds: number
}

/** Makes the calls of a check again, service by service; the slowest comes first. */
export async function ownTimes(calls: readonly Call[], url: string): Promise<readonly OwnTime[]> {
  const times: OwnTime[] = []
  for (const [service, own] of Map.groupBy(calls, (call) => call.service))
    times.push({service, calls: own.length, seconds: await alone(service, own, url)})
  return times.toSorted((a, b) => b.seconds - a.seconds)
}
