import assert from 'node:assert/strict'
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListServicesCommand,
  ListTasksCommand,
  RunTaskCommand,
} from '@aws-sdk/client-ecs'
import {mockClient} from 'aws-sdk-client-mock'
import {createContainers} from '../../src/aws/ecs.ts'
import type {TaskRequest} from '../../src/flows/ports.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

const at = new Date('2026-01-02T03:04:05Z')
const request: TaskRequest = {
  cluster: 'c',
  taskDefinition: 'seed:1',
  subnetIds: ['subnet-1', 'subnet-2'],
  securityGroupIds: ['sg-1'],
  capacityProvider: 'FARGATE',
  startedBy: 'op-1-seed',
}

describe('containers of ECS', () => {
  const mock = mockClient(ECSClient)
  const containers = createContainers(config)

  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('describes the services of all pages, ten at a time', async () => {
    const arns = Array.from({length: 12}, (_, index) => `s${index}`)
    mock
      .on(ListServicesCommand)
      .resolvesOnce({serviceArns: arns.slice(0, 10), nextToken: 'more'})
      .resolvesOnce({serviceArns: arns.slice(10)})
    mock.on(DescribeServicesCommand).callsFake((input: {services: string[]}) => ({
      services: input.services.map((serviceArn) => ({serviceArn})),
    }))
    assert.deepEqual(
      (await containers.services('c')).map(({arn}) => arn),
      arns,
    )
    assert.deepEqual(
      mock.commandCalls(DescribeServicesCommand).map(({args}) => args[0].input.services?.length),
      [10, 2],
    )
  })

  it('tells of a service its counts and events', async () => {
    mock.on(ListServicesCommand).resolves({serviceArns: ['arn:s']})
    mock.on(DescribeServicesCommand).resolves({
      services: [
        {
          serviceName: 'dashboard',
          serviceArn: 'arn:s',
          status: 'ACTIVE',
          desiredCount: 2,
          runningCount: 1,
          pendingCount: 1,
          events: [{id: 'e1', createdAt: at, message: 'has started 1 tasks'}],
        },
      ],
    })
    assert.deepEqual(await containers.services('c'), [
      {
        name: 'dashboard',
        arn: 'arn:s',
        status: 'ACTIVE',
        desired: 2,
        running: 1,
        pending: 1,
        events: [{id: 'e1', at: '2026-01-02T03:04:05.000Z', message: 'has started 1 tasks'}],
      },
    ])
  })

  it('knows no services and no stopped tasks of a cluster that is gone', async () => {
    mock.rejects(sdkError('ClusterNotFoundException'))
    assert.deepEqual(await containers.services('c'), [])
    assert.deepEqual(await containers.stoppedTasks('c', 's'), [])
  })

  it('starts a task without a public address, named after the operation', async () => {
    mock.on(ListTasksCommand).resolves({taskArns: []})
    mock.on(RunTaskCommand).resolves({tasks: [{taskArn: 'arn:t'}]})
    assert.equal(await containers.runTask(request), 'arn:t')
    const [running, stopped, run] = inputs(mock)
    assert.deepEqual(running, {cluster: 'c', startedBy: 'op-1-seed', desiredStatus: 'RUNNING'})
    assert.deepEqual(stopped, {cluster: 'c', startedBy: 'op-1-seed', desiredStatus: 'STOPPED'})
    const {clientToken, ...rest} = run as {clientToken: string}
    assert.match(clientToken, /^[0-9a-f]{64}$/)
    assert.deepEqual(rest, {
      cluster: 'c',
      taskDefinition: 'seed:1',
      count: 1,
      startedBy: 'op-1-seed',
      capacityProviderStrategy: [{capacityProvider: 'FARGATE', weight: 1}],
      networkConfiguration: {
        awsvpcConfiguration: {subnets: ['subnet-1', 'subnet-2'], securityGroups: ['sg-1'], assignPublicIp: 'DISABLED'},
      },
      propagateTags: 'TASK_DEFINITION',
    })
  })

  for (const desiredStatus of ['RUNNING', 'STOPPED'] as const) {
    it(`adopts the task that an earlier run started, ${desiredStatus}`, async () => {
      mock.on(ListTasksCommand).resolves({taskArns: []})
      mock.on(ListTasksCommand, {desiredStatus}).resolves({taskArns: ['arn:t']})
      assert.equal(await containers.runTask(request), 'arn:t')
      assert.equal(mock.commandCalls(RunTaskCommand).length, 0)
    })
  }

  it('says why a task was not started', async () => {
    mock.on(ListTasksCommand).resolves({})
    mock.on(RunTaskCommand).resolves({failures: [{reason: 'RESOURCE:ENI', detail: 'no addresses'}, {reason: 'AGENT'}]})
    await assert.rejects(
      containers.runTask(request),
      saying('FailedError', 'TASK_NOT_STARTED', /RESOURCE:ENI: no addresses; AGENT$/),
    )
  })

  it('tells how a task ended, once it has', async () => {
    mock
      .on(DescribeTasksCommand, {cluster: 'c', tasks: ['arn:t']})
      .resolvesOnce({tasks: [{taskArn: 'arn:t', lastStatus: 'DEPROVISIONING'}]})
      .resolvesOnce({
        tasks: [
          {
            taskArn: 'arn:t',
            lastStatus: 'STOPPED',
            stoppedReason: 'Essential container in task exited',
            containers: [
              {name: 'seed', exitCode: 1},
              {name: 'log', reason: 'OutOfMemoryError'},
            ],
          },
        ],
      })
    assert.equal(await containers.stoppedTask('c', 'arn:t'), undefined)
    assert.deepEqual(await containers.stoppedTask('c', 'arn:t'), {
      arn: 'arn:t',
      stoppedReason: 'Essential container in task exited',
      containers: [
        {name: 'seed', exitCode: 1},
        {name: 'log', reason: 'OutOfMemoryError'},
      ],
    })
  })

  it('does not wait for a task that ECS has forgotten', async () => {
    mock.on(DescribeTasksCommand).resolves({tasks: [], failures: [{arn: 'arn:t', reason: 'MISSING'}]})
    await assert.rejects(containers.stoppedTask('c', 'arn:t'), saying('NotFoundError', 'TASK_NOT_FOUND'))
  })

  it('lists the stopped tasks of a service, newest first', async () => {
    mock
      .on(ListTasksCommand, {cluster: 'c', serviceName: 's', desiredStatus: 'STOPPED'})
      .resolvesOnce({taskArns: ['t1'], nextToken: 'more'})
      .resolvesOnce({taskArns: ['t2', 't3']})
    mock.on(DescribeTasksCommand, {tasks: ['t1', 't2', 't3']}).resolves({
      tasks: [
        {taskArn: 't1', stoppedAt: new Date(1000)},
        {taskArn: 't2', stoppedAt: new Date(3000)},
        {taskArn: 't3', stoppedAt: new Date(2000)},
      ],
    })
    assert.deepEqual(
      (await containers.stoppedTasks('c', 's')).map(({arn}) => arn),
      ['t2', 't3', 't1'],
    )
  })
})
