import assert from 'node:assert/strict'
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {Embedded} from '../helpers/e2e.ts'
import {keys, Terminal, type TerminalOptions} from '../helpers/pty/terminal.ts'

const {enter, down, interrupt, wipe} = keys

/** The wizard in a terminal, by what is seen of it. */
describe('init in a terminal', function () {
  this.timeout(240_000)
  let cloud: Embedded
  let folder = ''
  let count = 0
  before(async () => {
    cloud = await Embedded.start()
  })
  beforeEach(() => {
    count += 1
    folder = join(cloud.home, `folder-${count}`)
    mkdirSync(folder)
  })
  after(() => cloud.stop())

  const file = () => join(folder, 'pi-aws.yaml')
  const open = (words: readonly string[] = ['--local'], options: Partial<TerminalOptions> = {}): Terminal => {
    const env = {
      PATH: process.env['PATH'],
      HOME: cloud.home,
      PI_AWS_HOME: cloud.home,
      LANG: 'C.UTF-8',
      ...options.env,
    }
    return new Terminal(['init', ...words], {cwd: folder, ...options, env})
  }
  const drafts = (): readonly string[] =>
    readdirSync(join(cloud.home, 'init'), {recursive: true, encoding: 'utf8'}).filter((name) => name.endsWith('.json'))

  /** Answers all questions of a trial, from the name on, and leaves at the preflight. */
  async function trial(terminal: Terminal): Promise<void> {
    await terminal.answer('? Name of the environment', `trial${enter}`)
    await terminal.answer(/\? Region[^]*navigate/, 'us-west-2')
    await terminal.answer(/❯ us-west-2\s+↑↓ navigate/, enter)
    await terminal.answer(/\? Size[^]*navigate/, `${down}${enter}`)
    await terminal.answer(/\? What tasks run on[^]*navigate/, enter)
    await terminal.answer(/\? Network[^]*navigate/, enter)
    await terminal.answer('? Address range of the VPC (10.20.0.0/16)', enter)
    await terminal.answer(/\? Availability zones[^]*navigate/, enter)
    await terminal.answer(/\? NAT gateways[^]*navigate/, enter)
    await terminal.answer('? Public name of the dashboard', `none${enter}`)
    await terminal.answer(/\? Release of the platform/, enter)
    await terminal.answer('? Address that hears of alarms (none)', `operators@example.com${enter}`)
    await terminal.answer('? Folder with assets (none)', enter)
    await terminal.answer('? Make the foundation now', enter)
    await terminal.sees('Licence: later, by deploy or by pi-aws licence set trial.')
    await terminal.answer('? Run preflight', `n${enter}`)
    assert.equal(await terminal.ended, 0, terminal.text)
  }

  for (const [columns, rows] of [
    [80, 24],
    [200, 50],
  ] as const) {
    it(`leads to a file that flags alone write byte for byte (${columns}x${rows})`, async () => {
      const terminal = open(['--local'], {columns, rows})
      await trial(terminal)
      const written = readFileSync(file(), 'utf8')
      assert.match(
        written,
        /^version: 1\nenvironments:\n {2}trial:\n {4}region: us-west-2\n {4}account: '000000000000'\n/,
      )
      assert.match(written, /preset: standard\n[^]*nat: per-zone\n[^]*notify: operators@example\.com\n/)
      // It showed what hangs on the answers, the quotas of the account, the data sheet, and itself as a command.
      assert.match(terminal.text, /So far: \d+ resources in \d+ stacks, \d+ Fargate vCPU at a release of \d+/)
      assert.match(terminal.text, /trial[^]*Fargate vCPU/)
      const command = /Again by +pi-aws (init trial --yes .*--local)/.exec(
        terminal.text.replaceAll(/\n {6,}/g, ' '),
      )?.[1]
      assert.ok(command !== undefined, terminal.text)
      rmSync(file())
      const again = await cloud.run([...command.split(' '), '--json'], {cwd: folder})
      assert.equal(again.code, 0, again.stderr)
      assert.equal(readFileSync(file(), 'utf8'), written)
      assert.deepEqual(drafts(), [])
    })
  }

  it('is left with Ctrl-C and taken up again, its answers for their owner alone', async () => {
    const first = open()
    await first.answer('? Name of the environment', `prod${enter}`)
    await first.answer(/\? Region[^]*navigate/, enter)
    await first.answer(/\? Size[^]*navigate/, interrupt)
    assert.equal(await first.ended, 130, first.text)
    assert.ok(!existsSync(file()))
    const [draft = ''] = drafts()
    assert.equal(statSync(join(cloud.home, 'init', draft)).mode & 0o777, 0o600)
    const second = open()
    await second.answer('? Go on with prod', enter)
    await second.answer(/\? Size[^]*navigate/, interrupt)
    assert.equal(await second.ended, 130)
    assert.doesNotMatch(second.text, /Name of the environment/)
    const third = open()
    await third.answer('? Go on with prod', `n${enter}`)
    await third.answer('? Name of the environment', interrupt)
    await third.ended
    rmSync(join(cloud.home, 'init', draft))
  })

  it('ends when its window is closed, and keeps what was answered', async () => {
    const terminal = open()
    await terminal.answer('? Name of the environment', `prod${enter}`)
    await terminal.sees(/\? Region[^]*navigate/)
    terminal.close()
    assert.equal(await terminal.ended, 130, terminal.text)
    const [draft = ''] = drafts()
    assert.match(readFileSync(join(cloud.home, 'init', draft), 'utf8'), /"environment":"prod"/)
    rmSync(join(cloud.home, 'init', draft))
  })

  it('takes pasted lines for one answer, and refuses ten thousand characters', async () => {
    const terminal = open()
    await terminal.answer('? Name of the environment', `\u001b[200~one\r\ntwo\nthree\u001b[201~${enter}`)
    await terminal.sees('"one two three" does not fit')
    terminal.type(`${wipe}one\rtwo\rthree\r`)
    await terminal.sees('"one two three" does not fit')
    terminal.type(`${wipe}${'x'.repeat(10_000)}${enter}`)
    await terminal.sees(/characters are too many/)
    terminal.type(`${wipe}prod${enter}`)
    await terminal.answer(/\? Region[^]*navigate/, interrupt)
    assert.equal(await terminal.ended, 130, terminal.text)
  })

  for (const [why, env] of [
    ['a dumb terminal', {TERM: 'dumb'}],
    ['a screen reader', {PI_AWS_PLAIN: '1'}],
  ] as const) {
    it(`asks line by line in ${why}, and nothing is repainted`, async () => {
      const terminal = open(['--local'], {env})
      await terminal.answer('Name of the environment [prod]: ', `${keys.up}${keys.down}plain\n`)
      await terminal.answer(/Region, number or name \[eu-west-1\]: $/, 'nowhere at all\n')
      await terminal.answer(/Not taken: .*AWS region[^]*Region.*: $/, '\n')
      await terminal.answer(/1\. small: [^]*Size, number or name \[small\]: $/, '2\ngarbage\n')
      await terminal.answer(/Left out: 1 more pasted line\.\n[^]*What tasks run on.*: $/, '\n')
      terminal.close()
      assert.notEqual(await terminal.ended, 0)
      assert.doesNotMatch(terminal.raw.replaceAll('\u001b[A', '').replaceAll('\u001b[B', ''), /\u001b\[[^m]*[A-Za-z]/)
      for (const name of drafts()) rmSync(join(cloud.home, 'init', name))
    })
  }

  it('has no colours with NO_COLOR', async () => {
    const terminal = open(['--local'], {env: {NO_COLOR: '1'}})
    await terminal.answer('? Name of the environment', interrupt)
    assert.equal(await terminal.ended, 130)
    assert.doesNotMatch(terminal.raw, /\u001b\[(3\d|9\d)m/)
  })

  it('lets one at a time work on a file', async () => {
    const first = open()
    await first.sees('? Name of the environment')
    const second = await cloud.run(['init', 'other', '--local', '--yes', '--host', 'none', '--json'], {cwd: folder})
    assert.deepEqual([second.code, second.error().code], [11, 'INIT_BUSY'])
    first.type(interrupt)
    await first.ended
  })

  it('takes free text where a lookup is denied', async () => {
    await cloud.permissions({deny: ['ec2:DescribeRegions', 'ec2:DescribeVpcs', 'ec2:DescribeAvailabilityZones']})
    try {
      const terminal = open()
      await terminal.answer('? Name of the environment', `prod${enter}`)
      await terminal.sees(/This cannot be looked up, so type it: [^]*DescribeRegions/)
      await terminal.answer('? Region', enter)
      await terminal.answer(/\? Size[^]*navigate/, enter)
      await terminal.answer(/\? What tasks run on[^]*navigate/, enter)
      await terminal.answer(/DescribeVpcs[^]*\? Network/, enter)
      await terminal.answer('? Address range', interrupt)
      assert.equal(await terminal.ended, 130, terminal.text)
    } finally {
      await cloud.permissions({deny: []})
      for (const name of drafts()) rmSync(join(cloud.home, 'init', name))
    }
  })

  it('changes an environment that is there and keeps the rest of the file', async () => {
    const before =
      '# Ours\nversion: 1\nenvironments:\n  prod: # pays\n    region: eu-west-1\n    preset: small # for now\n    waf: true\n    domain: {httpOnly: true}\n'
    writeFileSync(file(), before)
    const ended = await cloud.run(['init', 'prod', '--local', '--yes', '--preset', 'large', '--json'], {cwd: folder})
    assert.equal(ended.code, 0, ended.stderr)
    const after = readFileSync(file(), 'utf8')
    assert.match(after, /^# Ours\n[^]*prod: # pays|# pays\n[^]*preset: large # for now\n[^]*waf: true\n/)
    assert.match(after, /domain: \{httpOnly: true\}/)
  })

  it('without a terminal asks nothing, and names what is missing', async () => {
    const missing = await cloud.fails(2, ['init', 'prod', '--local'], {cwd: folder})
    assert.deepEqual([missing.code, missing.message.includes('--host')], ['VALUE_MISSING', true])
    const wrong = await cloud.fails(2, ['init', 'prod', '--local', '--host', 'none', '--cidr', '10.0.0.0/8'], {
      cwd: folder,
    })
    assert.deepEqual([wrong.code, wrong.message.includes('--cidr: must be between')], ['INVALID_VALUE', true])
    assert.ok(!existsSync(file()))
  })
})
