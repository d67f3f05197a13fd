import type {UploadAssetsResult} from '../../flows/assets/upload.ts'
import {formatBytes, formatDuration, type Layout, plural} from './layout.ts'

/** Changes that a dry run shows; --output json has all. */
const shown = 50

export function formatUploadAssets(result: UploadAssetsResult, layout: Layout): string {
  const {changed, dryRun, environment, sent, skipped, removed, bytes, requests, seconds} = result
  const counts = dryRun
    ? `${plural(sent, 'file')} to send (${formatBytes(bytes)}), ${skipped} to skip, ${removed} to leave out; nothing was changed`
    : `${sent} sent, ${skipped} skipped, ${removed} removed, ${formatBytes(bytes)} in ${formatDuration(seconds * 1000)} (${plural(requests, 'request')})`
  if (dryRun)
    return [
      layout.heading(`Upload of assets to ${environment}, as it would be`),
      changes(result, layout),
      `${counts}\n`,
    ].join('')
  return [
    layout.heading(changed ? `Assets of ${environment} uploaded` : `Assets of ${environment}: nothing to change`),
    `${counts}\n`,
    ...(changed ? ['\n', layout.nextSteps([`pi-aws sideload start ${environment}`])] : []),
  ].join('')
}

function changes({changes: all = []}: UploadAssetsResult, layout: Layout): string {
  const rows = all
    .slice(0, shown)
    .map(({change, path, size}) => [change === 'sent' ? 'send' : 'leave out', formatBytes(size), path])
  if (rows.length === 0) return ''
  const more = all.length - rows.length
  const table = layout.table([{head: 'Change'}, {head: 'Size', align: 'right'}, {head: 'Path', wraps: true}], rows)
  return more > 0 ? `${table}${layout.theme.dim(`and ${more} more (--output json shows all)`)}\n` : table
}
