import assert from 'node:assert/strict'
import fc from 'fast-check'
import {type EnvironmentName, type Generation, parseEnvironmentName} from '../../src/domain/names.ts'
import {databaseGenerationOf, isPart, type Part, parts, partsBefore, stackName} from '../../src/domain/parts.ts'
import {demo} from './samples.ts'

const environment = fc
  .array(fc.constantFrom('a', 'b1', 'database', 'app', 'foundation', '1x'), {minLength: 1, maxLength: 2})
  .map((words) => words.join('-'))
  .filter((text) => /^[a-z]/.test(text) && text.length <= 20)
  .map(parseEnvironmentName)

function nameOf(env: EnvironmentName, part: Part, generation: number): string {
  return part === 'database' ? stackName(env, part, generation as Generation) : stackName(env, part)
}

describe('parts', () => {
  it('come after everything that they need', () => {
    for (const part of parts) {
      for (const before of partsBefore(part))
        assert(parts.indexOf(before) < parts.indexOf(part), `${before} before ${part}`)
    }
  })

  it('all need the foundation, which needs nothing', () => {
    assert.deepEqual(partsBefore('foundation'), [])
    for (const part of parts.slice(1)) assert(partsBefore(part).includes('foundation'))
  })

  it('are known by their names only', () => {
    for (const part of parts) assert(isPart(part))
    for (const text of ['', 'App', 'database-1', 'constructor', '__proto__']) assert(!isPart(text))
  })

  it('give every stack a name of its own', () => {
    const generation = fc.integer({min: 1, max: 99_999})
    const one = fc.tuple(environment, fc.constantFrom(...parts), generation)
    fc.assert(
      fc.property(one, one, ([envA, partA, genA], [envB, partB, genB]) => {
        const same = envA === envB && partA === partB && (partA !== 'database' || genA === genB)
        assert.equal(nameOf(envA, partA, genA) === nameOf(envB, partB, genB), same)
      }),
      {numRuns: 500},
    )
  })

  it('give stack names that CloudFormation takes', () => {
    fc.assert(
      fc.property(environment, fc.constantFrom(...parts), (env, part) => {
        assert.match(nameOf(env, part, 99_999), /^[A-Za-z][A-Za-z0-9-]{0,127}$/)
      }),
    )
  })

  it('read the generation back out of a database stack', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 99_999}), (generation) => {
        assert.equal(databaseGenerationOf(demo, stackName(demo, 'database', generation as Generation)), generation)
      }),
    )
  })

  it('name the first generation where none is given', () => {
    const untyped = stackName as (env: EnvironmentName, part: Part) => string
    assert.equal(untyped(demo, 'database'), 'pi-demo-database-1')
  })

  for (const name of [
    'pi-demo-database-',
    'pi-demo-database-0',
    'pi-demo-database-1-app',
    'pi-demo-database-01',
    'pi-demo-app',
    'pi-other-database-1',
    'pi-demo-database-123456',
  ]) {
    it(`see no database generation in ${name}`, () => assert.equal(databaseGenerationOf(demo, name), undefined))
  }
})
