import assert from 'node:assert/strict'
import {
  CloudFormationClient,
  ContinueUpdateRollbackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  GetStackPolicyCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation'
import {mockClient} from 'aws-sdk-client-mock'
import {createStacks} from '../../src/aws/cloudformation.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

const id = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/pi-prod-network/1'
const created = new Date('2026-01-02T03:04:05Z')

describe('stacks of CloudFormation', () => {
  const mock = mockClient(CloudFormationClient)
  const stacks = createStacks(config)
  const absent = sdkError('ValidationError', 'Stack with id pi-prod-network does not exist')

  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('describes a stack with its parameters, outputs and tags as records', async () => {
    mock.on(DescribeStacksCommand).resolves({
      Stacks: [
        {
          StackId: id,
          StackName: 'pi-prod-network',
          StackStatus: 'UPDATE_COMPLETE',
          StackStatusReason: '',
          CreationTime: created,
          LastUpdatedTime: new Date('2026-02-02T03:04:05Z'),
          Parameters: [{ParameterKey: 'EnvironmentName', ParameterValue: 'prod'}],
          Outputs: [{OutputKey: 'VpcId', OutputValue: 'vpc-1'}],
          Tags: [{Key: 'pi:environment', Value: 'prod'}],
          EnableTerminationProtection: true,
        },
      ],
    })
    assert.deepEqual(await stacks.describe('pi-prod-network'), {
      id,
      name: 'pi-prod-network',
      status: 'UPDATE_COMPLETE',
      createdAt: '2026-01-02T03:04:05.000Z',
      updatedAt: '2026-02-02T03:04:05.000Z',
      parameters: {EnvironmentName: 'prod'},
      outputs: {VpcId: 'vpc-1'},
      tags: {'pi:environment': 'prod'},
      terminationProtection: true,
    })
    assert.deepEqual(inputs(mock), [{StackName: 'pi-prod-network'}])
  })

  it('knows no stack where CloudFormation says in words that there is none', async () => {
    mock.rejects(absent)
    assert.equal(await stacks.describe('pi-prod-network'), undefined)
    assert.deepEqual(await stacks.resources('pi-prod-network'), [])
    await assert.rejects(
      stacks.template('pi-prod-network'),
      saying('NotFoundError', 'STACK_NOT_FOUND', /pi-prod-network/),
    )
  })

  it('does not take another validation error for an absent stack', async () => {
    mock.on(DescribeStacksCommand).rejects(sdkError('ValidationError', 'Stack name is too long', {requestId: 'r-1'}))
    await assert.rejects(
      stacks.describe('x'),
      saying('FailedError', 'AWS_VALIDATION_ERROR', /Stack name is too long.*request r-1/),
    )
  })

  it('refuses to guess at a status it does not know', async () => {
    const stack = {
      StackId: id,
      StackName: 'x',
      StackStatus: 'EXPRESS_COMPLETE' as 'CREATE_COMPLETE',
      CreationTime: created,
    }
    mock.on(DescribeStacksCommand).resolves({Stacks: [stack]})
    await assert.rejects(stacks.describe('x'), saying('FailedError', 'STACK_STATUS_UNKNOWN', /EXPRESS_COMPLETE/))
  })

  it('lists the stacks of all pages by prefix, without children and deleted ones', async () => {
    const stack = (StackName: string, more: object = {}) => ({
      StackName,
      StackStatus: 'CREATE_COMPLETE' as const,
      CreationTime: created,
      ...more,
    })
    mock
      .on(DescribeStacksCommand)
      .resolvesOnce({
        Stacks: [stack('pi-prod-app'), stack('other'), stack('pi-prod-app-Cluster-X', {ParentId: id})],
        NextToken: 'more',
      })
      .resolvesOnce({Stacks: [stack('pi-prod-files'), stack('pi-old', {StackStatus: 'DELETE_COMPLETE'})]})
    assert.deepEqual(
      (await stacks.list('pi-')).map(({name}) => name),
      ['pi-prod-app', 'pi-prod-files'],
    )
    assert.equal(mock.calls().length, 2)
  })

  it('lists the resources of all pages', async () => {
    mock
      .on(ListStackResourcesCommand)
      .resolvesOnce({
        StackResourceSummaries: [
          {
            LogicalResourceId: 'Vpc',
            PhysicalResourceId: 'vpc-1',
            ResourceType: 'AWS::EC2::VPC',
            ResourceStatus: 'CREATE_COMPLETE',
            LastUpdatedTimestamp: created,
          },
        ],
        NextToken: 'more',
      })
      .resolvesOnce({
        StackResourceSummaries: [
          {
            LogicalResourceId: 'Nat',
            ResourceType: 'AWS::EC2::NatGateway',
            ResourceStatus: 'CREATE_IN_PROGRESS',
            ResourceStatusReason: 'Resource creation Initiated',
            LastUpdatedTimestamp: created,
          },
        ],
      })
    assert.deepEqual(await stacks.resources('s'), [
      {logicalId: 'Vpc', physicalId: 'vpc-1', type: 'AWS::EC2::VPC', status: 'CREATE_COMPLETE'},
      {
        logicalId: 'Nat',
        physicalId: '',
        type: 'AWS::EC2::NatGateway',
        status: 'CREATE_IN_PROGRESS',
        reason: 'Resource creation Initiated',
      },
    ])
  })

  it('reads the template as it was sent, and no policy where there is none', async () => {
    mock.on(GetTemplateCommand).resolves({TemplateBody: 'Resources: {}'})
    mock.on(GetStackPolicyCommand).resolvesOnce({}).resolvesOnce({StackPolicyBody: '{}'})
    assert.equal(await stacks.template('s'), 'Resources: {}')
    assert.equal(await stacks.stackPolicy('s'), undefined)
    assert.equal(await stacks.stackPolicy('s'), '{}')
    assert.deepEqual(inputs(mock)[0], {StackName: 's', TemplateStage: 'Original'})
  })

  it('sends policy, protection, deletion, rollback and cancellation in the shapes CloudFormation takes', async () => {
    mock.resolves({})
    await stacks.setStackPolicy('s', '{"Statement":[]}')
    await stacks.setTerminationProtection('s', false)
    await stacks.deleteStack('s', 'op-1')
    await stacks.deleteStack('s', 'op-2', {retain: ['Files'], roleArn: 'arn:aws:iam::1:role/r'})
    await stacks.continueRollback('s', 'op-3', [])
    await stacks.continueRollback('s', 'op-4', ['Child.Queue'])
    await stacks.cancelUpdate('s', 'op-5')
    assert.deepEqual(inputs(mock), [
      {StackName: 's', StackPolicyBody: '{"Statement":[]}'},
      {StackName: 's', EnableTerminationProtection: false},
      {StackName: 's', ClientRequestToken: 'op-1'},
      {StackName: 's', ClientRequestToken: 'op-2', RetainResources: ['Files'], RoleARN: 'arn:aws:iam::1:role/r'},
      {StackName: 's', ClientRequestToken: 'op-3'},
      {StackName: 's', ClientRequestToken: 'op-4', ResourcesToSkip: ['Child.Queue']},
      {StackName: 's', ClientRequestToken: 'op-5'},
    ])
  })

  it('takes a token that was used already for the acceptance of an earlier try', async () => {
    mock.on(DeleteStackCommand).rejects(sdkError('TokenAlreadyExistsException'))
    mock.on(ContinueUpdateRollbackCommand).rejects(sdkError('TokenAlreadyExistsException'))
    await stacks.deleteStack('s', 'op-1')
    await stacks.continueRollback('s', 'op-1', [])
  })

  it('passes on in words why a stack cannot be deleted', async () => {
    mock
      .on(DeleteStackCommand)
      .rejects(sdkError('ValidationError', 'Stack [s] cannot be deleted while TerminationProtection is enabled'))
    await assert.rejects(
      stacks.deleteStack('s', 'op-1'),
      saying('FailedError', 'AWS_VALIDATION_ERROR', /TerminationProtection/),
    )
  })
})
