import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand} from '@aws-sdk/client-cloudwatch-logs'
import {ECSClient, UpdateServiceCommand} from '@aws-sdk/client-ecs'
import {DescribeDBInstancesCommand, ModifyDBInstanceCommand, RDSClient} from '@aws-sdk/client-rds'
import {once} from 'node:events'
import {createInterface} from 'node:readline'
import type {DeployJson, StatusJson} from '../helpers/e2e-results.ts'
import {Embedded} from '../helpers/e2e.ts'
import {startOnTerminal} from '../helpers/terminal.ts'

interface Finding {
  readonly rank: number
  readonly what: string
  readonly why: string
  readonly evidence: readonly string[]
  readonly next: readonly string[]
}
interface Diagnosis {
  readonly healthy: boolean
  readonly findings: readonly Finding[]
  readonly bundle?: string
}

describe('what is wrong', function () {
  this.timeout(120_000)
  let cloud: Embedded
  let config: string
  let outputs: DeployJson['outputs']
  const on = (...args: string[]) => [...args, '--local', '--config', config]
  const diagnosed = async (...args: string[]) => {
    const ended = await cloud.run(on('diagnose', 'calm', '--json', ...args))
    return {code: ended.code, result: ended.json<Diagnosis>()}
  }

  before(async () => {
    cloud = await Embedded.start()
    config = cloud.config({calm: {}})
    outputs = (await cloud.ok<DeployJson>(...on('deploy', 'calm', '--yes'))).outputs
  })
  afterEach(() => cloud.noFaults())
  after(() => cloud?.stop())

  it('is nothing where all is well', async () => {
    assert.deepEqual(await diagnosed(), {
      code: 0,
      result: {schemaVersion: 1, environment: 'calm', healthy: true, findings: []},
    })
  })

  it('is what somebody changed in the database past its stack', async () => {
    const rds = cloud.client(RDSClient)
    const instance = {DBInstanceIdentifier: outputs['DatabaseIdentifier']}
    const {DBInstances = []} = await rds.send(new DescribeDBInstancesCommand(instance))
    const before = DBInstances[0]?.BackupRetentionPeriod ?? 0
    const keep = (BackupRetentionPeriod: number) =>
      rds.send(new ModifyDBInstanceCommand({...instance, BackupRetentionPeriod, ApplyImmediately: true}))
    await keep(before + 3)
    const {code, result} = await diagnosed()
    assert.deepEqual(
      [code, ...result.findings.map(({what, why, next}) => [what, why, next[0]])],
      [
        3,
        [
          'The database was changed by hand',
          'it differs from its stack in /BackupRetentionPeriod',
          'pi-aws drift calm',
        ],
      ],
    )
    await keep(before)
    assert.equal((await diagnosed()).code, 0)
  })

  it('is a change a line, and ends with 130, when a status is watched without a terminal', async () => {
    const running = cloud.spawn(on('status', 'calm', '--watch'))
    const lines = createInterface({input: running.child.stdout})
    const [first] = (await once(lines, 'line')) as [string]
    assert.equal((JSON.parse(first) as StatusJson).healthy, true)
    const service = {cluster: outputs['ClusterName'], service: outputs['RendererServiceName']}
    await cloud.client(ECSClient).send(new UpdateServiceCommand({...service, desiredCount: 0}))
    const [second] = (await once(lines, 'line')) as [string]
    assert.equal((JSON.parse(second) as StatusJson).healthy, false)
    running.child.kill('SIGINT')
    assert.equal((await running.ended).code, 130)
    const {code, result} = await diagnosed()
    assert.deepEqual([code, result.findings.map(({what}) => what)], [3, ['renderer is set to run no task']])
    await cloud.client(ECSClient).send(new UpdateServiceCommand({...service, desiredCount: 1}))
  })

  it('is a page on a terminal that is written over where it stands, never blank, and ends with 130', async () => {
    const watch = startOnTerminal(cloud.home, on('status', 'calm', '--watch'))
    await watch.until(/Environment calm[^]*healthy/)
    const service = {cluster: outputs['ClusterName'], service: outputs['RendererServiceName']}
    await cloud.client(ECSClient).send(new UpdateServiceCommand({...service, desiredCount: 0}))
    await watch.until(/not healthy/)
    await cloud.client(ECSClient).send(new UpdateServiceCommand({...service, desiredCount: 1}))
    watch.type('\u0003')
    assert.equal(await watch.ended, 130, watch.screen)
    // Never the whole screen erased; each page inside one synchronized update; the cursor hidden once and given back.
    assert.doesNotMatch(watch.screen, /\u001b\[[23]?J\u001b\[H|\u001b\[2J|\u001b\[H/)
    const begun = watch.screen.split('\u001b[?2026h').length - 1
    assert.ok(begun >= 2)
    assert.equal(watch.screen.split('\u001b[?2026l').length - 1, begun)
    assert.equal(watch.screen.split('\u001b[?25l').length - 1, 1)
    assert.ok(watch.screen.lastIndexOf('\u001b[?25h') > watch.screen.lastIndexOf('\u001b[?2026l'))
    // The second page begins where the first one did.
    assert.match(watch.screen, /\u001b\[\?2026h\r\u001b\[\d+A/)
  })

  it('is the first cause of a failed deployment, and the bundle holds none of the secrets that were planted', async () => {
    const secret = 'planted-secret-4711'
    const at = {logGroupName: outputs['DashboardLogGroup'], logStreamName: 'planted'}
    const client = cloud.client(CloudWatchLogsClient)
    await client.send(new CreateLogStreamCommand(at))
    await client.send(
      new PutLogEventsCommand({
        ...at,
        logEvents: [{timestamp: Date.now(), message: `ERROR login password=${secret} of AKIAIOSFODNN7EXAMPLE`}],
      }),
    )
    await cloud.fault('AWS::ECS::Service', 'the limit on vCPUs of Fargate has been reached')
    const adminer = cloud.config({calm: {services: {adminer: {enabled: true}}}})
    await cloud.fails(14, ['deploy', 'calm', '--yes', '--local', '--config', adminer])
    const file = join(cloud.home, 'bundle.zip')
    const {code, result} = await diagnosed('--bundle', file)
    assert.deepEqual([code, result.healthy, result.bundle], [3, false, file])
    const [first] = result.findings
    assert.equal(first?.rank, 1, JSON.stringify(result.findings))
    assert.match(
      first.what,
      /^app could not be changed: a quota of the account is used up$/,
      JSON.stringify(result.findings),
    )
    assert.match(first.why, /limit on vCPUs/)
    assert.ok(first.next.length > 0)
    assert.ok(result.findings.some(({what}) => what === 'dashboard wrote 1 error in the last quarter of an hour'))
    assert.ok(existsSync(file))
    const folder = join(cloud.home, 'unpacked')
    mkdirSync(folder)
    execFileSync('python3', ['-m', 'zipfile', '-e', file, folder])
    const all = ['about.json', 'diagnosis.json', 'facts.json', 'configuration.json', 'logs.ndjson']
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n')
    assert.ok(!all.includes(secret) && !all.includes('AKIAIOSFODNN7EXAMPLE'))
    assert.match(all, /ERROR login password=\[removed\]/)
  })
})
