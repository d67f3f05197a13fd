import type {ZodType} from 'zod'
import {FailedError} from '../../domain/errors.ts'
import type {Objects} from '../ports.ts'

/**
 * Reads one JSON record of the ledger; undefined where there is none.
 * @param what begins the error's sentence
 * @throws FailedError LEDGER_UNREADABLE when it does not have the expected form
 */
export async function readRecord<T>(
  objects: Objects,
  bucket: string,
  key: string,
  schema: ZodType<T>,
  what: string,
): Promise<T | undefined> {
  const found = await objects.get(bucket, key)
  if (found === undefined) return undefined
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(found.body)))
  } catch (error) {
    throw new FailedError(`${what} unreadable: ${key} does not have the expected form.`, {
      code: 'LEDGER_UNREADABLE',
      cause: error,
    })
  }
}
