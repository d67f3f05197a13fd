import {
  type ChangeSetStatus,
  type CloudFormationClient,
  CreateChangeSetCommand,
  type CreateChangeSetCommandInput,
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  type DescribeChangeSetCommandOutput,
  ExecuteChangeSetCommand,
  type ResourceChange,
} from '@aws-sdk/client-cloudformation'
import type {Change, ChangeSet} from '../../domain/change-set.ts'
import {FailedError, NotFoundError} from '../../domain/errors.ts'
import type {ChangeSetRequest, ParameterValue, Stacks} from '../../flows/ports.ts'
import {isNamed, saysNotThere} from '../errors.ts'
import {present} from '../present.ts'

/** The half of the port that is about change sets. */
export function changeSetsOf(
  client: CloudFormationClient,
): Pick<Stacks, 'createChangeSet' | 'findChangeSet' | 'describeChangeSet' | 'executeChangeSet' | 'deleteChangeSet'> {
  return {
    createChangeSet: (request) => create(client, request),
    findChangeSet: (stack, name) => find(client, stack, name),
    async describeChangeSet(arn) {
      try {
        return await describe(client, arn)
      } catch (error) {
        if (!isGone(error)) throw error
        throw new NotFoundError(`There is no change set ${arn} any more.`, {code: 'CHANGE_SET_NOT_FOUND', cause: error})
      }
    },
    executeChangeSet: (arn, token) => execute(client, arn, token),
    async deleteChangeSet(arn) {
      try {
        await client.send(new DeleteChangeSetCommand({ChangeSetName: arn}))
      } catch (error) {
        if (!isGone(error)) throw error
      }
    },
  }
}

async function create(client: CloudFormationClient, request: ChangeSetRequest): Promise<string> {
  const named = {StackName: request.stack, ChangeSetName: request.name}
  try {
    const answer = await client.send(new CreateChangeSetCommand({...named, ...inputOf(request)}))
    if (answer.Id !== undefined) return answer.Id
  } catch (error) {
    if (!isNamed(error, 'AlreadyExists')) throw error
  }
  // An earlier try got through although its answer was lost.
  const found = await client.send(new DescribeChangeSetCommand(named))
  if (found.ChangeSetId !== undefined) return found.ChangeSetId
  throw new FailedError(`CloudFormation gave the change set ${request.name} no id.`, {code: 'CHANGE_SET_WITHOUT_ID'})
}

function inputOf(request: ChangeSetRequest): Omit<CreateChangeSetCommandInput, 'StackName' | 'ChangeSetName'> {
  const {template, roleArn} = request
  return {
    ChangeSetType: request.kind,
    ...('body' in template ? {TemplateBody: template.body} : {TemplateURL: template.url}),
    Parameters: Object.entries(request.parameters).map(([name, value]) => parameterOf(name, value)),
    Tags: Object.entries(request.tags).map(([Key, Value]) => ({Key, Value})),
    Capabilities: ['CAPABILITY_IAM'],
    IncludeNestedStacks: true,
    ClientToken: request.token,
    Description: request.description,
    RoleARN: roleArn,
  }
}

function parameterOf(name: string, value: ParameterValue) {
  return 'previous' in value
    ? {ParameterKey: name, UsePreviousValue: true}
    : {ParameterKey: name, ParameterValue: value.value}
}

async function find(client: CloudFormationClient, stack: string, name: string): Promise<ChangeSet | undefined> {
  try {
    const {ChangeSetId: arn} = await client.send(new DescribeChangeSetCommand({StackName: stack, ChangeSetName: name}))
    return arn === undefined ? undefined : await describe(client, arn)
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

async function describe(client: CloudFormationClient, arn: string): Promise<ChangeSet> {
  const {head, rows} = await wholeOf(client, arn)
  const reason = await reasonOf(client, head)
  const state = stateOf(head.Status, reason)
  const executed = wasExecuted(head)
  return {
    arn,
    stackId: head.StackId ?? '',
    state,
    ...present({reason, description: head.Description}),
    executed,
    changes: state === 'ready' ? await changesOf(client, rows, [], executed) : [],
  }
}

function wasExecuted(head: DescribeChangeSetCommandOutput): boolean {
  return head.ExecutionStatus?.startsWith('EXECUTE_') ?? false
}

function isGone(error: unknown): boolean {
  return isNamed(error, 'ChangeSetNotFound') || saysNotThere(error)
}

/** All pages of one change set. */
async function wholeOf(client: CloudFormationClient, arn: string) {
  const rows: ResourceChange[] = []
  let token: string | undefined
  let head: DescribeChangeSetCommandOutput
  do {
    head = await pageOf(client, arn, token)
    for (const {ResourceChange: row} of head.Changes ?? []) if (row !== undefined) rows.push(row)
    token = head.NextToken
  } while (token !== undefined)
  return {head, rows}
}

async function pageOf(
  client: CloudFormationClient,
  arn: string,
  token: string | undefined,
): Promise<DescribeChangeSetCommandOutput> {
  return client.send(new DescribeChangeSetCommand({ChangeSetName: arn, NextToken: token}))
}

/** CloudFormation calls a change set without changes failed; these are its wordings. */
const nothingToChange = /didn't contain changes|no updates are to be performed|no changes to (make|deploy|perform)/i

function stateOf(status: ChangeSetStatus | undefined, reason: string | undefined): ChangeSet['state'] {
  switch (status) {
    case 'CREATE_PENDING':
    case 'CREATE_IN_PROGRESS':
      return 'pending'
    case 'CREATE_COMPLETE':
      return 'ready'
    default:
      return reason !== undefined && nothingToChange.test(reason) ? 'empty' : 'failed'
  }
}

/** Of a failed child the parent says only its ARN; the reason is added from the child, down to the last one. */
async function reasonOf(
  client: CloudFormationClient,
  head: DescribeChangeSetCommandOutput,
): Promise<string | undefined> {
  const reason = head.StatusReason
  if (head.Status !== 'FAILED' || reason === undefined) return reason
  const nested = /Nested change set (arn:\S+?) was not successfully created/.exec(reason)?.[1]
  if (nested === undefined) return reason
  const child = await pageOf(client, nested, undefined)
  const below = await reasonOf(client, child)
  return below === undefined ? reason : `${reason} ${below}`
}

/** @param executed whether children may be gone: CloudFormation drops them some time after the execution */
async function changesOf(
  client: CloudFormationClient,
  rows: readonly ResourceChange[],
  path: readonly string[],
  executed: boolean,
): Promise<readonly Change[]> {
  const changes: Change[] = []
  for (const row of rows) {
    const change = changeOf(row, path)
    changes.push(change)
    if (row.ChangeSetId === undefined) continue
    try {
      const child = await wholeOf(client, row.ChangeSetId)
      changes.push(...(await changesOf(client, child.rows, [...path, change.logicalId], executed)))
    } catch (error) {
      if (!executed || !isGone(error)) throw error
    }
  }
  return changes
}

function changeOf(row: ResourceChange, path: readonly string[]): Change {
  const properties = (row.Details ?? []).map(({Target: target}) =>
    target?.Attribute === 'Properties' ? target.Name : target?.Attribute,
  )
  return {
    path,
    logicalId: row.LogicalResourceId ?? '',
    ...present({physicalId: row.PhysicalResourceId}),
    type: row.ResourceType ?? '',
    // SyncWithActual brings a drifted resource back: for a reader that is a modification.
    action: row.Action === undefined ? 'Dynamic' : row.Action === 'SyncWithActual' ? 'Modify' : row.Action,
    ...(row.Replacement === undefined ? {} : {replacement: row.Replacement}),
    properties: [...new Set(properties.filter((name) => name !== undefined))],
  }
}

/** Always says that a failure is to be rolled back, since the API's documented default is the opposite. */
async function execute(client: CloudFormationClient, arn: string, token: string): Promise<void> {
  try {
    await client.send(
      new ExecuteChangeSetCommand({ChangeSetName: arn, ClientRequestToken: token, DisableRollback: false}),
    )
  } catch (error) {
    if (!isNamed(error, 'InvalidChangeSetStatus', 'TokenAlreadyExists')) throw error
    if (!wasExecuted(await pageOf(client, arn, undefined))) throw error
  }
}
