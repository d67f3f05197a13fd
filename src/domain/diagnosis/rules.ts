import {servingStates} from '../database-states.ts'
import {leftoverText} from '../leftovers.ts'
import type {RootCause} from '../root-cause.ts'
import type {Facts, Finding} from './facts.ts'
import {type Draft, quota, type Rule} from './rule.ts'
import {restarts, services} from './service-rules.ts'
import {meaningOf} from './task-ends.ts'

const day = 86_400_000
const gibibyte = 1_073_741_824

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
    .map(({part, stack, status, meaning, cause, stuck = []}): Draft => {
      const evidence = [
        `${stack} is ${status}`,
        ...(cause === undefined
          ? []
          : [`${cause.at} ${cause.stack} ${cause.status} ${cause.logicalId} (${cause.type}): ${cause.reason}`.trim()]),
        ...stuck.map(({name, type, reason}) => `the rollback hangs on ${name} (${type}): ${reason}`),
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
      const command = `pi-aws deploy ${environment} --continue-rollback`
      const repair =
        status === 'UPDATE_ROLLBACK_FAILED'
          ? [
              command,
              ...stuck.map(
                ({name}) => `If that fails again, to leave ${name} as it is: ${command} --skip-resource ${name}`,
              ),
            ]
          : [`pi-aws deploy ${environment}`]
      return {
        what: `${part}: ${meaning}`,
        why:
          known?.why ?? (cause === undefined ? 'AWS tells no cause any more' : `${cause.logicalId}: ${cause.reason}`),
        evidence,
        next: [...(known?.next(environment) ?? []), ...repair],
      }
    })
}

/** What no stack knows any more can cost money for years, and nobody would look for it. */
const leftovers: Rule = ({stacks: read}) =>
  read.flatMap(({part, leftovers: all = []}) =>
    all.map((one) => ({
      what: `${part}: what an update replaced could not be removed`,
      why: one.reason,
      evidence: [`${one.at} ${leftoverText(one)}`],
      next: [`Look whether ${one.physicalId} is still there, and remove it once nothing uses it`],
    })),
  )

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

const changes: Rule = ({environment, changes: all}) =>
  all.map(({part, logicalId, deleted, properties}) => {
    const thing = part === 'database' ? 'The database' : 'The file system'
    if (deleted)
      return {
        what: `${thing} was removed by hand`,
        why: 'its stack does not know, and cannot bring it back as it was',
        evidence: [`${logicalId} is gone`],
        next: [`pi-aws restore plan latest --environment ${environment}`],
      }
    return {
      what: `${thing} was changed by hand`,
      why: `it differs from its stack in ${properties.join(', ')}`,
      evidence: [`${logicalId}: ${properties.join(', ')}`],
      next: [`pi-aws drift ${environment}`, 'Bring the change into pi-aws.yaml and deploy, or take it back'],
    }
  })

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

const switchedOff: Rule = ({alarmsOff: all}) =>
  all.length === 0
    ? []
    : [
        {
          what: all.length === 1 ? 'An alarm is switched off' : `${all.length} alarms are switched off`,
          why: 'somebody did so in CloudWatch, and no silence of pi-aws is behind it: they tell nobody when they fire',
          evidence: all,
          next: [`aws cloudwatch enable-alarm-actions --alarm-names ${all.join(' ')}`],
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
  all.map(({service, count, more, sample}) => ({
    what: `${service} wrote ${more ? 'at least ' : ''}${count} ${count === 1 ? 'error' : 'errors'} in the last quarter of an hour`,
    why: sample,
    evidence: [sample],
    // No shorter than what was looked at: without --since it would be.
    next: [`pi-aws logs ${service} --since 15m --environment ${environment} --grep "error|exception|fatal|severe"`],
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
  ...[stacks, services, database, files, targets, tls, state, operations, changes],
  ...[restarts, alarms, silences, switchedOff, errors, leftovers, backups, unknown],
]

/** What is wrong, the likeliest first cause first. Empty when everything that was looked at is well. */
export function diagnose(facts: Facts): readonly Finding[] {
  return rules.flatMap((rule) => rule(facts)).map((draft, index) => ({rank: index + 1, ...draft}))
}
