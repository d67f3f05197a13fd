import assert from 'node:assert/strict'
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  ExecuteChangeSetCommand,
  type ResourceChange,
} from '@aws-sdk/client-cloudformation'
import {mockClient} from 'aws-sdk-client-mock'
import {createStacks} from '../../src/aws/cloudformation.ts'
import type {ChangeSetRequest} from '../../src/flows/ports.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

const arn = 'arn:aws:cloudformation:eu-west-1:111122223333:changeSet/op-1/a'
const childArn = 'arn:aws:cloudformation:eu-west-1:111122223333:changeSet/op-1-Child/b'
const grandchildArn = 'arn:aws:cloudformation:eu-west-1:111122223333:changeSet/op-1-Grandchild/c'
const request: ChangeSetRequest = {
  stack: 'pi-prod-app',
  name: 'op-1',
  kind: 'UPDATE',
  template: {url: 'https://s3.eu-west-1.amazonaws.com/b/app.yaml'},
  parameters: {ImageTag: {value: '2026_01'}, KeyArn: {previous: true}},
  tags: {'pi:environment': 'prod'},
  token: 'op-1-app',
  description: 'by op-1',
}

describe('change sets of CloudFormation', () => {
  const mock = mockClient(CloudFormationClient)
  const stacks = createStacks(config)

  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('asks for one with nested stacks, a token and values or the previous ones', async () => {
    mock.on(CreateChangeSetCommand).resolves({Id: arn})
    assert.equal(await stacks.createChangeSet(request), arn)
    assert.deepEqual(inputs(mock), [
      {
        StackName: 'pi-prod-app',
        ChangeSetName: 'op-1',
        ChangeSetType: 'UPDATE',
        TemplateURL: 'https://s3.eu-west-1.amazonaws.com/b/app.yaml',
        Parameters: [
          {ParameterKey: 'ImageTag', ParameterValue: '2026_01'},
          {ParameterKey: 'KeyArn', UsePreviousValue: true},
        ],
        Tags: [{Key: 'pi:environment', Value: 'prod'}],
        Capabilities: ['CAPABILITY_IAM'],
        IncludeNestedStacks: true,
        ClientToken: 'op-1-app',
        Description: 'by op-1',
      },
    ])
  })

  it('sends an inline template and a role where they are given', async () => {
    mock.on(CreateChangeSetCommand).resolves({Id: arn})
    await stacks.createChangeSet({...request, kind: 'CREATE', template: {body: 'Resources: {}'}, roleArn: 'arn:role'})
    const [input] = inputs(mock) as [Record<string, unknown>]
    assert.equal(input['TemplateBody'], 'Resources: {}')
    assert.equal(input['RoleARN'], 'arn:role')
    assert.ok(!('TemplateURL' in input))
  })

  it('finds the one that an earlier try with a lost answer made', async () => {
    mock.on(CreateChangeSetCommand).rejects(sdkError('AlreadyExistsException'))
    mock.on(DescribeChangeSetCommand, {StackName: 'pi-prod-app', ChangeSetName: 'op-1'}).resolves({ChangeSetId: arn})
    assert.equal(await stacks.createChangeSet(request), arn)
    assert.equal(mock.commandCalls(CreateChangeSetCommand).length, 1)
  })

  it('folds pages and walks nested change sets, each row with the path of its stack', async () => {
    mock
      .on(DescribeChangeSetCommand, {ChangeSetName: arn})
      .resolvesOnce({
        StackId: 'root',
        Status: 'CREATE_COMPLETE',
        ExecutionStatus: 'AVAILABLE',
        Description: 'by op-1',
        NextToken: 'page-2',
        Changes: [
          change({LogicalResourceId: 'Child', ResourceType: 'AWS::CloudFormation::Stack', ChangeSetId: childArn}),
        ],
      })
      .resolvesOnce({
        StackId: 'root',
        Status: 'CREATE_COMPLETE',
        ExecutionStatus: 'AVAILABLE',
        Description: 'by op-1',
        Changes: [change({LogicalResourceId: 'Topic', ResourceType: 'AWS::SNS::Topic', Action: 'Add'})],
      })
    mock.on(DescribeChangeSetCommand, {ChangeSetName: childArn}).resolves({
      Status: 'CREATE_COMPLETE',
      Changes: [
        change({LogicalResourceId: 'Below', ResourceType: 'AWS::CloudFormation::Stack', ChangeSetId: grandchildArn}),
      ],
    })
    mock.on(DescribeChangeSetCommand, {ChangeSetName: grandchildArn}).resolves({
      Status: 'CREATE_COMPLETE',
      Changes: [
        change({
          LogicalResourceId: 'Files',
          PhysicalResourceId: 'fs-1',
          ResourceType: 'AWS::EFS::FileSystem',
          Replacement: 'Conditional',
          Details: [
            {Target: {Attribute: 'Properties', Name: 'KmsKeyId'}},
            {Target: {Attribute: 'Properties', Name: 'KmsKeyId'}},
            {Target: {Attribute: 'Tags'}},
          ],
        }),
      ],
    })

    const stack = 'AWS::CloudFormation::Stack'
    assert.deepEqual(await stacks.describeChangeSet(arn), {
      arn,
      stackId: 'root',
      state: 'ready',
      description: 'by op-1',
      executed: false,
      changes: [
        {path: [], logicalId: 'Child', type: stack, action: 'Modify', properties: []},
        {path: ['Child'], logicalId: 'Below', type: stack, action: 'Modify', properties: []},
        {
          path: ['Child', 'Below'],
          logicalId: 'Files',
          physicalId: 'fs-1',
          type: 'AWS::EFS::FileSystem',
          action: 'Modify',
          replacement: 'Conditional',
          properties: ['KmsKeyId', 'Tags'],
        },
        {path: [], logicalId: 'Topic', type: 'AWS::SNS::Topic', action: 'Add', properties: []},
      ],
    })
  })

  it('fails rather than to leave out the rows of a child it cannot see', async () => {
    mock.on(DescribeChangeSetCommand, {ChangeSetName: arn}).resolves({
      Status: 'CREATE_COMPLETE',
      Changes: [
        change({LogicalResourceId: 'Child', ResourceType: 'AWS::CloudFormation::Stack', ChangeSetId: childArn}),
      ],
    })
    mock.on(DescribeChangeSetCommand, {ChangeSetName: childArn}).rejects(sdkError('ChangeSetNotFoundException'))
    await assert.rejects(stacks.describeChangeSet(arn), saying('NotFoundError', 'CHANGE_SET_NOT_FOUND'))
  })

  it('does without the children of one that was executed', async () => {
    mock.on(DescribeChangeSetCommand, {ChangeSetName: arn}).resolves({
      Status: 'CREATE_COMPLETE',
      ExecutionStatus: 'EXECUTE_COMPLETE',
      Changes: [
        change({LogicalResourceId: 'Child', ResourceType: 'AWS::CloudFormation::Stack', ChangeSetId: childArn}),
      ],
    })
    mock.on(DescribeChangeSetCommand, {ChangeSetName: childArn}).rejects(sdkError('ChangeSetNotFoundException'))
    const found = await stacks.describeChangeSet(arn)
    assert.equal(found.executed, true)
    assert.deepEqual(
      found.changes.map(({logicalId}) => logicalId),
      ['Child'],
    )
  })

  const states = [
    ['CREATE_PENDING', undefined, 'pending'],
    ['CREATE_IN_PROGRESS', undefined, 'pending'],
    ['CREATE_COMPLETE', undefined, 'ready'],
    [
      'FAILED',
      "The submitted information didn't contain changes. Submit different information to create a change set.",
      'empty',
    ],
    ['FAILED', 'No updates are to be performed.', 'empty'],
    ['FAILED', 'Parameters: [ImageTag] must have values', 'failed'],
    ['FAILED', undefined, 'failed'],
    ['DELETE_COMPLETE', undefined, 'failed'],
  ] as const
  for (const [Status, StatusReason, state] of states) {
    it(`calls ${Status}${StatusReason === undefined ? '' : ` (${StatusReason})`} ${state}`, async () => {
      mock.on(DescribeChangeSetCommand).resolves({Status, ...(StatusReason === undefined ? {} : {StatusReason})})
      assert.equal((await stacks.describeChangeSet(arn)).state, state)
    })
  }

  it('tells of a failed child why it failed', async () => {
    mock.on(DescribeChangeSetCommand, {ChangeSetName: arn}).resolves({
      Status: 'FAILED',
      StatusReason: `Nested change set ${childArn} was not successfully created: Currently in FAILED.`,
    })
    mock
      .on(DescribeChangeSetCommand, {ChangeSetName: childArn})
      .resolves({Status: 'FAILED', StatusReason: 'Template error: no such output'})
    const {state, reason} = await stacks.describeChangeSet(arn)
    assert.equal(state, 'failed')
    assert.match(reason ?? '', /Nested change set .* Template error: no such output$/)
  })

  it('finds one by name, or nothing', async () => {
    mock.on(DescribeChangeSetCommand, {StackName: 's', ChangeSetName: 'op-1'}).resolves({ChangeSetId: arn})
    mock.on(DescribeChangeSetCommand, {ChangeSetName: arn}).resolves({Status: 'CREATE_PENDING', StackId: 'root'})
    mock
      .on(DescribeChangeSetCommand, {StackName: 's', ChangeSetName: 'op-2'})
      .rejects(sdkError('ChangeSetNotFoundException'))
    mock
      .on(DescribeChangeSetCommand, {StackName: 't', ChangeSetName: 'op-1'})
      .rejects(sdkError('ValidationError', 'Stack [t] does not exist'))
    assert.equal((await stacks.findChangeSet('s', 'op-1'))?.arn, arn)
    assert.equal(await stacks.findChangeSet('s', 'op-2'), undefined)
    assert.equal(await stacks.findChangeSet('t', 'op-1'), undefined)
  })

  it('executes with a token and with the rollback switched on in so many words', async () => {
    mock.on(ExecuteChangeSetCommand).resolves({})
    await stacks.executeChangeSet(arn, 'op-1-app')
    assert.deepEqual(inputs(mock), [{ChangeSetName: arn, ClientRequestToken: 'op-1-app', DisableRollback: false}])
  })

  for (const ExecutionStatus of ['EXECUTE_IN_PROGRESS', 'EXECUTE_COMPLETE'] as const) {
    it(`takes a refusal for acceptance when the change set is in ${ExecutionStatus}`, async () => {
      mock.on(ExecuteChangeSetCommand).rejects(sdkError('InvalidChangeSetStatusException'))
      mock.on(DescribeChangeSetCommand).resolves({Status: 'CREATE_COMPLETE', ExecutionStatus})
      await stacks.executeChangeSet(arn, 'op-1-app')
    })
  }

  it('fails when the change set cannot be executed', async () => {
    mock.on(ExecuteChangeSetCommand).rejects(sdkError('InvalidChangeSetStatusException', 'is in OBSOLETE'))
    mock.on(DescribeChangeSetCommand).resolves({Status: 'CREATE_COMPLETE', ExecutionStatus: 'OBSOLETE'})
    await assert.rejects(
      stacks.executeChangeSet(arn, 'op-1-app'),
      saying('FailedError', 'AWS_INVALID_CHANGE_SET_STATUS', /OBSOLETE/),
    )
  })

  it('deletes one, and is content when it is gone already', async () => {
    mock
      .on(DeleteChangeSetCommand)
      .resolvesOnce({})
      .rejectsOnce(sdkError('ChangeSetNotFoundException'))
      .rejectsOnce(sdkError('ValidationError', 'Stack [s] does not exist'))
      .rejectsOnce(sdkError('InvalidChangeSetStatusException'))
    await stacks.deleteChangeSet(arn)
    await stacks.deleteChangeSet(arn)
    await stacks.deleteChangeSet(arn)
    await assert.rejects(stacks.deleteChangeSet(arn), saying('FailedError', 'AWS_INVALID_CHANGE_SET_STATUS'))
  })
})

function change(row: ResourceChange) {
  return {Type: 'Resource' as const, ResourceChange: {Action: 'Modify' as const, ...row}}
}
