import {SideloadError} from './errors.ts'
import {isObject, type Fields} from './fields.ts'

/** An object that arrived in a bucket. */
export interface Arrival {
  readonly bucket: string
  /** As it is stored, decoded. */
  readonly key: string
  readonly versionId?: string
  /** Orders the events of one key. */
  readonly sequencer?: string
}

/**
 * Whether an event comes from EventBridge or from a bucket's notifications and not from the command line. Those are
 * asynchronous: only an error that is thrown takes them to the dead-letter queue.
 */
export function isNotification(event: unknown): boolean {
  if (!isObject(event)) return false
  if (Array.isArray(event['Records']) || event['Event'] === 's3:TestEvent') return true
  return typeof event['detail-type'] === 'string' && 'detail' in event
}

/**
 * What arrived, by either kind of event. EventBridge tells keys as they are; notifications of buckets tell them encoded
 * as a form (S3 user guide, event message structure), and those are decoded once.
 * @returns nothing for the message with which a bucket tries out its notifications
 * @throws SideloadError BAD_REQUEST for an event that is neither
 */
export function arrivalsOf(event: unknown): readonly Arrival[] {
  if (!isObject(event)) throw bad('it is no object')
  if (event['Event'] === 's3:TestEvent') return []
  if (Array.isArray(event['Records'])) return event['Records'].map(fromRecord)
  if (event['detail-type'] !== 'Object Created') throw bad(`nothing is done for ${String(event['detail-type'])}`)
  const detail = fields(event, 'detail')
  const object = fields(detail, 'object')
  return [
    {
      bucket: text(fields(detail, 'bucket'), 'name'),
      key: text(object, 'key'),
      ...optional('versionId', object['version-id']),
      ...optional('sequencer', object['sequencer']),
    },
  ]
}

function fromRecord(record: unknown): Arrival {
  if (!isObject(record)) throw bad('a record is no object')
  const name = record['eventName']
  if (typeof name === 'string' && !/^(s3:)?ObjectCreated:/.test(name)) throw bad(`nothing is done for ${name}`)
  const s3 = fields(record, 's3')
  const object = fields(s3, 'object')
  return {
    bucket: text(fields(s3, 'bucket'), 'name'),
    key: decoded(text(object, 'key')),
    ...optional('versionId', object['versionId']),
    ...optional('sequencer', object['sequencer']),
  }
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch (error) {
    throw new SideloadError(
      'BAD_REQUEST',
      `the key ${JSON.stringify(key.slice(0, 80))} is not encoded as a form`,
      error,
    )
  }
}

function fields(from: Fields, name: string): Fields {
  const value = from[name]
  if (!isObject(value)) throw bad(`"${name}" is missing`)
  return value
}

function text(from: Fields, name: string): string {
  const value = from[name]
  if (typeof value !== 'string' || value === '') throw bad(`"${name}" is missing`)
  return value
}

/** Objects of unversioned buckets have no version, or the version "null". */
function optional(name: 'versionId' | 'sequencer', value: unknown): Partial<Record<typeof name, string>> {
  return typeof value === 'string' && value !== '' && value !== 'null' ? {[name]: value} : {}
}

function bad(why: string): SideloadError {
  return new SideloadError('BAD_REQUEST', `the event is none of an object that was created: ${why}`)
}
