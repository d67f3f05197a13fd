import type {MirrorResult} from '../../flows/mirror/options.ts'
import {formatBytes, type Layout} from './layout.ts'

/** What was copied, what was there, and what uses it. */
export function formatMirror(result: MirrorResult, layout: Layout): string {
  const {environment, state, tag, registry, images, bytesSent, file} = result
  const heads = {
    planned: `Images of ${environment}, release ${tag}: what would be copied`,
    mirrored: `Images of ${environment}, release ${tag}, are in ECR`,
    unchanged: `Images of ${environment}, release ${tag}, were in ECR already`,
  }
  const uses = state === 'planned' ? [`pi-aws registry mirror ${environment}`] : [`pi-aws deploy ${environment}`]
  return [
    layout.heading(heads[state]),
    layout.table(
      [
        {head: 'Image'},
        {head: 'Repository'},
        {head: 'Digest'},
        {head: 'Size', align: 'right'},
        {head: state === 'planned' ? 'To send' : 'Sent', align: 'right'},
      ],
      images.map((one) => [
        one.from,
        one.repository,
        one.digest.slice(0, 19),
        formatBytes(one.bytes),
        formatBytes(one.bytesSent),
      ]),
    ),
    '\n',
    layout.keyValues([
      [state === 'planned' ? 'To send' : 'Sent', formatBytes(bytesSent)],
      ['Registry', registry],
      ['Written to', state === 'planned' ? undefined : file],
    ]),
    layout.nextSteps(uses),
  ].join('')
}
