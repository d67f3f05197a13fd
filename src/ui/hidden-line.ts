import {CancelledError} from '../domain/errors.ts'
import {oneLine} from './format/visible.ts'
import type {OutputStream} from './stream.ts'
import {type Keyboard, leavePastes, markPastes, PastedAsOneLine} from './wizard/pasted.ts'

/** A line end inside of a pasted secret, which no key makes. */
const pastedEnd = '\u0000'
/** Characters that are let through: some more than a secret holds, so that too long a one is refused and not cut. */
const longest = 70_000
/** Arrow keys and their like. */
const sequences = /\u001b(\[[0-9;?]*[A-Za-z~]|O.)/g
const [interrupt, endOfInput, wipe] = ['\u0003', '\u0004', '\u0015']
const backspaces = '\b\u007f'

interface Typed {
  readonly text: string
  readonly end?: 'answered' | 'left'
}

/** What stands on the line after more keys. */
function after(before: string, keys: string): Typed {
  const letters = [...before]
  for (const key of keys.replaceAll(sequences, '')) {
    if (key === '\r' || key === '\n') return {text: letters.join(''), end: 'answered'}
    if (key === interrupt || (key === endOfInput && letters.length === 0)) return {text: '', end: 'left'}
    if (key === wipe) letters.length = 0
    else if (backspaces.includes(key)) letters.pop()
    else if (key === pastedEnd) letters.push('\n')
    else if (key >= ' ' || key === '\t') letters.push(key)
  }
  return {text: letters.join('')}
}

/**
 * Asks for a secret: nothing of it is shown, not even its length. The lines of a paste belong to it, with `\n` between.
 * @throws CancelledError CANCELLED on Ctrl-C and at the end of the input
 */
export async function hiddenLine(input: Keyboard, output: OutputStream, message: string): Promise<string> {
  const keys = new PastedAsOneLine(input, {joint: pastedEnd, longest})
  // First, so that nothing is repeated by the terminal once the question is seen.
  keys.setRawMode(true)
  output.write(`${markPastes}${oneLine(message)}: `)
  let leave = (): void => undefined
  try {
    return await new Promise<string>((resolve, reject) => {
      let line = ''
      leave = () => reject(new CancelledError('Cancelled: the question was not answered.', {code: 'CANCELLED'}))
      for (const event of ['end', 'close'] as const) input.once(event, leave)
      keys.on('data', (more: string) => {
        const {text, end} = after(line, more)
        line = text
        if (end === 'answered') resolve(line)
        else if (end === 'left') leave()
      })
      input.pipe(keys)
    })
  } finally {
    for (const event of ['end', 'close'] as const) input.removeListener(event, leave)
    input.unpipe(keys)
    input.pause()
    keys.setRawMode(false)
    output.write(`${leavePastes}\n`)
  }
}
