import * as z from 'zod'
import type {EnvironmentName} from './names.ts'

/** What an environment is made of, as far as another of the same name could be mistaken for it. */
export const identitySchema = z.object({
  schemaVersion: z.literal(1),
  environment: z.string(),
  account: z.string(),
  region: z.string(),
  /** Id of the foundation's stack, which is never made twice in one environment's life. */
  foundationId: z.string(),
  fileSystemId: z.string().optional(),
  database: z.object({generation: z.number().int(), resourceId: z.string()}).optional(),
})
export type EnvironmentIdentity = z.infer<typeof identitySchema>

export function identityKey(environment: EnvironmentName): string {
  return `identity/${environment}.json`
}

/** What differs between the identity that was pinned and the one that is found, in words; empty when it is the same. */
export function identityDifferences(pinned: EnvironmentIdentity, found: EnvironmentIdentity): readonly string[] {
  const rows: readonly (readonly [what: string, was: string | undefined, is: string | undefined])[] = [
    ['account', pinned.account, found.account],
    ['region', pinned.region, found.region],
    ['stack of the foundation', pinned.foundationId, found.foundationId],
    ['file system', pinned.fileSystemId, found.fileSystemId],
    // Another generation is another instance on purpose.
    ...(pinned.database?.generation === found.database?.generation
      ? [['database instance', pinned.database?.resourceId, found.database?.resourceId] as const]
      : []),
  ]
  return rows
    .filter(([, was, is]) => was !== undefined && is !== undefined && was !== is)
    .map(([what, was, is]) => `${what} was ${was} and is ${is}`)
}
