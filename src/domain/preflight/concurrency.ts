import {type Answer, fail, ok, warn} from '../checks.ts'

/** Functions that run at once in an account and region. */
export interface KnownConcurrency {
  readonly limit: number
  /** What no function has reserved for itself. */
  readonly unreserved: number
}

/** New accounts begin with 10 instead of 1,000 (Lambda guide, concurrency). */
const narrow = 10

/** Whether the side-load function can run beside what runs already; it reserves nothing. */
export function checkConcurrency({limit, unreserved}: KnownConcurrency, region: string): Answer {
  const raise = `aws service-quotas request-service-quota-increase --region ${region} --service-code lambda --quota-code L-B99A9384 --desired-value 1000`
  if (unreserved < 1) return fail(`all ${limit} concurrent executions are reserved by other functions`, raise)
  return unreserved <= narrow
    ? warn(`${unreserved} concurrent executions are free in this account: a busy function delays the side-load`, raise)
    : ok(`${unreserved} of ${limit} concurrent executions are free`)
}
