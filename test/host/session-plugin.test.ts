import assert from 'node:assert/strict'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import type {JoinedSession} from '../../src/flows/exec/ports.ts'
import {sessionPlugin} from '../../src/host/session-plugin.ts'

const session: JoinedSession = {
  grant: {sessionId: 's-1', streamUrl: 'wss://u', tokenValue: 'very-secret'},
  region: 'eu-west-1',
  request: {Target: 'ecs:c_t_r', DocumentName: 'D', Parameters: {host: ['h']}},
  endpoint: 'https://ssm.eu-west-1.amazonaws.com',
}

describe('the Session Manager plugin of this machine', function () {
  const folder = mkdtempSync(join(tmpdir(), 'pi-aws-plugin-'))
  const path = process.env['PATH']

  before(function () {
    if (process.platform === 'win32') return this.skip()
    process.env['PATH'] = `${folder}${delimiter}${path}`
  })
  after(() => {
    process.env['PATH'] = path
    rmSync(folder, {recursive: true, force: true})
  })

  const install = (script: string): void => {
    writeFileSync(join(folder, 'session-manager-plugin'), `#!/bin/sh\n${script}\n`, {mode: 0o755})
  }

  it('gets the session by its environment, and its lines and exit code come back', async () => {
    install('echo "$1|$2|$3|$4|$5|$6"; echo "$AWS_SSM_START_SESSION_RESPONSE" >&2; echo; exit 4')
    const lines: string[] = []
    const stop = AbortSignal.any([])
    const code = await sessionPlugin.forward(session, {stop, onLine: (line) => void lines.push(line)})
    assert.equal(code, 4)
    assert.deepEqual(lines.toSorted(), [
      'AWS_SSM_START_SESSION_RESPONSE|eu-west-1|StartSession||{"Target":"ecs:c_t_r","DocumentName":"D","Parameters":{"host":["h"]}}|https://ssm.eu-west-1.amazonaws.com',
      '{"sessionId":"s-1","streamUrl":"wss://u","tokenValue":"very-secret"}',
    ])
  })

  it('ends when it is stopped', async () => {
    install('echo ready; exec sleep 600')
    const stop = new AbortController()
    const code = await sessionPlugin.forward(session, {stop: stop.signal, onLine: () => stop.abort()})
    assert.equal(code, 1)
  })
})
