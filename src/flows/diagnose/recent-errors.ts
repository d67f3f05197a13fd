import type {Facts} from '../../domain/diagnosis/facts.ts'
import {type LogGroup, trafficServices} from '../../domain/logs/services.ts'
import type {Logs} from '../telemetry/ports.ts'

/** So far back, ms. */
const recent = 900_000
/** CloudWatch's filter: any of the words, in this case: prose speaks of errors too. */
const filter = '?ERROR ?FATAL ?SEVERE ?Exception'
/** Pages that are read of a group: what is said is that there are errors, not how many thousand. */
const mostPages = 3

/** Errors that services wrote lately: how many, and the newest. */
export async function recentErrors(logs: Logs, groups: readonly LogGroup[], now: Date): Promise<Facts['errors']> {
  const rows = groups
    .filter(({service}) => service !== 'session' && !trafficServices.includes(service))
    .map(async ({service, group}) => {
      let [count, sample, token]: [number, string, string | undefined] = [0, '', undefined]
      for (let pages = 0; pages < mostPages; pages++) {
        const query = {
          startTime: now.getTime() - recent,
          endTime: now.getTime(),
          filter,
          ...(token === undefined ? {} : {token}),
        }
        const page = await logs.page(group, query)
        count += page?.events.length ?? 0
        sample = page?.events.at(-1)?.message.trim() ?? sample
        token = page?.token
        if (token === undefined) break
      }
      return {service, count, sample: sample.slice(0, 500)}
    })
  return (await Promise.all(rows)).filter(({count}) => count > 0)
}
