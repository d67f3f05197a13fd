import {type Answer, fail, ok, unknown, warn} from '../../../domain/checks.ts'
import {type Part, parts, partsBefore} from '../../../domain/parts.ts'
import type {Demand} from '../../../domain/quotas/demand.ts'
import {adds} from '../../../domain/quotas/judge.ts'
import {quotaCalled} from '../../../domain/quotas/rows.ts'
import {cannotRoll} from '../../../domain/quotas/tasks.ts'
import {named, waysOut} from '../../../domain/quotas/ways-out.ts'
import {survey as surveyOf} from '../../deploy/survey.ts'
import {type Surroundings, targetOf} from '../../deploy/targets.ts'
import {versionOf} from '../../deploy/templates.ts'
import {isStanding, mergedOutputs, stackOf} from '../../landscape.ts'
import {QuotaSurvey} from '../../quotas/survey.ts'
import {type CheckRow, isWanted, type PreflightContext} from '../context.ts'

/**
 * Whether the account has room for what this deploy adds: only quotas that it draws on are asked. What will be short
 * later (a release while everything is scaled out) is told and refuses nothing.
 */
export const quotas: CheckRow = {
  name: 'quotas',
  what: 'what is made fits into the quotas of the account',
  async run(context) {
    const {ports, options, landscape} = context
    const {environment, configuration} = options
    const surroundings = await surroundingsOf(context)
    const changed = parts.filter((part) => changes(part, context, surroundings))
    if (changed.length === 0) return ok('nothing is added')
    const known = {parts: changed, zones: surroundings.zones}
    const survey = await QuotaSurvey.of(ports, {environment, configuration, landscape}, known)
    const demand = survey.demand('deploy')
    const stuck = demand.tasks.services
      .filter((service) => cannotRoll(service))
      .map(
        ({name, maximumPercent}) =>
          `${name} could never be replaced: ${maximumPercent} % of its tasks is no more than runs`,
      )
    const findings = await survey.weigh('deploy', adds)
    const short = findings.filter(({verdict}) => verdict === 'SHORT')
    const open = findings.filter(({verdict}) => verdict === 'UNKNOWN')
    if (stuck.length > 0 || short.length > 0) {
      const next = short.flatMap((finding) => waysOut(quotaCalled(finding.key), finding, demand, environment))
      return fail([...stuck, ...[...short, ...open].map((finding) => named(finding))].join('; '), ...next)
    }
    if (open.length > 0) return unknown(open.map((finding) => named(finding)).join('; '))
    return (await later(survey)) ?? ok(`${findings.length} have room`)
  },
}

/** The first deploy may fit where the release after it does not. */
async function later(survey: QuotaSurvey): Promise<Answer | undefined> {
  const drawsOn = (row: Parameters<typeof adds>[0], demand: Demand): boolean => row.metric === true && adds(row, demand)
  const short = (await survey.weigh('update', drawsOn)).filter(({verdict}) => verdict === 'SHORT')
  if (short.length === 0) return undefined
  return warn(
    short.map((finding) => `a release while everything is scaled out will not fit: ${named(finding)}`).join('; '),
    'pi-aws quotas check --for update',
  )
}

/** A deploy has looked around already. */
async function surroundingsOf(context: PreflightContext): Promise<Surroundings> {
  const {ports, options, templates, landscape, caller, surroundings} = context
  return surroundings ?? surveyOf(ports, options.configuration, templates, landscape, caller.partition)
}

/** Whether a deploy changes a part: without another template or other parameters nothing is added to it. */
function changes(part: Part, {options, landscape, templates}: PreflightContext, surroundings: Surroundings): boolean {
  if (!isWanted(options, part)) return false
  const current = stackOf(landscape, part)
  if (!isStanding(current) || current.outputs['TemplateVersion'] !== versionOf(templates.models[part])) return true
  // What `destroy` leaves waits for outputs of parts that are made anew: its parameters cannot be told yet.
  if (partsBefore(part).some((before) => !isStanding(stackOf(landscape, before)))) return true
  const target = targetOf(part, {options, templates, surroundings, landscape, outputs: mergedOutputs(landscape)})
  return Object.entries(target.parameters(current)).some(
    ([name, choice]) => 'value' in choice && choice.value !== current.parameters[name],
  )
}
