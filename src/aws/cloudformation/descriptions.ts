import {
  type CloudFormationClient,
  DescribeStacksCommand,
  paginateDescribeStacks,
  type Stack,
} from '@aws-sdk/client-cloudformation'
import {FailedError} from '../../domain/errors.ts'
import {type StackStatus, stackStatuses} from '../../domain/stack-status.ts'
import type {StackDescription} from '../../flows/ports.ts'
import {saysNotThere} from '../errors.ts'
import {present} from '../present.ts'

/** By name or id; undefined when there is none. */
export async function describeStack(
  client: CloudFormationClient,
  stack: string,
): Promise<StackDescription | undefined> {
  try {
    const answer = await client.send(new DescribeStacksCommand({StackName: stack}))
    const found = answer.Stacks?.[0]
    return found === undefined ? undefined : describe(found)
  } catch (error) {
    if (saysNotThere(error)) return undefined
    throw error
  }
}

/** Stacks that are nobody's children and whose name starts with `prefix`; without a name the API leaves deleted ones out. */
export async function listStacks(client: CloudFormationClient, prefix: string): Promise<readonly StackDescription[]> {
  const stacks: StackDescription[] = []
  for await (const page of paginateDescribeStacks({client}, {})) {
    for (const stack of page.Stacks ?? []) {
      if (stack.StackName?.startsWith(prefix) && stack.ParentId === undefined) stacks.push(describe(stack))
    }
  }
  return stacks.filter((stack) => stack.status !== 'DELETE_COMPLETE')
}

function describe(stack: Stack): StackDescription {
  return {
    id: stack.StackId ?? '',
    name: stack.StackName ?? '',
    status: statusOf(stack.StackStatus ?? ''),
    createdAt: stack.CreationTime?.toISOString() ?? '',
    ...present({statusReason: stack.StackStatusReason, updatedAt: stack.LastUpdatedTime?.toISOString()}),
    parameters: record(stack.Parameters ?? [], (row) => [row.ParameterKey, row.ParameterValue]),
    outputs: record(stack.Outputs ?? [], (row) => [row.OutputKey, row.OutputValue]),
    tags: record(stack.Tags ?? [], (row) => [row.Key, row.Value]),
    terminationProtection: stack.EnableTerminationProtection ?? false,
  }
}

function record<Row>(
  rows: readonly Row[],
  pair: (row: Row) => readonly [string | undefined, string | undefined],
): Readonly<Record<string, string>> {
  return Object.fromEntries(rows.map(pair).map(([key, value]) => [key ?? '', value ?? '']))
}

function statusOf(text: string): StackStatus {
  const status = stackStatuses.find((known) => known === text)
  if (status !== undefined) return status
  throw new FailedError(`CloudFormation reports the stack status ${text}, which this version does not know.`, {
    code: 'STACK_STATUS_UNKNOWN',
    suggestions: ['Update pi-aws'],
  })
}
