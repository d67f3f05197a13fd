import type {LogsExportResult} from '../../flows/logs/export.ts'
import {formatBytes, type Layout, plural} from './layout.ts'

export function formatLogsExport({folder, files, lines, bytes}: LogsExportResult, layout: Layout): string {
  const shown = files.filter(({state}) => state !== 'empty')
  const there = files.filter(({state}) => state === 'there').length
  const empty = files.length - shown.length
  return [
    layout.table(
      [{head: 'File', wraps: true}, {head: 'Lines', align: 'right'}, {head: 'Size', align: 'right'}, {head: ''}],
      shown.map(({file, lines: count, bytes: size, state}) => [
        ...[file, String(count), formatBytes(size), state === 'there' ? 'was there' : ''],
      ]),
    ),
    [
      `${plural(lines, 'line')} in ${plural(shown.length, 'file')} (${formatBytes(bytes)}) in ${folder}`,
      ...(there === 0 ? [] : [`${there} of them ${there === 1 ? 'was' : 'were'} there`]),
      ...(empty === 0 ? [] : [`${plural(empty, 'day')} of services without a line`]),
    ].join('; ') + '.\n',
  ].join('\n')
}
