import {FailedError, NotFoundError} from '../../domain/errors.ts'
import type {OpId} from '../../domain/names.ts'
import {
  type RestoreEnd,
  restoreEndKey,
  restoreKey,
  type RestoreRecord,
  restoreRecordSchema,
  type RestoreState,
  restoreStates,
} from '../../domain/snapshots/pair.ts'
import type {Objects} from '../ports.ts'
import {removeKey} from '../snapshot/reap.ts'

/** All restores that were committed, newest first, with what came of them. */
export async function readRestores(
  objects: Objects,
  bucket: string,
): Promise<readonly {readonly opId: string; readonly state: RestoreState}[]> {
  return restoreStates((await objects.list(bucket, 'restores/')).map(({key}) => key))
}

/** @throws NotFoundError RESTORE_NOT_FOUND; FailedError LEDGER_UNREADABLE */
export async function readRestore(objects: Objects, bucket: string, opId: string): Promise<RestoreRecord> {
  const found = await objects.get(bucket, restoreKey(opId))
  if (found === undefined) {
    throw new NotFoundError(`Restore ${opId} not found: none of that id was committed.`, {
      code: 'RESTORE_NOT_FOUND',
      suggestions: ['pi-aws restore status'],
    })
  }
  try {
    return restoreRecordSchema.parse(JSON.parse(new TextDecoder().decode(found.body)))
  } catch (error) {
    throw new FailedError(`Record of restore ${opId} unreadable: it does not have the expected form.`, {
      code: 'LEDGER_UNREADABLE',
      cause: error,
      suggestions: [`Older versions of ${restoreKey(opId)} stay in the bucket ${bucket}`],
    })
  }
}

/** Takes back the record of a restore whose operation did not come to its end behind it. */
export async function forgetRestore(objects: Objects, bucket: string, opId: OpId): Promise<void> {
  await removeKey(objects, bucket, restoreKey(opId))
}

/** Writes down what came of a restore; written once, whoever comes by again. */
export async function endRestore(
  objects: Objects,
  bucket: string,
  opId: string,
  end: RestoreEnd,
  by: OpId,
): Promise<void> {
  const bytes = new TextEncoder().encode(`${JSON.stringify({schemaVersion: 1, by})}\n`)
  await objects.putIfAbsent(bucket, restoreEndKey(opId, end), bytes)
}
