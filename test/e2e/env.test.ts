import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {Embedded} from '../helpers/e2e.ts'
import {startOnTerminal} from '../helpers/terminal.ts'

interface EnvironmentRow {
  readonly name: string
  readonly state: string
  readonly configured: boolean
  readonly current: boolean
}

describe('several environments', function () {
  this.timeout(120_000)
  let cloud: Embedded
  let config: string
  const on = (...args: string[]) => [...args, '--local', '--config', config]
  const listed = async (...args: string[]) => {
    const {environments} = await cloud.ok<{environments: readonly EnvironmentRow[]}>(...on('env', 'list', ...args))
    return environments.map(({name, state, configured, current}) => [name, state, configured, current])
  }

  before(async () => {
    cloud = await Embedded.start()
    config = cloud.write(
      'pi-aws.yaml',
      'version: 1\n# ours\nenvironments:\n  one: {region: eu-west-1, domain: {httpOnly: true}}\n  two: {region: eu-west-1}\n  far: {region: eu-west-1, account: "999999999999"}\n',
    )
    await cloud.ok(...on('deploy', 'one', '--part', 'foundation', '--yes'))
  })
  after(() => cloud?.stop())

  it('are listed with what the account has of each', async () => {
    assert.deepEqual(await listed(), [
      ['one', 'kept', true, false],
      ['two', 'absent', true, false],
      ['far', 'elsewhere', true, false],
    ])
    assert.deepEqual(
      (await listed('--offline')).map(([, state]) => state),
      ['unknown', 'unknown', 'unknown'],
    )
    const other = cloud.config({two: {}}, 'other.yaml')
    const {stdout} = await cloud.run(['env', 'list', '--local', '--config', other])
    assert.match(stdout, /one +kept .*not in the file/)
    const shown = await cloud.ok<{state: string; account: string; stacks: readonly {stack: string}[]}>(
      ...on('env', 'show', 'one'),
    )
    assert.deepEqual([shown.state, shown.account, shown.stacks.length], ['kept', '000000000000', 1])
  })

  it('are chosen from by a person on a terminal, and never by a pipeline', async () => {
    assert.equal((await cloud.fails(5, on('env', 'use', 'none'))).code, 'UNKNOWN_ENVIRONMENT')
    assert.equal((await cloud.fails(2, on('env', 'use'))).code, 'ENVIRONMENT_MISSING')
    await cloud.ok(...on('env', 'use', 'one'))
    assert.deepEqual((await listed())[0], ['one', 'kept', true, true])
    assert.equal((await cloud.fails(2, on('outputs'))).code, 'ENVIRONMENT_MISSING')
    const terminal = startOnTerminal(cloud.home, on('outputs', '--name', 'RecordsBucket'))
    assert.equal(await terminal.ended, 0, terminal.screen)
    assert.match(terminal.screen, /pi-one-foundation-recordsbucket/)
    assert.match(terminal.screen, /Environment one, as env use chose it/)
    await cloud.ok(...on('env', 'use', '--none'))
    assert.deepEqual((await listed())[0], ['one', 'kept', true, false])
  })

  it('leave the file alone, and never AWS', async () => {
    assert.equal((await cloud.fails(12, on('env', 'remove', 'one', '--yes'))).code, 'STACKS_STAND')
    assert.equal((await cloud.fails(2, on('env', 'remove', 'two'))).code, 'CONFIRMATION_MISSING')
    assert.equal((await cloud.fails(2, ['env', 'remove', 'demo', '--local', '--yes'])).code, 'CONFIG_MISSING')
    await cloud.ok(...on('env', 'remove', 'two', '--yes'))
    await cloud.ok(...on('env', 'remove', 'one', '--yes', '--forget'))
    const text = readFileSync(config, 'utf8')
    assert.match(text, /# ours/)
    assert.doesNotMatch(text, /one:|two:/)
    assert.deepEqual(await listed(), [
      ['far', 'elsewhere', true, false],
      ['one', 'kept', false, false],
    ])
  })
})
