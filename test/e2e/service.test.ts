import assert from 'node:assert/strict'
import {writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {DescribeServicesCommand, ECSClient} from '@aws-sdk/client-ecs'
import {DeleteSecretCommand, SecretsManagerClient} from '@aws-sdk/client-secrets-manager'
import type {DeployJson} from '../helpers/e2e-results.ts'
import {Embedded} from '../helpers/e2e.ts'
import {startOnTerminal} from '../helpers/terminal.ts'

interface Change {
  readonly state: string
  readonly desired: {readonly before: number; readonly after: number}
  readonly notes: readonly string[]
}

describe('single services', function () {
  this.timeout(180_000)
  let cloud: Embedded
  let config: string
  let outputs: Readonly<Record<string, string>>

  before(async () => {
    cloud = await Embedded.start()
    config = cloud.config({solo: {parameters: {PiranaOverlap: 'true', ExecEnabled: 'true'}}})
    outputs = (await cloud.ok<DeployJson>('deploy', 'solo', '--yes', '--local', '--config', config)).outputs
  })
  after(() => cloud?.stop())

  const place = () => ['--local', '--config', config]
  const on = (...args: string[]) => ['service', ...args, ...place()]
  const ok = <T>(...args: string[]) => cloud.ok<T>(...on(...args))
  /** As AWS has it, asked without us. */
  async function seen(name: string) {
    const query = {cluster: outputs['ClusterName'], services: [outputs[`${name}ServiceName`] ?? '']}
    const {services = []} = await cloud.client(ECSClient).send(new DescribeServicesCommand(query))
    const [found] = services
    const primary = found?.deployments?.find(({status}) => status === 'PRIMARY')
    return {
      running: found?.runningCount,
      desired: found?.desiredCount,
      deployment: primary?.id,
      state: primary?.rolloutState,
    }
  }

  it('are listed with their tasks and deployments', async () => {
    const {services} = await ok<{services: {service: string; running: number; rollout: string}[]}>('list', 'solo')
    assert.deepEqual(
      services.map(({service, running, rollout}) => [service, running, rollout]),
      ['dashboard', 'renderer', 'scheduler', 'pirana'].map((name) => [name, 1, 'COMPLETED']),
    )
  })

  it('are restarted by a new deployment, which is waited for', async () => {
    const before = await seen('Scheduler')
    assert.equal((await ok<Change>('restart', 'scheduler', '--dry-run')).state, 'planned')
    assert.equal((await seen('Scheduler')).deployment, before.deployment)
    assert.equal((await ok<Change>('restart', 'scheduler')).state, 'done')
    const now = await seen('Scheduler')
    assert.notEqual(now.deployment, before.deployment)
    assert.deepEqual([now.running, now.state], [1, 'COMPLETED'])
    const {operations} = await cloud.ok<{operations: {kind: string; state: string}[]}>(
      ...['ops', 'list', 'solo', '--local', '--config', config],
    )
    assert.deepEqual([operations[0]?.kind, operations[0]?.state], ['service', 'done'])
  })

  it('are scaled within their bounds, the scheduler to one at most', async () => {
    const {state, desired} = await ok<Change>('scale', 'pirana', '2')
    assert.deepEqual([state, desired], ['done', {before: 1, after: 2}])
    assert.deepEqual([(await seen('Pirana')).running, (await seen('Pirana')).desired], [2, 2])
    assert.equal((await cloud.fails(12, on('scale', 'pirana', '40'))).code, 'OUT_OF_BOUNDS')
    assert.match((await cloud.fails(12, on('scale', 'scheduler', '2'))).message, /two may run every job twice/)
    assert.equal((await cloud.fails(2, on('scale', 'schedular', '1'))).suggestions[0], 'Did you mean scheduler?')
    // The next deploy that touches services keeps the number.
    const changed = cloud.config({
      solo: {images: {tag: '2026_02'}, parameters: {PiranaOverlap: 'true', ExecEnabled: 'true'}},
    })
    await cloud.ok('deploy', 'solo', '--yes', '--local', '--config', changed)
    assert.equal((await seen('Pirana')).desired, 2)
  })

  it('go back when a restart is aborted', async () => {
    assert.equal((await cloud.fails(12, on('abort', 'renderer'))).code, 'NO_ROLLOUT')
    const before = await seen('Renderer')
    await cloud.pace(0.1)
    const begun = await cloud.run([...on('restart', 'renderer', '--no-wait'), '--json'])
    assert.deepEqual([begun.code, begun.json<Change>().state], [8, 'running'], begun.stderr)
    assert.equal((await seen('Renderer')).state, 'IN_PROGRESS')
    assert.equal((await ok<Change>('abort', 'renderer')).state, 'done')
    await cloud.pace(0)
    assert.equal((await seen('Renderer')).deployment, before.deployment)
    const {history} = await ok<{history: {status: string}[]}>('deployments', 'renderer')
    assert.equal(history[0]?.status, 'ROLLBACK_SUCCESSFUL')
  })

  it('run a command in a task of its own, and keep its exit code', async () => {
    const ended = await cloud.run(['exec', 'dashboard', ...place(), '--', 'sh', '-c', 'echo "$PI_DB_HOST"; exit 7'])
    assert.deepEqual([ended.code, ended.stdout], [7, `${outputs['DatabaseEndpoint']}\n`], ended.stderr)
    const json = await cloud.run(['exec', 'dashboard', ...place(), '--json', '--', 'ls', '/no/such/folder'])
    const {exitCode, output} = json.json<{exitCode: number; output: string[]}>()
    assert.deepEqual([json.code, exitCode, output.length], [2, 2, 1])
    assert.equal((await cloud.fails(2, ['exec', 'dashboard', ...place()])).code, 'FLAGS_DO_NOT_FIT')
    const dumb = await cloud.run(['exec', 'dashboard', ...place()])
    assert.equal(dumb.code, 2)
    assert.match(dumb.stderr, /A session needs a terminal/)
  })

  it('take a session on a terminal, which the plugin joins without its token among the arguments', async () => {
    const bare = startOnTerminal(cloud.home, ['exec', 'scheduler', ...place()], {PATH: dirname(process.execPath)})
    assert.equal(await bare.ended, 12, bare.screen)
    assert.match(bare.screen, /this machine has none[^]*session-manager-plugin/)
    const plugin = join(cloud.home, 'session-manager-plugin')
    writeFileSync(
      plugin,
      `#!/bin/sh
if [ "$1" = --version ]; then echo 1.2.650.0; exit; fi
echo "arguments $*"; echo "variable $AWS_SSM_START_SESSION_RESPONSE"; read -r word; echo "typed $word"; exit 9
`,
      {mode: 0o755},
    )
    const joined = startOnTerminal(cloud.home, ['exec', 'scheduler', ...place()], {
      PATH: `${cloud.home}:${process.env['PATH']}`,
    })
    await joined.until(/variable /)
    joined.type('hello\n')
    assert.equal(await joined.ended, 9, joined.screen)
    assert.match(joined.screen, /typed hello/)
    const [, given = ''] = /arguments ([^\n]*)/.exec(joined.screen) ?? []
    assert.match(given, /^AWS_SSM_START_SESSION_RESPONSE eu-west-1 StartSession +\{"Target":"ecs:[^"]+"\} https:/)
    const [, grant = '{}'] = /variable (\{[^\n\r]*\})/.exec(joined.screen) ?? []
    const {tokenValue = '?'} = JSON.parse(grant) as {tokenValue?: string}
    assert.ok(!given.includes(tokenValue))
  })

  it('say why a restart failed, and whether the former tasks run', async () => {
    const before = await seen('Pirana')
    const secret = outputs['RegistrySecretArn']
    await cloud
      .client(SecretsManagerClient)
      .send(new DeleteSecretCommand({SecretId: secret, ForceDeleteWithoutRecovery: true}))
    const failed = await cloud.fails(14, on('restart', 'pirana'))
    assert.equal(failed.code, 'DEPLOYMENT_ROLLED_BACK')
    assert.match(failed.message, /First cause: a secret of the task cannot be read \(ResourceInitializationError/)
    assert.ok(failed.suggestions.some((step) => step.includes('logs pirana --previous')))
    const now = await seen('Pirana')
    assert.deepEqual([now.running, now.deployment], [before.running, before.deployment])
    // The scheduler stops its one task first, and nothing starts without the credentials.
    assert.equal((await cloud.fails(15, on('restart', 'scheduler'))).code, 'DEPLOYMENT_STUCK')
  })
})
