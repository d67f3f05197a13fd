import assert from 'node:assert/strict'
import {PassThrough} from 'node:stream'
import {CancelledError} from '../../../src/domain/errors.ts'
import {plainTheme} from '../../../src/ui/theme.ts'
import {plainWizard} from '../../../src/ui/wizard/plain.ts'
import {matching, richWizard} from '../../../src/ui/wizard/rich.ts'
import {FakeTerminal} from '../../helpers/fake-terminal.ts'

const choices = [
  {value: 'small', about: 'a trial'},
  {value: 'large', about: 'three zones'},
]
const question = {message: 'Size', why: 'It can be changed later.', proposed: 'small', problem: () => undefined}

describe('a wizard of lines', () => {
  const stage = () => {
    const [input, output] = [new PassThrough(), new FakeTerminal()]
    return {input, output, wizard: plainWizard(input, output)}
  }

  it('takes numbers, names, parts of names, and what is proposed for an empty line', async () => {
    const {input, output, wizard} = stage()
    const answers: string[] = []
    for (const lines of [['2'], ['large'], [''], ['thr', '1'], ['other']]) {
      const asked = wizard.choose({...question, choices, free: true})
      for (const line of lines) {
        await new Promise((resolve) => setImmediate(resolve))
        input.write(`${line}\n`)
      }
      answers.push(await asked)
    }
    assert.deepEqual(answers, ['large', 'large', 'small', 'large', 'other'])
    assert.match(output.text, /It can be changed later\.\n {2}1\. small: a trial\n {2}2\. large: three zones\n/)
    wizard.close()
  })

  it('says what will not do and asks again; arrow keys are no text', async () => {
    const {input, output, wizard} = stage()
    const asked = wizard.text({...question, problem: (text) => (text === 'ok' ? undefined : 'no')})
    input.write('bad\n')
    await output.shows(/Not taken: no\.\n/)
    input.write('\u001b[Aok\n')
    assert.equal(await asked, 'ok')
  })

  it('takes the first of several pasted lines and tells of the others', async () => {
    const {input, output, wizard} = stage()
    const first = wizard.text(question)
    input.write('one\ntwo\nthree\n')
    assert.equal(await first, 'one')
    await new Promise((resolve) => setImmediate(resolve))
    const second = wizard.text(question)
    await output.shows(/Left out: 2 more pasted lines\./)
    input.write('x\n')
    assert.equal(await second, 'x')
  })

  it('takes several by number or name, and yes and no', async () => {
    const {input, output, wizard} = stage()
    const asked = wizard.several({...question, choices})
    input.write('2, small\n')
    assert.deepEqual(await asked, ['large', 'small'])
    const sure = wizard.confirm('Sure', false)
    input.write('maybe\n')
    await output.shows(/Sure, y\/N: Sure/)
    input.write('yes\n')
    assert.equal(await sure, true)
    for (const [line, proposed, means] of [
      ['', true, true],
      ['n', true, false],
    ] as const) {
      const again = wizard.confirm('Sure', proposed)
      await new Promise((resolve) => setImmediate(resolve))
      input.write(`${line}\n`)
      assert.equal(await again, means)
    }
  })

  it('takes a secret without a word of it, and lines again after it', async () => {
    const {input, output, wizard} = stage()
    input.write('prod\n')
    assert.equal(await wizard.text(question), 'prod')
    const asked = wizard.secret({message: 'Licence', why: 'Not shown.'})
    await output.shows(/Not shown\.\n.*Licence: $/)
    input.write('PLANTED\r')
    assert.equal(await asked, 'PLANTED')
    const again = wizard.text(question)
    input.write('last\n')
    assert.equal(await again, 'last')
    assert.doesNotMatch(output.text, /PLANTED/)
    wizard.close()
  })

  it('reads out no more of a long list than anybody listens to', async () => {
    const {input, output, wizard} = stage()
    const many = Array.from({length: 30}, (_, index) => ({value: `r${index}`, about: ''}))
    const asked = wizard.choose({...question, proposed: undefined, choices: many, free: false})
    await output.shows(/20\. r19\n {2}and 10 more: type a part of one to find it\n/)
    input.write('r29\n')
    assert.equal(await asked, 'r29')
    wizard.say('so far')
    assert.match(output.text, /so far\n$/)
  })

  it('is cancelled when its terminal goes away', async () => {
    const {input, wizard} = stage()
    const asked = assert.rejects(wizard.text(question), CancelledError)
    input.end()
    await asked
  })
})

describe('a search', () => {
  it('finds by all words in name or explanation, and takes what was typed where that may be', () => {
    assert.deepEqual(
      matching(choices, undefined, true).map(({value}) => value),
      ['small', 'large'],
    )
    assert.deepEqual(
      matching(choices, 'zones THREE', false).map(({value}) => value),
      ['large'],
    )
    assert.deepEqual(
      matching(choices, 'tiny', true).map(({value}) => value),
      ['tiny'],
    )
    assert.deepEqual(
      matching(choices, 'large', true).map(({value}) => value),
      ['large'],
    )
    assert.deepEqual(matching(choices, 'tiny', false), [])
  })
})

describe('a wizard of lists', () => {
  const stage = () => {
    const input = new PassThrough()
    const output = new FakeTerminal({columns: 80, rows: 24})
    return {input, output, wizard: richWizard({input, output, theme: plainTheme, width: 80, height: 24})}
  }

  it('takes text, choices, several and yes', async () => {
    const {input, output, wizard} = stage()
    const answer = async <T>(asked: Promise<T>, shown: RegExp, ...keys: readonly string[]): Promise<T> => {
      await output.shows(shown)
      for (const key of keys) {
        input.write(key)
        await new Promise((resolve) => setImmediate(resolve))
      }
      return asked
    }
    assert.equal(await answer(wizard.text({...question, message: 'Text'}), /\? .*Text/, 'prod\r'), 'prod')
    const chosen = wizard.choose({...question, message: 'Choice', choices, free: false})
    assert.equal(await answer(chosen, /\? .*Choice/, '\u001b[B', '\r'), 'large')
    const several = wizard.several({...question, message: 'Several', choices})
    assert.deepEqual(await answer(several, /\? .*Several/, '\u001b[B', ' ', '\r'), ['small', 'large'])
    assert.equal(await answer(wizard.confirm('Sure', false), /\? .*Sure/, 'y', '\r'), true)
    const secret = wizard.secret({message: 'Licence', why: 'Not shown.'})
    assert.equal(await answer(secret, /\? Licence: $/, 'PLANTED\r'), 'PLANTED')
    assert.doesNotMatch(output.text, /PLANTED/)
    wizard.say('so far')
    assert.match(output.text, /so far\n$/)
  })

  it('is cancelled when its terminal goes away', async () => {
    const {input, output, wizard} = stage()
    const asked = assert.rejects(wizard.text(question), CancelledError)
    await output.shows(/Size/)
    input.end()
    await asked
  })
})
