import assert from 'node:assert/strict'
import {
  CreateServiceLinkedRoleCommand,
  GetRoleCommand,
  IAMClient,
  ListRolesCommand,
  type Role,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam'
import {mockClient} from 'aws-sdk-client-mock'
import {createPermissions} from '../../src/aws/iam.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

const user = 'arn:aws:iam::111122223333:user/ann'
const session = 'arn:aws:sts::111122223333:assumed-role/Deployer/ann'
const ask = (principal: string, actions: readonly string[]) => ({
  principal,
  actions,
  resources: ['*'],
  context: {'aws:RequestedRegion': 'eu-west-1'},
})

describe('permissions of IAM', () => {
  const mock = mockClient(IAMClient)
  const permissions = createPermissions(config)
  const sources = (): unknown[] =>
    mock.commandCalls(SimulatePrincipalPolicyCommand).map(({args}) => args[0].input.PolicySourceArn)
  const allAllowed = (): unknown => mock.on(SimulatePrincipalPolicyCommand).resolves({EvaluationResults: []})
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('are open where a condition asks for what nobody said, and count then as whoever asks wants', async () => {
    mock.on(SimulatePrincipalPolicyCommand).resolves({
      EvaluationResults: [
        {EvalActionName: 'a:1', EvalDecision: 'implicitDeny', MissingContextValues: ['aws:ResourceTag/team']},
        {EvalActionName: 'a:2', EvalDecision: 'explicitDeny', MissingContextValues: ['aws:ResourceTag/team']},
        {EvalActionName: 'a:3', EvalDecision: 'implicitDeny'},
      ],
    })
    const all = ['a:1', 'a:2', 'a:3']
    assert.deepEqual(await permissions.denied(ask(user, all)), all)
    assert.deepEqual(await permissions.denied({...ask(user, all), undecided: 'allowed'}), ['a:2', 'a:3'])
  })

  it('are simulated in batches, all pages of each, with what conditions ask for', async () => {
    mock
      .on(SimulatePrincipalPolicyCommand)
      .resolvesOnce({
        EvaluationResults: [
          {EvalActionName: 'a:1', EvalDecision: 'allowed'},
          {EvalActionName: 'a:2', EvalDecision: 'implicitDeny'},
        ],
        IsTruncated: true,
        Marker: 'more',
      })
      .resolvesOnce({EvaluationResults: [{EvalActionName: 'a:101', EvalDecision: 'explicitDeny'}]})
      .resolves({EvaluationResults: [{EvalActionName: 'a:3', EvalDecision: 'explicitDeny'}]})
    const actions = Array.from({length: 101}, (_, index) => `a:${index + 1}`)
    const denied = await permissions.denied(ask(user, actions))
    assert.deepEqual(denied.toSorted(), ['a:101', 'a:2', 'a:3'])
    const [first, second] = inputs(mock) as {ActionNames: string[]; ContextEntries: unknown}[]
    assert.equal(first?.ActionNames.length, 100)
    assert.deepEqual(second?.ActionNames, ['a:101'])
    assert.deepEqual(first.ContextEntries, [
      {ContextKeyName: 'aws:RequestedRegion', ContextKeyValues: ['eu-west-1'], ContextKeyType: 'string'},
    ])
  })

  it('of a session are those of its role, path included', async () => {
    allAllowed()
    const Arn = 'arn:aws:iam::111122223333:role/aws-reserved/sso/Deployer'
    mock.on(GetRoleCommand, {RoleName: 'Deployer'}).resolves({Role: {Arn} as Role})
    assert.deepEqual(await permissions.denied(ask(session, ['a:1'])), [])
    assert.deepEqual(sources(), [Arn])
  })

  it('of a session whose role may not be looked at are asked by its name', async () => {
    allAllowed()
    mock.on(GetRoleCommand).rejectsOnce(sdkError('AccessDenied')).resolvesOnce({Role: undefined})
    await permissions.denied(ask(session, ['a:1']))
    await permissions.denied(ask(session, ['a:1']))
    const plain = 'arn:aws:iam::111122223333:role/Deployer'
    assert.deepEqual(sources(), [plain, plain])
  })

  it('of the account itself are not limited by IAM', async () => {
    mock.on(SimulatePrincipalPolicyCommand).rejects(sdkError('InvalidInput', 'Invalid Entity Arn'))
    assert.deepEqual(await permissions.denied(ask('arn:aws:iam::111122223333:root', ['a:1'])), [])
    await assert.rejects(permissions.denied(ask(user, ['a:1'])), saying('FailedError', 'AWS_INVALID_INPUT'))
  })

  it('of somebody whom IAM does not know, or who may not ask, are unknown', async () => {
    mock
      .on(SimulatePrincipalPolicyCommand)
      .rejectsOnce(sdkError('NoSuchEntity'))
      .rejects(sdkError('AccessDenied', 'no'))
    await assert.rejects(
      permissions.denied(ask(user, ['a:1'])),
      saying('NotFoundError', 'PRINCIPAL_NOT_FOUND', /user\/ann/),
    )
    await assert.rejects(
      permissions.denied(ask(user, ['a:1'])),
      saying('AccessError', 'ACCESS_DENIED', /iam:SimulatePrincipalPolicy/),
    )
    mock.on(GetRoleCommand).rejects(sdkError('ServiceFailure'))
    await assert.rejects(permissions.denied(ask(session, ['a:1'])), saying('FailedError', 'AWS_SERVICE_FAILURE'))
  })

  it('list service-linked roles over all pages, and make one unless it is there', async () => {
    mock
      .on(ListRolesCommand)
      .resolvesOnce({Roles: [{RoleName: 'AWSServiceRoleForECS'} as Role], IsTruncated: true, Marker: 'more'})
      .resolvesOnce({Roles: [{RoleName: 'AWSServiceRoleForRDS'} as Role]})
    assert.deepEqual(await permissions.linkedRoles(), ['AWSServiceRoleForECS', 'AWSServiceRoleForRDS'])
    mock
      .on(CreateServiceLinkedRoleCommand)
      .resolvesOnce({})
      .rejectsOnce(sdkError('InvalidInput', 'Service role name AWSServiceRoleForECS has been taken in this account'))
      .rejectsOnce(sdkError('AccessDenied', 'no'))
    await permissions.createLinkedRole('ecs.amazonaws.com')
    await permissions.createLinkedRole('ecs.amazonaws.com')
    await assert.rejects(
      permissions.createLinkedRole('ecs.amazonaws.com'),
      saying('AccessError', 'ACCESS_DENIED', /iam:CreateServiceLinkedRole/),
    )
  })
})
