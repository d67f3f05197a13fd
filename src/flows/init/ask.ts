import {type AnswerId, type Answers, listOfAnswer} from '../../domain/init/answers.ts'
import {problemOf} from '../../domain/init/check.ts'
import {type Choice, type Question, questions} from '../../domain/init/questions.ts'
import {UsageError} from '../../domain/errors.ts'
import type {Lookups} from './lookups.ts'
import type {Put, Wizard} from './ports.ts'

/** What a run of questions is given. */
export interface Asking {
  /** Answers that flags and variables gave: they are not asked. */
  readonly given: () => Answers
  /** What the file has, or what was answered before: proposed. */
  readonly known: () => Answers
  /** Address ranges that other environments of the file have, or will have. */
  readonly planned: (answers: Answers) => readonly string[]
  readonly lookups: Lookups
  /** Undefined where nobody can be asked. */
  readonly wizard: Wizard | undefined
  /** When the first question stands on the screen. */
  readonly shown?: () => void
  /** After each answer. */
  readonly answered: (id: AnswerId, answers: Answers) => Promise<void>
}

/** Answers to all that applies, so to those that always do. */
export type Complete = Answers & Readonly<Record<'environment' | 'region', string>>

/**
 * Goes through the questions that apply, each with its answer checked as soon as it is given.
 * @throws UsageError VALUE_MISSING, INVALID_VALUE; CancelledError
 */
export async function askAll(asking: Asking): Promise<Complete> {
  let answers: Answers = {}
  let shown = asking.shown
  const once = {
    ...asking,
    shown() {
      shown?.()
      shown = undefined
    },
  }
  for (const question of questions) {
    if (question.applies?.(answers) === false) continue
    const text = await answerTo(question, answers, once)
    answers = {...answers, [question.id]: text}
    if (question.id === 'region') asking.lookups.begin(text)
    await asking.answered(question.id, answers)
  }
  return answers as Complete
}

async function answerTo(question: Question, answers: Answers, asking: Asking): Promise<string> {
  const given = asking.given()[question.id]
  if (given !== undefined) {
    const problem = problemOf(question, given, answers)
    if (problem === undefined) return given
    throw new UsageError(`Invalid value: ${flagOf(question)}: ${problem}.`, {
      code: 'INVALID_VALUE',
      suggestions: [question.why],
    })
  }
  const {lookups, known, wizard} = asking
  if (question.silent === true && question.lookup !== undefined) {
    const found = await lookups.silent(question.lookup, answers)
    if (found !== undefined) return found
  }
  const taken =
    question.id === 'cidr' ? [...(await lookups.taken(answers.region ?? '')), ...asking.planned(answers)] : []
  const proposed = known()[question.id] ?? question.proposed?.(answers, {taken})
  if (wizard !== undefined) return ask(question, answers, asking, proposed, wizard)
  if (proposed !== undefined) return proposed
  throw new UsageError(`Value missing: ${flagOf(question)} is not given, and nobody can be asked.`, {
    code: 'VALUE_MISSING',
    suggestions: [`Add ${flagOf(question)}: ${question.why}`],
  })
}

function flagOf({id}: Question): string {
  return id === 'environment' ? 'ENVIRONMENT' : `--${id}`
}

async function ask(
  question: Question,
  answers: Answers,
  {lookups, shown}: Asking,
  proposed: string | undefined,
  wizard: Wizard,
): Promise<string> {
  const put: Put = {
    message: question.text,
    why: question.why,
    proposed,
    problem: (text) => problemOf(question, text.trim(), answers),
    ...(shown === undefined ? {} : {shown}),
  }
  const choices = question.choices ?? (await looked(question, answers, lookups, wizard))
  if (choices === undefined || choices.length === 0) return (await wizard.text(put)).trim()
  if (question.several === true) return severalOf(put, choices, wizard)
  return (await wizard.choose({...put, choices, free: question.choices === undefined})).trim()
}

/** What a lookup found; where it was refused, the reason is told and anything may be typed. */
async function looked(
  question: Question,
  answers: Answers,
  lookups: Lookups,
  wizard: Wizard,
): Promise<readonly Choice[] | undefined> {
  if (question.lookup === undefined) return undefined
  const found = await lookups.choices(question.lookup, answers)
  if ('list' in found) return found.list
  wizard.say(`This cannot be looked up, so type it: ${found.refused}`)
  return undefined
}

async function severalOf(put: Put, choices: readonly Choice[], wizard: Wizard): Promise<string> {
  const chosen = await wizard.several({...put, choices})
  return listOfAnswer(chosen.join(',')).join(',')
}
