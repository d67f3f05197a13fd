import type {StatusPart, StatusResult} from '../../flows/status.ts'
import {formatBytes, formatDuration, type Layout} from './layout.ts'

function guarded({protection}: StatusPart): string {
  if (protection === undefined) return '-'
  const off = [
    ...(protection.stackPolicy ? [] : ['no policy']),
    ...(protection.terminationProtection ? [] : ['no termination']),
  ]
  return off.length === 0 ? 'on' : off.join(', ')
}

export function formatStatus(result: StatusResult, layout: Layout): string {
  const {theme} = layout
  const verdict = result.healthy ? theme.ok('healthy') : theme.bad('not healthy')
  const parts = layout.table(
    [{head: 'Part'}, {head: 'Stack'}, {head: 'Status'}, {head: 'Version'}, {head: 'Protection'}],
    result.parts.map((part) => [part.part, part.stack, part.status, part.version ?? '-', guarded(part)]),
  )
  const services = layout.table(
    [
      {head: 'Service'},
      {head: 'Running', align: 'right'},
      {head: 'Desired', align: 'right'},
      {head: 'Healthy targets', align: 'right'},
    ],
    result.services.map(({name, running, desired, targets}) => [
      name,
      String(running),
      String(desired),
      targets === undefined ? '-' : `${targets.healthy} of ${targets.total}`,
    ]),
  )
  const {database, files, kept} = result.generations
  return [
    `${layout.heading(`Environment ${result.environment} in ${result.region} (${result.account})`)}  ${verdict}\n${layout.bulletList(result.problems)}`,
    parts,
    ...(result.services.length === 0 ? [] : [services]),
    layout.keyValues([
      ['Dashboard', result.url],
      [
        'Generations',
        `database ${database}, files ${files}${kept.length === 0 ? '' : `; kept databases: ${kept.join(', ')}`}`,
      ],
      [
        'Database',
        result.database === undefined ? undefined : `${result.database.status} (${result.database.identifier})`,
      ],
      [
        'File system',
        result.files === undefined
          ? undefined
          : `${result.files.state}, ${formatBytes(result.files.sizeBytes)} (${result.files.id})`,
      ],
      [
        'Function',
        result.ownFunction === undefined ? undefined : `your own zip, chosen at ${result.ownFunction.chosenAt}`,
      ],
      ['Outbound addresses', result.natAddresses.join(', ') || undefined],
      [
        'Last backup',
        result.lastBackup === undefined
          ? 'none yet'
          : `${result.lastBackup.at} (${formatDuration(result.lastBackup.ageMs)} ago)`,
      ],
      ['Last snapshot', lastGood(result)],
      ['Last proof', lastProven(result)],
      ['Silenced alarms', silencedAlarms(result)],
      ['Locked by', result.lock === undefined ? undefined : `${result.lock.holder}, operation ${result.lock.opId}`],
      ['Unfinished', result.unfinished.map(({opId, state}) => `${opId} (${state})`).join(', ') || undefined],
    ]),
    layout.nextSteps(nextSteps(result)),
  ].join('\n')
}

function lastGood({recovery: {lastGood: good, withinRpo, policy}}: StatusResult): string {
  const bound = `${policy.promised.includes('rpo') ? 'promised' : 'usual'}: ${formatDuration(policy.rpoMs)}`
  if (good === undefined) return `none yet (${bound})`
  return `${good.id} (${formatDuration(good.ageMs)} ago, ${withinRpo === false ? 'too old; ' : ''}${bound})`
}

function lastProven({recovery: {lastProven: proven, withinRto, policy}}: StatusResult): string {
  const bound = `${policy.promised.includes('rto') ? 'promised' : 'usual'}: ${formatDuration(policy.rtoMs)}`
  if (proven === undefined) return `no snapshot was ever restored on trial (${bound})`
  const slow = withinRto === false ? 'too slow; ' : ''
  return `${proven.id} (${formatDuration(proven.ageMs)} ago, in ${formatDuration(proven.restoreMs)}, ${slow}${bound})`
}

function silencedAlarms({silenced = []}: StatusResult): string | undefined {
  return silenced.map(({alarm, until}) => `${alarm} until ${until}`).join('\n') || undefined
}

function nextSteps(result: StatusResult): readonly string[] {
  const [open] = result.unfinished
  if (open !== undefined) return [`pi-aws ops resume ${open.opId} --environment ${result.environment}`]
  if (result.silenced?.some(({overdue}) => overdue) === true)
    return [`pi-aws alarms silence --all --undo --environment ${result.environment}`]
  return result.healthy ? [] : [`pi-aws deploy ${result.environment}`]
}
