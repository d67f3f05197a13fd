import {type Answer, fail, ok, warn} from '../checks.ts'

/** Signatures older or younger than five minutes are refused (Signature Version 4). */
const refusedMs = 5 * 60_000
const oddMs = 30_000

/** The clock of this machine against that of AWS, both read at the same moment. */
export function checkSkew(here: Date, there: Date): Answer {
  const skew = here.getTime() - there.getTime()
  const text = `this machine is ${Math.round(Math.abs(skew) / 1000)} s ${skew < 0 ? 'behind' : 'ahead of'} AWS`
  if (Math.abs(skew) >= refusedMs)
    return fail(`${text}, which refuses signatures of five minutes`, "Set the machine's clock by NTP")
  return Math.abs(skew) >= oddMs ? warn(text, "Set the machine's clock by NTP") : ok(text)
}
