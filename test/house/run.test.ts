import assert from 'node:assert/strict'
import {spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {root} from './project.ts'

const run = join(root, 'bin/run.js')
const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {version: string}

/** Makes the process believe that it is another Node, before bin/run.js is read. */
function pretend(node: string): string {
  const code = `Object.defineProperty(process.versions, 'node', {value: '${node}'})`
  return `data:text/javascript,${encodeURIComponent(code)}`
}

describe('bin/run.js', () => {
  for (const flag of ['--version', '-V', 'version']) {
    it(`answers ${flag} alone`, () => {
      const {status, stdout, stderr} = spawnSync(process.execPath, [run, flag], {encoding: 'utf8'})
      assert.equal(stdout, `pi-aws/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
      assert.deepEqual([status, stderr], [0, ''])
    })
  }

  for (const node of ['14.21.3', '20.20.2', '22.12.0']) {
    it(`says in one line what it needs under Node ${node}`, () => {
      const given = spawnSync(process.execPath, ['--import', pretend(node), run, 'status'], {encoding: 'utf8'})
      assert.equal(given.stderr, `pi-aws needs Node 22.13 or newer: this is Node ${node}\n`)
      assert.deepEqual([given.status, given.stdout], [2, ''])
    })
  }

  for (const node of ['22.13.0', '24.0.0', '100.1.0']) {
    it(`is content with Node ${node}`, () => {
      const given = spawnSync(process.execPath, ['--import', pretend(node), run, '--version'], {encoding: 'utf8'})
      assert.deepEqual([given.status, given.stderr], [0, ''])
    })
  }

  it('takes a reader that went away as a normal end', async () => {
    const child = spawn(process.execPath, [run, '--version'], {stdio: ['ignore', 'pipe', 'pipe']})
    child.stdout.destroy()
    const errors = text(child.stderr)
    const [status] = (await once(child, 'close')) as [number]
    assert.deepEqual([status, await errors], [0, ''])
  })
})
