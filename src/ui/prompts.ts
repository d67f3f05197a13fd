import {CancelledError, UsageError} from '../domain/errors.ts'
import type {Ask} from '../flows/ports.ts'
import {oneLine} from './format/visible.ts'
import {hiddenLine} from './hidden-line.ts'
import type {OutputStream} from './stream.ts'
import type {Keyboard} from './wizard/pasted.ts'

export interface AskOptions {
  /** Whether anybody can be asked; the command line decides (a terminal, no --json, no --yes, no CI). */
  readonly possible: boolean
  readonly input: Keyboard
  /** Where questions are written: stderr, since stdout is for data. */
  readonly output: OutputStream
  /** Runs a question while nothing else paints on the terminal; a reporter's `aside`. */
  readonly aside?: <T>(work: () => Promise<T>) => Promise<T>
}

type Question =
  | {readonly type: 'confirm'; readonly message: string; readonly default: false}
  | {readonly type: 'input'; readonly message: string}

function cancelled(): CancelledError {
  return new CancelledError('Cancelled: the question was not answered.', {code: 'CANCELLED'})
}

/**
 * Questions to the person at the terminal.
 * @throws CancelledError CANCELLED on Ctrl-C and at the end of the input
 * @throws UsageError CANNOT_ASK when nobody can be asked
 */
export function createAsk(options: AskOptions): Ask {
  const {possible, input, output, aside = <T>(work: () => Promise<T>): Promise<T> => work()} = options

  async function put(question: Question): Promise<unknown> {
    const {createPromptModule} = await import('inquirer').then(({default: inquirer}) => inquirer)
    const gone = new AbortController()
    const leave = (): void => gone.abort()
    // Without this, a closed input would leave the question open for ever.
    for (const event of ['end', 'close'] as const) input.once(event, leave)
    try {
      const prompt = createPromptModule({
        input,
        output,
        signal: gone.signal,
      })
      const {answer} = await prompt<{answer: unknown}>([{...question, name: 'answer'}])
      return answer
    } catch (error) {
      if (error instanceof Error && ['ExitPromptError', 'AbortPromptError', 'CancelPromptError'].includes(error.name))
        throw cancelled()
      throw error
    } finally {
      for (const event of ['end', 'close'] as const) input.removeListener(event, leave)
    }
  }

  async function whereSomebodySits<T>(message: string, work: () => Promise<T>): Promise<T> {
    if (!possible) {
      throw new UsageError(`Cannot ask "${message}": there is no terminal, or questions are switched off.`, {
        code: 'CANNOT_ASK',
      })
    }
    return aside(work)
  }

  const ask = async (question: Question): Promise<unknown> => whereSomebodySits(question.message, () => put(question))

  return {
    possible,
    confirm: async (question) => (await ask({type: 'confirm', message: oneLine(question), default: false})) === true,
    text: async (question) => String(await ask({type: 'input', message: oneLine(question)})),
    secret: async (question) =>
      whereSomebodySits(oneLine(question), () => hiddenLine(input, output, `? ${oneLine(question)}`)),
  }
}
