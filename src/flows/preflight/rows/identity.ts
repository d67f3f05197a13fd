import {fail, ok} from '../../../domain/checks.ts'
import {checkSkew} from '../../../domain/preflight/clock-skew.ts'
import type {CheckRow} from '../context.ts'

/** Account and region are those of the environment. */
export const account: CheckRow = {
  name: 'account',
  what: 'account and region are those of the environment',
  run({options: {configuration}, caller}) {
    const {account: wanted, region} = configuration
    return wanted !== undefined && wanted !== caller.account
      ? fail(
          `these credentials are of account ${caller.account}, the environment lives in ${wanted}`,
          'Use --profile or --role-arn of the right account',
        )
      : ok(`${caller.account} in ${region}`)
  },
}

export const clock: CheckRow = {
  name: 'clock',
  what: "this machine's clock is that of AWS",
  async run({ports}) {
    const there = await ports.accountFacts.serverTime()
    return checkSkew(ports.clock.now(), there)
  },
}
