import assert from 'node:assert/strict'
import {
  DescribeTasksCommand,
  ECSClient,
  ExecuteCommandCommand,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs'
import {mockClient} from 'aws-sdk-client-mock'
import {createContainers} from '../../src/aws/ecs.ts'
import {createTaskControl} from '../../src/aws/ecs/task-control.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

describe('single tasks of ECS', () => {
  const mock = mockClient(ECSClient)
  const tasks = createTaskControl(config)

  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('lists those that run, newest first', async () => {
    mock.on(ListTasksCommand).resolves({taskArns: ['t1', 't2', 't3']})
    mock.on(DescribeTasksCommand).resolves({
      tasks: [
        {taskArn: 't1', lastStatus: 'RUNNING', startedAt: new Date(1000), containers: [{name: 'd', runtimeId: 'r1'}]},
        {taskArn: 't2', lastStatus: 'PENDING'},
        {taskArn: 't3', lastStatus: 'RUNNING', startedAt: new Date(2000), enableExecuteCommand: true},
        {lastStatus: 'RUNNING', containers: [{}]},
      ],
    })
    assert.deepEqual(await tasks.running('c', 's'), [
      {arn: 't3', startedAt: '1970-01-01T00:00:02.000Z', execEnabled: true, containers: []},
      {
        arn: 't1',
        startedAt: '1970-01-01T00:00:01.000Z',
        execEnabled: false,
        containers: [{name: 'd', runtimeId: 'r1'}],
      },
      {arn: '', startedAt: '', execEnabled: false, containers: [{name: '', runtimeId: ''}]},
    ])
    mock.on(ListTasksCommand).resolves({})
    assert.deepEqual(await tasks.running('c', 's'), [])
  })

  it('stops one', async () => {
    mock.on(StopTaskCommand).resolves({})
    await tasks.stop('c', 't', 'why')
    assert.deepEqual(inputs(mock)[0], {cluster: 'c', task: 't', reason: 'why'})
  })

  it('opens a session, and says when the task takes none', async () => {
    const session = {sessionId: 'i', streamUrl: 'wss://u', tokenValue: 't'}
    mock.on(ExecuteCommandCommand).resolvesOnce({session}).resolvesOnce({})
    assert.deepEqual(await tasks.openSession('c', 't', 'd', '/bin/sh'), session)
    assert.deepEqual(inputs(mock)[0], {cluster: 'c', task: 't', container: 'd', command: '/bin/sh', interactive: true})
    assert.deepEqual(await tasks.openSession('c', 't', 'd', 'x'), {sessionId: '', streamUrl: '', tokenValue: ''})
    mock.on(ExecuteCommandCommand).rejects(sdkError('TargetNotConnectedException'))
    await assert.rejects(tasks.openSession('c', 't', 'd', 'x'), saying('RefusedError', 'EXEC_OFF'))
    mock.on(ExecuteCommandCommand).rejects(sdkError('ServerException'))
    await assert.rejects(tasks.openSession('c', 't', 'd', 'x'), (error: Error) => error.name !== 'RefusedError')
  })

  it('gives a one-off task a command of its own', async () => {
    mock.on(ListTasksCommand).resolves({taskArns: []})
    mock.on(RunTaskCommand).resolves({tasks: [{taskArn: 'arn:t'}]})
    await createContainers(config).runTask({
      ...{cluster: 'c', taskDefinition: 'd:1', subnetIds: ['s'], securityGroupIds: ['g'], capacityProvider: 'FARGATE'},
      startedBy: 'pi-exec-1',
      command: {container: 'dashboard', words: ['ls', '-l']},
    })
    const {overrides} = inputs(mock).at(-1) as {overrides: unknown}
    assert.deepEqual(overrides, {containerOverrides: [{name: 'dashboard', command: ['ls', '-l']}]})
  })
})
