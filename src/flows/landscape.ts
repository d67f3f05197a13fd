import {FailedError, RefusedError} from '../domain/errors.ts'
import {activeGenerations, type Generations, partOf, type Retained, retainedKey, retainedSchema} from '../domain/landscape.ts'
import type {EnvironmentName} from '../domain/names.ts'
import {type Part, parts, stackName} from '../domain/parts.ts'
import {statusTable} from '../domain/stack-status.ts'
import type {Objects, StackDescription, Stacks} from './ports.ts'

/** What exists of an environment, as one look at CloudFormation and the ledger tells. */
export interface Landscape {
  readonly environment: EnvironmentName
  /** All stacks of the environment's parts, every database generation included. */
  readonly stacks: readonly StackDescription[]
  readonly generations: Generations
  readonly retained: Retained | undefined
}

/** Reads the landscape. Without a foundation there is nothing else. */
export async function readLandscape(
  {stacks, objects}: {readonly stacks: Stacks; readonly objects: Objects},
  environment: EnvironmentName,
): Promise<Landscape> {
  const all = await stacks.list(`pi-${environment}-`)
  const own = all.filter((stack) => partOf(environment, stack.name) !== undefined)
  const bucket = own.find((stack) => stack.name === stackName(environment, 'foundation'))?.outputs['RecordsBucket']
  const hasApp = own.some((stack) => stack.name === stackName(environment, 'app'))
  // The retained record matters only while there is no app stack: then it alone says where the data are.
  const retained = bucket === undefined || hasApp ? undefined : await readRetained(objects, bucket, environment)
  return {environment, stacks: own, generations: activeGenerations(environment, own, retained), retained}
}

async function readRetained(objects: Objects, bucket: string, environment: EnvironmentName): Promise<Retained | undefined> {
  const found = await objects.get(bucket, retainedKey(environment))
  if (found === undefined) return undefined
  try {
    return retainedSchema.parse(JSON.parse(new TextDecoder().decode(found.body)))
  } catch (error) {
    throw new FailedError(`Retained data of ${environment} unreadable: ${retainedKey(environment)} does not have the expected form.`, {
      code: 'LEDGER_UNREADABLE',
      cause: error,
    })
  }
}

/** The stack of a part, the active generation's for the database. */
export function stackOf(landscape: Landscape, part: Part): StackDescription | undefined {
  const name = stackName(landscape.environment, part, landscape.generations.database)
  return landscape.stacks.find((stack) => stack.name === name)
}

/** True when the stack has been created and has not been taken down. */
export function isStanding(stack: StackDescription | undefined): stack is StackDescription {
  return stack !== undefined && statusTable[stack.status].deploy === 'update'
}

/** Outputs of all standing parts, merged; the wiring of templates is by equal names. */
export function mergedOutputs(landscape: Landscape): Record<string, string> {
  const merged: Record<string, string> = {}
  for (const part of parts) {
    const {TemplateId: _id, TemplateVersion: _version, ...outputs} = stackOf(landscape, part)?.outputs ?? {}
    Object.assign(merged, outputs)
  }
  return merged
}

/**
 * The bucket that holds ledger and recovery sets.
 * @throws RefusedError NO_FOUNDATION
 */
export function recordsBucketOf(landscape: Landscape): string {
  const bucket = stackOf(landscape, 'foundation')?.outputs['RecordsBucket']
  if (bucket === undefined) {
    throw new RefusedError(`Environment ${landscape.environment} has no foundation yet: there is no ledger.`, {
      code: 'NO_FOUNDATION',
      suggestions: [`pi-aws deploy ${landscape.environment}`],
    })
  }
  return bucket
}
