import {
  DeleteAccessPointCommand,
  DeleteFileSystemCommand,
  DescribeFileSystemsCommand,
  EFSClient,
  paginateDescribeAccessPoints,
} from '@aws-sdk/client-efs'
import type {FileSystems} from '../flows/ports.ts'
import {isNamed, translateErrors} from './errors.ts'
import type {ClientConfig} from './settings.ts'

/** EFS by its API. */
export function createFileSystems(config: ClientConfig): FileSystems {
  const client = new EFSClient(config)
  return translateErrors<FileSystems>({
    async describe(id) {
      try {
        const answer = await client.send(new DescribeFileSystemsCommand({FileSystemId: id}))
        const found = answer.FileSystems?.[0]
        if (found === undefined) return undefined
        return {
          id: found.FileSystemId ?? id,
          state: found.LifeCycleState ?? '',
          sizeBytes: found.SizeInBytes?.Value ?? 0,
        }
      } catch (error) {
        if (isNamed(error, 'FileSystemNotFound')) return undefined
        throw error
      }
    },
    async delete(id) {
      try {
        for (const accessPoint of await accessPointsOf(client, id)) {
          await client.send(new DeleteAccessPointCommand({AccessPointId: accessPoint})).catch(ignoreGone)
        }
        await client.send(new DeleteFileSystemCommand({FileSystemId: id}))
      } catch (error) {
        ignoreGone(error)
      }
    },
  })
}

async function accessPointsOf(client: EFSClient, id: string): Promise<readonly string[]> {
  const ids: string[] = []
  for await (const page of paginateDescribeAccessPoints({client}, {FileSystemId: id})) {
    ids.push(...(page.AccessPoints ?? []).flatMap((point) => point.AccessPointId ?? []))
  }
  return ids
}

function ignoreGone(error: unknown): void {
  if (!isNamed(error, 'FileSystemNotFound', 'AccessPointNotFound')) throw error
}
