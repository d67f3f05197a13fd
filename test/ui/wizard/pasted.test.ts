import assert from 'node:assert/strict'
import {PassThrough} from 'node:stream'
import {PastedAsOneLine} from '../../../src/ui/wizard/pasted.ts'

/** What comes out of reads of a keyboard. */
async function typed(...reads: readonly (string | Buffer)[]): Promise<string> {
  const stream = new PastedAsOneLine(new PassThrough())
  let text = ''
  stream.on('data', (part: string) => (text += part))
  for (const read of reads) stream.write(read)
  await new Promise<void>((resolve) => stream.end(resolve))
  return text
}

describe('keys and pastes', () => {
  it('pass as they come where nothing was pasted', async () => {
    const keys = ['prod', '\r', '\u001b[B', '\r', '\u001b', '\u0003', 'ü']
    assert.equal(await typed(...keys), keys.join(''))
    assert.equal(await typed('prod\r'), 'prod\r')
  })

  it('are one line where the terminal marks them, even in pieces', async () => {
    assert.equal(await typed('\u001b[200~a\r\nb\nc\u001b[201~\r'), 'a b c\r')
    assert.equal(await typed('\u001b[20', '0~a\r', 'b\u001b[2', '01~', '\r'), 'a b\r')
    assert.equal(await typed('\u001b[200~a\u001b[201~', '\u001b[200~b\u001b[201~x\r'), 'abx\r')
  })

  it('are one line where a line end has text behind it in one read', async () => {
    assert.equal(await typed('a\rb\rc\r'), 'a b c\r')
  })

  it('are no longer than any answer, and the next line begins anew', async () => {
    const long = await typed('x'.repeat(10_000), '\r', 'ok\r')
    assert.equal(long, `${'x'.repeat(1100)}\rok\r`)
    assert.equal(await typed('x'.repeat(2000), '\u0015', 'ok', '\u001b[D'), `${'x'.repeat(1100)}\u0015ok\u001b[D`)
  })

  it('keep letters of several bytes whole, and hand raw mode on', async () => {
    const [first, second] = [Buffer.from('ü').subarray(0, 1), Buffer.from('ü').subarray(1)]
    assert.equal(await typed(first, second), 'ü')
    const modes: boolean[] = []
    const keyboard = Object.assign(new PassThrough(), {setRawMode: (mode: boolean) => modes.push(mode)})
    new PastedAsOneLine(keyboard).setRawMode(true)
    new PastedAsOneLine(new PassThrough()).setRawMode(true)
    assert.deepEqual(modes, [true])
  })
})
