import assert from 'node:assert/strict'
import {type AddressInfo, createServer} from 'node:net'
import {hostname, userInfo} from 'node:os'
import {Embedded, type EventLine} from '../helpers/e2e.ts'
import {pictureOf} from '../helpers/e2e-picture.ts'
import type {DeployJson, ErrorJson, StatusJson} from '../helpers/e2e-results.ts'

const started = (step: string) => (event: EventLine) => event.type === 'step.started' && event['step'] === step
const inStack = (part: string) => (event: EventLine) => event.type === 'stack.event' && event['part'] === part

describe('interrupted, timed out, met by a second one', function () {
  this.timeout(120_000)
  let cloud: Embedded
  let config: string
  const names = ['pause', 'leave', 'term', 'lock', 'race', 'late']
  const on = (...args: string[]) => [...args, '--local', '--config', config]
  const deploy = (name: string, ...more: string[]) =>
    cloud.spawn(on('deploy', name, '--yes', '--output', 'ndjson', ...more))
  const error = (events: readonly EventLine[]) => (events.at(-1) as unknown as ErrorJson).error
  const opIdOf = (events: readonly EventLine[]) =>
    String(events.find(({type}) => type === 'operation.started')?.['opId'])
  const state = async (name: string, opId: string) =>
    (await cloud.ok<{state: string}>(...on('ops', 'show', opId, '--environment', name))).state

  before(async () => {
    cloud = await Embedded.start(0.005)
    config = cloud.config(
      Object.fromEntries(names.map((name, index) => [name, {network: {cidr: `10.${70 + index}.0.0/16`}}])),
    )
  })
  after(() => cloud?.stop())

  it('the first Ctrl-C pauses: exit 13, journaled, the command to go on; ops resume ends it under its own id', async () => {
    const running = deploy('pause')
    await running.until(inStack('network'))
    running.child.kill('SIGINT')
    const ended = await running.ended
    assert.equal(ended.code, 13, ended.stderr)
    const {code, suggestions, exitCode} = error(running.events)
    const opId = opIdOf(running.events)
    assert.deepEqual([code, exitCode], ['PAUSED', 13])
    const resume = `ops resume ${opId} --environment pause`
    assert.ok(
      suggestions.some((line) => line.includes(resume)),
      suggestions.join(),
    )
    assert.equal(await state('pause', opId), 'paused')
    const status = await cloud.run([...on('status', 'pause'), '--json'])
    assert.equal(status.code, 3)
    assert.deepEqual(
      status.json<StatusJson>().unfinished.map((one) => [one.opId, one.state]),
      [[opId, 'paused']],
    )

    const resumed = await cloud.ok<{kind: string; result: DeployJson}>(...on(...resume.split(' ')))
    assert.deepEqual([resumed.kind, resumed.result.opId], ['deploy', opId])
    assert.equal(await state('pause', opId), 'done')
    assert.equal((await cloud.ok<StatusJson>(...on('status', 'pause'))).healthy, true)
    assert.equal((await cloud.fails(12, on('ops', 'resume', opId, '--environment', 'pause'))).code, 'NOT_UNFINISHED')
  })

  it('SIGTERM pauses just as well; what is paused can be given up', async () => {
    const running = deploy('term')
    await running.until(started('files'))
    running.child.kill('SIGTERM')
    assert.equal((await running.ended).code, 13)
    const opId = opIdOf(running.events)
    await cloud.ok(...on('ops', 'abort', opId, '--environment', 'term'))
    assert.equal(await state('term', opId), 'aborted')
    assert.equal((await cloud.fails(12, on('ops', 'resume', opId, '--environment', 'term'))).code, 'NOT_UNFINISHED')
  })

  it('the second Ctrl-C leaves at once: exit 130, while the AWS behind it does not even answer', async () => {
    const running = deploy('leave')
    await running.until(inStack('network'))
    process.kill(cloud.pid, 'SIGSTOP')
    try {
      running.child.kill('SIGINT')
      await running.until((event) => event.type === 'note' && String(event['message']).startsWith('Stopping'))
      const before = Date.now()
      running.child.kill('SIGINT')
      assert.equal((await running.ended).code, 130)
      assert.ok(Date.now() - before < 2000)
    } finally {
      process.kill(cloud.pid, 'SIGCONT')
    }
    const {unlocked, holder} = await cloud.ok<{unlocked: boolean; holder: string}>(...on('ops', 'unlock', 'leave'))
    assert.equal(unlocked, true)
    assert.ok(holder.includes(`(process ${running.child.pid})`), holder)
  })

  it('of two deploys of one environment one works, the other names the holder and ends 11', async () => {
    await Promise.all([late(), early()])
  })

  /** The second comes while the first holds the lock. */
  async function late(): Promise<void> {
    const first = deploy('lock')
    await first.until(({type}) => type === 'operation.started')
    const refused = await cloud.fails(11, on('deploy', 'lock', '--yes'))
    const holder = `${userInfo().username} on ${hostname()} (process ${first.child.pid})`
    assert.ok(refused.message.includes(holder), refused.message)
    assert.ok(refused.message.includes(opIdOf(first.events)))
    assert.equal((await cloud.fails(11, on('destroy', 'lock', '--confirm', 'lock'))).code, 'LOCKED')
    assert.equal((await cloud.fails(11, on('ops', 'unlock', 'lock'))).code, 'HOLDER_MAY_LIVE')
    assert.equal((await first.ended).code, 0)
  }

  /** Both begin at once, and there is no ledger yet to hold a lock. */
  async function early(): Promise<void> {
    const both = [deploy('race'), deploy('race')]
    const ends = await Promise.all(both.map(({ended}) => ended))
    assert.deepEqual(ends.map(({code}) => code).sort(), [0, 11], ends.map(({stdout}) => stdout.slice(-400)).join('\n'))
    const loser = both[ends.findIndex(({code}) => code === 11)]!
    const winner = both[ends.findIndex(({code}) => code === 0)]!
    assert.ok(error(loser.events).message.includes(`(process ${winner.child.pid})`), error(loser.events).message)
    assert.deepEqual(await pictureOf(cloud, 'race'), await pictureOf(cloud, 'pause'))
  }

  it('--timeout ends the wait with 8 and the work goes on; --no-wait does so at the first stack', async () => {
    const late = await cloud.fails(8, on('deploy', 'late', '--yes', '--timeout', '2s'))
    assert.equal(late.code, 'TIMEOUT')
    await cloud.ok(...on('deploy', 'late', '--yes'))
    config = cloud.config({
      late: {network: {cidr: `10.${70 + names.indexOf('late')}.0.0/16`}, services: {renderer: {min: 1, max: 6}}},
    })
    const unwaited = await cloud.fails(8, on('deploy', 'late', '--yes', '--no-wait'))
    assert.equal(unwaited.code, 'NOT_WAITED')
    assert.equal((await cloud.ok<DeployJson>(...on('deploy', 'late', '--yes'))).parts.length, 6)
    const status = await cloud.ok<StatusJson>(...on('status', 'late'))
    assert.deepEqual([status.healthy, status.unfinished], [true, []])
  })

  it('ends a read-only command with 130 at the first Ctrl-C', async () => {
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const {port} = silent.address() as AddressInfo
    try {
      const asked = new Promise((resolve) => silent.once('connection', resolve))
      const running = cloud.spawn(
        ['status', 'late', '--config', config, '--endpoint-url', `http://127.0.0.1:${port}`],
        {
          env: {AWS_ACCESS_KEY_ID: 'somebody', AWS_SECRET_ACCESS_KEY: 'something'},
        },
      )
      await asked
      running.child.kill('SIGINT')
      assert.equal((await running.ended).code, 130)
    } finally {
      silent.close()
    }
  })
})
