import assert from 'node:assert/strict'
import {UsageError} from '../../src/domain/errors.ts'
import {askUnlessSilent} from '../../src/cli/missing-value.ts'
import {mayAsk, outputOf, placeFlags, printError, printResult} from '../../src/cli/output.ts'
import type {Ask} from '../../src/flows/ports.ts'
import {refusal} from '../domain/samples.ts'
import {written} from './command-line.ts'

describe('the kind of output', () => {
  for (const [line, env, expected] of [
    ['deploy', {}, 'text'],
    ['deploy --json', {}, 'json'],
    ['deploy --output json', {}, 'json'],
    ['deploy --output=ndjson', {}, 'ndjson'],
    ['deploy --output text', {PI_AWS_OUTPUT: 'json'}, 'text'],
    ['deploy', {PI_AWS_OUTPUT: 'ndjson'}, 'ndjson'],
    ['deploy', {PI_AWS_JSON: '1'}, 'json'],
    ['deploy', {PI_AWS_JSON: 'true'}, 'json'],
    ['deploy', {PI_AWS_JSON: '0'}, 'text'],
    ['deploy --output', {}, 'text'],
    ['deploy --output xml', {}, 'text'],
    ['deploy --output ndjson --json', {}, 'json'],
  ] as const) {
    it(`of "${line}" with ${JSON.stringify(env)} is ${expected}`, () =>
      assert.equal(outputOf(line.split(' '), env), expected))
  }
})

describe('the flags by which a command found its environment', () => {
  for (const [words, expected] of [
    [['status', '--local'], '--local'],
    [['status', '--config', 'x.yaml'], '--config x.yaml'],
    [['status', '--config=of ours.yaml', '--local'], "--local --config 'of ours.yaml'"],
  ] as const)
    it(`of ${words.join(' ')} are ${expected}`, () => assert.equal(placeFlags(words), expected))
})

/** Runs something with terminals or pipes on stdin and stderr. */
function withTerminals<T>(stdin: boolean, stderr: boolean, work: () => T): T {
  const streams = [process.stdin, process.stderr] as const
  const before = streams.map((stream) => Object.getOwnPropertyDescriptor(stream, 'isTTY'))
  const put = (isTTY: boolean, index: number): void => {
    Object.defineProperty(streams[index]!, 'isTTY', {value: isTTY, configurable: true})
  }
  ;[stdin, stderr].forEach(put)
  try {
    return work()
  } finally {
    for (const [index, stream] of streams.entries()) {
      const descriptor = before[index]
      if (descriptor === undefined) Reflect.deleteProperty(stream, 'isTTY')
      else Object.defineProperty(stream, 'isTTY', descriptor)
    }
  }
}

describe('a question', () => {
  const plain = {output: 'text', yes: false} as const
  for (const [why, flags, env, stdin, stderr, expected] of [
    ['may be asked on a terminal', plain, {}, true, true, true],
    ['may be asked where CI says false', plain, {CI: 'false'}, true, true, true],
    ['may be asked where CI is empty', plain, {CI: ''}, true, true, true],
    ['is not asked in CI', plain, {CI: 'true'}, true, true, false],
    ['is not asked with --yes', {...plain, yes: true}, {}, true, true, false],
    ['is not asked with --json', {...plain, output: 'json'}, {}, true, true, false],
    ['is not asked with ndjson', {...plain, output: 'ndjson'}, {}, true, true, false],
    ['is not asked without a terminal to read from', plain, {}, false, true, false],
    ['is not asked without a terminal to write to', plain, {}, true, false, false],
  ] as const) {
    it(why, () =>
      assert.equal(
        withTerminals(stdin, stderr, () => mayAsk(flags, env)),
        expected,
      ),
    )
  }

  const ask = (possible: boolean): Ask => ({
    possible,
    confirm: async () => true,
    text: async () => 'typed',
    secret: async () => 'typed',
  })

  it('is put where somebody can answer', async () => {
    assert.equal(await askUnlessSilent(ask(true), '--file', (one) => one.secret('?')), 'typed')
  })

  it('becomes a usage error that names the flag where nobody can', async () => {
    await assert.rejects(
      askUnlessSilent(ask(false), '--file', (one) => one.secret('?')),
      refusal('VALUE_MISSING', /--file is not given/),
    )
  })
})

describe('a result', () => {
  const result = {environment: 'demo', changed: false}
  const print = (kind: 'text' | 'json' | 'ndjson') =>
    written(() => printResult(kind, result, ({environment}) => `page of ${environment}\n`, ''))

  it('is one object with json', async () => {
    const {stdout, stderr} = await print('json')
    assert.deepEqual([JSON.parse(stdout), stderr], [{schemaVersion: 1, ...result}, ''])
  })

  it('is the last line with ndjson', async () => {
    const {stdout} = await print('ndjson')
    assert.equal(stdout, '{"schemaVersion":1,"type":"result","environment":"demo","changed":false}\n')
  })

  it('is a page with text', async () => assert.equal((await print('text')).stdout, 'page of demo\n'))
})

describe('an error', () => {
  const error = new UsageError('Wrong usage: no.', {code: 'WRONG_USAGE', suggestions: ['do this']})
  const expected = {
    schemaVersion: 1,
    error: {code: 'WRONG_USAGE', message: 'Wrong usage: no.', suggestions: ['do this'], exitCode: 2},
  }

  it('is one object on stdout with json', async () => {
    const {stdout, stderr} = await written(() => printError(error, 'json', []))
    assert.deepEqual([JSON.parse(stdout), stderr], [expected, ''])
  })

  it('is one line on stdout with ndjson', async () => {
    const {stdout} = await written(() => printError(error, 'ndjson', []))
    assert.equal(stdout.split('\n').length, 2)
    assert.deepEqual(JSON.parse(stdout), {type: 'error', ...expected})
  })

  it('is a sentence, its code and the next steps on stderr with text', async () => {
    const {stdout, stderr} = await written(() => printError(error, 'text', []))
    assert.equal(stdout, '')
    assert.match(stderr, /^Wrong usage: no\. \[WRONG_USAGE\]\n\nNext steps\n {2}. do this\n$/)
  })

  it('adds where it happened with --verbose', async () => {
    assert.match((await written(() => printError(error, 'text', ['--verbose']))).stderr, /output\.test\.ts/)
  })
})
