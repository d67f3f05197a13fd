import {stackName} from '../../domain/parts.ts'
import {type Landscape, mergedOutputs, stackOf} from '../landscape.ts'
import type {Repositories} from '../mirror/ports.ts'
import type {Databases, Secrets} from '../ports.ts'
import type {KeptThing} from './options.ts'

/** What stays after a destroy, and what drives its price. */
export async function keptThings(
  ports: {readonly databases: Databases; readonly secrets: Secrets; readonly repositories: Repositories},
  landscape: Landscape,
  mirror: readonly string[],
): Promise<readonly KeptThing[]> {
  const {environment} = landscape
  const [snapshots, secrets, repositories] = await Promise.all([
    ports.databases.snapshotsOf(environment),
    ports.secrets.ownedBy(environment),
    Promise.all(mirror.map(async (name) => ((await ports.repositories.uri(name)) === undefined ? [] : [name]))),
  ])
  const outputs = mergedOutputs(landscape)
  const fileSystem = outputs['FileSystemId']
  // Those of the foundation are named by its stack; what else is left belongs to databases that are gone.
  const orphans = secrets.filter((arn) => arn !== outputs['LicenceSecretArn'] && arn !== outputs['RegistrySecretArn'])
  return [
    {
      what: 'Foundation: key, buckets, secrets, vault, ledger',
      id: stackName(environment, 'foundation'),
      costs: 'one KMS key, two secrets, S3 by GB',
    },
    ...(stackOf(landscape, 'files') === undefined || fileSystem === undefined
      ? []
      : [
          {what: 'Files: the file system', id: stackName(environment, 'files'), costs: 'EFS by GB and month'},
          {what: 'File system', id: fileSystem, costs: 'part of the files above'},
        ]),
    ...snapshots.map((id) => ({what: 'Database snapshot', id, costs: 'RDS snapshot storage by GB and month'})),
    ...repositories.flat().map((id) => ({what: 'Mirrored images', id, costs: 'ECR by GB and month'})),
    ...orphans.map((id) => ({what: 'Database secret', id, costs: 'Secrets Manager by secret and month'})),
  ]
}
