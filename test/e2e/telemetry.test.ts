import assert from 'node:assert/strict'
import {gunzipSync, gzipSync} from 'node:zlib'
import {CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand} from '@aws-sdk/client-cloudwatch-logs'
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  type MetricDatum,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch'
import {GetObjectCommand, PutObjectCommand, S3Client} from '@aws-sdk/client-s3'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {requestsIn, writeAccessLogs, type WrittenFile} from '../helpers/access-log-generator.ts'
import type {DeployJson} from '../helpers/e2e-results.ts'
import {Embedded} from '../helpers/e2e.ts'

interface MetricsJson {
  readonly periodSeconds: number
  readonly metrics: readonly {service: string; name: string; points: readonly {at: string; value: number}[]}[]
  readonly file?: {readonly path: string; readonly bytes: number}
}

interface LogsJson {
  readonly events: readonly {timestamp: string; service: string; eventId: string; message: string}[]
}

describe('what AWS measured and wrote down', function () {
  this.timeout(180_000)
  let cloud: Embedded
  let config: string
  let outputs: DeployJson['outputs']

  before(async () => {
    cloud = await Embedded.start()
    config = cloud.config({calm: {}})
    outputs = (await cloud.ok<DeployJson>('deploy', 'calm', '--yes', '--local', '--config', config)).outputs
  })
  after(() => cloud?.stop())

  const on = (...args: string[]) => [...args, '--local', '--config', config]

  describe('in the logs of load balancer and network', () => {
    const place = {account: '000000000000', region: 'eu-west-1'}
    const timed = (lines: readonly Readonly<Record<string, unknown>>[]) =>
      lines.map((line) => ({timestamp: Date.parse(String(line['timestamp'])), message: String(line['message'])}))

    /** As the balancer would put them: the embedded one writes none. */
    async function store(files: readonly WrittenFile[]): Promise<void> {
      const s3 = cloud.client(S3Client)
      for (const {key, text} of files)
        await s3.send(new PutObjectCommand({Bucket: outputs['AccessLogsBucket'], Key: key, Body: gzipSync(text)}))
    }

    it('gives 3,000 requests of the past exactly once and in order, and none unless asked', async () => {
      const begin = Date.now() - 3_000_000
      await store(writeAccessLogs({...place, count: 3000, begin, over: 1_200_000, nodes: 3, late: 0}))
      const {events} = await cloud.ok<LogsJson>(...on('logs', 'loadbalancer', '--since', '1h'))
      assert.deepEqual(requestsIn(timed(events), 3000), {lines: 3000, missing: 0, twice: 0, disorder: 0})
      const all = await cloud.ok<LogsJson>(...on('logs', '--since', '1h'))
      assert.ok(all.events.length > 0)
      assert.ok(all.events.every(({service}) => service !== 'loadbalancer'))
    })

    it('follows files as they are put there, each once, beside flow logs', async () => {
      const running = cloud.spawn(
        on('logs', 'loadbalancer', 'network', '--follow', '--since', '1m', '--output', 'ndjson'),
      )
      await running.until(({type}) => type === 'note')
      const begin = Date.now()
      const [first, ...rest] = writeAccessLogs({...place, count: 500, begin, over: 200, nodes: 2, late: 0}, begin)
      await store([first!])
      const at = {logGroupName: outputs['NetworkLogGroup'], logStreamName: 'eni-1-all'}
      const logs = cloud.client(CloudWatchLogsClient)
      await logs.send(new CreateLogStreamCommand(at))
      const flow = '2 000000000000 eni-1 10.0.1.4 10.0.9.9 40411 3306 6 9 840 1 2 REJECT OK'
      await logs.send(new PutLogEventsCommand({...at, logEvents: [{timestamp: Date.now(), message: flow}]}))
      await store(rest)
      let seen = 0
      await running.until(({type}) => type === 'log' && ++seen === 501)
      running.child.kill('SIGINT')
      assert.equal((await running.ended).code, 130)
      const of = (service: string) => running.events.filter((one) => one['service'] === service)
      assert.deepEqual(
        of('network').map((one) => one['message']),
        [flow],
      )
      const {lines, missing, twice} = requestsIn(timed(of('loadbalancer')), 500)
      assert.deepEqual({lines, missing, twice}, {lines: 500, missing: 0, twice: 0})
    })

    it('refuses a filter of CloudWatch for what lies in S3', async () => {
      assert.equal((await cloud.fails(2, on('logs', 'loadbalancer', '--filter', 'x'))).code, 'FLAGS_DO_NOT_FIT')
    })
  })

  describe('in metrics', () => {
    const minute = 60_000
    const begin = Math.floor(Date.now() / minute) * minute - 60 * minute

    /** A value a minute over an hour, the tenth to the nineteenth left out. */
    async function measure(Namespace: string, MetricName: string, dimensions: Record<string, string | undefined>) {
      const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({Name, Value}))
      const MetricData = Array.from({length: 60}, (_, index): MetricDatum[] => {
        if (index >= 10 && index < 20) return []
        return [{MetricName, Dimensions, Timestamp: new Date(begin + index * minute), Value: index}]
      }).flat()
      await cloud.client(CloudWatchClient).send(new PutMetricDataCommand({Namespace, MetricData}))
    }

    before(async () => {
      const balancer = outputs['LoadBalancerArn']?.split('loadbalancer/')[1]
      await measure('AWS/ECS', 'CPUUtilization', {
        ClusterName: outputs['ClusterName'],
        ServiceName: outputs['DashboardServiceName'],
      })
      await measure('AWS/ApplicationELB', 'TargetResponseTime', {LoadBalancer: balancer})
      await measure('AWS/RDS', 'FreeStorageSpace', {DBInstanceIdentifier: outputs['DatabaseIdentifier']})
    })

    it('gives every value that was put there, gaps included, and nothing else', async () => {
      const result = await cloud.ok<MetricsJson>(...on('metrics', '--since', '2h'))
      assert.equal(result.periodSeconds, 60)
      // The embedded AWS itself measures the runs of functions.
      const measured = result.metrics.filter(({service, points}) => service !== 'sideload' && points.length > 0)
      assert.deepEqual(
        measured.map(({service, name, points}) => [service, name, points.length]),
        [
          ['dashboard', 'cpu', 50],
          ['loadbalancer', 'latency-p50', 50],
          ['loadbalancer', 'latency-p95', 50],
          ['database', 'free-storage', 50],
        ],
      )
      for (const {points} of measured)
        assert.ok(points.every(({at, value}) => Date.parse(at) === begin + value * minute))
    })

    it('draws a PNG and an SVG, writes CSV, and shows curves as text', async () => {
      for (const [name, starts] of [
        ['a.png', '89504e47'],
        ['a.svg', '3c737667'],
        ['a.csv', '61742c73'],
      ] as const) {
        const out = join(cloud.home, name)
        const {file} = await cloud.ok<MetricsJson>(...on('metrics', '--since', '2h', '--out', out))
        const bytes = readFileSync(out)
        assert.deepEqual(file, {path: out, bytes: bytes.length})
        assert.equal(bytes.subarray(0, 4).toString('hex'), starts)
      }
      const {stdout} = await cloud.run(on('metrics', 'dashboard', '--since', '2h'))
      assert.match(stdout, /dashboard {2}CPU +[▁▂▃▄▅▆▇█·]{20,} +59 % +0 % +3\d(\.\d)? % +59 %/)
    })

    it('refuses what it does not know, and writes nothing then', async () => {
      const unknown = await cloud.fails(2, on('metrics', 'databse'))
      assert.ok(unknown.suggestions.includes('Did you mean database?'))
      const out = join(cloud.home, 'a.gif')
      assert.equal((await cloud.fails(2, on('metrics', '--out', out))).code, 'UNKNOWN_CHART')
      assert.ok(!existsSync(out))
      assert.equal((await cloud.fails(5, on('metrics', 'adminer'))).code, 'NO_METRICS')
    })
  })

  describe('in alarms', () => {
    interface AlarmsJson {
      readonly alarms: readonly {name: string; state: string; reason: string; actions: string; overdue?: boolean}[]
    }
    const list = () => cloud.ok<AlarmsJson>(...on('alarms', 'list', 'calm'))
    const enabled = async (name: string) => {
      const {MetricAlarms = []} = await cloud
        .client(CloudWatchClient)
        .send(new DescribeAlarmsCommand({AlarmNames: [name]}))
      return MetricAlarms[0]?.ActionsEnabled
    }

    it('lists what fires and what became of it, and 3 with --exit-code', async () => {
      const {alarms} = await list()
      assert.ok(alarms.length > 5)
      const name = alarms.find((alarm) => alarm.name.includes('FreeStorage') || alarm.name.includes('Storage'))?.name
      assert.ok(name !== undefined, alarms.map((alarm) => alarm.name).join('\n'))
      const fire = {AlarmName: name, StateValue: 'ALARM' as const, StateReason: 'set by a test'}
      await cloud.client(CloudWatchClient).send(new SetAlarmStateCommand(fire))
      const ended = await cloud.run(on('alarms', 'list', 'calm', '--exit-code', '--json'))
      assert.equal(ended.code, 3)
      const [first] = ended.json<AlarmsJson>().alarms
      assert.deepEqual([first?.name, first?.state, first?.reason], [name, 'ALARM', 'set by a test'])
      const {items} = await cloud.ok<{items: readonly {alarm: string; kind: string; summary: string}[]}>(
        ...on('alarms', 'history', name),
      )
      assert.ok(items.some(({alarm, kind, summary}) => alarm === name && kind === 'state' && /ALARM/i.test(summary)))
      const {stdout} = await cloud.run(on('alarms', 'list', 'calm'))
      assert.match(stdout, new RegExp(`ALARM +${name}\\n`))
    })

    it('silences one, says so in the list and in status, and gives it its voice back', async () => {
      const {alarms} = await list()
      const {name} = alarms.find(({actions}) => actions === 'on')!
      const planned = await cloud.ok<{state: string}>(...on('alarms', 'silence', name, '--for', '2h', '--dry-run'))
      assert.deepEqual([planned.state, await enabled(name)], ['planned', true])
      const done = await cloud.ok<{state: string; opId: string; changed: readonly string[]}>(
        ...on('alarms', 'silence', name, '--for', '2h'),
      )
      assert.deepEqual([done.state, done.changed, await enabled(name)], ['done', [name], false])
      assert.equal((await list()).alarms.find((alarm) => alarm.name === name)?.actions, 'silenced')
      const {silenced} = (await cloud.run(on('status', 'calm', '--json'))).json<{
        silenced: readonly {alarm: string}[]
      }>()
      assert.deepEqual(
        silenced.map(({alarm}) => alarm),
        [name],
      )
      // Two hours later, by what the ledger says.
      const record = {Bucket: outputs['RecordsBucket'], Key: 'silences/calm.json'}
      const s3 = cloud.client(S3Client)
      const kept = (await (await s3.send(new GetObjectCommand(record))).Body?.transformToString()) ?? ''
      const Body = kept.replace(/"until":"[^"]+"/, `"until":"${new Date(Date.now() - 60_000).toISOString()}"`)
      await s3.send(new PutObjectCommand({...record, Body}))
      const {findings} = (await cloud.run(on('diagnose', 'calm', '--json'))).json<{
        findings: readonly {what: string; next: readonly string[]}[]
      }>()
      const overdue = findings.find(({what}) => what === 'An alarm is silent past the time that was meant')
      assert.deepEqual(overdue?.next, [`pi-aws alarms silence ${name} --undo --environment calm`])
      const [, ...words] = overdue.next[0]!.split(' ')
      const ended = await cloud.ok<{state: string}>(...on(...words))
      assert.deepEqual([ended.state, await enabled(name)], ['done', true])
      await cloud.ok(...on('alarms', 'silence', '--all', '--for', '2h'))
      const undone = await cloud.ok<{state: string}>(...on('alarms', 'silence', '--all', '--undo'))
      assert.deepEqual([undone.state, await enabled(name)], ['done', true])
      const again = await cloud.ok<{state: string}>(...on('alarms', 'silence', '--all', '--undo'))
      assert.equal(again.state, 'unchanged')
    })

    it('refuses a silence without alarms or without an end', async () => {
      assert.equal((await cloud.fails(2, on('alarms', 'silence', '--for', '2h'))).code, 'ALARMS_MISSING')
      assert.equal((await cloud.fails(2, on('alarms', 'silence', '--all'))).code, 'DURATION_MISSING')
      assert.equal((await cloud.fails(5, on('alarms', 'silence', 'nothing', '--for', '2h'))).code, 'UNKNOWN_ALARM')
    })
  })

  it('is written into files by service and day, and not twice', async () => {
    const folder = join(cloud.home, 'exported')
    const at = {logGroupName: outputs['DashboardLogGroup'], logStreamName: 'exported'}
    const logs = cloud.client(CloudWatchLogsClient)
    await logs.send(new CreateLogStreamCommand(at))
    const now = Date.now()
    const written = Array.from({length: 3}, (_, index) => ({
      timestamp: now - (3 - index) * 24 * 3_600_000,
      message: `line ${index} about the licence`,
    }))
    for (const event of written) await logs.send(new PutLogEventsCommand({...at, logEvents: [event]}))
    const again = on('logs', 'export', 'dashboard', '--since', '4d', '--out', folder, '--gzip')
    interface ExportJson {
      readonly lines: number
      readonly files: readonly {file: string; lines: number; bytes: number; state: string}[]
    }
    const first = await cloud.ok<ExportJson>(...again)
    const lines = first.files
      .filter(({state}) => state === 'written')
      .flatMap(({file}) =>
        gunzipSync(readFileSync(join(folder, file)))
          .toString()
          .trimEnd()
          .split('\n'),
      )
      .map((line) => (JSON.parse(line) as {message: string}).message)
    assert.deepEqual(
      lines,
      written.map(({message}) => message),
    )
    assert.equal(first.lines, 3)
    // The day at which the span begins is asked for a little less of; all that is over is there.
    const second = await cloud.ok<ExportJson>(...again)
    assert.equal(second.lines, 3)
    assert.ok(second.files.filter(({state}) => state === 'there').length >= 2, JSON.stringify(second.files))
    assert.equal((await cloud.fails(12, on('logs', 'export', '--out', folder))).code, 'EXPORT_DIFFERS')
    const {rows} = await cloud.ok<{rows: readonly Record<string, string>[]}>(
      ...on('logs', 'query', 'licence', '--since', '4d'),
    )
    assert.deepEqual(
      rows.map((row) => row['@message']).toSorted(),
      written.map(({message}) => message),
    )
  })
})
