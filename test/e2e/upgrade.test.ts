import assert from 'node:assert/strict'
import {chmodSync, readFileSync, writeFileSync} from 'node:fs'
import type {Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {CloudFormationClient, DescribeStacksCommand} from '@aws-sdk/client-cloudformation'
import {parse} from 'yaml'
import type {DeployJson, StatusJson} from '../helpers/e2e-results.ts'
import {Embedded} from '../helpers/e2e.ts'
import {digestOf, registryWith} from '../helpers/image-registry.ts'

interface UpgradeJson {
  readonly state: string
  readonly snapshot?: string
  readonly plan: {
    readonly tag: {readonly from: string; readonly to: string}
    readonly images: readonly {readonly name: string; readonly to: {readonly digest?: string}}[]
    readonly downtime: readonly string[]
    readonly warnings: readonly string[]
  }
}

describe('an upgrade', function () {
  this.timeout(180_000)
  let cloud: Embedded
  let registry: Server
  let config: string
  const on = (...args: string[]) => [...args, '--local', '--config', config]
  const upgrade = (...args: string[]) => cloud.ok<UpgradeJson>(...on('upgrade', 'calm', ...args))
  const inFile = () =>
    (parse(readFileSync(config, 'utf8')) as {environments: {calm: {images: {tag?: string}}}}).environments.calm.images
      .tag
  const running = async () => {
    const {Stacks: [app] = []} = await cloud
      .client(CloudFormationClient)
      .send(new DescribeStacksCommand({StackName: 'pi-calm-app'}))
    return app?.Parameters?.find(({ParameterKey}) => ParameterKey === 'ImageTag')?.ParameterValue
  }

  before(async () => {
    cloud = await Embedded.start()
    registry = await registryWith(['2026_10', '2026_11'])
    const host = `127.0.0.1:${(registry.address() as AddressInfo).port}`
    config = cloud.write(
      'pi-aws.yaml',
      `version: 1\nenvironments:\n  calm:\n    region: eu-west-1\n    domain: {httpOnly: true}\n    images:\n      registry: ${host}/pi-cr # ours\n      tag: 2026_10 # the release\n`,
    )
    await cloud.ok(...on('deploy', 'calm', '--yes'))
  })
  after(async () => {
    registry?.close()
    await cloud?.stop()
  })

  it('is refused for a tag that the registry does not have, and without a yes', async () => {
    const missing = await cloud.fails(12, on('upgrade', 'calm', '--tag', '2026_99', '--yes'))
    assert.equal(missing.code, 'TAG_NOT_FOUND')
    assert.match(missing.message, /pi-cr\/server:2026_99/)
    const unconfirmed = await cloud.fails(2, on('upgrade', 'calm', '--tag', '2026_11'))
    assert.equal(unconfirmed.code, 'CONFIRMATION_MISSING')
    chmodSync(config, 0o444)
    const readOnly = await cloud.fails(12, on('upgrade', 'calm', '--tag', '2026_11', '--yes'))
    chmodSync(config, 0o644)
    assert.equal(readOnly.code, 'CONFIGURATION_UNWRITABLE')
    assert.deepEqual([await running(), inFile()], ['2026_10', '2026_10'])
  })

  it('shows digests, downtime and what does not come back, and changes nothing', async () => {
    const {state, plan} = await upgrade('--tag', '2026_11', '--dry-run')
    assert.deepEqual([state, plan.tag], ['planned', {from: '2026_10', to: '2026_11'}])
    assert.deepEqual(
      plan.images.map(({name, to}) => [name, to.digest]),
      ['server', 'renderer', 'scheduler', 'pirana'].map((name) => [name, digestOf(name, '2026_11')]),
    )
    assert.match(plan.downtime.join(), /503/)
    assert.match(plan.warnings.join(), /schema/)
    assert.deepEqual([await running(), inFile()], ['2026_10', '2026_10'])
  })

  it('takes a snapshot, brings the new release, and keeps the file in step with it', async () => {
    const {state, snapshot = ''} = await upgrade('--tag', '2026_11', '--yes')
    assert.equal(state, 'upgraded')
    assert.deepEqual([await running(), inFile()], ['2026_11', '2026_11'])
    assert.match(readFileSync(config, 'utf8'), /tag: 2026_11 # the release/)
    const {snapshots} = await cloud.ok<{snapshots: readonly {id: string; note: string}[]}>(
      ...on('snapshot', 'list', 'calm'),
    )
    assert.deepEqual(
      snapshots.map(({id, note}) => [id, note]),
      [[snapshot, 'before the upgrade from 2026_10 to 2026_11']],
    )
    assert.equal((await cloud.ok<DeployJson>(...on('deploy', 'calm', '--yes'))).changed, false)
    assert.deepEqual(
      (await cloud.ok<StatusJson>(...on('status', 'calm'))).services.map(({running: now}) => now > 0),
      [...Array<boolean>(4).fill(true)],
    )
    assert.equal((await upgrade('--yes')).state, 'unchanged')
  })

  it('goes back to the tag before', async () => {
    const back = await upgrade('--rollback', '--no-snapshot-first', '--confirm', 'calm')
    assert.deepEqual([back.state, back.plan.tag], ['upgraded', {from: '2026_11', to: '2026_10'}])
    assert.deepEqual([await running(), inFile()], ['2026_10', '2026_10'])
  })

  it('that CloudFormation rolls back leaves tag and file as they were, and says how the data come back', async () => {
    await cloud.fault('AWS::ECS::Service', 'the circuit breaker was triggered')
    const adminer = readFileSync(config, 'utf8').replace(
      '    images:',
      '    services: {adminer: {enabled: true}}\n    images:',
    )
    writeFileSync(config, adminer)
    const error = await cloud.fails(14, on('upgrade', 'calm', '--tag', '2026_11', '--yes', '--consistency', 'live'))
    await cloud.noFaults()
    assert.match(error.suggestions.join('\n'), /If 2026_11 changed the data .*pi-aws restore run \d{8}t/)
    assert.deepEqual([await running(), inFile()], ['2026_10', '2026_10'])
  })
})
