import assert from 'node:assert/strict'
import {GetObjectCommand, PutObjectCommand, S3Client} from '@aws-sdk/client-s3'
import {CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand} from '@aws-sdk/client-cloudwatch-logs'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {closeSync, openSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {cleanEnvironment, Embedded, type EventLine, packageRoot} from '../helpers/e2e.ts'
import type {DeployJson, ErrorJson, PlanJson} from '../helpers/e2e-results.ts'

interface WaitJson {
  readonly opId: string
  readonly kind: string
  readonly state: string
  readonly exitCode: number
  readonly wentOn: boolean
}

const inStack = (part: string) => (event: EventLine) => event.type === 'stack.event' && event['part'] === part

/** What jobs of a pipeline see: operations of other jobs, locks of cancelled ones, and the runner that shows it all. */
describe('in a pipeline', function () {
  this.timeout(240_000)
  let cloud: Embedded
  let config: string
  const names = ['handed', 'broken', 'cancelled', 'shown']
  const on = (...args: string[]) => [...args, '--local', '--config', config]
  const opIdOf = (events: readonly EventLine[]) =>
    String(events.find(({type}) => type === 'operation.started')?.['opId'])

  before(async () => {
    cloud = await Embedded.start(0.002)
    config = cloud.config(
      Object.fromEntries(names.map((name, index) => [name, {network: {cidr: `10.${80 + index}.0.0/16`}}])),
    )
  })
  after(() => cloud?.stop())

  it('ops wait goes on with what --no-wait handed over, and ends 0 with it', async () => {
    const {code, suggestions} = await cloud.fails(8, on('deploy', 'handed', '--yes', '--no-wait'))
    assert.deepEqual([code, suggestions[0]], ['NOT_WAITED', 'pi-aws ops wait'])
    const running = cloud.spawn(on('ops', 'wait', 'handed', '--output', 'ndjson'))
    const ended = await running.ended
    assert.equal(ended.code, 0, ended.stderr)
    const result = ended.json<WaitJson>()
    assert.deepEqual([result.kind, result.state, result.exitCode, result.wentOn], ['deploy', 'done', 0, true])
    assert.ok(running.events.some((event) => event.type === 'step.finished' && event['step'] === 'app'))
  })

  /** Runs a deploy, and beside it the wait of another job for an operation. */
  async function watched(name: string, opId?: string) {
    const deploying = cloud.spawn(on('deploy', name, '--yes', '--output', 'ndjson'))
    await deploying.until(({type}) => type === 'operation.started')
    const meant = opId ?? opIdOf(deploying.events)
    const watching = cloud.spawn(on('ops', 'wait', meant, '-e', name, '--output', 'ndjson'))
    const [deployed, ended] = await Promise.all([deploying.ended, watching.ended])
    return {deployed, ended, events: watching.events, opId: opIdOf(deploying.events)}
  }

  it('ops wait ends as the deploy of another job does: 14 where it rolled back', async () => {
    await cloud.fault('AWS::EC2::NatGateway', 'No addresses are left.')
    const {deployed, ended, events} = await watched('broken')
    assert.deepEqual([deployed.code, ended.code], [14, 14], ended.stderr)
    const {state, exitCode, wentOn} = ended.json<WaitJson>()
    assert.deepEqual([state, exitCode, wentOn], ['failed', 14, false])
    assert.ok(events.some(({type}) => type === 'step.failed'))
  })

  it('a job that was cancelled and killed leaves a lock: others end 11 and name it, wait for its end, and take the work up', async () => {
    const job = cloud.spawn(on('deploy', 'cancelled', '--yes', '--output', 'ndjson'))
    await job.until(inStack('network'))
    job.child.kill('SIGKILL')
    await job.ended
    const opId = opIdOf(job.events)
    await asOfAnotherMachine(opId)
    const refused = await cloud.fails(11, on('deploy', 'cancelled', '--yes'))
    assert.equal(refused.code, 'LOCKED')
    assert.ok(refused.message.includes('runner-7') && refused.message.includes(opId), refused.message)
    const waited = await cloud.fails(8, on('ops', 'wait', 'cancelled', '--timeout', '1s'))
    assert.equal(waited.code, 'TIMEOUT')
    assert.equal((await cloud.fails(11, on('ops', 'unlock', 'cancelled'))).code, 'HOLDER_MAY_LIVE')
    assert.equal((await cloud.fails(11, on('ops', 'abort', opId, '-e', 'cancelled'))).code, 'LOCKED')
    await cloud.ok(...on('ops', 'unlock', 'cancelled', '--force'))
    const left = await cloud.run([...on('ops', 'wait', 'cancelled'), '--json'])
    assert.deepEqual([left.code, left.json<WaitJson>().state], [13, 'open'])

    const {deployed, ended, events, opId: takenUpBy} = await watched('cancelled', opId)
    assert.deepEqual([deployed.code, ended.code], [0, 0], ended.stderr)
    const {state, wentOn, opId: waitedFor} = ended.json<WaitJson>()
    assert.deepEqual([state, wentOn, waitedFor], ['done', false, takenUpBy])
    assert.ok(events.some((event) => event.type === 'step.finished' && event['step'] === 'app'))
  })

  const outputsOf = async (name: string) =>
    (await cloud.ok<{outputs: Readonly<Record<string, string>>}>(...on('outputs', name))).outputs

  /** The lock as a runner leaves it whose processes nobody here can look for. */
  async function asOfAnotherMachine(opId: string): Promise<void> {
    const {RecordsBucket} = await outputsOf('cancelled')
    const s3 = cloud.client(S3Client)
    const place = {Bucket: RecordsBucket, Key: 'locks/cancelled.json'}
    const text = await (await s3.send(new GetObjectCommand(place))).Body!.transformToString()
    const lock = JSON.parse(text) as {opId: string; holder: object}
    assert.equal(lock.opId, opId)
    const holder = {...lock.holder, host: 'runner-7'}
    await s3.send(new PutObjectCommand({...place, Body: JSON.stringify({...lock, holder})}))
  }

  describe('of GitHub', () => {
    const summary = () => join(cloud.home, 'summary.md')
    const github = () => ({GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary(), CI: 'true'})

    it('plan and deploy are in the summary of their step, and JSON on stdout stays JSON', async () => {
      const plan = await cloud.run([...on('plan', 'shown', '--exit-code'), '--json'], {env: github()})
      assert.equal(plan.code, 3, plan.stderr)
      assert.equal(plan.json<PlanJson>().changed, true)
      const deployed = await cloud.run([...on('deploy', 'handed', '--yes'), '--json'], {env: github()})
      assert.equal(deployed.code, 0, deployed.stderr)
      assert.equal(deployed.json<DeployJson>().changed, false)
      const [first = '', second = ''] = readFileSync(summary(), 'utf8').split(/^(?=### )/m)
      assert.match(
        first,
        /^### pi-aws plan shown: a check answered no \(exit code 3\)\n\n```text\n[^]*network[^]*\n```\n/,
      )
      assert.match(second, /^### pi-aws deploy handed: done\n\n```text\n[^]*\n```\n/)
      assert.doesNotMatch(first + second, /\u001b/)
    })

    it('an error is an annotation on stderr and a section of the summary; what only reads and is well is neither', async () => {
      const before = readFileSync(summary(), 'utf8')
      const well = await cloud.run([...on('outputs', 'handed'), '--json'], {env: github()})
      assert.deepEqual([well.code, well.stderr], [0, ''])
      assert.equal(readFileSync(summary(), 'utf8'), before)
      const wrong = await cloud.run([...on('deploy', 'nobody'), '--json'], {env: github()})
      assert.equal(wrong.code, 5)
      assert.equal(wrong.json<ErrorJson>().error.code, 'UNKNOWN_ENVIRONMENT')
      assert.match(wrong.stderr, /^::error title=pi-aws UNKNOWN_ENVIRONMENT::Unknown environment: [^\n]*%0A- [^\n]*\n$/)
      assert.match(
        readFileSync(summary(), 'utf8').slice(before.length),
        /^### pi-aws deploy: [^\n]*exit code 5[^]*UNKNOWN_ENVIRONMENT/,
      )
    })

    it('a summary that cannot be written changes nothing of the end', async () => {
      const env = {...github(), GITHUB_STEP_SUMMARY: join(cloud.home, 'nowhere', 'summary.md')}
      const planned = await cloud.run([...on('plan', 'shown'), '--json'], {env})
      assert.equal(planned.code, 0)
      assert.match(planned.stderr, /^::warning title=pi-aws SUMMARY_UNWRITABLE::.*ENOENT/)
    })

    it('the words of a container command nobody: broken in a log, exact in JSON and in a file', async () => {
      const env = github()
      const at = {logGroupName: (await outputsOf('handed'))['DashboardLogGroup'], logStreamName: 'evil'}
      const evil = ['::stop-commands::pwned', 'ERROR ##[error]pwned', 'a\n  ::add-mask::pwned\r::error::pwned']
      const logs = cloud.client(CloudWatchLogsClient)
      await logs.send(new CreateLogStreamCommand(at))
      const now = Date.now()
      const logEvents = evil.map((message, index) => ({timestamp: now - 1000 + index, message}))
      await logs.send(new PutLogEventsCommand({...at, logEvents}))
      const obeyed = (text: string) =>
        text.split(/\r\n|\r|\n/).filter((line) => /^\s*::[a-z]/.test(line) || line.includes('##['))
      const lines = ['logs', 'dashboard', '-e', 'handed']
      for (const args of [
        lines,
        [...lines, '--raw'],
        ['logs', 'query', 'errors', '--csv', '-e', 'handed'],
        ['diagnose', 'handed'],
        ['exec', 'dashboard', '-e', 'handed', '--', 'printf', ' ::error::pwned\\n##[error]pwned\\n'],
      ]) {
        const [words, command] = [args.slice(0, 4), args.slice(4)]
        const shown = await cloud.run([...on(...words), ...command], {env})
        assert.match(shown.stdout, /\\u00(?:3a|5b)/, args.join(' '))
        assert.deepEqual(obeyed(shown.stdout), [], args.join(' '))
        // Ours alone: how the command ended.
        assert.ok(
          obeyed(shown.stderr).every((line) => /^::(?:error|warning) title=pi-aws/.test(line)),
          shown.stderr,
        )
      }
      for (const form of ['json', 'ndjson']) {
        const running = cloud.spawn(on(...lines, '--output', form), {env})
        const ended = await running.ended
        assert.deepEqual(obeyed(ended.stdout), [])
        const events = form === 'json' ? ended.json<{events: readonly EventLine[]}>().events : running.events
        assert.deepEqual(
          events.filter(({stream}) => stream === 'evil').map(({message}) => message),
          evil,
        )
      }
      const file = join(cloud.home, 'raw.txt')
      const out = openSync(file, 'w')
      const bin = join(packageRoot, 'bin', 'run.js')
      const child = spawn(process.execPath, [bin, ...on(...lines, '--raw')], {
        env: {...cleanEnvironment(cloud.home), ...env},
        stdio: ['ignore', out, 'ignore'],
      })
      const [code] = (await once(child, 'close')) as [number]
      closeSync(out)
      assert.equal(code, 0)
      assert.ok(readFileSync(file, 'utf8').includes(evil.map((message) => `${message}\n`).join('')))
    })

    it('nowhere else is a line of the kind, nor a summary', async () => {
      const before = readFileSync(summary(), 'utf8')
      for (const env of [
        {GITHUB_STEP_SUMMARY: summary()},
        {GITHUB_STEP_SUMMARY: summary(), GITHUB_ACTIONS: 'false', CI: 'true'},
      ]) {
        const wrong = await cloud.run(on('deploy', 'nobody'), {env})
        assert.doesNotMatch(wrong.stdout + wrong.stderr, /^::/m)
        assert.equal((await cloud.run(on('plan', 'shown'), {env})).code, 0)
      }
      assert.equal(readFileSync(summary(), 'utf8'), before)
    })
  })
})
