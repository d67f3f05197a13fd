import * as z from 'zod'
import type {EnvironmentName, Generation} from './names.ts'
import {databaseGenerationOf, type Part, parts, stackName} from './parts.ts'

/** What `destroy` leaves behind for the next `deploy`, in the records bucket. */
export const retainedSchema = z.object({
  schemaVersion: z.literal(1),
  environment: z.string(),
  at: z.string(),
  database: z.object({
    generation: z.number().int(),
    snapshotIdentifier: z.string(),
    /** GiB; a restore cannot shrink it (RDS handler, restoreDbInstanceFromSnapshot). */
    allocatedStorage: z.number().int(),
    engineVersion: z.string(),
    parameterGroupFamily: z.string(),
    masterUsername: z.string(),
  }),
  files: z.object({generation: z.number().int()}),
})
export type Retained = z.infer<typeof retainedSchema>

export function retainedKey(environment: EnvironmentName): string {
  return `retained/${environment}.json`
}

/** What a landscape needs to know of a stack. */
export interface KnownStack {
  readonly name: string
  readonly parameters: Readonly<Record<string, string>>
}

/** The active pair of generations. */
export interface Generations {
  readonly database: Generation
  readonly files: Generation
}

function asGeneration(text: string | undefined): Generation | undefined {
  return text !== undefined && /^[1-9]\d*$/.test(text) ? (Number(text) as Generation) : undefined
}

/**
 * The active pair: what the app stack says, so that a deploy after a restore flips nothing back; without an app stack
 * the newest database stack, then what `destroy` retained (its database comes back as the next generation), then 1.
 */
export function activeGenerations(
  environment: EnvironmentName,
  stacks: readonly KnownStack[],
  retained: Retained | undefined,
): Generations {
  const app = stacks.find((stack) => stack.name === stackName(environment, 'app'))
  const databases = stacks.flatMap((stack) => databaseGenerationOf(environment, stack.name) ?? [])
  const newest = databases.length === 0 ? undefined : (Math.max(...databases) as Generation)
  const next = retained === undefined ? undefined : ((retained.database.generation + 1) as Generation)
  return {
    database: asGeneration(app?.parameters['DatabaseGeneration']) ?? newest ?? next ?? (1 as Generation),
    files: asGeneration(app?.parameters['FilesGeneration']) ?? ((retained?.files.generation ?? 1) as Generation),
  }
}

/** The part that a stack of this environment is, or undefined for a stranger. */
export function partOf(environment: EnvironmentName, name: string): Part | undefined {
  if (databaseGenerationOf(environment, name) !== undefined) return 'database'
  return parts.find((part) => part !== 'database' && stackName(environment, part) === name)
}
