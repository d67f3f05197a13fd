import assert from 'node:assert/strict'
import {chmodSync, readFileSync, writeFileSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import {askInBackground, askNpm, knownUpdate} from '../../src/host/updates.ts'
import {withVariables} from '../cli/command-line.ts'
import {temporaryFolder} from './temporary.ts'

const day = 24 * 3_600_000
const now = Date.parse('2026-11-22T10:00:00Z')

describe('what is known of newer versions', () => {
  const folder = temporaryFolder()
  const know = (record: unknown) => writeFileSync(join(folder(), 'update.json'), JSON.stringify(record))

  it('is nothing, and due, before anybody asked', async () => {
    assert.deepEqual(await knownUpdate(join(folder(), 'none'), '0.1.0', now), {newer: undefined, due: true})
  })

  it('is a version that is newer than ours, and no other', async () => {
    for (const [latest, newer] of [
      ['0.2.0', '0.2.0'],
      ['0.1.0', undefined],
      ['0.0.9', undefined],
    ] as const) {
      know({checkedAt: now - 1000, latest})
      assert.deepEqual(await knownUpdate(folder(), '0.1.0', now), {newer, due: false})
    }
  })

  it('is due once a day, behind a clock that went back, and where the file is broken', async () => {
    for (const [checkedAt, due] of [
      [now - day - 1, true],
      [now - day + 1, false],
      [now + 1000, true],
    ] as const) {
      know({checkedAt, latest: '0.1.0'})
      assert.equal((await knownUpdate(folder(), '0.1.0', now)).due, due)
    }
    for (const broken of [{checkedAt: now, latest: '\u001b[31m9.9.9'}, {latest: '0.2.0'}, 'x', null]) {
      know(broken)
      assert.deepEqual(await knownUpdate(folder(), '0.1.0', now), {newer: undefined, due: true})
    }
  })

  it('comes from npm; without an answer it is what we are, until the next day', async () => {
    for (const [script, latest] of [
      ['[ "$*" = "view pi-aws version" ] && echo 3.2.1', '3.2.1'],
      ['echo "npm notice"; echo 1.0.0', '1.0.0'],
      ['echo 9.9.9; exit 1', '0.1.0'],
      ['echo latest', '0.1.0'],
    ] as const) {
      const npm = join(folder(), 'npm')
      writeFileSync(npm, `#!/bin/sh\n${script}\n`)
      chmodSync(npm, 0o755)
      const cache = join(folder(), 'cache')
      const path = [folder(), process.env['PATH']].join(delimiter)
      await withVariables({PATH: path}, () => askNpm(cache, '0.1.0', now))
      assert.deepEqual(JSON.parse(readFileSync(join(cache, 'update.json'), 'utf8')), {checkedAt: now, latest})
    }
  })

  it('is asked for by a process that nobody waits for, whether it can be started or not', () => {
    askInBackground(join(folder(), 'no-such-program.js'), folder())
  })
})
