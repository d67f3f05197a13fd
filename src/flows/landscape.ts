import {FailedError, RefusedError} from '../domain/errors.ts'
import {
  activeGenerations,
  type Generations,
  partOf,
  type Retained,
  retainedKey,
  retainedSchema,
} from '../domain/landscape.ts'
import type {EnvironmentName} from '../domain/names.ts'
import {type Part, parts, stackName} from '../domain/parts.ts'
import {statusTable} from '../domain/stack-status.ts'
import {readRecord} from './ledger/record.ts'
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
  const pair = own.find((stack) => stack.name === stackName(environment, 'app'))?.parameters['FilesGeneration']
  // The retained record matters only while no app stack says where the data are; one that was only reviewed says nothing.
  const retained =
    bucket === undefined || pair !== undefined
      ? undefined
      : await readRecord(objects, bucket, retainedKey(environment), retainedSchema, `Retained data of ${environment}`)
  return {environment, stacks: own, generations: activeGenerations(environment, own, retained), retained}
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

/** True once the foundation was made: from then on the lock in its bucket, not its stack's name, keeps others out. */
export function hasLedger(foundation: StackDescription | undefined): foundation is StackDescription {
  if (foundation?.outputs['RecordsBucket'] === undefined) return false
  return statusTable[foundation.status].deploy === 'update' || foundation.status.startsWith('UPDATE_')
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
 * An output that a part which stands must have.
 * @throws FailedError OUTPUT_MISSING: its stack was made from another template, or changed by hand
 */
export function neededOutput(outputs: Readonly<Record<string, string>>, name: string): string {
  const value = outputs[name]
  if (value !== undefined) return value
  throw new FailedError(`Output ${name} is missing: no part of the environment has it.`, {
    code: 'OUTPUT_MISSING',
    suggestions: ['Bring every part to the templates of this version: pi-aws deploy'],
  })
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
