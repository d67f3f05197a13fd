import {stringify} from 'yaml'
import type {ConfigMigrateResult, ConfigSetResult} from '../../flows/config/change.ts'
import type {ConfigShowResult, ConfigValidateResult} from '../../flows/config/look.ts'
import {type Layout, plural} from './layout.ts'

export function formatConfigValidate(result: ConfigValidateResult, layout: Layout): string {
  const {path, ok, environments, faults} = result
  const verdict = ok ? layout.theme.ok('in order') : layout.theme.bad('not in order')
  const first = environments[0]
  return [
    `${layout.heading(path).trimEnd()} ${verdict}, ${plural(environments.length, 'environment')}: ${environments.join(', ') || 'none'}\n`,
    layout.bulletList(faults.map(({environment, message}) => `${environment}: ${message}`)),
    layout.nextSteps(
      ok
        ? [first === undefined ? 'pi-aws init' : `pi-aws preflight ${first}`]
        : ['templates/README.md explains each parameter'],
    ),
  ]
    .filter((block) => block !== '')
    .join('\n')
}

/** The environment as YAML, each line with who says it. */
export function formatConfigShow(result: ConfigShowResult, layout: Layout): string {
  const {path, environment, configuration, origins} = result
  const lines = stringify({[environment]: configuration}, {lineWidth: 0})
    .trimEnd()
    .split('\n')
  const marked = lines.map((line, index) => {
    const origin = originOfLine(index, lines, origins)
    return origin === undefined || origin === 'environment' ? line : `${line} ${layout.theme.dim(`# ${origin}`)}`
  })
  return `${layout.theme.dim(`# ${environment} of ${path}`)}\n${marked.join('\n')}\n`
}

/** Who says the value that stands in a line: the keys above it are those of less indentation. */
function originOfLine(at: number, lines: readonly string[], origins: ConfigShowResult['origins']): string | undefined {
  const path: string[] = []
  let indent = Infinity
  for (let index = at; index > 0; index--) {
    const match = /^( *)"?([^\s":]+)"?:/.exec(lines[index] ?? '')
    if (match === null || (match[1] ?? '').length >= indent) continue
    indent = (match[1] ?? '').length
    path.unshift(match[2] ?? '')
  }
  return origins[path.join('.')]
}

function shown(value: unknown): string {
  return value === undefined ? 'not set' : stringify(value, {collectionStyle: 'flow', lineWidth: 0}).trimEnd()
}

export function formatConfigSet(result: ConfigSetResult, layout: Layout): string {
  const {path, key, changed, was, is} = result
  const environment = /^environments\.([^.]+)\./.exec(key)?.[1]
  const same = shown(was) === shown(is)
  const state = changed ? 'written' : same ? 'as it was' : 'not written'
  return [
    `${layout.heading(path).trimEnd()} ${state}\n`,
    layout.keyValues([
      ['Key', key],
      ['Was', same ? undefined : shown(was)],
      ['Is', shown(is)],
    ]),
    layout.nextSteps(
      changed ? [environment === undefined ? 'pi-aws config validate' : `pi-aws plan ${environment}`] : [],
    ),
  ]
    .filter((block) => block !== '')
    .join('\n')
}

export function formatConfigMigrate(result: ConfigMigrateResult, layout: Layout): string {
  const {path, changed, from, to, notes} = result
  if (notes.length === 0) return `${layout.heading(path).trimEnd()} has the present format, version ${to}\n`
  return [
    `${layout.heading(path).trimEnd()} version ${from} to ${to}, ${changed ? 'written' : 'not written'}\n`,
    layout.bulletList(notes),
    layout.nextSteps(changed ? ['pi-aws config validate'] : []),
  ]
    .filter((block) => block !== '')
    .join('\n')
}
