import {type Landscape, mergedOutputs, stackOf} from '../landscape.ts'
import type {Operation} from '../ledger/operation.ts'
import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import type {DestroyPorts} from './options.ts'
import {type StackRemover, unprotectAndDelete} from './stack-remover.ts'

interface DataRemoval {
  readonly ports: DestroyPorts
  readonly run: Run
  readonly operation: Operation
  readonly remover: StackRemover
  readonly landscape: Landscape
  /** False while the stack of the files still holds mount targets. */
  readonly filesDetached: boolean
  readonly roleArn: string | undefined
  /** Of ECR, with a mirror. */
  readonly repositories: readonly string[]
}

/**
 * Removes what holds data. The ledger's bucket and then the foundation's stack, which names it, go last: until then an
 * interrupted removal is found again, and what was removed already is passed over.
 * @returns ids of what is gone
 */
export async function removeData(work: DataRemoval): Promise<readonly string[]> {
  const {ports, run, operation, landscape, roleArn} = work
  const gone = [
    ...(await removeFiles(work)),
    ...(await removeSnapshots(work)),
    ...(await removeVaultAndSecrets(work)),
    ...(await removeMirror(work)),
  ]
  const {ArtifactsBucket, AssetsBucket, AccessLogsBucket, RecordsBucket} = mergedOutputs(landscape)
  const buckets = [ArtifactsBucket, AssetsBucket, AccessLogsBucket].flatMap((bucket) => bucket ?? [])
  await work.remover.step('remove-buckets', 'Remove buckets', 'foundation', async () => {
    for (const bucket of buckets) await removeBucket(ports, bucket)
    return 'all but the ledger'
  })
  const token = operation.token('rm-foundation')
  await operation.release()
  if (RecordsBucket !== undefined) await removeBucket(ports, RecordsBucket)
  const last = await removeLastStack(ports, run, {landscape, token, roleArn})
  return [...gone, ...buckets, ...(RecordsBucket === undefined ? [] : [RecordsBucket]), ...last]
}

/** A file system without mount targets goes before its stack, whose outputs are all that names it. */
async function removeFiles({ports, remover, landscape, filesDetached}: DataRemoval): Promise<readonly string[]> {
  const files = stackOf(landscape, 'files')
  if (files === undefined) return []
  const fileSystem = files.outputs['FileSystemId']
  const removeFileSystem = async (): Promise<void> => {
    if (fileSystem === undefined) return
    await remover.step('remove-file-system', `Remove file system ${fileSystem}`, 'files', async () => {
      await ports.fileSystems.delete(fileSystem)
      return 'gone'
    })
  }
  if (filesDetached) await removeFileSystem()
  await remover.remove(files, 'files')
  if (!filesDetached) await removeFileSystem()
  return fileSystem === undefined ? [files.name] : [files.name, fileSystem]
}

async function removeSnapshots({ports, remover, landscape}: DataRemoval): Promise<readonly string[]> {
  const snapshots = await ports.databases.snapshotsOf(landscape.environment)
  await remover.step('remove-snapshots', 'Remove database snapshots', 'database', async () => {
    for (const snapshot of snapshots) await ports.databases.deleteSnapshot(snapshot)
    return `${snapshots.length} removed`
  })
  return snapshots
}

async function removeVaultAndSecrets({ports, remover, landscape}: DataRemoval): Promise<readonly string[]> {
  const {BackupVaultName: vault} = mergedOutputs(landscape)
  const secrets = await ports.secrets.ownedBy(landscape.environment)
  await remover.step('remove-vault-and-secrets', 'Remove backup vault and secrets', 'foundation', async () => {
    if (vault !== undefined) await ports.backups.deleteVault(vault)
    for (const secret of secrets) await ports.secrets.delete(secret)
    return vault === undefined ? `${secrets.length} secrets` : `the vault and ${secrets.length} secrets`
  })
  return vault === undefined ? secrets : [vault, ...secrets]
}

/** The images are under the key that goes: nobody could pull them any more. */
async function removeMirror({ports, run, remover, landscape, repositories}: DataRemoval): Promise<readonly string[]> {
  if (repositories.length === 0) return []
  await remover.step('remove-mirror', 'Remove mirrored images', 'foundation', async () => {
    for (const repository of repositories) await ports.repositories.remove(repository)
    return `${repositories.length} repositories`
  })
  const again = `pi-aws registry mirror ${landscape.environment}`
  run.report({
    type: 'warning',
    code: 'MIRROR_REMOVED',
    message: `pi-aws.yaml still names the mirror that is gone. Before the next deploy take images.mirror out of it, or: ${again}`,
  })
  return repositories
}

async function removeBucket({objects}: DestroyPorts, bucket: string): Promise<void> {
  await objects.empty(bucket)
  await objects.deleteBucket(bucket)
}

/**
 * Removes the key and the foundation's stack, once the ledger is gone: there is nowhere left to write. The key is last of
 * the data, since without it nothing more could be written to the ledger either.
 */
export async function removeLastStack(
  ports: DestroyPorts,
  run: Run,
  {
    landscape,
    token,
    roleArn,
  }: {readonly landscape: Landscape; readonly token: string; readonly roleArn: string | undefined},
): Promise<readonly string[]> {
  const foundation = stackOf(landscape, 'foundation')
  if (foundation === undefined) return []
  const key = foundation.outputs['KeyArn']
  const step = {step: `remove-${foundation.name}`, title: `Remove ${foundation.name}`, part: 'foundation'} as const
  return reported({clock: ports.clock, report: run.report}, step, async () => {
    const deletedOn = key === undefined ? undefined : await ports.keys.scheduleDeletion(key)
    await unprotectAndDelete(ports, {part: 'foundation', stack: foundation, token, roleArn, stop: run.pause}, run)
    const gone = key === undefined || deletedOn === undefined ? [] : [`${key} (deleted on ${deletedOn})`]
    return {value: [...gone, foundation.name], outcome: 'done', detail: 'gone'}
  })
}
