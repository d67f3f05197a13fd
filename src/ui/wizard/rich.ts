import {CancelledError} from '../../domain/errors.ts'
import type {Choice} from '../../domain/init/questions.ts'
import type {Put, Wizard} from '../../flows/init/ports.ts'
import {oneLine} from '../format/visible.ts'
import {wrap} from '../format/width.ts'
import {hiddenLine} from '../hidden-line.ts'
import type {OutputStream} from '../stream.ts'
import type {Theme} from '../theme.ts'
import {type Keyboard, leavePastes, markPastes, PastedAsOneLine} from './pasted.ts'

/** Rows of a list that are seen at once: the question, its explanation and the help below need room too. */
const shownRows = 12

export interface WizardTerminal {
  readonly input: Keyboard
  readonly output: OutputStream
  readonly theme: Theme
  /** Columns and rows of the terminal. */
  readonly width: number
  readonly height: number
}

interface Item {
  readonly value: string
  readonly name: string
  readonly short: string
  readonly description?: string
}

function item({value, about}: Choice): Item {
  return {value, name: about === '' ? value : `${value}  ${oneLine(about)}`, short: value}
}

/** What a search shows: everything that holds the words, and last what was typed itself, where that may be. */
export function matching(choices: readonly Choice[], term: string | undefined, free: boolean): readonly Item[] {
  const words = (term ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const found = choices.filter(({value, about}) =>
    words.every((word) => `${value} ${about}`.toLowerCase().includes(word)),
  )
  const typed = (term ?? '').trim()
  const own = free && typed !== '' && !choices.some(({value}) => value === typed)
  return [...found.map(item), ...(own ? [{value: typed, name: typed, short: typed, description: 'as typed'}] : [])]
}

/** Questions with lists that are walked by arrow keys and searched by typing. */
export function richWizard({input, output, theme, width, height}: WizardTerminal): Wizard {
  const tell = (text: string): void => {
    for (const line of wrap(oneLine(text), width - 1)) output.write(`${theme.dim(line)}\n`)
  }
  const pageSize = Math.max(3, Math.min(shownRows, height - 8))

  async function put(question: Readonly<Record<string, unknown>>, why?: string): Promise<unknown> {
    const {createPromptModule} = await import('inquirer').then(({default: inquirer}) => inquirer)
    if (why !== undefined) tell(why)
    const keys = new PastedAsOneLine(input)
    const gone = new AbortController()
    const leave = (): void => gone.abort()
    for (const event of ['end', 'close'] as const) input.once(event, leave)
    output.write(markPastes)
    input.pipe(keys)
    try {
      const prompt = createPromptModule({input: keys, output, signal: gone.signal})
      const {answer} = await prompt<{answer: unknown}>([{...question, name: 'answer'} as never])
      return answer
    } catch (error) {
      if (error instanceof Error && ['ExitPromptError', 'AbortPromptError', 'CancelPromptError'].includes(error.name)) {
        throw new CancelledError('Cancelled: the answers so far are kept. The same command goes on from here.', {
          code: 'CANCELLED',
        })
      }
      throw error
    } finally {
      input.unpipe(keys)
      input.pause()
      output.write(leavePastes)
      for (const event of ['end', 'close'] as const) input.removeListener(event, leave)
    }
  }

  const checked = (problem: Put['problem']) => (text: string) => problem(text) ?? true
  return {
    say: tell,
    text: async ({message, why, proposed, problem}) =>
      String(await put({type: 'input', message, default: proposed, validate: checked(problem)}, why)),
    async choose({message, why, proposed, problem, choices, free}) {
      const question = free
        ? {
            type: 'search',
            source: (term: string | undefined) => matching(proposedFirst(choices, proposed), term, free),
            validate: checked(problem),
          }
        : {type: 'select', choices: choices.map(item), default: proposed, loop: false}
      return String(await put({...question, message, pageSize}, why))
    },
    async several({message, why, proposed, problem, choices}) {
      const before = (proposed ?? '').split(',')
      const answer = await put(
        {
          type: 'checkbox',
          message,
          pageSize,
          loop: false,
          choices: choices.map((choice) => ({...item(choice), checked: before.includes(choice.value)})),
          validate: (chosen: readonly {readonly value: string}[]) =>
            problem(chosen.map(({value}) => value).join(',')) ?? true,
        },
        why,
      )
      return answer as readonly string[]
    },
    async secret({message, why}) {
      tell(why)
      return hiddenLine(input, output, `? ${message}`)
    },
    confirm: async (message, proposed) => (await put({type: 'confirm', message, default: proposed})) === true,
  }
}

/** A search begins at the top of its list. */
function proposedFirst(choices: readonly Choice[], proposed: string | undefined): readonly Choice[] {
  if (proposed === undefined) return choices
  const first = choices.find(({value}) => value === proposed) ?? {value: proposed, about: ''}
  return [first, ...choices.filter(({value}) => value !== proposed)]
}
