import {type Check, no, ok} from '../../domain/checks.ts'
import {PiError} from '../../domain/errors.ts'
import {adds, type QuotaFinding} from '../../domain/quotas/judge.ts'
import {type Part, parts} from '../../domain/parts.ts'
import {cannotRoll} from '../../domain/quotas/tasks.ts'
import {quotaCalled} from '../../domain/quotas/rows.ts'
import {waysOut} from '../../domain/quotas/ways-out.ts'
import type {Demand} from '../../domain/quotas/demand.ts'
import type {Report} from '../events.ts'
import {isStanding, mergedOutputs, stackOf} from '../landscape.ts'
import {type QuotaPorts, QuotaSurvey} from '../quotas/survey.ts'
import type {PreflightInput} from './preflight-input.ts'
import {targetOf} from './targets.ts'
import {versionOf} from './templates.ts'

/**
 * Whether the account has room for what this deploy adds: only quotas that it draws on are asked. What will be short
 * later (a release while everything is scaled out) is told and refuses nothing.
 */
export async function quotaChecks(ports: QuotaPorts, input: PreflightInput, report: Report): Promise<readonly Check[]> {
  try {
    return await weighed(ports, input, report)
  } catch (error) {
    // What stands could not be read: nobody knows then what is still to be made.
    if (!(error instanceof PiError) || error.code.startsWith('CREDENTIALS')) throw error
    return [{name: 'quotas', verdict: 'unknown', message: error.message}]
  }
}

async function weighed(ports: QuotaPorts, input: PreflightInput, report: Report): Promise<readonly Check[]> {
  const {options, landscape, surroundings} = input
  const {configuration, environment} = options
  const changed = parts.filter((part) => changes(part, input))
  if (changed.length === 0) return [ok('quotas', 'nothing is added')]
  const survey = await QuotaSurvey.of(
    ports,
    {environment, configuration, landscape},
    {
      parts: changed,
      zones: surroundings.zones,
    },
  )
  const demand = survey.demand('deploy')
  const stuck = demand.tasks.services
    .filter((service) => cannotRoll(service))
    .map(({name, maximumPercent}) =>
      no('rolling update', `${name} could never be replaced: ${maximumPercent} % of its tasks is no more than runs`),
    )
  const findings = await survey.weigh('deploy', adds)
  const rows = findings.map((finding) => checkOf(finding, demand, environment)).filter(({verdict}) => verdict !== 'ok')
  if (findings.every(({verdict}) => verdict !== 'SHORT')) await lookAhead(survey, report)
  return [...stuck, ...(rows.length === 0 ? [ok('quotas', `${findings.length} have room`)] : rows)]
}

function checkOf(finding: QuotaFinding, demand: Demand, environment: string): Check {
  const row = quotaCalled(finding.key)
  const name = `quota ${row.key}`
  const message = `${row.title}${row.code === '' ? '' : ` (${row.service} ${row.code})`}: ${finding.reason}`
  if (finding.verdict === 'UNKNOWN') return {name, verdict: 'unknown', message}
  if (finding.verdict !== 'SHORT') return ok(name, message)
  return no(name, message, waysOut(row, finding, demand, environment).join('\n'))
}

/** The first deploy may fit where the release after it does not. */
async function lookAhead(survey: QuotaSurvey, report: Report): Promise<void> {
  for (const {key, verdict, reason} of await survey.weigh(
    'update',
    (row, demand) => row.metric === true && adds(row, demand),
  )) {
    if (verdict !== 'SHORT') continue
    report({
      type: 'warning',
      code: 'QUOTA_SHORT_AHEAD',
      message: `${quotaCalled(key).title}: a release while everything is scaled out will not fit: ${reason}. See pi-aws quotas check --for update.`,
    })
  }
}

/** Whether a deploy changes a part: without another template or other parameters nothing is added to it. */
function changes(part: Part, {options, landscape, templates, surroundings}: PreflightInput): boolean {
  if (options.parts.length > 0 && !options.parts.includes(part)) return false
  const current = stackOf(landscape, part)
  if (!isStanding(current) || current.outputs['TemplateVersion'] !== versionOf(templates.models[part])) return true
  const target = targetOf(part, {options, templates, surroundings, landscape, outputs: mergedOutputs(landscape)})
  return Object.entries(target.parameters(current)).some(
    ([name, choice]) => 'value' in choice && choice.value !== current.parameters[name],
  )
}
