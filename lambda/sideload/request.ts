import {SideloadError} from './errors.ts'
import {largestLimit, type ListRequest} from './operations/list.ts'

/** What the command line may ask of the function. */
export type Request =
  | {readonly operation: 'health'}
  | {readonly operation: 'prepare'; readonly generation: number}
  | ({readonly operation: 'list'} & ListRequest)

/** Generations are counted from 1; the limit keeps their names short. */
const largestGeneration = 999_999

type Fields = Readonly<Record<string, unknown>>

/**
 * Whether an event comes from EventBridge or from a bucket's notifications and not from the command line. Those are
 * asynchronous: only an error that is thrown takes them to the dead-letter queue.
 */
export function isNotification(event: unknown): boolean {
  if (!isObject(event)) return false
  return Array.isArray(event['Records']) || (typeof event['detail-type'] === 'string' && 'detail' in event)
}

/** @throws SideloadError BAD_REQUEST, UNKNOWN_OPERATION */
export function parseRequest(event: unknown): Request {
  if (!isObject(event)) throw bad('the event must be an object')
  const {operation} = event
  switch (operation) {
    case 'health':
      return {operation}
    case 'prepare':
      return {operation, generation: wholeNumber(event, 'generation', largestGeneration)}
    case 'list':
      return {
        operation,
        path: text(event, 'path'),
        cursor: text(event, 'cursor'),
        limit: event['limit'] === undefined ? largestLimit : wholeNumber(event, 'limit', largestLimit),
      }
    default:
      if (typeof operation !== 'string') throw bad('"operation" must be a string')
      throw new SideloadError('UNKNOWN_OPERATION', `there is no operation ${JSON.stringify(operation.slice(0, 80))}`)
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wholeNumber(fields: Fields, name: string, largest: number): number {
  const value = fields[name]
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= largest) return value
  throw bad(`"${name}" must be a whole number from 1 to ${largest}`)
}

function text(fields: Fields, name: string): string {
  const value = fields[name] ?? ''
  if (typeof value !== 'string') throw bad(`"${name}" must be a string`)
  return value
}

function bad(message: string): SideloadError {
  return new SideloadError('BAD_REQUEST', message)
}
