import type {DeploymentsResult, ListedService, ServiceListResult} from '../../flows/service/list.ts'
import type {ServiceChangeResult} from '../../flows/service/options.ts'
import type {Layout} from './layout.ts'

function scalingText({scaling}: ListedService): string {
  if (scaling === undefined) return '-'
  return `${scaling.min}-${scaling.max}${scaling.suspended ? ', suspended' : ''}`
}

export function formatServiceList(result: ServiceListResult, layout: Layout): string {
  return [
    layout.heading(`Services of ${result.environment}`) + (result.quiesced ? 'The platform is quiesced.\n' : ''),
    layout.table(
      [
        {head: 'Service'},
        {head: 'Running', align: 'right'},
        {head: 'Desired', align: 'right'},
        {head: 'Scaling'},
        {head: 'Newest deployment'},
        {head: 'Begun'},
        {head: 'Task definition'},
      ],
      result.services.map((row) => [
        row.service,
        `${row.running}${row.pending === 0 ? '' : `+${row.pending}`}`,
        String(row.desired),
        scalingText(row),
        row.rollout,
        row.deployedAt ?? '-',
        row.taskDefinition,
      ]),
    ),
  ].join('\n')
}

export function formatDeployments(result: DeploymentsResult, layout: Layout): string {
  const now = layout.table(
    [
      {head: 'Deployment'},
      {head: 'Status'},
      {head: 'State'},
      {head: 'Running', align: 'right'},
      {head: 'Desired', align: 'right'},
      {head: 'Failed', align: 'right'},
      {head: 'Begun'},
      {head: 'Task definition'},
    ],
    result.deployments.map(({id, status, state, running, desired, failed, createdAt, taskDefinition}) => [
      ...[id, status, state, String(running), String(desired), String(failed), createdAt, taskDefinition],
    ]),
  )
  const past = layout.table(
    [{head: 'Begun'}, {head: 'Ended'}, {head: 'Status'}, {head: 'Reason', wraps: true}],
    result.history.map(({createdAt, finishedAt, status, reason}) => [
      createdAt,
      finishedAt ?? '-',
      status,
      reason ?? '',
    ]),
  )
  const rolling = result.deployments.some(({state}) => state === 'IN_PROGRESS')
  return [
    layout.heading(`Deployments of ${result.service} in ${result.environment}`),
    now,
    ...(result.history.length === 0 ? [] : [past]),
    ...(rolling
      ? [layout.nextSteps([`pi-aws service abort ${result.service} --environment ${result.environment}`])]
      : []),
  ].join('\n')
}

const words: Readonly<Record<ServiceChangeResult['action'], Readonly<Record<ServiceChangeResult['state'], string>>>> = {
  restart: {
    planned: 'would be restarted',
    unchanged: 'was not restarted',
    running: 'is being restarted',
    done: 'is restarted',
  },
  scale: {
    planned: 'would be scaled',
    unchanged: 'has that many already',
    running: 'is being scaled',
    done: 'is scaled',
  },
  abort: {
    planned: 'would go back to the deployment before',
    unchanged: 'rolls nothing out',
    running: 'goes back to the deployment before',
    done: 'is back at the deployment before',
  },
}

export function formatServiceChange(result: ServiceChangeResult, layout: Layout): string {
  const {service, action, state, desired, environment, notes, opId} = result
  return [
    layout.heading(`${service} of ${environment} ${words[action][state]}`),
    layout.keyValues([
      ['Tasks', desired.before === desired.after ? String(desired.after) : `${desired.before} -> ${desired.after}`],
      ['Operation', opId],
    ]) + layout.bulletList(notes),
    layout.nextSteps(state === 'running' ? [`pi-aws service deployments ${service} --environment ${environment}`] : []),
  ].join('\n')
}
