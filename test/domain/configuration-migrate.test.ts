import assert from 'node:assert/strict'
import {migrated} from '../../src/domain/configuration-migrate.ts'

describe('migrating pi-aws.yaml', () => {
  it('writes the version where a file says none, and keeps its comments', () => {
    const {text, from, to, notes} = migrated('# Ours\nenvironments:\n  # first\n  prod: {region: eu-west-1} # Dublin\n')
    assert.equal(text, '# Ours\nversion: 1\nenvironments:\n  # first\n  prod: {region: eu-west-1} # Dublin\n')
    assert.deepEqual([from, to, notes.length], [0, 1, 1])
  })

  it('knows files in the manner of JSON, and what has no keys to put it before', () => {
    assert.equal(migrated('{"environments": {}}\n').text, '{"version": 1, "environments": {}}\n')
    assert.equal(migrated('{}\n').text, '{}\n')
  })

  it('leaves a file of the present format, a newer one and what is no configuration as they are', () => {
    for (const text of ['version: 1\nenvironments: {}\n', 'version: 7\n', 'text', '', 'a: [\n'])
      assert.deepEqual([migrated(text).text, migrated(text).notes], [text, []], text)
  })

  it('writes it in the place of one that is none', () => {
    for (const written of [
      'version: 0 # old',
      'version: "1" # old',
      'version: one # old',
      'version: # old',
      'version:',
    ])
      assert.match(
        migrated(`# Ours\n${written}\nenvironments: {}\n`).text,
        /^# Ours\nversion: 1\s*(# old)?\nenvironments/,
      )
    assert.equal(migrated('{"version": 0, "environments": {}}\n').text, '{"version": 1, "environments": {}}\n')
    const strange = 'version: {a: 1}\nenvironments: {}\n'
    assert.equal(migrated(strange).text, strange)
  })

  it('goes all steps from the version of the file on, in order', () => {
    const add = (from: number) => ({
      from,
      what: `step ${from}`,
      change: (text: string) => `${text.replace(`version: ${from}`, `version: ${from + 1}`)}step${from}: true\n`,
    })
    const steps = [add(1), add(2), add(3)]
    const result = migrated('version: 2\nenvironments: {}\n', steps, 4)
    assert.deepEqual(result.notes, ['step 2', 'step 3'])
    assert.equal(result.text, 'version: 4\nenvironments: {}\nstep2: true\nstep3: true\n')
    assert.deepEqual([result.from, result.to], [2, 4])
  })
})
