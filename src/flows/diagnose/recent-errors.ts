import type {Facts} from '../../domain/diagnosis/facts.ts'
import {type LogGroup, trafficServices} from '../../domain/logs/services.ts'
import type {Logs} from '../telemetry/ports.ts'

/** So far back, ms. */
const recent = 900_000
/** CloudWatch's filter: any of the words, in this case: prose speaks of errors too. */
const filter = '?ERROR ?FATAL ?SEVERE ?Exception'
/** Pages with errors that are read of a group: what is said is that there are errors, not how many thousand. */
const mostPages = 3
/** A page of CloudWatch may be empty though errors follow; so many are read of a group at most, empty ones too. */
const mostCalls = 20

/** Errors that services wrote lately: how many, or at least how many, and the newest of them. */
export async function recentErrors(logs: Logs, groups: readonly LogGroup[], now: Date): Promise<Facts['errors']> {
  const rows = groups
    .filter(({service}) => service !== 'session' && !trafficServices.includes(service))
    .map(async ({service, group}) => {
      let [count, sample, token]: [number, string, string | undefined] = [0, '', undefined]
      for (let [calls, pages] = [0, 0]; calls < mostCalls && pages < mostPages; calls++) {
        const query = {
          startTime: now.getTime() - recent,
          endTime: now.getTime(),
          filter,
          ...(token === undefined ? {} : {token}),
        }
        const page = await logs.page(group, query)
        const found = page?.events.length ?? 0
        count += found
        pages += Math.sign(found)
        sample = page?.events.at(-1)?.message.trim() ?? sample
        token = page?.token
        if (token === undefined) break
      }
      return {service, count, more: token !== undefined, sample: sample.slice(0, 500)}
    })
  return (await Promise.all(rows)).filter(({count}) => count > 0)
}
