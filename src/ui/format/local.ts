import type {LocalChange, LocalRemoval, LocalStatus} from '../../flows/local/ports.ts'
import type {Layout} from './layout.ts'

function facts(status: LocalStatus, layout: Layout): string {
  const {endpoint, region, accountId, stateDir, pid, pace} = status
  return layout.keyValues([
    ['Endpoint', endpoint ?? undefined],
    ['Region', region],
    ['Account', accountId],
    ['Pace', pace === undefined ? undefined : `${pace} (0 is instant, 1 as slow as AWS)`],
    ['Process', pid?.toString()],
    ['State', stateDir],
  ])
}

/** What may be done with it, running or not. */
function steps({running}: LocalStatus): readonly string[] {
  return running ? ['pi-aws deploy demo --local', 'pi-aws local stop'] : ['pi-aws local start']
}

function page(heading: string, status: LocalStatus, layout: Layout): string {
  return [layout.heading(heading), facts(status, layout), layout.nextSteps(steps(status))].join('\n')
}

export function formatLocalStatus(status: LocalStatus, layout: Layout): string {
  return page(status.running ? 'The embedded AWS runs' : 'The embedded AWS does not run', status, layout)
}

export function formatLocalStart(result: LocalChange, layout: Layout): string {
  return page(result.changed ? 'The embedded AWS runs' : 'The embedded AWS: nothing to change', result, layout)
}

export function formatLocalStop(result: LocalChange, layout: Layout): string {
  return page(result.changed ? 'The embedded AWS is stopped' : 'The embedded AWS did not run', result, layout)
}

export function formatLocalReset(result: LocalChange, layout: Layout): string {
  return page(result.changed ? 'The embedded AWS is empty' : 'The embedded AWS was empty', result, layout)
}

export function formatLocalPurge({changed, removed}: LocalRemoval, layout: Layout): string {
  if (!changed) return layout.heading('The embedded AWS: nothing to remove')
  return `${layout.heading('Removed')}${layout.bulletList(removed)}`
}
