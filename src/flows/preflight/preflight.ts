import type {Check} from '../../domain/checks.ts'
import {loadTemplates} from '../deploy/templates.ts'
import {readLandscape} from '../landscape.ts'
import type {Ports} from '../ports.ts'
import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import {withConsent} from './consent.ts'
import type {PreflightOptions, PreflightPorts} from './context.ts'
import {refusals, requireUsable} from './gate.ts'
import {allRows} from './rows/index.ts'
import {requireKnown, runChecks} from './run-checks.ts'

/** What scripts get from `preflight --json`. */
export interface PreflightResult {
  readonly environment: string
  /** False when a deploy would refuse to begin. */
  readonly ok: boolean
  readonly checks: readonly Check[]
}

/**
 * Asks everything that deploy asks before it begins, and changes nothing but service-linked roles where that is agreed.
 * @throws AccessError without usable credentials; NotFoundError UNKNOWN_CHECK
 */
export async function preflight(
  options: PreflightOptions,
  ports: PreflightPorts & Pick<Ports, 'identity'>,
  run: Run,
): Promise<PreflightResult> {
  requireKnown(allRows, options.skip)
  requireUsable(options.secrets)
  const caller = await ports.identity.caller()
  const templates = await loadTemplates(ports.packageFiles)
  const landscape = await readLandscape(ports, options.environment)
  const agreed = await withConsent(options, ports)
  const checks = await reported(
    {clock: ports.clock, report: run.report},
    {step: 'preflight', title: 'Preflight'},
    async () => {
      const value = await runChecks(allRows, {ports, options: agreed, caller, templates, landscape})
      return {value, outcome: 'done', detail: `${value.length} checks`}
    },
  )
  return {environment: options.environment, ok: refusals(checks, options.strict).length === 0, checks}
}
