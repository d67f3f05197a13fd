import type {FilesGetResult, FilesLsResult} from '../../flows/files/files.ts'
import {formatBytes, type Layout} from './layout.ts'

export function formatFilesLs({entries, path, generation, environment}: FilesLsResult, layout: Layout): string {
  if (entries.length === 0) return `${path === '' ? `Generation ${generation} of ${environment}` : path} is empty.\n`
  const rows = entries.map((entry) => [
    entry.kind === 'directory' ? 'folder' : entry.kind,
    entry.kind === 'file' ? formatBytes(entry.size) : '',
    entry.modifiedAt,
    entry.path,
  ])
  return layout.table(
    [{head: 'Kind'}, {head: 'Size', align: 'right'}, {head: 'Changed'}, {head: 'Path', wraps: true}],
    rows,
  )
}

export function formatFilesGet({path, file, bytes, sha256}: FilesGetResult, layout: Layout): string {
  return [
    layout.heading(`${path} is here`),
    layout.keyValues([
      ['File', file],
      ['Size', formatBytes(bytes)],
      ['SHA-256', sha256],
    ]),
  ].join('\n')
}
