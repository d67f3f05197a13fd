import type {EnvListResult, ListedEnvironment} from '../../flows/environments/list.ts'
import type {EnvRemoveResult} from '../../flows/environments/remove.ts'
import type {EnvShowResult} from '../../flows/environments/show.ts'
import type {EnvUseResult} from '../../flows/environments/use.ts'
import type {Layout} from './layout.ts'
import {oneLine} from './visible.ts'

function remark({configured, current, reason}: ListedEnvironment): string {
  return [current ? 'current' : '', configured ? '' : 'not in the file', reason ?? ''].filter(Boolean).join('; ')
}

export function formatEnvList({path, environments}: EnvListResult, layout: Layout): string {
  if (environments.length === 0) return `${oneLine(path)} has no environments, and the account neither.\n`
  return layout.table(
    [{head: 'Environment'}, {head: 'State'}, {head: 'Account'}, {head: 'Region'}, {head: 'Release'}, {head: ''}],
    environments.map((row) => [row.name, row.state, row.account ?? '-', row.region, row.tag ?? '-', remark(row)]),
  )
}

export function formatEnvShow(result: EnvShowResult, layout: Layout): string {
  const {environment, account, region, preset, state, tag, generations, stacks} = result
  return [
    layout.heading(`Environment ${environment}`),
    layout.keyValues([
      ['State', state],
      ['Account', account],
      ['Region', region],
      ['Preset', preset],
      ['Release', tag.deployed],
      ['Release of the file', tag.configured === tag.deployed ? undefined : tag.configured],
      ['Generations', `database ${generations.database}, files ${generations.files}`],
    ]),
    ...(stacks.length === 0
      ? []
      : [
          layout.table(
            [{head: 'Part'}, {head: 'Stack'}, {head: 'Status'}, {head: 'Template'}, {head: 'Changed'}],
            stacks.map((row) => [row.part, row.stack, row.status, row.version ?? '-', row.updatedAt]),
          ),
        ]),
    layout.nextSteps([state === 'absent' ? `pi-aws deploy ${environment}` : `pi-aws status ${environment}`]),
  ].join('\n')
}

export function formatEnvUse({path, environment, was}: EnvUseResult): string {
  const before = was === undefined || was === environment ? '' : ` (before: ${oneLine(was)})`
  return environment === undefined
    ? `No environment of ${oneLine(path)} is chosen any more${before}.\n`
    : `Commands on ${oneLine(path)} mean ${environment} now, where none is named${before}.\n`
}

export function formatEnvRemove({path, environment, left}: EnvRemoveResult, layout: Layout): string {
  return [
    `${oneLine(path)} has no ${environment} any more; nothing in AWS was removed.\n`,
    ...(left.length === 0 ? [] : [`These stacks still stand:\n${layout.bulletList(left)}`]),
  ].join('\n')
}
