import assert from 'node:assert/strict'
import * as errors from '../../src/domain/errors.ts'
import {exitCodes, exitTable} from '../../src/domain/exit-codes.ts'

/** As the design fixes them: scripts rely on these numbers. */
const fixed = {
  ok: 0,
  failed: 1,
  usage: 2,
  checkFailed: 3,
  access: 4,
  notFound: 5,
  pending: 8,
  locked: 11,
  refused: 12,
  paused: 13,
  rolledBack: 14,
  operatorNeeded: 15,
  cancelled: 130,
}

type ErrorClass = new (message: string, details: errors.ErrorDetails) => errors.PiError
const classes = Object.entries(errors).filter(([name]) => name !== 'PiError') as [string, ErrorClass][]

describe('exit codes', () => {
  it('are the ones that scripts know', () => assert.deepEqual(exitCodes, fixed))

  it('are all different', () => assert.equal(new Set(Object.values(exitCodes)).size, Object.keys(exitCodes).length))

  it('stand in the table in ascending order, each with a meaning and a situation', () => {
    assert.deepEqual(
      exitTable.map(({code}) => code),
      Object.values(fixed),
    )
    for (const {meaning, situations, name} of exitTable) {
      assert.match(meaning, /^[a-z]/, name)
      assert(situations.length > 0, name)
    }
  })

  it('name no situation twice', () => {
    const situations = exitTable.flatMap((row) => row.situations)
    assert.equal(new Set(situations).size, situations.length)
  })
})

describe('errors', () => {
  it('have a class for each exit code, and each class its own; 0 and a check that says no are results', () => {
    const codes = classes.map(([, Class]) => new Class('x', {code: 'X'}).exitCode)
    assert.deepEqual(
      codes.toSorted((a, b) => a - b),
      Object.values(fixed).filter((code) => code !== fixed.ok && code !== fixed.checkFailed),
    )
  })

  for (const [name, Class] of classes) {
    it(`of class ${name} carry message, code, steps and cause`, () => {
      const cause = new TypeError('below')
      const error = new Class('Something happened.', {code: 'IT', suggestions: ['do this'], cause})
      assert.deepEqual(
        [error.name, error.message, error.code, error.suggestions, error.cause],
        [name, 'Something happened.', 'IT', ['do this'], cause],
      )
      assert(error instanceof Error)
      const bare = new Class('x', {code: 'IT'})
      assert.deepEqual([bare.suggestions, 'cause' in bare], [[], false])
    })
  }
})
