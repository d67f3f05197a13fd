import assert from 'node:assert/strict'
import {readdirSync, renameSync} from 'node:fs'
import {join} from 'node:path'
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListServicesCommand,
  ListTasksCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import {ListSecretsCommand, SecretsManagerClient} from '@aws-sdk/client-secrets-manager'
import {ZipFile} from 'yazl'
import {buffer} from 'node:stream/consumers'
import {Embedded, eventually} from '../helpers/e2e.ts'
import {PatchedPackage} from '../helpers/e2e-package.ts'
import {pictureOf} from '../helpers/e2e-picture.ts'
import type {DeployJson, DiagnoseJson, StatusJson} from '../helpers/e2e-results.ts'

describe('when AWS fails', function () {
  this.timeout(120_000)
  let cloud: Embedded
  let config: string
  let outputs: Readonly<Record<string, string>>
  const network = (index: number) => ({network: {cidr: `10.${20 + index}.0.0/16`}})
  const on = (...args: string[]) => [...args, '--local', '--config', config]
  const write = (hard: object = {}) =>
    cloud.config({calm: network(0), hard: {...network(1), ...hard}, bare: network(2)})

  before(async () => {
    cloud = await Embedded.start()
    config = write()
    outputs = (await cloud.ok<DeployJson>(...on('deploy', 'calm', '--yes'))).outputs
  })
  afterEach(() => cloud.noFaults())
  after(() => cloud?.stop())

  const services = async (environmentOutputs: Readonly<Record<string, string>>) => {
    const cluster = environmentOutputs['ClusterName'] ?? ''
    const {serviceArns = []} = await cloud.client(ECSClient).send(new ListServicesCommand({cluster}))
    return (
      (await cloud.client(ECSClient).send(new DescribeServicesCommand({cluster, services: serviceArns}))).services ?? []
    )
  }

  describe('in the middle of the first deploy', () => {
    const faults = [
      ['foundation', 'AWS::KMS::Key', 'The request was denied by the key quota of this account'],
      ['network', 'AWS::EC2::NatGateway', 'The maximum number of addresses has been reached'],
      ['files', 'AWS::Lambda::Function', 'The unreserved concurrency of this account is below its minimum'],
      ['database', 'AWS::RDS::DBInstance', 'Cannot create a db.t4g.medium: insufficient capacity in eu-west-1a'],
      ['app', 'AWS::ECS::Service', 'Unable to assume the service linked role'],
      ['operations', 'AWS::Backup::BackupSelection', 'The selection is malformed'],
    ] as const
    for (const [part, type, reason] of faults) {
      it(`${part}: names the first cause and ends 14; the next deploy gets past it`, async () => {
        // Files and database are made side by side: both fail, and what is told is the first of them.
        if (part === 'files') await cloud.fault('AWS::RDS::DBInstance', 'a fault beside it')
        await cloud.fault(type, reason)
        const error = await cloud.fails(14, on('deploy', 'hard', '--yes'))
        assert.equal(error.code, 'STACK_ROLLED_BACK')
        assert.ok(error.message.includes(`pi-hard-${part}`), error.message)
        assert.ok(error.message.includes(type) && error.message.includes(reason), error.message)
      })
    }

    it('in the end all is as if nothing had failed', async () => {
      const hard = await cloud.ok<DeployJson>(...on('deploy', 'hard', '--yes'))
      assert.deepEqual(await pictureOf(cloud, 'hard'), await pictureOf(cloud, 'calm'))
      const status = await cloud.ok<StatusJson>(...on('status', 'hard'))
      assert.deepEqual([status.healthy, status.unfinished, hard.parts.length], [true, [], 6])
    })

    it('and no secret of a generation that never was stays behind', async () => {
      const {SecretList = []} = await cloud.client(SecretsManagerClient).send(new ListSecretsCommand({MaxResults: 100}))
      const of = (name: string) => SecretList.filter(({Name}) => Name?.startsWith(`pi-${name}-`)).length
      assert.equal(of('hard'), of('calm'))
    })
  })

  describe('later', () => {
    it('in an update: everything is as it was, and the next deploy does it', async () => {
      const before = await pictureOf(cloud, 'hard')
      config = write({services: {renderer: {environment: {PAN_LOG: 'debug'}}}})
      await cloud.fault('AWS::ECS::TaskDefinition', 'Too many concurrent attempts to create a new revision')
      const error = await cloud.fails(14, on('deploy', 'hard', '--yes'))
      assert.match(error.message, /Task.*\(AWS::ECS::TaskDefinition\).*Too many concurrent attempts/)
      const status = await cloud.run([...on('status', 'hard'), '--json'])
      assert.ok(status.json<StatusJson>().services.every(({running, desired}) => running === desired && running > 0))
      await cloud.ok(...on('deploy', 'hard', '--yes'))
      const after = await pictureOf(cloud, 'hard')
      assert.deepEqual(Object.keys(after), Object.keys(before))
      assert.equal((await cloud.ok<StatusJson>(...on('status', 'hard'))).healthy, true)
    })

    it('an update whose rollback fails too: diagnose says what hangs, and only what is named is left as it is', async () => {
      const service = 'AWS::ECS::Service'
      const hang = (times: number) => cloud.fault(service, 'The service does not answer', times, 'update')
      config = write({services: {renderer: {environment: {PAN_LOG: 'trace'}}}})
      await hang(2)
      assert.equal((await cloud.fails(15, on('deploy', 'hard', '--yes'))).code, 'STACK_STUCK')
      const told = (await cloud.run([...on('diagnose', 'hard'), '--json'])).json<DiagnoseJson>().findings
      assert.match(told[0]?.evidence.join() ?? '', /the rollback hangs on Renderer\.EcsService .*does not answer/)
      await hang(1)
      const again = await cloud.fails(15, on('deploy', 'hard', '--continue-rollback'))
      assert.match(again.suggestions.join(), /--continue-rollback --skip-resource Renderer\.EcsService/)
      const skip = (...what: string[]) => on('deploy', 'hard', '--continue-rollback', '--skip-resource', ...what)
      assert.equal((await cloud.fails(12, skip('Renderer.Task'))).code, 'NOT_STUCK')
      assert.equal((await cloud.fails(2, skip('Renderer.EcsService'))).code, 'CONFIRMATION_MISSING')
      await cloud.ok(...skip('Renderer.EcsService', '--confirm', 'hard'))
      assert.equal((await cloud.ok<StatusJson>(...on('status', 'hard'))).healthy, true)
    })

    it('an update that is over while what it replaced does not go: 3, and diagnose goes on naming it', async () => {
      config = write({services: {renderer: {environment: {PAN_LOG: 'info'}}}})
      await cloud.fault('AWS::ECS::TaskDefinition', 'The definition is in use', 1, 'delete')
      const ended = await cloud.run([...on('deploy', 'hard', '--yes'), '--json'])
      const [left] = ended.json<DeployJson>().leftovers ?? []
      assert.deepEqual(
        [ended.code, left?.type, left?.reason],
        [3, 'AWS::ECS::TaskDefinition', 'The definition is in use'],
      )
      const told = await cloud.run([...on('diagnose', 'hard'), '--json'])
      assert.equal(told.code, 3)
      assert.match(told.stdout, /what an update replaced could not be removed/)
    })

    it('a task never starts on a generation that is not there, and says so', async () => {
      const generation = join(cloud.stateDir, 'efs', outputs['FileSystemId'] ?? '', 'gen', '1')
      const [cluster = '', service = ''] = [outputs['ClusterName'], outputs['SchedulerServiceName']]
      const ecs = cloud.client(ECSClient)
      renameSync(generation, `${generation}.away`)
      try {
        await ecs.send(new UpdateServiceCommand({cluster, service, forceNewDeployment: true}))
        const reason = await eventually(async () => {
          const {taskArns = []} = await ecs.send(
            new ListTasksCommand({cluster, serviceName: service, desiredStatus: 'STOPPED'}),
          )
          const {tasks = []} = await ecs.send(new DescribeTasksCommand({cluster, tasks: taskArns}))
          return tasks.find(({stoppedReason}) => stoppedReason?.includes('/gen/1/'))?.stoppedReason
        })
        assert.match(reason, /No such file or directory/)
      } finally {
        renameSync(`${generation}.away`, generation)
      }
      await ecs.send(new UpdateServiceCommand({cluster, service, forceNewDeployment: true}))
      await eventually(async () =>
        (await services(outputs)).every((one) => one.runningCount === 1) ? true : undefined,
      )
    })

    it('with prepare left out the deploy stops before the platform starts, and says why', async () => {
      const forgetful = new ZipFile()
      const code = 'exports.handler = async () => ({ok: true, directories: []})'
      forgetful.addBuffer(Buffer.from(code), 'index.js')
      forgetful.end()
      const zip = await buffer(forgetful.outputStream)
      const other = new PatchedPackage().write('dist/lambda/sideload.zip', zip)
      try {
        const error = await cloud.fails(1, on('deploy', 'bare', '--yes'), {package: other.root})
        assert.equal(error.code, 'TASK_FAILED')
        assert.match(error.message, /Files: defaults of the image.*\/gen\/1.*No such file or directory/)
      } finally {
        other.remove()
      }
      const bare = await cloud.ok<{outputs: Record<string, string>}>(...on('outputs', 'bare'))
      assert.equal(bare.outputs['Quiesced'], 'true')
      assert.deepEqual(
        (await services(bare.outputs)).map(({desiredCount, runningCount}) => [desiredCount, runningCount]),
        [
          [0, 0],
          [0, 0],
          [0, 0],
          [0, 0],
        ],
      )
      assert.deepEqual(readdirSync(join(cloud.stateDir, 'efs', bare.outputs['FileSystemId'] ?? '')), [])
      const status = await cloud.run([...on('status', 'bare'), '--json'])
      assert.equal(status.code, 3)
      assert.match(status.json<StatusJson>().problems.join(), /quiesced/)

      await cloud.ok(...on('deploy', 'bare', '--yes'))
      assert.deepEqual(await pictureOf(cloud, 'bare'), await pictureOf(cloud, 'calm'))
    })

    it('a deploy whose reader goes away goes on to its end', async () => {
      config = write({services: {renderer: {environment: {PAN_LOG: 'info'}}}})
      const running = cloud.spawn(on('deploy', 'hard', '--yes', '--output', 'ndjson'))
      await running.until((_event, count) => count >= 5)
      running.child.stdout.destroy()
      running.child.stderr.destroy()
      assert.equal((await running.ended).code, 0)
      assert.equal((await cloud.ok<DeployJson>(...on('deploy', 'hard', '--yes'))).changed, false)
    })

    it('a reader that closes at once is no failure of a read-only command', async () => {
      for (const command of [
        ['status', 'hard', '--json'],
        ['outputs', 'hard'],
        ['plan', 'hard'],
        ['ops', 'list', 'hard'],
      ]) {
        const running = cloud.spawn(on(...command))
        running.child.stdout.destroy()
        const {code, stderr} = await running.ended
        assert.deepEqual([code, /EPIPE|Error/.test(stderr)], [0, false], `${command.join(' ')}: ${stderr}`)
      }
    })
  })
})
