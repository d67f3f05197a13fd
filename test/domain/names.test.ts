import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  environmentNameLimit,
  makeOpId,
  parseAccountId,
  parseEnvironmentName,
  parseOpId,
  parseRegion,
} from '../../src/domain/names.ts'
import {refusal} from './samples.ts'

/** Texts that no name may be, whatever it names. */
const hostile = [
  '',
  ' ',
  'a b',
  'ä',
  'A',
  'a\n',
  '\u0000',
  'a/b',
  '../a',
  'a'.repeat(200),
  '-',
  '1',
  '__proto__',
  '${x}',
]

const tables = [
  {
    of: 'an environment name',
    parse: parseEnvironmentName,
    code: 'INVALID_ENVIRONMENT_NAME',
    good: ['a', 'prod', 'team-a', 'x1-2', 'a'.repeat(environmentNameLimit)],
    bad: [...hostile, 'a-', '-a', 'a--b', 'a_b', 'a'.repeat(environmentNameLimit + 1)],
  },
  {
    of: 'a region',
    parse: parseRegion,
    code: 'INVALID_REGION',
    good: ['eu-west-1', 'us-gov-west-1', 'ap-southeast-4', 'cn-north-1'],
    bad: [...hostile, 'eu-west', 'eu-west-11', 'EU-WEST-1', 'eu-west-1a'],
  },
  {
    of: 'an account',
    parse: parseAccountId,
    code: 'INVALID_ACCOUNT',
    good: ['000000000000', '123456789012'],
    bad: [...hostile, '12345678901', '1234567890123', '12345678901a', ' 123456789012'],
  },
  {
    of: 'an operation id',
    parse: parseOpId,
    code: 'INVALID_OPERATION_ID',
    good: ['20261122T101500Z-deploy-1a2b3c', '20261122T101500Z-upload-lambda-000000'],
    bad: [...hostile, '20261122T101500Z-deploy-1a2b3', '20261122T101500Z-Deploy-1a2b3c', '20261122-deploy-1a2b3c'],
  },
] as const

describe('names', () => {
  for (const {of, parse, code, good, bad} of tables) {
    for (const text of good)
      it(`take ${JSON.stringify(text.slice(0, 40))} for ${of}`, () => assert.equal(parse(text), text))
    for (const text of bad) {
      it(`do not take ${JSON.stringify(text.slice(0, 40))} for ${of}`, () => {
        assert.throws(() => parse(text), refusal(code))
      })
    }
  }

  it('never repeat a long text whole in a message', () => {
    assert.throws(
      () => parseEnvironmentName('x'.repeat(10_000)),
      (error: Error) => error.message.length < 300,
    )
  })

  it('say of an empty environment name that it is empty', () => {
    assert.throws(() => parseEnvironmentName(''), refusal('INVALID_ENVIRONMENT_NAME', /it is empty/))
  })

  it('take exactly what the pattern of environment names allows', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9]{0,4}$/)
    const more = fc.array(fc.stringMatching(/^[a-z0-9]{1,3}$/), {maxLength: 3})
    fc.assert(
      fc.property(word, more, (first, others) => {
        const text = [first, ...others].join('-')
        assert.equal(parseEnvironmentName(text), text)
      }),
    )
  })

  it('make operation ids that can be read back and sort like the time', () => {
    const time = fc.date({min: new Date('2020-01-01'), max: new Date('2100-01-01'), noInvalidDate: true})
    const hex = fc.stringMatching(/^[0-9a-f]{12}$/)
    fc.assert(
      fc.property(time, time, hex, (one, other, random) => {
        const [a, b] = [makeOpId('deploy', one, random), makeOpId('deploy', other, random)]
        assert.equal(parseOpId(a), a)
        const seconds = (date: Date): number => Math.floor(date.getTime() / 1000)
        assert.equal(Math.sign(seconds(one) - seconds(other)), a < b ? -1 : a > b ? 1 : 0)
      }),
    )
  })

  it('do not make operation ids of kinds that are no words', () => {
    assert.throws(() => makeOpId('Deploy!', new Date(0), '000000'), refusal('INVALID_OPERATION_ID'))
  })
})
