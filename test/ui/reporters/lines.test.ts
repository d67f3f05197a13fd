import assert from 'node:assert/strict'
import {createReporter, reporterKind, type ReporterKind, type ReporterOptions} from '../../../src/ui/reporters/index.ts'
import type {FlowEvent} from '../../../src/flows/events.ts'
import {BrokenPipe, FakeTerminal} from '../../helpers/fake-terminal.ts'
import {matchesGolden} from '../../helpers/golden.ts'
import {recordedDeploy, recordedStart} from '../../helpers/recorded-deploy.ts'

const traits = {isTTY: false, color: true, unicode: true, width: 80, height: 24}

async function replay(kind: ReporterKind, options: ReporterOptions = {}): Promise<{stdout: string; stderr: string}> {
  const stdout = new FakeTerminal()
  const stderr = new FakeTerminal()
  let clock = recordedStart
  const reporter = createReporter(kind, {stdout, stderr, traits}, {...options, now: () => clock})
  for (const {at, event} of recordedDeploy) {
    clock = recordedStart + at
    reporter.report(event)
  }
  await reporter.finish()
  return {stdout: stdout.text, stderr: stderr.text}
}

async function linesOf(events: readonly FlowEvent[], options: ReporterOptions = {}): Promise<readonly string[]> {
  const stderr = new FakeTerminal()
  const reporter = createReporter(
    'plain',
    {stdout: new FakeTerminal(), stderr, traits},
    {now: () => recordedStart, ...options},
  )
  for (const event of events) reporter.report(event)
  await reporter.finish()
  return stderr.text.split('\n').slice(0, -1)
}

describe('the plain reporter', () => {
  it('writes one line an event, to stderr', async () => {
    const {stdout, stderr} = await replay('plain')
    assert.equal(stdout, '')
    for (const line of stderr.split('\n').slice(0, -1)) assert.match(line, /^\d\d:\d\d:\d\dZ {2}[a-z]+ +(-|[a-z]+) +\S/)
    matchesGolden('ui/plain.txt', stderr)
  })

  it('writes every event of every resource when verbose', async () =>
    matchesGolden('ui/plain-verbose.txt', (await replay('plain', {verbose: true})).stderr))

  it('has no colour and no control character, even where colour is forced', async () => {
    assert.doesNotMatch((await replay('plain')).stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  })

  it('tells of a transfer once for each tenth, with rate and time left', async () => {
    const events = Array.from({length: 41}, (_, index): FlowEvent => ({
      type: 'transfer.progress',
      filesDone: index,
      filesTotal: 40,
      bytesDone: index * 1_048_576,
      bytesTotal: 40 * 1_048_576,
      bytesPerSecond: index === 0 ? 0 : 2_097_152,
    }))
    const lines = await linesOf(events)
    assert.equal(lines.length, 10)
    assert.equal(
      lines[0],
      '03:04:05Z  progress   -           4/40 files, 4.0 MiB of 40.0 MiB, 2.0 MiB/s, 18s left (10 %)',
    )
    assert.equal(lines.at(-1), '03:04:05Z  progress   -           40/40 files, 40.0 MiB of 40.0 MiB, 2.0 MiB/s (100 %)')
  })

  it('tells progress once for each tenth', async () => {
    const progress = (done: number, total: number, stack = 's'): FlowEvent => ({
      type: 'stack.progress',
      part: 'app',
      stack,
      done,
      total,
    })
    const counts = Array.from({length: 71}, (_, done) => progress(done, 70))
    const lines = await linesOf([
      ...counts,
      progress(70, 70),
      progress(5, 70),
      progress(0, 0, 'empty'),
      progress(1, 2, 'other'),
    ])
    assert.equal(lines.length, 11)
    assert.match(lines[0] ?? '', /progress {3}app {9}7 of 70 resources \(10 %\)$/)
    assert.match(lines[9] ?? '', /70 of 70 resources \(100 %\)$/)
    assert.match(lines[10] ?? '', /1 of 2 resources \(50 %\)$/)
  })

  it('tells of a resource that failed or took a minute, not of the others', async () => {
    const event = (logicalId: string, status: string, second: number, reason?: string): FlowEvent => ({
      type: 'stack.event',
      part: 'network',
      stack: 'pi-prod-network',
      logicalId,
      resourceType: 'AWS::EC2::Thing',
      status,
      at: new Date(recordedStart + second * 1000).toISOString(),
      ...(reason === undefined ? {} : {reason}),
    })
    const lines = await linesOf([
      event('Quick', 'CREATE_IN_PROGRESS', 0),
      event('Slow', 'CREATE_IN_PROGRESS', 0),
      event('Slow', 'CREATE_IN_PROGRESS', 1, 'Resource creation initiated'),
      event('Quick', 'CREATE_COMPLETE', 59),
      event('Slow', 'CREATE_COMPLETE', 94),
      event('Broken', 'CREATE_FAILED', 95, 'no address left'),
      event('Other', 'CREATE_FAILED', 96, 'Resource creation cancelled'),
    ])
    assert.deepEqual(
      lines.map((line) => line.slice(35)),
      [
        'Slow (AWS::EC2::Thing) CREATE_COMPLETE after 1m 34s',
        'Broken (AWS::EC2::Thing) CREATE_FAILED: no address left',
      ].map((line) => line.slice(1)),
    )
  })

  it('tells a service that repeats itself once', async () => {
    const event: FlowEvent = {
      type: 'service.event',
      service: 'dashboard',
      message: 'has reached a steady state',
      at: '',
    }
    assert.equal(
      (await linesOf([event, event, {...event, service: 'pirana'}, {...event, message: 'other'}, event])).length,
      4,
    )
  })

  it('drops events after its end, but no warning', async () => {
    const stderr = new FakeTerminal()
    const reporter = createReporter('plain', {stdout: stderr, stderr, traits}, {now: () => recordedStart})
    await reporter.finish()
    reporter.report({type: 'note', message: 'late'})
    reporter.report({type: 'warning', code: 'LATE', message: 'late'})
    assert.equal(stderr.text, '03:04:05Z  warning    -           late [LATE]\n')
  })
})

describe('the ndjson reporter', () => {
  it('writes each event as a line of JSON, to stdout', async () => {
    const {stdout, stderr} = await replay('ndjson')
    assert.equal(stderr, '')
    const lines = stdout.split('\n').slice(0, -1)
    assert.deepEqual(
      lines.map((line) => JSON.parse(line) as unknown),
      recordedDeploy.map(({event}) => ({schemaVersion: 1, ...event})),
    )
    matchesGolden('ui/events.ndjson', stdout)
  })
})

describe('the silent reporter', () => {
  it('writes warnings and nothing else, to stderr', async () => {
    const {stdout, stderr} = await replay('silent')
    assert.equal(stdout, '')
    matchesGolden('ui/silent.txt', stderr)
  })
})

describe('every reporter', () => {
  for (const kind of ['tasks', 'plain', 'ndjson', 'silent'] as const) {
    it(`survives a closed pipe: ${kind}`, async () => {
      const out = {stdout: new BrokenPipe(), stderr: new BrokenPipe(), traits}
      const reporter = createReporter(kind, out)
      for (const {event} of recordedDeploy) reporter.report(event)
      await reporter.finish()
      reporter.report({type: 'warning', code: 'LATE', message: 'late'})
      assert.ok(out.stdout.writes + out.stderr.writes > 0)
    })

    it(`gives the result of work put aside: ${kind}`, async () => {
      const reporter = createReporter(kind, {
        stdout: new FakeTerminal(),
        stderr: new FakeTerminal({columns: 80, rows: 24}),
        traits,
      })
      assert.equal(await reporter.aside(() => Promise.resolve(42)), 42)
      await assert.rejects(
        reporter.aside(() => Promise.reject(new RangeError('no'))),
        RangeError,
      )
      await reporter.finish()
    })
  }

  it('is chosen by what was asked for and what the terminal can', () => {
    const tty = {...traits, isTTY: true}
    assert.equal(reporterKind('text', tty, false), 'tasks')
    assert.equal(reporterKind('text', tty, true), 'plain')
    assert.equal(reporterKind('text', traits, false), 'plain')
    assert.equal(reporterKind('json', tty, false), 'silent')
    assert.equal(reporterKind('ndjson', tty, false), 'ndjson')
  })
})
