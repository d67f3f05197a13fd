import type {Check} from '../../domain/checks.ts'
import type {SnapshotDeleteResult} from '../../flows/snapshot/delete.ts'
import type {SnapshotGcResult} from '../../flows/snapshot/gc.ts'
import type {SnapshotCreateResult} from '../../flows/snapshot/options.ts'
import type {SnapshotPruneResult} from '../../flows/snapshot/prune.ts'
import type {SnapshotTrial, SnapshotVerifyResult} from '../../flows/snapshot/verify.ts'
import type {TidyResult} from '../../flows/snapshot/resume-tidy.ts'
import type {SnapshotListResult, SnapshotShowResult} from '../../flows/snapshot/sets.ts'
import {answersInFull} from './checks.ts'
import {formatBytes, formatDuration, type Layout, plural} from './layout.ts'

/** How far the halves of a set may be apart, in words. */
function agreement(consistency: string, skewMs: number): string {
  return consistency === 'strict' ? 'strict: database and files agree' : `live: up to ${formatDuration(skewMs)} apart`
}

export function formatSnapshotCreate(result: SnapshotCreateResult, layout: Layout): string {
  return [
    layout.heading(`Snapshot ${result.id} of ${result.environment} is whole`),
    layout.keyValues([
      ['Consistency', agreement(result.consistency, result.skewMs)],
      ['Services at zero', result.downMs === 0 ? undefined : formatDuration(result.downMs)],
      ['Size', formatBytes(result.bytes)],
      ['Vault', result.vaulted ? 'both halves lie in it' : undefined],
      ['Operation', result.opId],
    ]),
    layout.nextSteps([
      `pi-aws snapshot show ${result.id} --environment ${result.environment}`,
      `pi-aws restore plan ${result.id} --environment ${result.environment}`,
    ]),
  ].join('\n')
}

export function formatTidy(result: TidyResult, layout: Layout): string {
  const {environment, removed, opId} = result
  const head = removed.length === 0 ? 'Nothing to remove' : `Removed from ${environment}`
  return [
    `${layout.heading(head)}${layout.bulletList(removed)}`,
    layout.keyValues([['Operation', opId]]),
    layout.nextSteps([`pi-aws snapshot list ${environment}`]),
  ].join('\n')
}

export function formatSnapshotDelete(result: SnapshotDeleteResult, layout: Layout): string {
  return [
    `${layout.heading(`Snapshot ${result.id} is gone`)}${layout.bulletList(result.removed)}`,
    layout.nextSteps([`pi-aws snapshot list ${result.environment}`]),
  ].join('\n')
}

export function formatSnapshotGc(result: SnapshotGcResult, layout: Layout): string {
  const head = result.removed.length + result.objects === 0 ? 'Nothing to remove' : `Removed from ${result.environment}`
  const objects = result.objects === 0 ? [] : [`${plural(result.objects, 'content')} that no set names`]
  const spared = result.spared.map((id) => `${id} is spared: its operation is unfinished`)
  return `${layout.heading(head)}${layout.bulletList([...result.removed, ...objects, ...spared])}`
}

export function formatSnapshotPrune(result: SnapshotPruneResult, layout: Layout): string {
  const dry = result.opId === ''
  return layout.table(
    [{head: 'Snapshot'}, {head: 'Created'}, {head: dry ? 'Would' : 'Did'}, {head: 'Because', wraps: true}],
    result.snapshots.map(({id, createdAt, keep, reasons}) => [
      id,
      createdAt,
      keep ? 'stay' : 'go',
      keep ? reasons.join('; ') : 'no rule keeps it',
    ]),
  )
}

function trialRow({proven, restoreMs, reason}: SnapshotTrial): Pick<Check, 'name' | 'verdict' | 'reason'> {
  const came = `database and files came back as they were, in ${formatDuration(restoreMs)}`
  return {name: 'restore on trial', verdict: proven ? 'OK' : 'FAIL', reason: proven ? came : reason}
}

export function formatSnapshotVerify(result: SnapshotVerifyResult, layout: Layout): string {
  const {theme} = layout
  const verdict = result.good ? theme.ok('good') : theme.bad('not good')
  const rows = [...result.checks, ...(result.proof === undefined ? [] : [trialRow(result.proof)])]
  return [
    `${layout.heading(`Snapshot ${result.id} of ${result.environment} is`).trimEnd()} ${verdict}\n`,
    layout.table(
      [{head: 'Check'}, {head: 'Answer'}, {head: 'Detail', wraps: true}],
      rows.map(({name, verdict: answer, reason}) => [name, answer, reason]),
    ),
    answersInFull(rows, layout),
  ]
    .filter((block) => block !== '')
    .join('\n')
}

export function formatSnapshotList(result: SnapshotListResult, layout: Layout): string {
  const sets =
    result.snapshots.length === 0
      ? `Environment ${result.environment} has no snapshots.\n`
      : layout.table(
          [
            {head: 'Snapshot'},
            {head: 'Created'},
            {head: 'Consistency'},
            {head: 'Size', align: 'right'},
            {head: 'Proven'},
            {head: 'Vaulted'},
            {head: 'Tags'},
            {head: 'Note', wraps: true},
          ],
          result.snapshots.map(({id, createdAt, consistency, bytes, proven, vaulted, tags, note}) => [
            id,
            createdAt,
            consistency,
            formatBytes(bytes),
            proven ?? 'never',
            vaulted ? 'yes' : 'no',
            tags.join(', '),
            note,
          ]),
        )
  const rows = result.incomplete.map(({id, state}) => [id, state])
  const steps = [
    ...(result.snapshots.length === 0 ? [`pi-aws snapshot create ${result.environment}`] : []),
    ...(rows.length === 0 ? [] : [`pi-aws snapshot gc ${result.environment}`]),
  ]
  return [
    sets,
    ...(rows.length === 0 ? [] : [layout.table([{head: 'Not whole', wraps: true}, {head: 'State'}], rows)]),
    ...(steps.length === 0 ? [] : [layout.nextSteps(steps)]),
  ].join('\n')
}

export function formatSnapshotShow({manifest, proven, restoreMs}: SnapshotShowResult, layout: Layout): string {
  const {database, files, assets, configuration} = manifest
  const counted =
    database.counts === undefined
      ? ''
      : `, ${plural(database.counts.rows, 'row')} in ${plural(database.counts.tables, 'table')}`
  return [
    layout.heading(`Snapshot ${manifest.id} of ${manifest.environment}`),
    layout.keyValues([
      ['Created', manifest.createdAt],
      ['Note', manifest.note === '' ? undefined : manifest.note],
      ['Tags', manifest.tags.length === 0 ? undefined : manifest.tags.join(', ')],
      ['Consistency', agreement(manifest.consistency, manifest.skewMs)],
      ['Weaker than asked', manifest.weakened === '' ? undefined : manifest.weakened],
      ['Services at zero', manifest.downMs === 0 ? undefined : formatDuration(manifest.downMs)],
      ['Proven', proven === null ? 'never' : `${proven}, in ${formatDuration(restoreMs ?? 0)}`],
      [
        'Database',
        `generation ${database.generation} at ${database.at}, MariaDB ${database.engineVersion}, ${database.allocatedStorage} GiB${counted}\n${database.vault === undefined ? '' : `vault ${database.vault}: `}${database.snapshotIdentifier}`,
      ],
      [
        'Files',
        `generation ${files.generation}, ${plural(files.files, 'file')}, ${formatBytes(files.bytes)}\n${files.recoveryPointArn}`,
      ],
      [
        'Assets',
        assets === undefined
          ? 'none'
          : `${plural(assets.count, 'file')}, ${formatBytes(assets.bytes)}, bundle ${assets.bundle}`,
      ],
      [
        'Configuration',
        `${plural(configuration.stacks.length, 'stack')}, ${plural(configuration.images.length, 'image')}`,
      ],
      ['Hash', manifest.hash],
    ]),
    layout.nextSteps([`pi-aws restore plan ${manifest.id} --environment ${manifest.environment}`]),
  ].join('\n')
}
