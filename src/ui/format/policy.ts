import type {PolicyResult} from '../../flows/policy.ts'

/** One policy comes out as IAM takes it; several as a list with their names. */
export function formatPolicy({policies}: PolicyResult): string {
  const [only, ...others] = policies
  return `${JSON.stringify(others.length === 0 ? only?.document : policies, null, 2)}\n`
}
