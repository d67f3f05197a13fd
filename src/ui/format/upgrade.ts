import type {ImageMove} from '../../domain/upgrade.ts'
import type {UpgradePlan, UpgradeResult} from '../../flows/upgrade/options.ts'
import {type Layout, plural} from './layout.ts'

/** `2026_10 sha256:0123456789ab`. */
function imageText(side: ImageMove['from']): string {
  if (side === undefined) return '-'
  const tag = /[:@]([^:/@]+)$/.exec(side.reference)?.[1] ?? side.reference
  return side.digest === undefined ? tag : `${tag} ${side.digest.slice(0, 'sha256:'.length + 12)}`
}

function planBlocks(
  {tag, images, templates, parts, downtime, warnings, snapshotFirst, file}: UpgradePlan,
  layout: Layout,
) {
  const {theme} = layout
  const changed = parts.filter(({action}) => action !== 'unchanged')
  return [
    ...(images.length === 0
      ? []
      : [
          layout.table(
            [{head: 'Image', wraps: true}, {head: 'Runs'}, {head: 'To'}, {head: ''}],
            images.map((image) => [image.name, imageText(image.from), imageText(image.to), image.same ? 'same' : '']),
          ),
        ]),
    ...(templates.length === 0
      ? []
      : [
          layout.bulletList(
            templates.flatMap(({part, from, to, notes}) => [
              `Template ${part}: ${from} -> ${to}`,
              ...notes.map((note) => `${part}: ${note}`),
            ]),
          ),
        ]),
    layout.keyValues([
      ['Release', tag.from === tag.to ? `${tag.to} (stays)` : `${tag.from} -> ${tag.to}`],
      [
        'Changes',
        changed.map(({part, changes}) => `${part} (${plural(changes.length, 'resource')})`).join(', ') || undefined,
      ],
      ['Snapshot first', snapshotFirst ? 'yes' : theme.bad('no')],
      ['Written', file === undefined ? undefined : `images.tag of ${file}`],
    ]),
    ...(downtime.length + warnings.length === 0
      ? []
      : [layout.bulletList([...downtime, ...warnings.map((text) => `Mind: ${text}`)])]),
  ]
}

/** What an upgrade would do, or did. */
export function formatUpgrade({state, plan, snapshot, opId}: UpgradeResult, layout: Layout): string {
  const {environment, tag, templates} = plan
  if (state === 'unchanged') return layout.heading(`Environment ${environment} runs ${tag.to}: nothing to upgrade`)
  const blocks = planBlocks(plan, layout)
  if (state === 'planned') {
    const flags = templates.length === 0 ? '' : ' --to-template'
    const next = `pi-aws upgrade ${environment}${tag.from === tag.to ? '' : ` --tag ${tag.to}`}${flags}`
    return [layout.heading(`Upgrade of ${environment}`), ...blocks, layout.nextSteps([next])].join('\n')
  }
  return [
    layout.heading(`Environment ${environment} runs ${tag.to}`),
    ...blocks,
    layout.keyValues([
      ['Snapshot', snapshot],
      ['Operation', opId],
    ]),
    layout.nextSteps([
      `pi-aws status ${environment}`,
      ...(tag.from === tag.to ? [] : [`pi-aws upgrade ${environment} --rollback`]),
      ...(snapshot === undefined ? [] : [`pi-aws restore plan ${snapshot} --environment ${environment}`]),
    ]),
  ].join('\n')
}
