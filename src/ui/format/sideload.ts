import type {SideloadResult} from '../../flows/sideload/options.ts'
import type {VerifyResult} from '../../flows/sideload/verify.ts'
import type {FileResult} from '../../domain/sideload.ts'
import {formatBytes, type Layout} from './layout.ts'

/** Paths that a page shows; --output json has all. */
const shown = 20

const headings: Readonly<Record<SideloadResult['state'], string>> = {
  running: 'is under way',
  open: 'was broken off',
  paused: 'is paused',
  done: 'is done',
  failed: 'failed',
  aborted: 'was given up',
  superseded: 'was taken over by a later one',
}

export function formatSideload(result: SideloadResult, layout: Layout): string {
  const {environment, opId, state, copied, skipped, removed, failed, bytes, bundle, generation} = result
  const counts = `${copied} copied, ${skipped} skipped, ${removed} removed, ${failed} failed`
  return [
    layout.heading(`Side-load of ${environment} ${headings[state]}`),
    layout.keyValues([
      ['Files and folders', counts],
      ['Written', formatBytes(bytes)],
      ['Bundle', bundle === '' ? undefined : bundle],
      ['Generation', generation === 0 ? undefined : String(generation)],
      ['Operation', opId],
    ]),
    table(result.files, ['failed'], layout),
    layout.nextSteps(nextSteps(result)),
  ]
    .filter((text) => text !== '')
    .join('\n')
}

function nextSteps({state, opId, environment, failed}: SideloadResult): readonly string[] {
  const wait = `pi-aws sideload wait ${opId} --environment ${environment}`
  if (state === 'running' || state === 'paused' || state === 'open') return [wait]
  if (state === 'done') return [`pi-aws sideload verify ${environment}`]
  if (state !== 'failed') return []
  const again = `pi-aws ops resume ${opId} --environment ${environment}`
  return failed > 0 ? ['Mend what the reasons name', again] : [again]
}

export function formatVerify(result: VerifyResult, layout: Layout): string {
  const {environment, same, changed, missing, failed, thorough, generation, bytes, opId} = result
  const well = changed + missing + failed === 0
  const title = well
    ? `Files of ${environment} are what the bundle says`
    : `Files of ${environment} are not what the bundle says`
  return [
    layout.heading(title),
    layout.keyValues([
      ['Files and folders', `${same} the same, ${changed} changed, ${missing} missing, ${failed} unknown`],
      [
        'Read',
        `${formatBytes(bytes)}${thorough ? '' : ' (files that nobody touched are not read; --thorough reads all)'}`,
      ],
      ['Generation', String(generation)],
      ['Operation', opId],
    ]),
    table(result.files, ['changed', 'missing', 'failed'], layout),
    layout.nextSteps(well ? [] : [`pi-aws sideload start ${environment}`]),
  ]
    .filter((text) => text !== '')
    .join('\n')
}

function table(files: readonly FileResult[], results: readonly string[], layout: Layout): string {
  const wanted = files.filter(({result}) => results.includes(result))
  if (wanted.length === 0) return ''
  const rows = wanted.slice(0, shown).map(({path, result, reason}) => [result, path, reason ?? ''])
  const more = wanted.length - rows.length
  const text = layout.table([{head: 'Result'}, {head: 'Path', wraps: true}, {head: 'Reason', wraps: true}], rows)
  return more > 0 ? `${text}${layout.theme.dim(`and ${more} more (--output json shows all)`)}\n` : text
}
