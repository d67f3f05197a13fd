import {Args} from '@oclif/core'
import {parseSnapshotRef, type SnapshotRef} from '../domain/snapshots/id.ts'

/** First argument of commands that work on one set. */
export const snapshotArgument = Args.custom<SnapshotRef>({
  description: 'latest, the id of a snapshot, or the beginning of one',
  required: true,
  parse: async (text) => parseSnapshotRef(text),
})
