import {type Answer, fail, ok, unknown} from '../../domain/checks.ts'
import type {EnvironmentConfiguration} from '../../domain/configuration.ts'
import type {Beside} from '../../domain/quotas/demand.ts'
import {adds} from '../../domain/quotas/judge.ts'
import {quotaCalled} from '../../domain/quotas/rows.ts'
import {named, waysOut} from '../../domain/quotas/ways-out.ts'
import {type QuotaPorts, QuotaSurvey} from '../quotas/survey.ts'
import type {Site} from '../snapshot/site.ts'

/** Whether the account has room for what a restore makes beside what lives: every quota that it draws on. */
export async function roomFor(
  ports: QuotaPorts,
  {environment, landscape}: Site,
  configuration: EnvironmentConfiguration,
  beside: Beside,
): Promise<Answer> {
  const survey = await QuotaSurvey.of(ports, {environment, configuration, landscape}, {beside})
  const demand = survey.demand('restore')
  const findings = await survey.weigh('restore', adds)
  const short = findings.filter(({verdict}) => verdict === 'SHORT')
  const open = findings.filter(({verdict}) => verdict === 'UNKNOWN')
  if (short.length > 0)
    return fail(
      [...short, ...open].map((finding) => named(finding)).join('; '),
      ...short.flatMap((finding) => waysOut(quotaCalled(finding.key), finding, demand, environment)),
    )
  return open.length > 0
    ? unknown(open.map((finding) => named(finding)).join('; '))
    : ok(`${findings.length} have room`)
}
