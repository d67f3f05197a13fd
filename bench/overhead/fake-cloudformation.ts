import {once} from 'node:events'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {text} from 'node:stream/consumers'

/** How long CloudFormation takes, in ms. */
export interface Imposed {
  readonly changeSet: number
  readonly stack: number
}

export interface FakeCloudFormation {
  readonly url: string
  /** Requests so far. */
  readonly requests: number
  /** Those that came while the stack was being made. */
  readonly requestsWhileRunning: number
  close(): void
}

interface Stack {
  readonly name: string
  changeSetReadyAt: number
  executedAt?: number
  policy?: string
  terminationProtection: boolean
}

type Answer = {readonly result: string} | {readonly code: string; readonly message: string}

const namespace = 'http://cloudformation.amazonaws.com/doc/2010-05-15/'
const account = '123456789012'

/**
 * As much of CloudFormation's query API as creating one stack by a change set takes, with imposed durations. Both
 * programs of the race speak to one of these; it keeps no more state than the moments at which things end.
 */
export async function fakeCloudFormation(imposed: Imposed): Promise<FakeCloudFormation> {
  const stacks = new Map<string, Stack>()
  let requests = 0
  let requestsWhileRunning = 0
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests += 1
    const query = new URLSearchParams(await text(request))
    const action = query.get('Action') ?? ''
    if ([...stacks.values()].some((stack) => isRunning(stack, imposed))) requestsWhileRunning += 1
    const answer = answerOf(action, query, stacks, imposed)
    const failed = 'code' in answer
    const body = failed
      ? `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${answer.code}</Code><Message>${answer.message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`
      : `<${action}Response xmlns="${namespace}"><${action}Result>${answer.result}</${action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`
    response.writeHead(failed ? 400 : 200, {'content-type': 'text/xml'}).end(body)
  }
  const server = createServer((request, response) => void serve(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return requests
    },
    get requestsWhileRunning() {
      return requestsWhileRunning
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

function isRunning({executedAt}: Stack, imposed: Imposed): boolean {
  return executedAt !== undefined && Date.now() < executedAt + imposed.stack
}

function answerOf(action: string, query: URLSearchParams, stacks: Map<string, Stack>, imposed: Imposed): Answer {
  const name = nameOf(query)
  const now = Date.now()
  if (action === 'CreateChangeSet') {
    stacks.set(name, {name, changeSetReadyAt: now + imposed.changeSet, terminationProtection: false})
    return {result: `<Id>${changeSetArn(name)}</Id><StackId>${stackArn(name)}</StackId>`}
  }
  const stack = stacks.get(name)
  if (stack === undefined) return {code: 'ValidationError', message: `Stack with id ${name} does not exist`}
  const endsAt = stack.executedAt === undefined ? Infinity : stack.executedAt + imposed.stack
  const status = stack.executedAt === undefined ? 'REVIEW' : now < endsAt ? 'CREATE' : 'CREATE_COMPLETE'
  switch (action) {
    case 'DescribeChangeSet':
      return {result: describeChangeSet(stack, now)}
    case 'ExecuteChangeSet':
      stack.executedAt ??= now
      return {result: ''}
    case 'DescribeStacks':
      return {result: describeStack(stack, status === 'CREATE_COMPLETE' ? status : `${status}_IN_PROGRESS`)}
    case 'DescribeStackEvents':
      return {result: `<StackEvents>${events(stack, endsAt, now)}</StackEvents>`}
    case 'GetStackPolicy':
      return {result: stack.policy === undefined ? '' : `<StackPolicyBody>${escaped(stack.policy)}</StackPolicyBody>`}
    case 'SetStackPolicy':
      stack.policy = query.get('StackPolicyBody') ?? ''
      return {result: ''}
    case 'UpdateTerminationProtection':
      stack.terminationProtection = query.get('EnableTerminationProtection') === 'true'
      return {result: `<StackId>${stackArn(name)}</StackId>`}
    default:
      return {code: 'InvalidAction', message: `${action} is not imitated`}
  }
}

/** The stack's name, from whichever way the call names it. */
function nameOf(query: URLSearchParams): string {
  const given = query.get('StackName') ?? query.get('ChangeSetName') ?? ''
  return /(?:stack|changeSet)\/([^/]+)\//.exec(given)?.[1] ?? given
}

function stackArn(name: string): string {
  return `arn:aws:cloudformation:eu-west-1:${account}:stack/${name}/00000000-0000-4000-8000-000000000000`
}

function changeSetArn(name: string): string {
  return `arn:aws:cloudformation:eu-west-1:${account}:changeSet/${name}/00000000-0000-4000-8000-000000000001`
}

function describeChangeSet({name, changeSetReadyAt}: Stack, now: number): string {
  const ready = now >= changeSetReadyAt
  const change =
    '<ResourceChange><Action>Add</Action><LogicalResourceId>Topic</LogicalResourceId><ResourceType>AWS::SNS::Topic</ResourceType><Scope/><Details/></ResourceChange>'
  return [
    `<ChangeSetName>${name}</ChangeSetName><ChangeSetId>${changeSetArn(name)}</ChangeSetId>`,
    `<StackName>${name}</StackName><StackId>${stackArn(name)}</StackId>`,
    `<Status>${ready ? 'CREATE_COMPLETE' : 'CREATE_IN_PROGRESS'}</Status>`,
    `<ExecutionStatus>${ready ? 'AVAILABLE' : 'UNAVAILABLE'}</ExecutionStatus>`,
    `<Changes>${ready ? `<member><Type>Resource</Type>${change}</member>` : ''}</Changes>`,
  ].join('')
}

function describeStack({name, terminationProtection}: Stack, status: string): string {
  return `<Stacks><member><StackId>${stackArn(name)}</StackId><StackName>${name}</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${status}</StackStatus><EnableTerminationProtection>${terminationProtection}</EnableTerminationProtection></member></Stacks>`
}

function events({name, executedAt}: Stack, endsAt: number, now: number): string {
  const rows = [
    ...(now >= endsAt ? [{id: 'end', at: endsAt, status: 'CREATE_COMPLETE'}] : []),
    ...(executedAt === undefined ? [] : [{id: 'begin', at: executedAt, status: 'CREATE_IN_PROGRESS'}]),
    {id: 'review', at: 0, status: 'REVIEW_IN_PROGRESS'},
  ]
  return rows
    .map(
      ({id, at, status}) =>
        `<member><EventId>${id}</EventId><StackId>${stackArn(name)}</StackId><StackName>${name}</StackName><LogicalResourceId>${name}</LogicalResourceId><PhysicalResourceId>${stackArn(name)}</PhysicalResourceId><ResourceType>AWS::CloudFormation::Stack</ResourceType><Timestamp>${new Date(at).toISOString()}</Timestamp><ResourceStatus>${status}</ResourceStatus></member>`,
    )
    .join('')
}

function escaped(body: string): string {
  return body.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
