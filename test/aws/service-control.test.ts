import assert from 'node:assert/strict'
import {
  DescribeServicesCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import {mockClient} from 'aws-sdk-client-mock'
import {createServiceControl} from '../../src/aws/ecs/service-control.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

const at = new Date('2026-01-02T03:04:05Z')

describe('single services of ECS', () => {
  const mock = mockClient(ECSClient)
  const control = createServiceControl(config)

  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('describes them with their deployments, ten at a time', async () => {
    mock.on(DescribeServicesCommand).callsFake(({services}: {services: string[]}) => ({
      services: services.map((serviceName) => ({
        serviceName,
        taskDefinition: 'arn:t:1',
        enableExecuteCommand: true,
        deployments: [
          {
            ...{id: 'ecs-svc/1', status: 'PRIMARY', taskDefinition: 'arn:t:1', rolloutState: 'IN_PROGRESS'},
            ...{rolloutStateReason: 'in progress', desiredCount: 2, runningCount: 1, pendingCount: 1, failedTasks: 3},
            createdAt: at,
          },
          {},
        ],
      })),
    }))
    const names = Array.from({length: 11}, (_, index) => `s${index}`)
    const found = await control.describe('c', names)
    assert.deepEqual(
      found.map(({name}) => name),
      names,
    )
    assert.deepEqual(
      mock.commandCalls(DescribeServicesCommand).map(({args}) => args[0].input.services?.length),
      [10, 1],
    )
    const [first] = found
    assert.deepEqual([first?.execEnabled, first?.taskDefinition, first?.desired], [true, 'arn:t:1', 0])
    assert.deepEqual(first?.deployments, [
      {
        ...{id: 'ecs-svc/1', status: 'PRIMARY', taskDefinition: 'arn:t:1', state: 'IN_PROGRESS', reason: 'in progress'},
        ...{desired: 2, running: 1, pending: 1, failed: 3, createdAt: '2026-01-02T03:04:05.000Z'},
      },
      {
        ...{id: '', status: '', taskDefinition: '', state: '', reason: ''},
        ...{desired: 0, running: 0, pending: 0, failed: 0, createdAt: ''},
      },
    ])
  })

  it('forces a new deployment and names it', async () => {
    mock
      .on(UpdateServiceCommand)
      .resolvesOnce({
        service: {
          deployments: [
            {id: 'old', status: 'ACTIVE'},
            {id: 'new', status: 'PRIMARY'},
          ],
        },
      })
      .resolvesOnce({})
    assert.equal(await control.redeploy('c', 's'), 'new')
    assert.deepEqual(inputs(mock)[0], {cluster: 'c', service: 's', forceNewDeployment: true})
    await assert.rejects(control.redeploy('c', 's'), saying('FailedError', 'NO_DEPLOYMENT'))
  })

  it('lists what ECS remembers', async () => {
    mock.on(ListServiceDeploymentsCommand).resolves({
      serviceDeployments: [
        {serviceDeploymentArn: 'arn:d2', status: 'IN_PROGRESS', createdAt: at},
        {
          serviceDeploymentArn: 'arn:d1',
          status: 'ROLLBACK_SUCCESSFUL',
          statusReason: 'no',
          startedAt: at,
          finishedAt: at,
        },
      ],
    })
    const iso = '2026-01-02T03:04:05.000Z'
    assert.deepEqual(await control.history('c', 's'), [
      {arn: 'arn:d2', status: 'IN_PROGRESS', createdAt: iso},
      {arn: 'arn:d1', status: 'ROLLBACK_SUCCESSFUL', reason: 'no', createdAt: iso, finishedAt: iso},
    ])
    mock.on(ListServiceDeploymentsCommand).resolves({})
    assert.deepEqual(await control.history('c', 's'), [])
  })

  it('stops a deployment by going back, and says when it cannot', async () => {
    mock.on(StopServiceDeploymentCommand).resolves({})
    await control.stop('arn:d')
    assert.deepEqual(inputs(mock)[0], {serviceDeploymentArn: 'arn:d', stopType: 'ROLLBACK'})
    for (const [name, code] of [
      ['ConflictException', 'DEPLOYMENT_ENDED'],
      ['ServiceDeploymentNotFoundException', 'DEPLOYMENT_ENDED'],
      ['InvalidParameterException', 'NOTHING_TO_GO_BACK_TO'],
      ['UnsupportedFeatureException', 'NOTHING_TO_GO_BACK_TO'],
    ] as const) {
      mock.on(StopServiceDeploymentCommand).rejects(sdkError(name))
      await assert.rejects(control.stop('arn:d'), saying('RefusedError', code))
    }
    mock.on(StopServiceDeploymentCommand).rejects(sdkError('ServerException'))
    await assert.rejects(control.stop('arn:d'), (error: Error) => error.name !== 'RefusedError')
  })
})
