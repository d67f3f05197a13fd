import {servingStates} from '../database-states.ts'
import type {RootCause} from '../root-cause.ts'
import type {Facts, Finding, ServiceFacts} from './facts.ts'
import {endText, isOrderly, meaningOf} from './task-ends.ts'

/** Refusals that come from a limit of the account. */
const quota =
  /limit ?exceeded|quota|maximum number of|too many .* (?:exist|already)|VcpuLimit|AddressLimit|has been reached/i

const day = 86_400_000
const gibibyte = 1_073_741_824

type Draft = Omit<Finding, 'rank'>
type Rule = (facts: Facts) => readonly Draft[]

const logsOf = (environment: string, service: string): string =>
  `pi-aws logs ${service} --environment ${environment} --previous`

/** The first cause as the failed operation saw it, while nested stacks that are gone by now still had events. */
function toldCause(stack: string, operations: Facts['operations']): RootCause | undefined {
  for (const {reason = ''} of operations) {
    if (!reason.includes(`Stack ${stack} failed`)) continue
    const [, logicalId, type, nested, words] = /First cause: (\S+) \((\S+)\) in ([^\s:]+): (.+)/s.exec(reason) ?? []
    if (logicalId === undefined || type === undefined || nested === undefined || words === undefined) continue
    return {stack: nested, logicalId, type, status: 'failed', reason: words, at: ''}
  }
  return undefined
}

function stacks({environment, stacks: read, operations: told}: Facts): readonly Draft[] {
  return read
    .map((one) => {
      const vague = one.cause === undefined ? !one.healthy : one.cause.type === 'AWS::CloudFormation::Stack'
      const better = vague ? toldCause(one.stack, told) : undefined
      return better === undefined ? one : {...one, cause: {...better, at: one.cause?.at ?? ''}}
    })
    .filter(({healthy, cause}) => !healthy || cause !== undefined)
    .toSorted((a, b) => Number(a.healthy) - Number(b.healthy) || ((a.cause?.at ?? '9') < (b.cause?.at ?? '9') ? -1 : 1))
    .map(({part, stack, status, meaning, cause}): Draft => {
      const evidence = [
        `${stack} is ${status}`,
        ...(cause === undefined
          ? []
          : [`${cause.at} ${cause.stack} ${cause.status} ${cause.logicalId} (${cause.type}): ${cause.reason}`.trim()]),
      ]
      if (cause !== undefined && quota.test(cause.reason)) {
        return {
          what: `${part} could not be changed: a quota of the account is used up`,
          why: cause.reason,
          evidence,
          next: [`pi-aws plan ${environment}`, 'Ask for more in the console of Service Quotas, then deploy again'],
        }
      }
      const known = cause === undefined ? undefined : meaningOf(cause.reason)
      const repair =
        status === 'UPDATE_ROLLBACK_FAILED' ? `pi-aws deploy ${environment} --continue-rollback` : undefined
      return {
        what: `${part}: ${meaning}`,
        why:
          known?.why ?? (cause === undefined ? 'AWS tells no cause any more' : `${cause.logicalId}: ${cause.reason}`),
        evidence,
        next: [...(known?.next(environment) ?? []), repair ?? `pi-aws deploy ${environment}`],
      }
    })
}

function notRunning(environment: string, service: ServiceFacts): readonly Draft[] {
  const {name, running, desired, wanted, stopped, events} = service
  const bad = stopped.filter((task) => !isOrderly(task))
  const short = running < desired || (wanted && desired === 0)
  if (!short && bad.length === 0) return []
  const texts = [...new Set([...bad.map(endText), ...events])].slice(0, 3)
  const known = texts.map(meaningOf).find((meaning) => meaning !== undefined)
  const refused = texts.find((text) => quota.test(text))
  const why = known?.why ?? (refused === undefined ? texts[0] : `a quota of the account is used up: ${refused}`)
  const count = bad.length === 1 ? 'a task' : `${bad.length} tasks`
  return [
    {
      what: short ? `${name} runs ${running} of ${desired} tasks` : `${name} runs again; ${count} of it stopped lately`,
      why: why ?? (desired === 0 ? 'it is set to run no task' : 'ECS gave no reason'),
      evidence: texts,
      next: [...(known?.next(environment) ?? []), logsOf(environment, name)],
    },
  ]
}

const services: Rule = ({environment, services: all}) =>
  all
    .filter(({running, desired, wanted}) => running < desired || (wanted && desired === 0))
    .flatMap((one) => notRunning(environment, one))

const restarts: Rule = ({environment, services: all}) =>
  all
    .filter(({running, desired, wanted}) => running >= desired && !(wanted && desired === 0))
    .flatMap((one) => notRunning(environment, one))

const targets: Rule = ({environment, services: all}) =>
  all.flatMap(({name, desired, targets: health}) =>
    health === undefined || desired === 0 || (health.healthy > 0 && health.healthy === health.total)
      ? []
      : [
          {
            what: `${name} has ${health.healthy} healthy of ${health.total} targets`,
            why: health.reasons[0] ?? 'no task is registered with the load balancer',
            evidence: health.reasons,
            next: [`pi-aws logs ${name} --environment ${environment}`],
          },
        ],
  )

const operations: Rule = ({environment, operations: all}) =>
  all.map(({opId, kind, state, reason}) => ({
    what: state === 'failed' ? `A ${kind} failed` : `A ${kind} is ${state}`,
    why: reason ?? 'it was begun and did not come to its end',
    evidence: [opId],
    next: [
      `pi-aws ops show ${opId} --environment ${environment}`,
      `pi-aws ops resume ${opId} --environment ${environment}`,
    ],
  }))

const database: Rule = ({environment, database: one}) => {
  if (one === undefined) return []
  const {identifier, status, size, free, credits} = one
  const next = [`pi-aws logs database events --environment ${environment}`]
  const drafts: Draft[] = []
  if (!servingStates.includes(status))
    drafts.push({
      what: `The database is ${status}`,
      why: 'it takes no connections in this state',
      evidence: [identifier],
      next,
    })
  if (free !== undefined && size > 0 && free / size < 0.1)
    drafts.push({
      what: 'The database has hardly any storage left',
      why: `${(free / gibibyte).toFixed(1)} of ${(size / gibibyte).toFixed(0)} GiB are free`,
      evidence: [`FreeStorageSpace of ${identifier}: ${free}`],
      next: ['Raise the storage of the database in pi-aws.yaml, then deploy'],
    })
  if (credits !== undefined && credits < 10)
    drafts.push({
      what: 'The database computes at its baseline: its CPU credits are used up',
      why: 'it has computed more than its class may in the long run',
      evidence: [`CPUCreditBalance of ${identifier}: ${credits}`],
      next: ['Take a larger class for the database in pi-aws.yaml, then deploy'],
    })
  return drafts
}

const files: Rule = ({files: one}) => {
  if (one === undefined) return []
  const drafts: Draft[] = []
  if (one.state !== 'available')
    drafts.push({what: `The file system is ${one.state}`, why: 'tasks cannot mount it', evidence: [one.id], next: []})
  if (one.credits !== undefined && one.credits < 2 ** 30)
    drafts.push({
      what: 'The file system is slow: its burst credits are used up',
      why: 'it has moved more than its size allows in the long run',
      evidence: [`BurstCreditBalance of ${one.id}: ${one.credits}`],
      next: ['Change its throughput mode to elastic'],
    })
  return drafts
}

const tls: Rule = ({now, certificate, zone}) => {
  const drafts: Draft[] = []
  if (certificate !== undefined) {
    const {arn, status, notAfter} = certificate
    const left = notAfter === undefined ? Infinity : (Date.parse(notAfter) - Date.parse(now)) / day
    if (status !== 'ISSUED')
      drafts.push({
        what: `The certificate is ${status}`,
        why: 'browsers cannot connect by HTTPS with it',
        evidence: [arn],
        next: ['Validate it in ACM, or let pi-aws request one through domain.hostedZone'],
      })
    else if (left < 14)
      drafts.push({
        what: `The certificate ends in ${Math.max(0, Math.floor(left))} days`,
        why: 'ACM has not renewed it',
        evidence: [`${arn}: ${notAfter ?? ''}`],
        next: ['Check the validation records of its names'],
      })
  }
  if (zone?.found === false)
    drafts.push({
      what: 'The hosted zone does not exist',
      why: 'the public names lead nowhere',
      evidence: [zone.id],
      next: ['Correct domain.hostedZone in pi-aws.yaml, then deploy'],
    })
  return drafts
}

const alarms: Rule = ({alarms: all}) =>
  all.map(({description, reason, since}) => ({
    what: description,
    why: reason,
    evidence: [`firing since ${since}`],
    next: [],
  }))

const silences: Rule = ({environment, overdue: all}) =>
  all.length === 0
    ? []
    : [
        {
          what: `${all.length === 1 ? 'An alarm is' : `${all.length} alarms are`} silent past the time that was meant`,
          why: 'nothing ends a silence by itself: until it is undone they tell nobody when they fire',
          evidence: all.map(({alarm, until}) => `${alarm}: silenced until ${until}`),
          next: [`pi-aws alarms silence ${all.map(({alarm}) => alarm).join(' ')} --undo --environment ${environment}`],
        },
      ]

const backups: Rule = ({environment, now, backup}) => {
  if (backup === undefined) return []
  const {last, failed, deployedAt} = backup
  const age = (Date.parse(now) - Date.parse(last ?? deployedAt)) / day
  const drafts: Draft[] =
    failed.length === 0
      ? []
      : [
          {
            what: 'A backup failed',
            why: failed[0] ?? '',
            evidence: failed,
            next: [`pi-aws logs events --since 2d --environment ${environment}`],
          },
        ]
  if (age <= 2) return drafts
  const what = last === undefined ? 'There is no backup' : `The last backup is ${Math.floor(age)} days old`
  return [
    ...drafts,
    {
      what,
      why: 'the plan makes one every day',
      evidence: [last ?? `deployed ${deployedAt}`],
      next: [`pi-aws logs events --since 2d --environment ${environment}`],
    },
  ]
}

const errors: Rule = ({environment, errors: all}) =>
  all.map(({service, count, sample}) => ({
    what: `${service} wrote ${count} ${count === 1 ? 'error' : 'errors'} in the last quarter of an hour`,
    why: sample,
    evidence: [sample],
    next: [`pi-aws logs ${service} --environment ${environment} --grep "error|exception|fatal"`],
  }))

const state: Rule = ({environment, deployed, quiesced}) => [
  ...(deployed
    ? []
    : [
        {
          what: 'Nothing is deployed',
          why: `there is no stack of ${environment}`,
          evidence: [],
          next: [`pi-aws deploy ${environment}`],
        },
      ]),
  ...(quiesced
    ? [
        {
          what: 'The platform is quiesced',
          why: 'users get a 503 page; an operation has not released it',
          evidence: [],
          next: [`pi-aws ops list ${environment}`, `pi-aws deploy ${environment}`],
        },
      ]
    : []),
]

const unknown: Rule = ({unknown: all}) =>
  all.map(({what, why}) => ({what: `Not known: ${what}`, why, evidence: [], next: []}))

/** First what causes, then what follows from it, then what may come of it, last what could not be looked at. */
const rules: readonly Rule[] = [
  ...[stacks, services, database, files, targets, tls, state, operations],
  ...[restarts, alarms, silences, errors, backups, unknown],
]

/** What is wrong, the likeliest first cause first. Empty when everything that was looked at is well. */
export function diagnose(facts: Facts): readonly Finding[] {
  return rules.flatMap((rule) => rule(facts)).map((draft, index) => ({rank: index + 1, ...draft}))
}
