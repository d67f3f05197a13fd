import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {BrokenPipe, FakeTerminal} from '../helpers/fake-terminal.ts'
import {writerFor} from '../../src/ui/stream.ts'

describe('a writer', () => {
  it('is one for each stream', () => {
    const stream = new FakeTerminal()
    assert.equal(writerFor(stream), writerFor(stream))
    assert.equal(stream.listenerCount('error'), 1)
  })

  it('drops what is left to say when the reader has gone', async () => {
    const pipe = new BrokenPipe()
    const writer = writerFor(pipe)
    writer.write('first\n')
    await writer.flush()
    assert.equal(writer.closed, true)
    writer.write('second\n')
    await writer.flush()
    assert.equal(pipe.writes, 1)
  })

  it('keeps a real process alive when its pipes close', async () => {
    const program = `
      const {createReporter} = await import('./src/ui/reporters/index.ts')
      const traits = {isTTY: false, color: false, unicode: true, width: 80, height: 24}
      process.stdin.once('data', async () => {
        for (const kind of ['ndjson', 'plain', 'silent', 'tasks']) {
          const reporter = createReporter(kind, {stdout: process.stdout, stderr: process.stderr, traits})
          for (let count = 0; count < 2000; count += 1) reporter.report({type: 'warning', code: 'X', message: 'x'.repeat(100)})
          await reporter.finish()
        }
        process.exit(7)
      })
      process.stdin.resume()`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {stdio: ['pipe', 'pipe', 'pipe']})
    child.stdout.destroy()
    child.stderr.destroy()
    child.stdin.end('go')
    const [code] = (await once(child, 'exit')) as [number]
    assert.equal(code, 7)
  }).timeout(20_000)
})
