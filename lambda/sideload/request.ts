import {SideloadError} from './errors.ts'
import {isObject, type Fields} from './fields.ts'
import {largestLimit, type ListRequest} from './operations/list.ts'
import type {DiscardRequest} from './operations/discard.ts'
import type {ExamineRequest} from './operations/examine.ts'
import type {FreezeRequest, SealRequest} from './operations/freeze.ts'
import type {PromoteRequest} from './operations/promote.ts'
import type {PruneRequest} from './operations/prune.ts'
import {largestPiece, type ReadRequest} from './operations/read.ts'
import type {VerifyRequest} from './operations/verify.ts'
import type {SliceRequest} from './slice/slice.ts'

/** What the command line may ask of the function. */
export type Request =
  | {readonly operation: 'health' | 'roots'}
  | {readonly operation: 'prepare' | 'activate'; readonly generation: number}
  | ({readonly operation: 'list'} & ListRequest)
  | ({readonly operation: 'read'} & ReadRequest)
  | ({readonly operation: 'sideload' | 'diff'} & SliceRequest)
  | ({readonly operation: 'verify'} & VerifyRequest)
  | ({readonly operation: 'prune'} & PruneRequest)
  | ({readonly operation: 'promote'} & PromoteRequest)
  | ({readonly operation: 'freeze'} & FreezeRequest)
  | ({readonly operation: 'seal' | 'unseal'} & SealRequest)
  | ({readonly operation: 'examine'} & ExamineRequest)
  | ({readonly operation: 'discard'} & DiscardRequest)

/** Generations are counted from 1; the limit keeps their names short. */
const largestGeneration = 999_999
/** Milliseconds a slice takes unless the caller says otherwise, and at most. */
const usualDeadlineMs = 60_000
const largestDeadlineMs = 120_000

const operationId = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/
const sliceIdentifier = /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/
const canaryId = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/

/** @throws SideloadError BAD_REQUEST, UNKNOWN_OPERATION */
export function parseRequest(event: unknown): Request {
  if (!isObject(event)) throw bad('the event must be an object')
  const {operation} = event
  switch (operation) {
    case 'health':
    case 'roots':
      return {operation}
    case 'prepare':
    case 'activate':
      return {operation, generation: wholeNumber(event, 'generation', largestGeneration)}
    case 'list':
      return {
        operation,
        path: text(event, 'path'),
        cursor: text(event, 'cursor'),
        limit: event['limit'] === undefined ? largestLimit : wholeNumber(event, 'limit', largestLimit),
        shallow: flag(event, 'shallow'),
      }
    case 'read':
      return {
        operation,
        generation: wholeNumber(event, 'generation', largestGeneration),
        path: text(event, 'path'),
        offset: event['offset'] === undefined ? 0 : wholeNumber(event, 'offset', Number.MAX_SAFE_INTEGER, 0),
        length: event['length'] === undefined ? largestPiece : wholeNumber(event, 'length', largestPiece),
      }
    case 'sideload':
    case 'diff':
      return {operation, ...slice(event)}
    case 'verify':
      return {operation, ...slice(event), thorough: flag(event, 'thorough')}
    case 'prune':
      return {operation, ...slice(event), dryRun: flag(event, 'dryRun')}
    case 'promote':
      return {
        operation,
        from: text(event, 'from'),
        generation: wholeNumber(event, 'generation', largestGeneration),
        canary: event['canary'] === undefined ? '' : named(event, 'canary', canaryId),
        cursor: text(event, 'cursor'),
        deadlineMs: deadline(event),
      }
    case 'freeze':
      return {operation, ...sealing(event), name: named(event, 'name', canaryId)}
    case 'seal':
    case 'unseal':
      return {operation, ...sealing(event)}
    case 'examine':
      return {
        operation,
        path: text(event, 'path'),
        snapshot: named(event, 'snapshot', canaryId),
        cursor: text(event, 'cursor'),
        deadlineMs: deadline(event),
      }
    case 'discard':
      return {operation, path: text(event, 'path'), cursor: text(event, 'cursor'), deadlineMs: deadline(event)}
    default:
      if (typeof operation !== 'string') throw bad('"operation" must be a string')
      throw new SideloadError('UNKNOWN_OPERATION', `there is no operation ${JSON.stringify(operation.slice(0, 80))}`)
  }
}

function sealing(event: Fields): SealRequest {
  return {
    generation: wholeNumber(event, 'generation', largestGeneration),
    snapshot: named(event, 'snapshot', canaryId),
    cursor: text(event, 'cursor'),
    deadlineMs: deadline(event),
  }
}

function slice(event: Fields): SliceRequest {
  const {manifest} = event
  if (!isObject(manifest)) throw bad('"manifest" must be an object with the key of a bundle manifest')
  const versionId = text(manifest, 'versionId')
  const key = text(manifest, 'key')
  if (key === '') throw bad('"manifest.key" must name a bundle manifest')
  return {
    generation: wholeNumber(event, 'generation', largestGeneration),
    opId: named(event, 'opId', operationId),
    sliceId: named(event, 'sliceId', sliceIdentifier),
    manifest: {key, ...(versionId === '' ? {} : {versionId})},
    cursor: text(event, 'cursor'),
    from: text(event, 'from'),
    to: text(event, 'to'),
    deadlineMs: deadline(event),
  }
}

function deadline(fields: Fields): number {
  return fields['deadlineMs'] === undefined ? usualDeadlineMs : wholeNumber(fields, 'deadlineMs', largestDeadlineMs)
}

function wholeNumber(fields: Fields, name: string, largest: number, least = 1): number {
  const value = fields[name]
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= largest) return value
  throw bad(`"${name}" must be a whole number from ${least} to ${largest}`)
}

function named(fields: Fields, name: string, pattern: RegExp): string {
  const value = fields[name]
  if (typeof value === 'string' && pattern.test(value)) return value
  throw bad(`"${name}" must match ${pattern.source}`)
}

function flag(fields: Fields, name: string): boolean {
  const value = fields[name] ?? false
  if (typeof value !== 'boolean') throw bad(`"${name}" must be true or false`)
  return value
}

function text(fields: Fields, name: string): string {
  const value = fields[name] ?? ''
  if (typeof value !== 'string') throw bad(`"${name}" must be a string`)
  return value
}

function bad(message: string): SideloadError {
  return new SideloadError('BAD_REQUEST', message)
}
