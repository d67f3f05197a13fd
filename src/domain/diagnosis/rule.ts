import type {Facts, Finding} from './facts.ts'

/** Refusals that come from a limit of the account. */
export const quota =
  /limit ?exceeded|quota|maximum number of|too many .* (?:exist|already)|VcpuLimit|AddressLimit|has been reached/i

/** A finding before all are ranked. */
export type Draft = Omit<Finding, 'rank'>
/** What one look at the facts finds. */
export type Rule = (facts: Facts) => readonly Draft[]
