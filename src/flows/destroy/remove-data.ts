import type {EnvironmentName} from '../../domain/names.ts'
import {type Landscape, stackOf} from '../landscape.ts'
import type {DestroyPorts} from './destroy.ts'
import type {StackRemover} from './stack-remover.ts'

interface DataRemoval {
  readonly ports: DestroyPorts
  readonly remover: StackRemover
  readonly landscape: Landscape
  readonly outputs: Readonly<Record<string, string>>
  readonly environment: EnvironmentName
}

/**
 * Removes what holds data, the ledger's bucket last: as long as it is there, an interrupted removal can be resumed.
 * @returns ids of what is gone
 */
export async function removeData({ports, remover, landscape, outputs, environment}: DataRemoval): Promise<readonly string[]> {
  const gone: string[] = []
  const files = stackOf(landscape, 'files')
  if (files !== undefined) {
    await remover.remove(files, 'files')
    gone.push(files.name)
  }
  const fileSystem = outputs['FileSystemId']
  if (fileSystem !== undefined) {
    await remover.step('remove-file-system', `Remove file system ${fileSystem}`, 'files', async () => {
      await ports.fileSystems.delete(fileSystem)
      return 'gone'
    })
    gone.push(fileSystem)
  }
  await remover.step('remove-snapshots', 'Remove database snapshots', 'database', async () => {
    const snapshots = await ports.databases.snapshotsOf(environment)
    for (const snapshot of snapshots) await ports.databases.deleteSnapshot(snapshot)
    gone.push(...snapshots)
    return `${snapshots.length} removed`
  })
  gone.push(...(await removeFoundation(ports, remover, landscape, outputs)))
  return gone
}

/** Its policies keep buckets, vault, secrets and key when the stack goes: each is then deleted by its own call. */
async function removeFoundation(
  ports: DestroyPorts,
  remover: StackRemover,
  landscape: Landscape,
  outputs: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const foundation = stackOf(landscape, 'foundation')
  if (foundation === undefined) return []
  await remover.remove(foundation, 'foundation')
  const gone = [foundation.name]
  const of = (name: string): readonly string[] => (outputs[name] === undefined ? [] : [outputs[name]])
  for (const vault of of('BackupVaultName')) {
    await ports.backups.deleteVault(vault)
    gone.push(vault)
  }
  for (const secret of [...of('LicenceSecretArn'), ...of('RegistrySecretArn')]) {
    await ports.secrets.delete(secret)
    gone.push(secret)
  }
  for (const bucket of [...of('ArtifactsBucket'), ...of('AssetsBucket'), ...of('AccessLogsBucket'), ...of('RecordsBucket')]) {
    await ports.objects.empty(bucket)
    await ports.objects.deleteBucket(bucket)
    gone.push(bucket)
  }
  for (const key of of('KeyArn')) gone.push(`${key} (deleted on ${await ports.keys.scheduleDeletion(key)})`)
  return gone
}
