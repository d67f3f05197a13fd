import {type Answer, skip, warn} from '../../../domain/checks.ts'
import {mergedOutputs} from '../../landscape.ts'
import type {PreflightContext} from '../context.ts'

/** A secret's value: what was handed over, else what its secret holds. */
export async function storedValue({ports, landscape}: PreflightContext, output: string): Promise<string | undefined> {
  const arn = mergedOutputs(landscape)[output]
  return arn === undefined ? undefined : ports.secrets.value(arn)
}

/** The answer where there is none yet: a person is asked, a script has to hand it over. */
export function notGiven({options, ports}: PreflightContext, what: string, flags: string): Answer {
  if (options.embedded) return skip('the embedded AWS takes a made-up one')
  return ports.ask.possible
    ? skip(`deploy asks for ${what}`)
    : warn(`there is no ${what} yet, and deploy wants one`, `pi-aws deploy ${options.environment} ${flags}`)
}
