import assert from 'node:assert/strict'
import {PassThrough} from 'node:stream'
import {CancelledError, UsageError} from '../../src/domain/errors.ts'
import type {Ask} from '../../src/flows/ports.ts'
import {createAsk} from '../../src/ui/prompts.ts'
import {FakeTerminal} from '../helpers/fake-terminal.ts'

interface Stage {
  readonly ask: Ask
  readonly input: PassThrough
  readonly output: FakeTerminal
}

function stage(options: {possible?: boolean; aside?: <T>(work: () => Promise<T>) => Promise<T>} = {}): Stage {
  const input = new PassThrough()
  const output = new FakeTerminal()
  return {ask: createAsk({possible: true, input, output, ...options}), input, output}
}

/** Types keys once the question stands on the screen. */
async function type({input, output}: Stage, question: RegExp, keys: string): Promise<void> {
  await output.shows(question)
  input.write(keys)
}

describe('a question', () => {
  it('takes a text', async () => {
    const scene = stage()
    const [answer] = await Promise.all([scene.ask.text('Which region?'), type(scene, /Which region\?/, 'eu-west-1\r')])
    assert.equal(answer, 'eu-west-1')
  })

  for (const [keys, expected] of [
    ['y\r', true],
    ['n\r', false],
    ['\r', false],
  ] as const) {
    it(`takes ${JSON.stringify(keys)} for ${expected ? 'yes' : 'no'}`, async () => {
      const scene = stage()
      const [answer] = await Promise.all([scene.ask.confirm('Go on?'), type(scene, /Go on\?/, keys)])
      assert.equal(answer, expected)
    })
  }

  it('never shows a secret, nor its length, not even on Ctrl-T', async () => {
    const scene = stage()
    const [answer] = await Promise.all([
      scene.ask.secret('Licence key?'),
      type(scene, /Licence key\?/, 'hunter2\u0014\r'),
    ])
    assert.match(answer, /^hunter2/)
    assert.doesNotMatch(scene.output.text, /hunter|\*{3}/)
  })

  for (const [how, keys] of [['Ctrl-C', '\u0003']] as const) {
    it(`is cancelled by ${how}`, async () => {
      const scene = stage()
      const asked = assert.rejects(
        scene.ask.text('Name?'),
        (error) => error instanceof CancelledError && error.code === 'CANCELLED',
      )
      await type(scene, /Name\?/, keys)
      await asked
    })
  }

  it('is cancelled by the end of the input instead of waiting for ever', async () => {
    const scene = stage()
    const asked = assert.rejects(scene.ask.confirm('Name?'), CancelledError)
    await scene.output.shows(/Name\?/)
    scene.input.end()
    await asked
  })

  it('leaves no listener on the input behind', async () => {
    const scene = stage()
    for (let count = 0; count < 3; count += 1) {
      const shown = new RegExp(`Name ${count}`)
      await Promise.all([scene.ask.text(`Name ${count}?`), type(scene, shown, 'x\r')])
    }
    assert.ok(scene.input.listenerCount('end') <= 1)
  })

  it('is refused where nobody can be asked', async () => {
    const {ask, output} = stage({possible: false})
    assert.equal(ask.possible, false)
    await assert.rejects(ask.confirm('Go on?'), (error) => error instanceof UsageError && error.code === 'CANNOT_ASK')
    assert.equal(output.text, '')
  })

  it('is put aside of whatever paints', async () => {
    const order: string[] = []
    const scene = stage({
      async aside(work) {
        order.push('away')
        const result = await work()
        order.push('back')
        return result
      },
    })
    await Promise.all([scene.ask.text('Name?'), type(scene, /Name\?/, 'x\r')])
    assert.deepEqual(order, ['away', 'back'])
  })

  it('shows hostile text harmlessly', async () => {
    const scene = stage()
    await Promise.all([scene.ask.text('Delete \u001b[8mprod\u0007?'), type(scene, /Delete prod\\x07\?/, 'x\r')])
    assert.doesNotMatch(scene.output.text, /\u001b\[8m|\u0007/)
  })
})
