import assert from 'node:assert/strict'
import {CancelledError, FailedError} from '../../../src/domain/errors.ts'
import {errorToJson, formatError} from '../../../src/ui/format/error.ts'
import {loadTheme, symbolsFor} from '../../../src/ui/theme.ts'
import {matchesGolden} from '../../helpers/golden.ts'

const refused = new FailedError('Could not deploy network: the NAT gateway failed.\nNo address is left.', {
  code: 'STACK_FAILED',
  suggestions: ['pi-aws check quotas prod', 'pi-aws deploy prod'],
  cause: new Error('limit of addresses'),
})

describe('an error', () => {
  it('reads as what happened, why, and what to do next', () => matchesGolden('ui/error.txt', formatError(refused)))

  it('is coloured where there is colour', async () => {
    const look = {theme: await loadTheme({color: true}), symbols: symbolsFor({unicode: true})}
    matchesGolden('ui/error-colour.txt', formatError(refused, look))
  })

  it('ends after its sentence when there is nothing to do next', () => {
    assert.equal(formatError(new CancelledError('Cancelled.', {code: 'CANCELLED'})), 'Cancelled. [CANCELLED]\n')
  })

  it('that nobody foresaw is a bug and says how to report it', () => {
    matchesGolden('ui/error-bug.txt', formatError(new TypeError("Cannot read properties of undefined (reading 'id')")))
  })

  it('that is no error at all is a bug too', () => {
    assert.match(
      formatError({secret: 1}),
      /^This is a bug in pi-aws: a value that is no error was thrown \(object\) \[BUG\]\n/,
    )
    assert.match(formatError('text'), /^This is a bug in pi-aws: text \[BUG\]\n/)
  })

  it('shows its place in the program, and that of its causes, only with verbose', () => {
    assert.doesNotMatch(formatError(refused), /error\.test\.ts/)
    const text = formatError(refused, {verbose: true})
    assert.match(text, /FailedError: Could not deploy network/)
    assert.match(text, /caused by:\n {2}Error: limit of addresses\n {2} +at .*error\.test\.ts/)
  })

  it('that is its own cause ends', () => {
    const loop = new Error('loop')
    loop.cause = loop
    assert.equal(formatError(loop, {verbose: true}).match(/Error: loop/g)?.length, 2)
  })

  it('is one object for scripts', () => {
    assert.deepEqual(errorToJson(refused), {
      schemaVersion: 1,
      error: {
        code: 'STACK_FAILED',
        message: 'Could not deploy network: the NAT gateway failed.\nNo address is left.',
        suggestions: ['pi-aws check quotas prod', 'pi-aws deploy prod'],
        exitCode: 1,
      },
    })
    assert.equal(errorToJson(new Error('x')).error.code, 'BUG')
  })

  it('lets no hostile text move the cursor or forge lines without indent', () => {
    const hostile = new FailedError('\u001b[2J\u001b[31mbad\u0007\nSuccess: all is well', {
      code: 'X',
      suggestions: ['rm\n-rf\u001b[1A'],
    })
    assert.equal(formatError(hostile), 'bad\\x07 [X]\n  Success: all is well\n\nNext steps\n  - rm -rf\n')
    assert.equal(errorToJson(hostile).error.message, 'bad\\x07\nSuccess: all is well')
  })
})
