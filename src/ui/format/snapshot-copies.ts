import type {SnapshotCopyResult} from '../../flows/snapshot/copy.ts'
import type {SnapshotExportResult} from '../../flows/snapshot/export.ts'
import {formatBytes, type Layout, plural} from './layout.ts'

export function formatSnapshotExport(result: SnapshotExportResult, layout: Layout): string {
  const {id, folder, files, bytes, notExported} = result
  return [
    layout.heading(`Snapshot ${id} is in ${folder}`),
    layout.keyValues([['Files', `${plural(files, 'file')}, ${formatBytes(bytes)}`]]),
    `Only inside AWS:\n${layout.bulletList([`database: ${notExported.database}`, `files: ${notExported.files}`])}`,
    layout.nextSteps([`cd ${folder} && sha256sum --check SHA256SUMS`]),
  ].join('\n')
}

export function formatSnapshotCopy(result: SnapshotCopyResult, layout: Layout): string {
  const {environment, region, id, from, copied, opId} = result
  const apart = from.account !== result.account
  return [
    layout.heading(`Snapshot ${id} is in ${environment}${copied ? '' : ' already'}`),
    layout.keyValues([
      ['From', `${from.environment}, ${from.region}${apart ? `, account ${from.account}` : ''}`],
      ['To', `${environment}, ${region}${apart ? `, account ${result.account}` : ''}`],
      ['Operation', opId === '' ? undefined : opId],
    ]),
    layout.nextSteps([
      `pi-aws snapshot verify ${id} --environment ${environment} --content`,
      `pi-aws restore plan ${id} --environment ${environment}`,
    ]),
  ].join('\n')
}
