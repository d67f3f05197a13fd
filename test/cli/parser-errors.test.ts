import assert from 'node:assert/strict'
import {join} from 'node:path'
import {Errors, run} from '@oclif/core'
import {asPiError} from '../../src/cli/parser-errors.ts'
import {nearest} from '../../src/domain/nearest.ts'
import {CancelledError, type PiError} from '../../src/domain/errors.ts'
import {surface, withVariables} from './command-line.ts'

/** pi-aws's own folder. */
const own = '/home/operator/.local/state/pi-aws'

/** Runs a command line that cannot be understood, and gives the error as main.ts would print it. */
async function errorOf(argv: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<PiError> {
  const {config} = await surface()
  return withVariables(variables, async () => {
    try {
      await run([...argv], config)
    } catch (error) {
      return asPiError(error, config.commandIDs, argv, own)
    }
    return assert.fail(`this was understood: ${argv.join(' ')}`)
  })
}

const long = 'x'.repeat(5000)
const table: readonly (readonly [argv: readonly string[], code: string, message: RegExp, suggestion: RegExp])[] = [
  [['deplyo'], 'UNKNOWN_COMMAND', /pi-aws has no "deplyo"/, /^Did you mean: pi-aws deploy$/],
  [['ops', 'lsit'], 'UNKNOWN_COMMAND', /"ops lsit"/, /^Did you mean: pi-aws ops list$/],
  [
    ['local', 'status', 'extra'],
    'WRONG_USAGE',
    /local status takes no argument, and was given "extra"/,
    /^pi-aws local status --help$/,
  ],
  [['local', 'strat', '--pace', '1'], 'UNKNOWN_COMMAND', /"local strat"/, /^Did you mean: pi-aws local start$/],
  [['frobnicate'], 'UNKNOWN_COMMAND', /"frobnicate"/, /^pi-aws --help$/],
  [[''], 'UNKNOWN_COMMAND', /has no ""/, /^pi-aws --help$/],
  [['deploy', '--prat', 'app'], 'WRONG_USAGE', /Nonexistent flag: --prat\.$/, /^Did you mean: --part$/],
  [
    ['secret', 'rotate', 'database', '--no-wait'],
    'NEEDS_ITS_DRIVER',
    /^No --no-wait for secret rotate: half a change is worse than none/,
    /^Instead: run it where/,
  ],
  [
    ['restore', 'run', 'latest', '--no-wait'],
    'NEEDS_ITS_DRIVER',
    /^No --no-wait for restore run: it decides between its steps/,
    /^Instead: --timeout ends the wait/,
  ],
  [['status', '--no-wait'], 'WRONG_USAGE', /Nonexistent flag: --no-wait\.$/, /./],
  [['deploy', '--frobnicate'], 'WRONG_USAGE', /Nonexistent flag: --frobnicate\.$/, /^pi-aws deploy --help$/],
  [
    ['deploy', '--output', 'xml'],
    'WRONG_USAGE',
    /--output=xml to be one of: text, json, ndjson\.$/,
    /^pi-aws deploy --help$/,
  ],
  [['deploy', 'a', 'b'], 'WRONG_USAGE', /Unexpected argument: b\.$/, /^pi-aws deploy --help$/],
  [['ops', 'show'], 'WRONG_USAGE', /^Wrong usage: OPERATION is missing\.$/, /^pi-aws ops show --help$/],
  [['deploy', '--part'], 'WRONG_USAGE', /--part expects a value/, /^pi-aws deploy --help$/],
  [['deploy', '--registry-username', 'u'], 'WRONG_USAGE', /--registry-password-file/, /^pi-aws deploy --help$/],
  [
    ['ops', 'list', '--limit', '0'],
    'WRONG_USAGE',
    /: --limit: expected .* greater than or equal to 1/,
    /^pi-aws ops list --help$/,
  ],
  [['ops', 'list', '--limit', 'x'], 'WRONG_USAGE', /--limit: expected an integer/, /^pi-aws ops list --help$/],
  [['deploy', 'Prod'], 'INVALID_ENVIRONMENT_NAME', /^Invalid environment name: "Prod"/, /prod, staging/],
  [['deploy', ''], 'INVALID_ENVIRONMENT_NAME', /it is empty/, /prod, staging/],
  [['deploy', long], 'INVALID_ENVIRONMENT_NAME', /\(5000 characters\)/, /prod, staging/],
  [['status', '-e', 'A B'], 'INVALID_ENVIRONMENT_NAME', /^Invalid environment name/, /prod, staging/],
  [['status', '--region', 'mars'], 'INVALID_REGION', /^Invalid region: "mars"/, /eu-west-1/],
  [['status', '--endpoint-url', '127.0.0.1:4566'], 'INVALID_ENDPOINT_URL', /"127\.0\.0\.1:4566"/, /http:\/\/127/],
  [['status', '--endpoint-url', 'ftp://x'], 'INVALID_ENDPOINT_URL', /"ftp:\/\/x"/, /http:\/\/127/],
  [['deploy', '--timeout', '5'], 'INVALID_DURATION', /^Invalid duration: "5"/, /90s, 30m, 2h/],
  [['deploy', '--timeout', '-5m'], 'INVALID_DURATION', /^Invalid duration/, /90s/],
  [['deploy', '--part', 'cake'], 'UNKNOWN_PART', /^Unknown part: "cake"/, /foundation, network/],
  [['ops', 'abort', 'yesterday'], 'INVALID_OPERATION_ID', /^Invalid operation id/, /ops list/],
  ...['99', 'two', '-1', '1.5', ''].map(
    (count) =>
      [
        ['service', 'scale', 'renderer', count],
        'INVALID_COUNT',
        /^Invalid number of tasks: ".*" is no whole number from 0 to 50\.$/,
        /service list/,
      ] as const,
  ),
  [['local', 'start', '--pace', 'fast'], 'INVALID_PACE', /^Invalid pace: "fast"/, /0\.02/],
]

describe('a command line that cannot be understood', () => {
  for (const [argv, code, message, suggestion] of table) {
    it(`ends 2 with ${code}: ${argv.join(' ').slice(0, 50)}`, async () => {
      const error = await errorOf(argv)
      assert.deepEqual([error.code, error.exitCode], [code, 2])
      assert.match(error.message, message)
      assert(error.message.length < 400, error.message)
      assert.doesNotMatch(error.message, /\n|See more help/)
      assert.match(error.suggestions[0] ?? '', suggestion)
    })
  }

  it('may be a variable of the environment too', async () => {
    assert.equal((await errorOf(['deploy'], {PI_AWS_PART: 'app,cake'})).code, 'UNKNOWN_PART')
    assert.equal((await errorOf(['deploy'], {PI_AWS_TIMEOUT: 'soon'})).code, 'INVALID_DURATION')
    assert.equal((await errorOf(['status'], {PI_AWS_OUTPUT: 'xml'})).code, 'WRONG_USAGE')
  })
})

describe('an error that the command line did not expect', () => {
  it('is a bug, whatever was thrown', () => {
    for (const thrown of [new TypeError('x is not a function'), 'text', undefined, null, 7]) {
      const error = asPiError(thrown, [], [], own)
      assert.deepEqual([error.code, error.exitCode], ['BUG', 1])
    }
  })

  it('is a cancellation where something was aborted', () => {
    const error = asPiError(Object.assign(new Error('aborted'), {name: 'AbortError'}), [], [], own)
    assert(error instanceof CancelledError)
  })

  it('of oclif without words that name a command points to the help of all', () => {
    assert.deepEqual(asPiError(new Errors.CLIError('no'), [], ['--x'], own).suggestions, ['pi-aws --help'])
  })

  it('of several reasons tells the first', () => {
    const error = asPiError(
      new Errors.CLIError('The following errors occurred:\n  one\n  two\nSee more help with --help'),
      [],
      [],
      own,
    )
    assert.equal(error.message, 'Wrong usage: one.')
  })

  it('of its own folder is told as what this machine does not allow, and no other file is', () => {
    const denied = (path: string) => Object.assign(new Error(`EACCES: permission denied, open '${path}'`), {path})
    const told = asPiError(denied(join(own, 'init', 'x')), [], [], own)
    assert.deepEqual([told.code, told.exitCode], ['STATE_UNUSABLE', 1])
    assert.match(told.message, /EACCES: permission denied/)
    assert.deepEqual(told.suggestions, ['Name a folder that may be written in PI_AWS_HOME'])
    assert.equal(asPiError(denied(own), [], [], own).code, 'STATE_UNUSABLE')
    assert.equal(asPiError(denied(`${own}-other`), [], [], own).code, 'BUG')
  })
})

describe('the nearest word', () => {
  for (const [word, expected] of [
    ['deplyo', 'deploy'],
    ['DEPLOY', 'deploy'],
    ['statsu', 'status'],
    ['x', undefined],
    ['completely-different', undefined],
    ['', undefined],
  ] as const) {
    it(`to ${JSON.stringify(word)} is ${expected ?? 'none'}`, () =>
      assert.equal(nearest(word, ['deploy', 'status']), expected))
  }

  it('is none among none', () => assert.equal(nearest('x', []), undefined))
})
