import {meets, overall, type QuotaFinding} from '../../domain/quotas/judge.ts'
import type {QuotaVerdict} from '../../domain/quotas/model.ts'
import type {QuotaMode} from '../../domain/quotas/modes.ts'
import {quotaCalled} from '../../domain/quotas/rows.ts'
import {waysOut} from '../../domain/quotas/ways-out.ts'
import {requireAccount} from '../account.ts'
import {readLandscape} from '../landscape.ts'
import type {Ports} from '../ports.ts'
import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import {type PlannedEnvironment, plannedBy} from './planned.ts'
import {type QuotaPorts, type QuotaSubject, QuotaSurvey} from './survey.ts'

/** What scripts get from `quotas check --json`. */
export interface QuotasCheckResult {
  readonly mode: QuotaMode
  /** The worst of all rows. */
  readonly verdict: QuotaVerdict
  /** Worst first. */
  readonly rows: readonly QuotaFinding[]
}

/** The answer, with what helps where it is short, by key. */
export interface QuotasCheck {
  readonly result: QuotasCheckResult
  readonly advice: ReadonlyMap<string, readonly string[]>
}

export type QuotasCheckPorts = QuotaPorts & Pick<Ports, 'identity' | 'objects' | 'clock'>

/**
 * Weighs every quota that an environment meets in one mode against the account.
 * @throws RefusedError WRONG_ACCOUNT; UsageError ELSEWHERE
 */
export async function quotasCheck(
  options: Omit<QuotaSubject, 'landscape'> & {
    readonly mode: QuotaMode
    /** Environments that will be deployed first. */
    readonly others?: readonly PlannedEnvironment[]
  },
  ports: QuotasCheckPorts,
  run: Run,
): Promise<QuotasCheck> {
  const {environment, configuration, mode} = options
  requireAccount(await ports.identity.caller(), environment, configuration.account)
  return reported({clock: ports.clock, report: run.report}, {step: 'quotas', title: 'Quotas'}, async () => {
    const before = ports.inventory.requests()
    const landscape = await readLandscape(ports, environment)
    const planned = await plannedBy(options.others ?? [], {environment, configuration}, ports)
    const survey = await QuotaSurvey.of(ports, {environment, configuration, landscape}, {planned})
    const rows = await survey.weigh(mode, meets)
    const demand = survey.demand(mode)
    const advice = new Map(
      rows
        .filter(({verdict}) => verdict === 'SHORT')
        .map((row) => [row.key, waysOut(quotaCalled(row.key), row, demand, environment)] as const),
    )
    return {
      value: {result: {mode, verdict: overall(rows), rows}, advice},
      outcome: 'done',
      detail: `${rows.length} quotas, ${ports.inventory.requests() - before} AWS calls`,
    }
  })
}
