import type {ServiceFacts} from './facts.ts'
import {type Draft, quota, type Rule} from './rule.ts'
import {endText, isOrderly, meaningOf} from './task-ends.ts'

const logsOf = (environment: string, service: string): string =>
  `pi-aws logs ${service} --environment ${environment} --previous`

/** Set to run no task though it should run some. */
const isSetToNone = ({desired, wanted}: ServiceFacts): boolean => wanted && desired === 0

const isShort = (service: ServiceFacts): boolean => service.running < service.desired || isSetToNone(service)

function notRunning(environment: string, service: ServiceFacts): readonly Draft[] {
  const {name, running, desired, gone = false, stopped, events} = service
  if (gone)
    return [
      {
        what: `The service of ${name} was removed by hand`,
        why: 'its stack does not know, so that a deploy alone does not make it again',
        evidence: [`ECS has no service of ${name}`],
        next: [`pi-aws drift ${environment}`],
      },
    ]
  const bad = stopped.filter((task) => !isOrderly(task))
  const none = isSetToNone(service)
  const short = isShort(service)
  if (!short && bad.length === 0) return []
  // No task was asked for: what ECS tells is how it took them away, and not why.
  if (none && bad.length === 0)
    return [
      {
        what: `${name} is set to run no task`,
        why: 'somebody set its number to none; until that is changed, or deploy runs, it stays so',
        evidence: events,
        next: [`pi-aws service scale ${name} 1 --environment ${environment}`],
      },
    ]
  const texts = [...new Set([...bad.map(endText), ...events])].slice(0, 3)
  const known = texts.map(meaningOf).find((meaning) => meaning !== undefined)
  const refused = texts.find((text) => quota.test(text))
  const why = known?.why ?? (refused === undefined ? texts[0] : `a quota of the account is used up: ${refused}`)
  const count = bad.length === 1 ? 'a task' : `${bad.length} tasks`
  return [
    {
      what: none
        ? `${name} is set to run no task; ${count} of it stopped lately`
        : short
          ? `${name} runs ${running} of ${desired} tasks`
          : `${name} runs again; ${count} of it stopped lately`,
      why: why ?? 'ECS gave no reason',
      evidence: texts,
      next: [...(known?.next(environment) ?? []), logsOf(environment, name)],
    },
  ]
}

/** Services that run too few tasks. */
export const services: Rule = ({environment, services: all}) =>
  all.filter(isShort).flatMap((one) => notRunning(environment, one))

/** Services that run, and whose tasks ended lately as none should. */
export const restarts: Rule = ({environment, services: all}) =>
  all.filter((one) => !isShort(one)).flatMap((one) => notRunning(environment, one))
