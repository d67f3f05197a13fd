import type {AlarmHistoryResult, AlarmsResult, ListedAlarm, SilenceResult} from '../../flows/alarms/options.ts'
import {type Layout, plural} from './layout.ts'
import {oneLine} from './visible.ts'

/** `2026-11-22T09:41:07.000Z` -> `2026-11-22 09:41Z` */
function minuteOf(iso: string): string {
  return iso === '' ? '-' : `${iso.slice(0, 16).replace('T', ' ')}Z`
}

function voice({actions, silencedUntil = '', overdue}: ListedAlarm): string {
  if (actions === 'on') return ''
  if (actions === 'off') return 'tells nobody'
  return `silenced until ${minuteOf(silencedUntil)}${overdue === true ? ', which is over' : ''}`
}

function entry(alarm: ListedAlarm, {theme}: Layout): string {
  const {state, name, description, reason, since} = alarm
  const paint = {ALARM: theme.bad, INSUFFICIENT_DATA: theme.warn, OK: theme.ok}[state]
  const silent = voice(alarm)
  const word = state === 'INSUFFICIENT_DATA' ? 'NO DATA' : state
  const lines = [
    `${paint(word.padEnd(7))}  ${oneLine(name)}`,
    `         ${oneLine(description)}`,
    `         since ${minuteOf(since)}${state === 'OK' ? '' : `: ${oneLine(reason)}`}`,
    ...(silent === '' ? [] : [`         ${theme.warn(silent)}`]),
  ]
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}

export function formatAlarms({environment, alarms}: AlarmsResult, layout: Layout): string {
  const firing = alarms.filter(({state}) => state === 'ALARM').length
  const overdue = alarms.filter((alarm) => alarm.overdue === true)
  return [
    layout.heading(`Alarms of ${environment}`) +
      `${plural(alarms.length, 'alarm')}, ${firing} of them ${firing === 1 ? 'fires' : 'fire'}.\n`,
    ...alarms.map((alarm) => entry(alarm, layout)),
    ...(overdue.length === 0
      ? []
      : [layout.nextSteps([`pi-aws alarms silence --all --undo --environment ${environment}`])]),
  ].join('\n')
}

export function formatAlarmHistory({environment, from, items}: AlarmHistoryResult, layout: Layout): string {
  if (items.length === 0) return `Nothing happened to the alarms of ${environment} since ${minuteOf(from)}.\n`
  return layout.table(
    [{head: 'When'}, {head: 'What'}, {head: 'Alarm', wraps: true}, {head: 'Summary', wraps: true}],
    items.map(({at, kind, alarm, summary}) => [minuteOf(at), kind, alarm, summary]),
  )
}

export function formatSilence(result: SilenceResult, layout: Layout): string {
  const {environment, action, state, until, changed, notes, opId, silenced} = result
  const verbs = {
    silence: {planned: 'would be silent', unchanged: 'are left as they are', done: 'are silent'},
    undo: {planned: 'would tell again', unchanged: 'are left as they are', done: 'tell again'},
  } as const
  const overdue = silenced.filter((one) => one.overdue).length
  return [
    layout.heading(
      `Alarms of ${environment} (${changed.length}) ${verbs[action][state]}${until === undefined ? '' : ` until ${minuteOf(until)}`}`,
    ) + layout.bulletList(changed),
    layout.keyValues([
      ['Silent now', plural(silenced.length, 'alarm') + (overdue === 0 ? '' : `, ${overdue} past their time`)],
      ['Operation', opId],
    ]) + layout.bulletList(notes),
  ].join('\n')
}
