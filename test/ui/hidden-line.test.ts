import assert from 'node:assert/strict'
import {PassThrough} from 'node:stream'
import {CancelledError} from '../../src/domain/errors.ts'
import {hiddenLine} from '../../src/ui/hidden-line.ts'
import {FakeTerminal} from '../helpers/fake-terminal.ts'

/** A keyboard that says when it repeats what is typed. */
class Keyboard extends PassThrough {
  readonly isTTY = true
  readonly modes: boolean[] = []

  setRawMode(mode: boolean): this {
    this.modes.push(mode)
    return this
  }
}

/** Nine bytes end in the middle of its last letter. */
const smile = Buffer.from('sch\u00f6n \u{1f600}')

const pasted = (text: string): string => `\u001b[200~${text}\u001b[201~`

/** What comes of keys that are read one after the other, and what was seen meanwhile. */
async function typed(...reads: readonly (string | Uint8Array)[]) {
  const [input, output] = [new Keyboard(), new FakeTerminal()]
  const asked = hiddenLine(input, output, 'Licence (not shown)')
  await output.shows(/Licence \(not shown\): $/)
  for (const read of reads) input.write(read)
  return {value: await asked, seen: output.text, input}
}

describe('a hidden question', () => {
  const table: readonly (readonly [why: string, reads: readonly (string | Uint8Array)[], value: string])[] = [
    ['what is typed', ['PLAN', 'TED\r'], 'PLANTED'],
    ['nothing', ['\r'], ''],
    ['what is left after Backspace and Ctrl-U', ['wrong\u0015PLANx\u007fTEE\bD\r'], 'PLANTED'],
    ['no arrow keys and no other control keys', ['PLA\u001b[D\u001bOANT\u0014ED\r'], 'PLANTED'],
    ['a paste of several lines', [pasted('one\r\ntwo\nthree\n'), '\r'], 'one\ntwo\nthree\n'],
    ['a paste of several lines in a terminal that does not mark it', ['one\rtwo\rthree\r'], 'one\ntwo\nthree'],
    [
      'letters of several bytes, in two reads',
      [smile.subarray(0, 9), smile.subarray(9), '!\u007f\u007f\r'],
      'sch\u00f6n ',
    ],
    ['as much as a secret holds', [pasted('x'.repeat(65_536)), '\r'], 'x'.repeat(65_536)],
  ]
  for (const [why, reads, expected] of table) {
    it(`takes ${why}`, async () => {
      const {value} = await typed(...reads)
      assert.equal(value, expected)
    })
  }

  it('shows nothing of it, not even how long it is, and gives the terminal back', async () => {
    const [short, long] = [await typed('PLANTED-1\r'), await typed(`${'PLANTED-'.repeat(50)}\r`)]
    assert.equal(short.seen, long.seen)
    assert.doesNotMatch(long.seen, /PLANTED|\*/)
    assert.deepEqual(long.input.modes, [true, false])
    assert.equal(long.input.listenerCount('close'), new Keyboard().listenerCount('close'))
  })

  for (const [how, keys] of [
    ['Ctrl-C', 'PLANTED\u0003'],
    ['Ctrl-D on an empty line', '\u0004'],
  ] as const) {
    it(`is cancelled by ${how}`, async () => {
      await assert.rejects(typed(keys), (error) => error instanceof CancelledError && error.code === 'CANCELLED')
    })
  }

  it('is cancelled when its terminal goes away', async () => {
    const [input, output] = [new Keyboard(), new FakeTerminal()]
    const asked = assert.rejects(hiddenLine(input, output, 'Licence'), CancelledError)
    await output.shows(/Licence: $/)
    input.end()
    await asked
  })
})
