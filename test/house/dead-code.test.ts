import assert from 'node:assert/strict'
import {execFile} from 'node:child_process'
import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {fixtures, root, shippedFiles} from './project.ts'

interface Issue {
  readonly file: string
  readonly files: readonly {readonly name: string}[]
  readonly exports: readonly {readonly name: string}[]
  readonly devDependencies: readonly {readonly name: string}[]
}

const config = join(root, 'knip.json')

describe('the search for dead code', () => {
  it('finds a file, an export and a package that nobody uses, and nothing else', async () => {
    const flags = ['--config', config, '--reporter', 'json', '--no-config-hints', '--no-exit-code']
    const knip = join(root, 'node_modules/knip/bin/knip.js')
    const {stdout} = await promisify(execFile)(process.execPath, [
      knip,
      '--directory',
      join(fixtures, 'dead'),
      ...flags,
    ])
    const {issues} = JSON.parse(stdout) as {issues: readonly Issue[]}
    const named = (key: 'files' | 'exports' | 'devDependencies'): string[] =>
      issues.flatMap((issue) => issue[key].map(({name}) => name))
    assert.deepEqual(named('files'), ['src/domain/never-imported.ts'])
    assert.deepEqual(named('exports'), ['unused'])
    assert.deepEqual(named('devDependencies'), ['never-imported'])
  })

  it('looks at every file that ships', () => {
    const {project} = JSON.parse(readFileSync(config, 'utf8')) as {project: readonly string[]}
    const patterns = project.filter((pattern) => !pattern.startsWith('!')).map((pattern) => pattern.replace(/!$/, ''))
    const seen = new Set(globSync(patterns, {cwd: root}))
    assert.deepEqual(
      shippedFiles().filter((file) => !seen.has(file)),
      [],
    )
  })
})
