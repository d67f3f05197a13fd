import {stackName} from '../../domain/parts.ts'
import {type Landscape, stackOf} from '../landscape.ts'
import type {KeptThing} from './options.ts'

/** What stays after a destroy, and what drives its price. */
export function keptThings(landscape: Landscape, outputs: Readonly<Record<string, string>>, snapshots: readonly string[]): readonly KeptThing[] {
  const {environment} = landscape
  const things: KeptThing[] = [
    {what: 'Foundation: key, buckets, secrets, vault, ledger', id: stackName(environment, 'foundation'), costs: 'one KMS key and two secrets a month, S3 by GB'},
  ]
  if (stackOf(landscape, 'files') !== undefined) {
    things.push({what: 'Files: the file system', id: stackName(environment, 'files'), costs: 'EFS by GB and month'})
  }
  if (outputs['FileSystemId'] !== undefined) things.push({what: 'File system', id: outputs['FileSystemId'], costs: 'part of the files above'})
  for (const snapshot of snapshots) things.push({what: 'Database snapshot', id: snapshot, costs: 'RDS snapshot storage by GB and month'})
  return things
}
