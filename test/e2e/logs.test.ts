import assert from 'node:assert/strict'
import {CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand} from '@aws-sdk/client-cloudwatch-logs'
import {ECSClient, ListTasksCommand, UpdateServiceCommand} from '@aws-sdk/client-ecs'
import {once} from 'node:events'
import type {DeployJson} from '../helpers/e2e-results.ts'
import {Embedded, eventually, type EventLine, type Running} from '../helpers/e2e.ts'
import {verdict, writeLogs, type WrittenEvent} from '../helpers/log-generator.ts'
import {HardLogs} from '../helpers/hard-logs.ts'

const count = 20_000
const services = ['dashboard', 'renderer', 'scheduler', 'pirana', 'sideload', 'check']

describe('logs', function () {
  this.timeout(180_000)
  let cloud: Embedded
  let config: string
  let groups: string[]
  let outputs: DeployJson['outputs']
  const streams = new Set<string>()

  before(async () => {
    cloud = await Embedded.start()
    config = cloud.config({calm: {}})
    outputs = (await cloud.ok<DeployJson>('deploy', 'calm', '--yes', '--local', '--config', config)).outputs
    groups = services.map((name) => outputs[`${name.slice(0, 1).toUpperCase()}${name.slice(1)}LogGroup`] ?? '')
    assert.ok(groups.every((group) => group !== ''))
  })
  after(() => cloud?.stop())

  const on = (...args: string[]) => ['logs', ...args, '--local', '--config', config]
  const client = () => cloud.client(CloudWatchLogsClient)

  async function put(group: number, stream: string, events: readonly {timestamp: number; message: string}[]) {
    const at = {logGroupName: groups[group], logStreamName: stream}
    if (!streams.has(`${group}/${stream}`)) await client().send(new CreateLogStreamCommand(at))
    streams.add(`${group}/${stream}`)
    await client().send(
      new PutLogEventsCommand({...at, logEvents: events.map(({timestamp, message}) => ({timestamp, message}))}),
    )
  }

  /** Writes events in the order of their arrival, in batches, so that late ones stand behind newer ones. */
  async function write(events: readonly WrittenEvent[], run: string, batch = 500): Promise<void> {
    for (let from = 0; from < events.length; from += batch) {
      const slice = Map.groupBy(events.slice(from, from + batch), ({group, stream}) => `${group}/${run}-${stream}`)
      for (const [key, own] of slice) await put(own[0]!.group, key.slice(2), own)
    }
  }

  /** The lines of a run that were written under this name. */
  function linesOf(events: readonly EventLine[], run: string) {
    return events
      .filter(({type, stream}) => type === 'log' && String(stream).startsWith(`${run}-`))
      .map(({timestamp, message}) => ({timestamp: Date.parse(String(timestamp)), message: String(message)}))
  }

  /** The command on an endpoint that refuses a fifth of its calls and repeats itself. */
  async function beside<T>(work: (args: (...more: string[]) => string[], proxy: HardLogs) => Promise<T>): Promise<T> {
    const proxy = await new HardLogs(cloud.endpoint).start()
    try {
      return await work(
        (...more) => ['logs', ...services, ...more, '--config', config, '--endpoint-url', proxy.endpoint],
        proxy,
      )
    } finally {
      proxy.stop()
    }
  }
  const env = {AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test'}

  const interrupted = async (running: Running) => {
    running.child.kill('SIGINT')
    return running.ended
  }

  it('gives 20,000 stored lines of six groups exactly once and in order, with a fifth of the calls refused', async () => {
    const begin = Date.now() - 300_000
    await write(writeLogs({count, groups: 6, begin, over: 240_000, late: 30_000, lateShare: 0.2}), 'past')
    await beside(async (args, proxy) => {
      const running = cloud.spawn(args('--since', '10m', '--output', 'ndjson'), {env})
      const ended = await running.ended
      assert.equal(ended.code, 0, ended.stderr)
      assert.deepEqual(verdict(linesOf(running.events, 'past'), count), {
        lines: count,
        missing: 0,
        twice: 0,
        disorder: 0,
      })
      assert.ok(proxy.refused > 0, 'calls were refused')
    })
  })

  it('gives 20,000 lines exactly once and in order while they are written, with a fifth of the calls refused', async () => {
    await beside(async (args, proxy) => {
      const running = cloud.spawn(args('--follow', '--since', '10s', '--reorder', '20s', '--output', 'ndjson'), {
        env,
        limit: 150_000,
      })
      await running.until(({type}) => type === 'note')
      const begin = Date.now() - 3000
      await write(writeLogs({count, groups: 6, begin, over: 6000, late: 4000, lateShare: 0.2}), 'live')
      let seen = 0
      await running.until(({type, stream}) => type === 'log' && String(stream).startsWith('live-') && ++seen === count)
      const ended = await interrupted(running)
      assert.equal(ended.code, 130)
      assert.deepEqual(verdict(linesOf(running.events, 'live'), count), {
        lines: count,
        missing: 0,
        twice: 0,
        disorder: 0,
      })
      assert.ok(proxy.refused > 0, 'calls were refused')
    })
  })

  it('ends at once with 0 when its reader has seen enough, and with 130 and a count at Ctrl-C', async () => {
    const piped = cloud.spawn(on('--since', '10m'))
    piped.child.stdout.once('data', () => piped.child.stdout.destroy())
    assert.equal((await piped.ended).code, 0)
    const following = cloud.spawn(on('--follow', '--since', '10m'))
    await once(following.child.stdout, 'data')
    const ended = await interrupted(following)
    assert.equal(ended.code, 130)
    assert.match(ended.stderr, /Cancelled after \d+ lines?\./)
  })

  it('keeps a message of a megabyte and control characters exact in JSON, and harmless as text', async () => {
    const evil = 'clear \u001b[2J\u001b[31mred\u0007 \u202egnp.exe\r\nsecond line \u0000'
    const huge = 'x'.repeat(1_000_000)
    await put(
      0,
      'odd',
      [evil, huge].map((message, index) => ({timestamp: Date.now() + index, message})),
    )
    const {events} = await cloud.ok<{events: {message: string; stream: string}[]}>(...on('dashboard', '--since', '1m'))
    assert.deepEqual(
      events.filter(({stream}) => stream === 'odd').map(({message}) => message),
      [evil, huge],
    )
    const text = await cloud.run(on('dashboard', '--since', '1m', '--exclude', 'xxxx'))
    assert.match(text.stdout, /clear red\\x07 \\u202egnp\.exe\n {33,}\| +second line \\x00\n/)
    assert.doesNotMatch(text.stdout, /[\u0000-\u0009\u000b-\u001f\u007f\u202e]/)
  })

  it('joins the frames of a stack trace and finds it as a whole', async () => {
    const at = Date.now()
    const trace = [
      'ERROR cannot load',
      'java.lang.IllegalStateException: no driver',
      '\tat a.B.c(B.java:1)',
      'Caused by: x.Y',
    ]
    await put(
      1,
      'trace',
      trace.map((message, index) => ({timestamp: at + index, message})),
    )
    const {stdout} = await cloud.run(on('renderer', '--since', '1m', '--grep', 'no driver', '--utc'))
    const [first, ...rest] = stdout.trimEnd().split('\n')
    assert.match(first!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z renderer +\| ERROR cannot load$/)
    assert.deepEqual(
      rest.map((line) => line.trim()),
      ['| java.lang.IllegalStateException: no driver', '|   at a.B.c(B.java:1)', '| Caused by: x.Y'],
    )
  })

  it('points at the place of a filter that CloudWatch refuses', async () => {
    const error = await cloud.fails(2, on('dashboard', '--filter', 'ERROR a:b "c d"'))
    assert.equal(error.code, 'FILTER_REFUSED')
    assert.match(error.message, /^CloudWatch refuses the filter: .*Invalid character\(s\) in term 'a:b'/)
    assert.deepEqual(error.message.split('\n').slice(-2), ['ERROR a:b "c d"', '      ^'])
  })

  it('tells with --previous what stopped tasks wrote, why they stopped and with which exit code', async () => {
    const ecs = cloud.client(ECSClient)
    const service = {cluster: outputs['ClusterName'], service: outputs['SchedulerServiceName']}
    const query = {cluster: service.cluster, serviceName: service.service}
    const {taskArns = []} = await ecs.send(new ListTasksCommand(query))
    const task = taskArns[0]?.split('/').at(-1) ?? ''
    await put(2, `scheduler/scheduler/${task}`, [{timestamp: Date.now(), message: 'my last words'}])
    await put(2, 'scheduler/scheduler/of-another-task', [{timestamp: Date.now(), message: 'I live'}])
    await ecs.send(new UpdateServiceCommand({...service, desiredCount: 0}))
    const ended = await eventually(async () => {
      const {events} = await cloud.ok<{events: {message: string}[]}>(...on('scheduler', '--previous'))
      const messages = events.map(({message}) => message)
      return messages.some((text) => text.includes(task)) ? messages : undefined
    })
    await ecs.send(new UpdateServiceCommand({...service, desiredCount: 1}))
    assert.ok(ended.includes('my last words'))
    assert.ok(!ended.includes('I live'))
    const stopped = ended.find((text) => text.includes(task)) ?? ''
    assert.match(stopped, /stopped: Scaling activity initiated by \(deployment ecs-svc\/\w+\); .*exit code 0/)
  })

  it('refuses what cannot be, and names what is near', async () => {
    const unknown = await cloud.fails(2, on('rendrer'))
    assert.equal(unknown.code, 'UNKNOWN_SERVICE')
    assert.ok(unknown.suggestions.includes('Did you mean renderer?'))
    assert.equal((await cloud.fails(2, on('--since', '2026-02-30'))).code, 'INVALID_TIME')
    assert.equal((await cloud.fails(2, on('--grep', '(open'))).code, 'INVALID_EXPRESSION')
    assert.equal((await cloud.fails(2, on('--follow'))).code, 'FLAGS_DO_NOT_FIT')
    assert.equal((await cloud.fails(5, on('adminer'))).code, 'NO_LOG_GROUP')
  })

  it('shows lines by Live Tail, each once, whether they come live or from storage', async () => {
    const begin = Date.now() - 60_000
    await put(0, 'live-one', [{timestamp: begin, message: 'stored before'}])
    const running = cloud.spawn(on('dashboard', '--live', '--since', '10m', '--output', 'ndjson'))
    const has = (message: string): boolean => running.events.some((event) => event['message'] === message)
    await running.until(() => has('stored before'))
    await running.until((event) => String(event['message']).startsWith('Live Tail is billed'))
    for (let index = 0; index < 20; index += 1) {
      await put(0, 'live-one', [{timestamp: Date.now(), message: `shown ${index}`}])
    }
    await running.until(() => has('shown 19'))
    const ended = await interrupted(running)
    assert.equal(ended.code, 130, ended.stderr)
    const shown = running.events.flatMap(({type, message}) => (type === 'log' ? [String(message)] : []))
    const expected = Array.from({length: 20}, (_, index) => `shown ${index}`)
    assert.deepEqual(shown.filter((message) => message.startsWith('shown ')).toSorted(), expected.toSorted())
  })

  it('asks Insights by a saved query and by one of its own', async () => {
    const listed = await cloud.ok<{queries: readonly {key: string}[]}>(...on('query', '--list'))
    assert.ok(listed.queries.some(({key}) => key === 'errors-of-all-services'))
    await put(1, 'query-one', [{timestamp: Date.now() - 1000, message: 'ERROR by hand'}])
    const text = 'fields @timestamp, @message | filter @message like /by hand/'
    const found = await cloud.ok<{rows: readonly Record<string, string>[]; bytesScanned: number}>(
      ...on('query', '--text', text, '--service', 'renderer'),
    )
    assert.deepEqual(
      found.rows.map((row) => row['@message']),
      ['ERROR by hand'],
    )
    assert.ok(found.bytesScanned > 0)
    const csv = await cloud.run(on('query', '--text', text, '--service', 'renderer', '--csv'))
    assert.match(csv.stdout, /^@timestamp,@message\r\n.*,ERROR by hand\r\n$/)
    assert.equal((await cloud.fails(5, on('query', 'nothing'))).code, 'UNKNOWN_QUERY')
  })
})
