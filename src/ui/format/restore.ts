import type {FinalizeResult, RestoreResult, UndoResult} from '../../flows/restore/options.ts'
import type {RestorePlanResult} from '../../flows/restore/plan.ts'
import type {RestoreStatusResult} from '../../flows/restore/status.ts'
import type {ConfigurationDiff} from '../../flows/restore/bring-configuration.ts'
import type {GenerationPair, StackChange} from '../../domain/snapshots/pair.ts'
import {answersInFull} from './checks.ts'
import {formatDuration, type Layout} from './layout.ts'

function half({from, to}: GenerationPair['database']): string {
  return from === to ? `${from}, as it is` : `${from} -> ${to}`
}

function pairRows({database, files}: GenerationPair): readonly (readonly [string, string])[] {
  return [
    ['Database', half(database)],
    ['Files', half(files)],
  ]
}

function configurationWords(stacks: readonly StackChange[]): string {
  const words = stacks.map(({part, changes}) => `${part}: ${changes.map(({parameter}) => parameter).join(', ')}`)
  return words.length === 0 ? 'all as in the set already' : words.join('; ')
}

export function formatRestore(result: RestoreResult, layout: Layout): string {
  const {environment, generations, safety, downMs, opId, snapshot, assets, configuration} = result
  return [
    layout.heading(`Environment ${environment} is back at snapshot ${snapshot}`),
    layout.keyValues([
      ...(assets === undefined && configuration === undefined ? pairRows(generations) : []),
      ...(assets === undefined ? [] : [['Assets', `bundle ${assets.to}`] as const]),
      ...(configuration === undefined ? [] : [['Parameters', configurationWords(configuration)] as const]),
      ['Locked out', formatDuration(downMs)],
      ['Safety snapshot', safety === '' ? 'none' : safety],
      ['Operation', opId],
    ]),
    layout.nextSteps([
      `Look at the platform; if it was wrong: pi-aws restore undo ${environment}`,
      `When it is right: pi-aws restore finalize ${environment} --confirm ${environment}`,
    ]),
  ].join('\n')
}

export function formatUndo(result: UndoResult, layout: Layout): string {
  const {environment, generations, opId, restore} = result
  return [
    layout.heading(`Restore ${restore} is undone`),
    layout.keyValues([...pairRows(generations), ['Operation', opId]]),
    layout.nextSteps([`pi-aws restore status ${environment}`]),
  ].join('\n')
}

export function formatFinalize(result: FinalizeResult, layout: Layout): string {
  const {environment, kept, removed} = result
  return [
    `${layout.heading(`Restores of ${environment} are finalized`)}${layout.bulletList(removed)}`,
    ...(kept.length === 0 ? [] : [`Last snapshots of what is gone:\n${layout.bulletList(kept)}`]),
    layout.nextSteps([`pi-aws status ${environment}`]),
  ].join('\n')
}

export function formatRestorePlan(result: RestorePlanResult, layout: Layout): string {
  const {theme} = layout
  const verdict = result.possible ? theme.ok('possible') : theme.bad('not possible')
  return [
    `${layout.heading(`Restore of ${result.environment} to ${result.snapshot} is`).trimEnd()} ${verdict}\n`,
    layout.keyValues([
      ['Taken', result.createdAt],
      ...pairRows(result.generations),
      ['Written since', `${formatDuration(result.lostMs)} of writes are not in it`],
      ...downtimeRows(result),
    ]),
    layout.table(
      [{head: 'State'}, {head: 'Users'}, {head: 'What', wraps: true}],
      result.steps.map(({step, down, what}) => [step, down ? 'locked out' : 'served', what]),
    ),
    ...(result.configuration === undefined ? [] : configurationTables(result.configuration, layout)),
    layout.table(
      [{head: 'Check'}, {head: 'Answer'}, {head: 'Detail', wraps: true}],
      result.checks.map(({name, verdict: answer, reason}) => [name, answer, reason]),
    ),
    answersInFull(result.checks, layout),
    layout.nextSteps(
      result.possible
        ? [`pi-aws restore run ${result.snapshot} --environment ${result.environment} --confirm ${result.environment}`]
        : result.checks.flatMap(({next}) => next),
    ),
  ]
    .filter((block) => block !== '')
    .join('\n')
}

/** How long users will be locked out, as far as anything tells; no row where nothing locks them out. */
function downtimeRows({downtime, steps}: RestorePlanResult): readonly (readonly [string, string])[] {
  const {safety, flip} = downtime
  const isDown = (step: string): boolean => steps.some((one) => one.step === step && one.down)
  return [
    ...(isDown('SAFE')
      ? [
          [
            'Locked out, SAFE',
            safety === null ? 'not known from this set' : `${formatDuration(safety.ms)}, as for snapshot ${safety.by}`,
          ] as const,
        ]
      : []),
    ...(isDown('FLIPPED')
      ? [
          [
            'Locked out, flip',
            flip === null ? 'not known from the last restores' : `${formatDuration(flip.ms)}, as in restore ${flip.by}`,
          ] as const,
        ]
      : []),
  ]
}

function configurationTables({changes, images}: ConfigurationDiff, layout: Layout): readonly string[] {
  const rows = changes.flatMap(({part, changes: found}) =>
    found.map(({parameter, from, to}) => [part, parameter, from, to] as const),
  )
  return [
    rows.length === 0
      ? 'Every parameter is as in the set already.\n'
      : layout.table(
          [
            {head: 'Stack'},
            {head: 'Parameter', wraps: true},
            {head: 'Now', wraps: true},
            {head: 'In the set', wraps: true},
          ],
          rows,
        ),
    ...(images.length === 0
      ? []
      : [
          layout.table(
            [{head: 'Container'}, {head: 'Runs now', wraps: true}, {head: 'Ran then', wraps: true}],
            images.map(({container, now, set}) => [container, now === '' ? '-' : now, set]),
          ),
        ]),
  ]
}

export function formatRestoreStatus(result: RestoreStatusResult, layout: Layout): string {
  const {environment, active, kept, restores, unfinished} = result
  const [open] = unfinished
  return [
    layout.keyValues([
      ['Active', `database ${active.database}, files ${active.files}`],
      ['Kept databases', kept.length === 0 ? undefined : kept.join(', ')],
      ['Unfinished', unfinished.map(({opId, state}) => `${opId} (${state})`).join(', ') || undefined],
    ]),
    restores.length === 0
      ? `Environment ${environment} was never restored.\n`
      : layout.table(
          [{head: 'Restore'}, {head: 'State'}, {head: 'Snapshot'}, {head: 'Database'}, {head: 'Files'}],
          restores.map(({opId, state, operation, snapshot, generations}) => [
            opId,
            operation === undefined ? state : `${state}, ${operation}`,
            snapshot,
            generations === null ? '-' : half(generations.database),
            generations === null ? '-' : half(generations.files),
          ]),
        ),
    layout.nextSteps([
      ...(open === undefined
        ? []
        : [
            `pi-aws ops resume ${open.opId} --environment ${environment}`,
            `pi-aws ops abort ${open.opId} --environment ${environment}`,
          ]),
      ...(open === undefined && canBeUndone(result) ? [`pi-aws restore undo ${environment}`] : []),
    ]),
  ].join('\n')
}

/** Whether the newest restore that stands is what the app runs on. */
function canBeUndone({active, restores}: RestoreStatusResult): boolean {
  const pair = restores.find(({state}) => state === 'COMMITTED')?.generations
  return pair?.database.to === active.database && pair.files.to === active.files
}
