import assert from 'node:assert/strict'
import {noWait} from '../../src/domain/no-wait.ts'
import {surface} from './command-line.ts'

describe('--no-wait', () => {
  it('is decided for every command of long work, and for no other', async () => {
    const {manifest} = await surface()
    const long = Object.entries(manifest.commands).filter(([, {flags}]) => 'timeout' in flags)
    assert.ok(long.length > 20, `only ${long.length} commands of long work were found`)
    assert.deepEqual(long.map(([id]) => id.replaceAll(':', ' ')).sort(), Object.keys(noWait).sort())
  })

  it('is a flag of those that may leave their work to AWS, and of those alone', async () => {
    const {manifest} = await surface()
    const has = Object.entries(manifest.commands).filter(([, {flags}]) => 'no-wait' in flags)
    assert.deepEqual(
      has.map(([id]) => id.replaceAll(':', ' ')).sort(),
      Object.entries(noWait)
        .filter(([, about]) => 'returns' in about)
        .map(([command]) => command)
        .sort(),
    )
  })
})
