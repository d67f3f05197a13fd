import assert from 'node:assert/strict'
import {CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand} from '@aws-sdk/client-cloudwatch-logs'
import type {DeployJson} from '../helpers/e2e-results.ts'
import {Embedded} from '../helpers/e2e.ts'

interface Answer {
  readonly query?: string
  readonly fields: readonly string[]
  readonly rows: readonly Readonly<Record<string, string>>[]
  readonly recordsMatched: number
  readonly recordsScanned: number
  readonly bytesScanned: number
}

const slowQuery = (seconds: string) =>
  `# Time: 261122 13:00:00\n# User@Host: pi[pi]\n# Query_time: ${seconds}  Lock_time: 0.000\nSELECT 1;`

/** What is written where, a second apart; what else the groups hold comes from the platform itself. */
const planted: Readonly<Record<string, readonly string[]>> = {
  Dashboard: [
    'planted GET /dash 200 in 12 ms',
    'planted GET /report 200 in 2500 ms',
    'planted GET /huge 200 in 31000ms',
    'planted ERROR no such chart',
    'planted License checked, "valid" until 2027',
  ],
  Renderer: [
    'planted rendered in 1999 ms',
    'planted rendered in 2000 ms',
    'planted java.lang.IllegalStateException: x',
  ],
  Scheduler: ['planted licence manager cannot be reached', 'planted took 9000 ms'],
  Pirana: ['planted FATAL: no memory'],
  Sideload: ['planted copy of a/b.png failed', 'planted all is well'],
  DatabaseSlowQuery: [slowQuery('2.250000'), slowQuery('12.500000'), 'planted: no query'],
}

/** Rows of CSV (RFC 4180), each by its fields. */
function csvRows(text: string): Record<string, string>[] {
  const cells = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)]
  const lines: string[][] = [[]]
  for (const [, quoted, bare = '', end] of cells) {
    lines.at(-1)?.push(quoted?.replaceAll('""', '"') ?? bare)
    if (end !== ',') lines.push([])
  }
  const [head = [], ...rest] = lines.slice(0, -1)
  return rest.map((line) => Object.fromEntries(head.map((name, index) => [name, line[index] ?? ''])))
}

describe('queries of Logs Insights', function () {
  this.timeout(180_000)
  // Told when the test begins and not when its file is read, which may be long before.
  let begin: number
  let cloud: Embedded
  let config: string
  let outputs: DeployJson['outputs']

  before(async () => {
    begin = Date.now() - 120_000
    cloud = await Embedded.start()
    config = cloud.config({calm: {}})
    outputs = (await cloud.ok<DeployJson>('deploy', 'calm', '--yes', '--local', '--config', config)).outputs
    const logs = cloud.client(CloudWatchLogsClient)
    for (const [service, messages] of Object.entries(planted)) {
      const at = {logGroupName: outputs[`${service}LogGroup`], logStreamName: 'planted'}
      assert.ok(at.logGroupName !== undefined, service)
      await logs.send(new CreateLogStreamCommand(at))
      const logEvents = messages.map((message, index) => ({timestamp: begin + index * 1000, message}))
      await logs.send(new PutLogEventsCommand({...at, logEvents}))
    }
  })
  after(() => cloud?.stop())

  const on = (...args: string[]) => ['logs', 'query', ...args, '--local', '--config', config]
  const timeOf = (index: number) => new Date(begin + index * 1000).toISOString().replace('T', ' ').slice(0, -1)
  const logOf = (service: string) => `000000000000:${outputs[`${service}LogGroup`]}`
  const ours = (rows: Answer['rows'], service?: string) =>
    rows.filter(
      (row) =>
        row['@message']?.startsWith('planted') === true && (service === undefined || row['@log'] === logOf(service)),
    )
  const messagesOf = (rows: Answer['rows']) => rows.map((row) => row['@message'])

  /** The same answer in all three forms: JSON, CSV with its exact values, and a table with its cost. */
  async function asked(...args: string[]): Promise<Answer> {
    const answer = await cloud.ok<Answer>(...on(...args))
    // Meanwhile the platform may have written lines of its own.
    const csv = csvRows((await cloud.run(on(...args, '--csv'))).stdout)
    assert.deepEqual(Object.keys(csv[0] ?? {}), answer.fields)
    const {stdout} = await cloud.run(on(...args))
    for (const row of ours(answer.rows)) {
      const full = Object.fromEntries(answer.fields.map((field) => [field, row[field] ?? '']))
      assert.ok(
        csv.some((one) => JSON.stringify(one) === JSON.stringify(full)),
        `${JSON.stringify(full)}\n${JSON.stringify(csv)}`,
      )
      assert.ok(stdout.includes(row['@message']?.split('\n')[0] ?? ''), stdout)
    }
    assert.match(stdout, /\d+ lines read; \d+\.\d{3} GB scanned, less than 0\.01 USD at 0\.005 USD a GB\.\n$/)
    return answer
  }

  it('finds the errors of every service, the newest first', async () => {
    const {rows, fields} = await asked('errors-of-all-services')
    assert.deepEqual(fields, ['@timestamp', '@log', '@message'])
    assert.deepEqual(ours(rows), [
      {'@timestamp': timeOf(3), '@log': logOf('Dashboard'), '@message': 'planted ERROR no such chart'},
      {
        '@timestamp': timeOf(2),
        '@log': logOf('Renderer'),
        '@message': 'planted java.lang.IllegalStateException: x',
      },
      {'@timestamp': timeOf(0), '@log': logOf('Pirana'), '@message': 'planted FATAL: no memory'},
    ])
  })

  it('finds requests that took two seconds or more, the slowest first', async () => {
    const {rows} = await asked('slow-requests')
    assert.deepEqual(
      ours(rows).map((row) => [row['took'], row['@message'], row['@log']]),
      [
        ['31000', 'planted GET /huge 200 in 31000ms', logOf('Dashboard')],
        ['2500', 'planted GET /report 200 in 2500 ms', logOf('Dashboard')],
        ['2000', 'planted rendered in 2000 ms', logOf('Renderer')],
      ],
    )
  })

  it('finds runs of the side-load function and what failed in them', async () => {
    const {rows} = await asked('side-load-runs')
    assert.deepEqual(messagesOf(ours(rows)), ['planted copy of a/b.png failed'])
    // The deployment itself had the function prepare the files.
    assert.ok(rows.some((row) => /^REPORT RequestId: .* Duration: /.test(row['@message']?.replaceAll('\t', ' ') ?? '')))
    assert.ok(rows.every((row) => /^REPORT|error|failed/i.test(row['@message'] ?? '')))
  })

  it('finds what was said about the licence, in quotes too', async () => {
    const {rows} = await asked('licence-manager')
    assert.deepEqual(messagesOf(ours(rows)), [
      'planted License checked, "valid" until 2027',
      'planted licence manager cannot be reached',
    ])
  })

  it('finds slow queries of the database, and says what it read', async () => {
    const answer = await cloud.ok<Answer>(...on('slow-database-queries'))
    assert.deepEqual(answer.rows, [
      {'@timestamp': timeOf(1), '@message': slowQuery('12.500000'), seconds: '12.500000'},
      {'@timestamp': timeOf(0), '@message': slowQuery('2.250000'), seconds: '2.250000'},
    ])
    const bytes = (planted['DatabaseSlowQuery'] ?? []).join('').length
    assert.deepEqual([answer.recordsMatched, answer.recordsScanned, answer.bytesScanned], [2, 3, bytes])
    assert.deepEqual(csvRows((await cloud.run(on('slow-database-queries', '--csv'))).stdout), answer.rows)
    const {stdout} = await cloud.run(on('slow-database-queries'))
    assert.match(stdout, /2 rows of 2 that fit, 3 lines read; 0\.000 GB scanned/)
  })

  it('tells when each task began and what it wrote since', async () => {
    const {rows} = await cloud.ok<Answer>(...on('first-lines-of-each-task'))
    const own = rows.filter((row) => row['@logStream'] === 'planted' && row['@log'] === logOf('Dashboard'))
    assert.deepEqual(own, [
      {'@log': logOf('Dashboard'), '@logStream': 'planted', started: timeOf(0), last: timeOf(4), lines: '5'},
    ])
  })

  it('counts by a query of one’s own, and points at the place of one that CloudWatch refuses', async () => {
    const own =
      'filter @message like /^planted/ and not (@message like "GET" or @message like /rendered/)\n' +
      '| stats count(*) as lines, max(strlen(@message)) as longest by bin(52w) as year, @log | sort lines desc | limit 1'
    const {rows} = await cloud.ok<Answer>(...on('--text', own, '--service', 'dashboard', '--service', 'pirana'))
    assert.deepEqual(
      rows.map(({lines, longest, '@log': log}) => [lines, longest, log]),
      [['2', '43', logOf('Dashboard')]],
    )
    const refused = await cloud.fails(2, on('--text', 'fields @message\n| filtr x', '--service', 'dashboard'))
    assert.equal(refused.code, 'QUERY_REFUSED')
    assert.match(refused.message, /filtr at line 2 and position 2[^\n]*\n\| filtr x\n {2}\^$/)
  })
})
