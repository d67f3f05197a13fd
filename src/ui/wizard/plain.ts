import {createInterface, type Interface} from 'node:readline'
import {CancelledError} from '../../domain/errors.ts'
import type {Choice} from '../../domain/init/questions.ts'
import type {Put, Wizard} from '../../flows/init/ports.ts'
import {oneLine} from '../format/visible.ts'
import {hiddenLine} from '../hidden-line.ts'
import type {OutputStream} from '../stream.ts'
import type {Keyboard} from './pasted.ts'

/** Choices that are read out at once. */
const mostShown = 20

/**
 * Questions as lines, one below the other: numbers instead of arrow keys, nothing repainted, nothing that turns. For
 * screen readers and for terminals that cannot move their cursor.
 */
export function plainWizard(input: Keyboard, output: OutputStream): Wizard & {close(): void} {
  let lines: Interface | undefined
  let waiting: {readonly take: (line: string) => void; readonly gone: () => void} | undefined
  let dropped = 0

  function open(): void {
    if (lines !== undefined) return
    lines = createInterface({input, terminal: false})
    lines.on('line', (line) => {
      // A pasted text of several lines answers one question, not those that follow.
      if (waiting === undefined) dropped += 1
      else waiting.take(line)
    })
    lines.on('close', () => waiting?.gone())
  }

  async function ask(prompt: string): Promise<string> {
    open()
    if (dropped > 0) output.write(`Left out: ${dropped} more pasted line${dropped === 1 ? '' : 's'}.\n`)
    dropped = 0
    output.write(prompt)
    const line = await new Promise<string>((resolve, reject) => {
      waiting = {
        take: resolve,
        gone: () => {
          reject(
            new CancelledError('Cancelled: the answers so far are kept. The same command goes on from here.', {
              code: 'CANCELLED',
            }),
          )
        },
      }
      // Taken by hand and not by a handler: the next line of the same read comes before any promise goes on.
      const {take} = waiting
      waiting = {
        ...waiting,
        take: (text) => {
          waiting = undefined
          take(text)
        },
      }
    })
    // Arrow keys arrive as their sequences here.
    return oneLine(line)
  }

  /** Asks until the answer will do. */
  async function until(
    {message, proposed, problem}: Put,
    means: (line: string) => string | undefined,
  ): Promise<string> {
    const hint = proposed === undefined ? '' : ` [${proposed}]`
    for (;;) {
      const line = await ask(`${message}${hint}: `)
      const text = line === '' ? (proposed ?? '') : means(line)
      if (text === undefined) continue
      const wrong = problem(text)
      if (wrong === undefined) return text
      output.write(`Not taken: ${wrong}.\n`)
    }
  }

  function list(choices: readonly Choice[]): void {
    for (const [index, {value, about}] of choices.slice(0, mostShown).entries())
      output.write(`  ${index + 1}. ${value}${about === '' ? '' : `: ${oneLine(about)}`}\n`)
    if (choices.length > mostShown)
      output.write(`  and ${choices.length - mostShown} more: type a part of one to find it\n`)
  }

  return {
    say: (text) => void output.write(`${oneLine(text)}\n`),
    async text(question) {
      output.write(`\n${oneLine(question.why)}\n`)
      return until(question, (line) => line)
    },
    async choose(question) {
      const {choices, free} = question
      let shown = choices
      output.write(`\n${oneLine(question.why)}\n`)
      list(shown)
      return until({...question, message: `${question.message}, number or name`}, (line) => {
        const byNumber = /^\d+$/.test(line) ? shown[Number(line) - 1] : undefined
        const exact = choices.find(({value}) => value === line)
        if (exact !== undefined) return exact.value
        if (byNumber !== undefined) return byNumber.value
        const near = choices.filter(({value, about}) => `${value} ${about}`.toLowerCase().includes(line.toLowerCase()))
        if (near.length === 0 || near === shown || (near.length === shown.length && free)) return line
        shown = near
        list(shown)
        return undefined
      })
    },
    async several(question) {
      const {choices} = question
      output.write(`\n${oneLine(question.why)}\n`)
      list(choices)
      const text = await until({...question, message: `${question.message}, numbers or names with commas`}, (line) =>
        line
          .split(',')
          .map((word) => choices[Number(word.trim()) - 1]?.value ?? word.trim())
          .join(','),
      )
      return text.split(',')
    },
    async secret({message, why}) {
      // Two readers would share the keys among them.
      lines?.close()
      lines = undefined
      output.write(`\n${oneLine(why)}\n`)
      return hiddenLine(input, output, message)
    },
    async confirm(message, proposed) {
      for (;;) {
        const line = (await ask(`${message}, ${proposed ? 'Y/n' : 'y/N'}: `)).toLowerCase()
        if (line === '') return proposed
        if (/^(y|yes)$/.test(line)) return true
        if (/^(n|no)$/.test(line)) return false
      }
    },
    close: () => lines?.close(),
  }
}
