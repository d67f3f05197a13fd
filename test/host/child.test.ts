import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {promisify} from 'node:util'
import {runChild} from '../../src/host/child.ts'

const node = (script: string) => ({file: process.execPath, args: ['-e', script]})
const forever = 'console.log("on"); setInterval(() => {}, 1000)'

describe('a short program', () => {
  it('gives its lines and its exit code', async () => {
    const told: string[] = []
    const {code, lines} = await runChild({
      ...node('console.log("one\\ntwo"); console.error("three"); process.exitCode = 4'),
      onLine: (line) => told.push(line),
    })
    assert.equal(code, 4)
    assert.deepEqual([...lines].sort(), ['one', 'three', 'two'])
    assert.deepEqual(told, lines)
  })

  it('that does not exist has no exit code', async () => {
    const {code, lines} = await runChild({file: '/no/such/program', args: [], timeoutMs: 60_000})
    assert.equal(code, undefined)
    assert.match(lines.join(), /ENOENT/)
  })

  it('that does not exist keeps nobody waiting for the end of its time', async () => {
    const module = new URL('../../src/host/child.ts', import.meta.url).href
    const script = `import {runChild} from '${module}'; await runChild({file: '/no/such', args: [], timeoutMs: 60_000})`
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {timeout: 8000})
  })

  it('is ended when its time is over', async () => {
    const {code} = await runChild({...node(`process.on('SIGTERM', () => {}); ${forever}`), timeoutMs: 200})
    assert.equal(code, undefined)
  })

  it("is ended by the signal, and rejects with the signal's reason", async () => {
    const control = new AbortController()
    const reason = new RangeError('enough')
    const running = runChild({
      ...node(forever),
      signal: control.signal,
      onLine: () => {
        control.abort(reason)
      },
    })
    await assert.rejects(running, (error) => error === reason)
    await assert.rejects(runChild({...node(''), signal: control.signal}), (error) => error === reason)
  })
})
