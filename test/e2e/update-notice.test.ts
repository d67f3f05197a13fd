import assert from 'node:assert/strict'
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {cleanEnvironment, eventually, start} from '../helpers/e2e.ts'
import {Terminal} from '../helpers/pty/terminal.ts'

const line = ['datasheet', 'demo', '--local']
const told = /pi-aws 99\.0\.0 is out, this is \d+\.\d+\.\d+/

/** Newer versions are told to a person at a terminal, and asked for by nobody else's run. */
describe('the notice of a newer version', function () {
  this.timeout(120_000)
  let home = ''
  let env: NodeJS.ProcessEnv = {}
  const cache = () => join(home, 'cache', 'update.json')
  const asked = () => join(home, 'asked')

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'pi-aws-update-'))
    const bin = join(home, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'npm'), `#!/bin/sh\necho "$*" >> '${asked()}'\necho 99.0.0\n`)
    chmodSync(join(bin, 'npm'), 0o755)
    const clean = cleanEnvironment(home)
    env = {...clean, PATH: [bin, clean['PATH']].join(delimiter), PI_AWS_CACHE: join(home, 'cache')}
  })
  afterEach(() => rmSync(home, {recursive: true, force: true, maxRetries: 5}))

  async function inTerminal(more: NodeJS.ProcessEnv = {}): Promise<string> {
    const terminal = new Terminal(line, {cwd: home, env: {...env, ...more}})
    assert.equal(await terminal.ended, 0, terminal.text)
    return terminal.text
  }

  it('comes from what an earlier run had asked in the background, and is asked for once a day', async () => {
    assert.doesNotMatch(await inTerminal(), told)
    await eventually(async () => (existsSync(cache()) ? true : undefined))
    assert.match(await inTerminal(), told)
    assert.equal(readFileSync(asked(), 'utf8'), 'view pi-aws version\n')
  })

  it('is neither told nor asked for in CI, in a pipe, with JSON, and where somebody said no', async () => {
    mkdirSync(join(home, 'cache'))
    const old = JSON.stringify({checkedAt: 0, latest: '99.0.0'})
    writeFileSync(cache(), old)
    for (const more of [{CI: 'true'}, {PI_AWS_NO_UPDATE_NOTICE: '1'}, {NO_UPDATE_NOTIFIER: '1'}, {PI_AWS_JSON: 'true'}])
      assert.doesNotMatch(await inTerminal(more), told, JSON.stringify(more))
    const piped = await start(home, line, {env}).ended
    assert.equal(piped.code, 0)
    assert.doesNotMatch(piped.stdout + piped.stderr, told)
    assert.equal(existsSync(asked()), false)
    assert.equal(readFileSync(cache(), 'utf8'), old)
  })
})
