import {
  type CloudFormationClient,
  DescribeStackEventsCommand,
  type DescribeStackEventsCommandOutput,
  type StackEvent as SdkStackEvent,
} from '@aws-sdk/client-cloudformation'
import type {StackEvent} from '../../domain/change-set.ts'
import {saysNotThere} from '../errors.ts'
import {present} from '../present.ts'

const newestAtMost = 100

/**
 * Events of a stack, oldest first. CloudFormation tells the newest first, so paging ends at the event that is known:
 * a poll costs one call however long the stack's history is.
 */
export async function stackEvents(
  client: CloudFormationClient,
  stack: string,
  after?: string,
): Promise<readonly StackEvent[]> {
  const newestFirst: StackEvent[] = []
  let token: string | undefined
  do {
    const page = await pageOf(client, stack, token)
    if (page === undefined) break
    for (const event of page.StackEvents ?? []) {
      if (event.EventId === after) return newestFirst.reverse()
      newestFirst.push(eventOf(event))
    }
    token = page.NextToken
  } while (token !== undefined && (after !== undefined || newestFirst.length < newestAtMost))
  return (after === undefined ? newestFirst.slice(0, newestAtMost) : newestFirst).reverse()
}

/** Events from a moment on (ISO 8601 UTC), oldest first: paging ends at the first event before it. */
export async function stackEventsSince(
  client: CloudFormationClient,
  stack: string,
  since: string,
): Promise<readonly StackEvent[]> {
  const newestFirst: StackEvent[] = []
  let token: string | undefined
  do {
    const page = await pageOf(client, stack, token)
    if (page === undefined) break
    const events = (page.StackEvents ?? []).map(eventOf)
    const old = events.findIndex(({at}) => at < since)
    newestFirst.push(...(old === -1 ? events : events.slice(0, old)))
    token = old === -1 ? page.NextToken : undefined
  } while (token !== undefined)
  return newestFirst.reverse()
}

async function pageOf(
  client: CloudFormationClient,
  stack: string,
  token: string | undefined,
): Promise<DescribeStackEventsCommandOutput | undefined> {
  try {
    return await client.send(new DescribeStackEventsCommand({StackName: stack, NextToken: token}))
  } catch (error) {
    if (saysNotThere(error)) return undefined
    throw error
  }
}

function eventOf(event: SdkStackEvent): StackEvent {
  return {
    id: event.EventId ?? '',
    stackId: event.StackId ?? '',
    stackName: event.StackName ?? '',
    logicalId: event.LogicalResourceId ?? '',
    physicalId: event.PhysicalResourceId ?? '',
    type: event.ResourceType ?? '',
    status: event.ResourceStatus ?? '',
    at: event.Timestamp?.toISOString() ?? '',
    ...present({reason: event.ResourceStatusReason, token: event.ClientRequestToken, operationId: event.OperationId}),
  }
}
