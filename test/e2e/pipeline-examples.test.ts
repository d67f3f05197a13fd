import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import {text} from 'node:stream/consumers'
import {cleanEnvironment, Embedded, packageRoot} from '../helpers/e2e.ts'
import {examples, githubSteps, gitlabScript} from '../helpers/pipeline.ts'

const {version} = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {version: string}

/** The ready-made pipelines, line by line as their runners would run them, against the embedded AWS. */
describe('examples of pipelines', function () {
  this.timeout(240_000)
  let cloud: Embedded
  let config = ''
  let checkout = ''
  let env: NodeJS.ProcessEnv = {}

  before(async () => {
    cloud = await Embedded.start()
    config = cloud.config({prod: {}})
    checkout = join(cloud.home, 'checkout')
    const bin = join(cloud.home, 'bin')
    for (const folder of [checkout, bin]) mkdirSync(folder)
    executable(join(bin, 'pi-aws'), `exec "${process.execPath}" "${join(packageRoot, 'bin', 'run.js')}" "$@"`)
    // The package is what was built here; what is asked of npm must be this very version.
    executable(join(bin, 'npm'), `[ "$*" = "install --global pi-aws@${version}" ]`)
    const clean = cleanEnvironment(cloud.home)
    env = {
      ...clean,
      PATH: [bin, clean['PATH']].join(delimiter),
      CI: 'true',
      PI_AWS_LOCAL: 'true',
      PI_AWS_CONFIG: config,
    }
  })
  after(() => cloud?.stop())

  function executable(file: string, command: string): void {
    writeFileSync(file, `#!/bin/sh\n${command}\n`)
    chmodSync(file, 0o755)
  }

  /** Runs a script by a shell without a terminal, its input open as a runner leaves it. */
  async function run(shell: readonly string[], more: NodeJS.ProcessEnv = {}) {
    const [command = '', ...args] = shell
    const child = spawn(command, args, {cwd: checkout, env: {...env, ...more}})
    const [stdout, stderr, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise<number | null>((resolve) => child.on('exit', resolve)),
    ])
    return {code, stdout, stderr, all: `${shell.join(' ')}: ${code}\n${stdout}\n${stderr}`}
  }

  it('deploy.sh brings an environment from nothing to well, and a second time finds nothing to change', async () => {
    const script = ['sh', join(examples, 'deploy.sh'), 'prod']
    const first = await run(script)
    assert.equal(first.code, 0, first.all)
    assert.match(first.stdout, /Environment prod is deployed[^]*healthy/)
    const second = await run(script)
    assert.equal(second.code, 0, second.all)
    assert.doesNotMatch(second.stderr, /deploy prod \(|snapshot prod/)
    assert.equal((await cloud.run(['deploy', 'prod', '--local', '--config', config, '--json'])).code, 0)
  })

  it('deploy.sh ends as pi-aws does: 2 for a wrong pi-aws.yaml, 12 for what is refused, nothing changed', async () => {
    const broken = cloud.write('broken.yaml', 'version: 1\nenvironments: {prod: {region: Europe}}\n')
    const wrong = await run(['sh', join(examples, 'deploy.sh'), 'prod'], {PI_AWS_CONFIG: broken})
    assert.equal(wrong.code, 2, wrong.all)
    const other = cloud.config({prod: {account: '210987654321', preset: 'large'}}, 'other.yaml')
    const refused = await run(['sh', join(examples, 'deploy.sh'), 'prod'], {PI_AWS_CONFIG: other})
    assert.equal(refused.code, 12, refused.all)
    const unnamed = await run(['sh', join(examples, 'deploy.sh')])
    assert.match(unnamed.stderr, /usage: sh deploy\.sh ENVIRONMENT/)
    assert.notEqual(unnamed.code, 0)
  })

  it('each step of the GitHub workflow ends 0, plan and deploy in the summary, secrets in files of the owner alone', async () => {
    const temporary = join(cloud.home, 'runner')
    mkdirSync(temporary)
    const summary = join(temporary, 'summary.md')
    const runner = {GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary, RUNNER_TEMP: temporary}
    const values = {
      'secrets.PI_AWS_LICENCE': "LICENCE-of-'prod'\nsecond line",
      'secrets.PI_AWS_REGISTRY_TOKEN': 'token-4711',
      'vars.PI_AWS_REGISTRY_USERNAME': 'robot',
    }
    for (const job of ['plan', 'deploy']) {
      const steps = githubSteps(job, values)
      assert.ok(steps.length >= 3)
      for (const {name, commands, env: own, condition} of steps) {
        if (condition === 'failure()') continue
        // As the runner runs what names no shell.
        const ended = await run(['bash', '-e', '-c', commands], {...runner, ...own})
        assert.equal(ended.code, 0, `${job}, ${name}\n${ended.all}`)
        assert.doesNotMatch(ended.all, /token-4711|LICENCE-of/, name)
      }
    }
    const page = readFileSync(summary, 'utf8')
    assert.match(page, /^### pi-aws plan prod: done$/m)
    assert.match(page, /^### pi-aws deploy prod: done$/m)
    assert.doesNotMatch(page, /token-4711|LICENCE-of/)
    assert.equal(statSync(join(temporary, 'licence.txt')).mode & 0o777, 0o600)
    assert.equal(readFileSync(join(temporary, 'licence.txt'), 'utf8'), values['secrets.PI_AWS_LICENCE'])
    for (const {commands, condition} of githubSteps('deploy', values)) {
      if (condition === 'failure()') assert.equal((await run(['bash', '-e', '-c', commands], runner)).code, 0)
    }
  })

  it('each job of GitLab ends 0 and leaves the files that it names', async () => {
    const gitlab = {
      CI_PROJECT_DIR: checkout,
      CI_PIPELINE_ID: '17',
      AWS_TOKEN: 'a.b.c',
      PI_AWS_DEPLOY_ROLE: 'arn:aws:iam::1:role/x',
    }
    for (const job of ['plan', 'deploy']) {
      const ended = await run(['bash', '-eo', 'pipefail', '-c', gitlabScript(job)], gitlab)
      assert.equal(ended.code, 0, ended.all)
      assert.doesNotMatch(ended.all, /a\.b\.c/)
    }
    assert.equal(statSync(join(checkout, '.aws-token')).mode & 0o777, 0o600)
    assert.ok(existsSync(join(checkout, 'prod.plan.json')))
    const last = readFileSync(join(checkout, 'deploy.ndjson'), 'utf8').trim().split('\n').at(-1) ?? ''
    assert.equal((JSON.parse(last) as {type: string}).type, 'result')
  })
})
