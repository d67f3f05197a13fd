import {
  CancelUpdateStackCommand,
  CloudFormationClient,
  ContinueUpdateRollbackCommand,
  DeleteStackCommand,
  DetectStackResourceDriftCommand,
  GetStackPolicyCommand,
  GetTemplateCommand,
  paginateListStackResources,
  SetStackPolicyCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation'
import {NotFoundError} from '../domain/errors.ts'
import type {StackResource, Stacks} from '../flows/ports.ts'
import {changeSetsOf} from './cloudformation/change-sets.ts'
import {describeStack, listStacks} from './cloudformation/descriptions.ts'
import {stackEvents, stackEventsSince} from './cloudformation/events.ts'
import {isNamed, saysNotThere, translateErrors} from './errors.ts'
import type {ClientConfig} from './settings.ts'

/** A token that CloudFormation knows already means that an earlier, equal call was accepted. */
async function onceByToken(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!isNamed(error, 'TokenAlreadyExists')) throw error
  }
}

async function resourcesOf(client: CloudFormationClient, stack: string): Promise<readonly StackResource[]> {
  const resources: StackResource[] = []
  try {
    for await (const page of paginateListStackResources({client}, {StackName: stack})) {
      for (const row of page.StackResourceSummaries ?? []) {
        resources.push({
          logicalId: row.LogicalResourceId ?? '',
          physicalId: row.PhysicalResourceId ?? '',
          type: row.ResourceType ?? '',
          status: row.ResourceStatus ?? '',
          ...(row.ResourceStatusReason === undefined ? {} : {reason: row.ResourceStatusReason}),
        })
      }
    }
  } catch (error) {
    if (!saysNotThere(error)) throw error
  }
  return resources
}

async function templateOf(client: CloudFormationClient, stack: string): Promise<string> {
  try {
    const answer = await client.send(new GetTemplateCommand({StackName: stack, TemplateStage: 'Original'}))
    return answer.TemplateBody ?? ''
  } catch (error) {
    if (!saysNotThere(error)) throw error
    throw new NotFoundError(`There is no stack ${stack}.`, {code: 'STACK_NOT_FOUND', cause: error})
  }
}

/** One resource at a time: the call answers at once, where drift of a whole stack has to be waited for. */
async function driftOf(client: CloudFormationClient, stack: string, logicalId: string): ReturnType<Stacks['drift']> {
  const {StackResourceDrift: drift} = await client.send(
    new DetectStackResourceDriftCommand({StackName: stack, LogicalResourceId: logicalId}),
  )
  const status = drift?.StackResourceDriftStatus
  if (status !== 'IN_SYNC' && status !== 'MODIFIED' && status !== 'DELETED') return undefined
  const properties = (drift?.PropertyDifferences ?? []).map(({PropertyPath: path = ''}) => path)
  return {deleted: status === 'DELETED', properties}
}

/** CloudFormation by its API. */
export function createStacks(config: ClientConfig): Stacks {
  const client = new CloudFormationClient(config)
  return translateErrors<Stacks>({
    ...changeSetsOf(client),
    describe: (stack) => describeStack(client, stack),
    list: (prefix) => listStacks(client, prefix),
    events: (stack, after) => stackEvents(client, stack, after),
    eventsSince: (stack, since) => stackEventsSince(client, stack, since),
    resources: (stack) => resourcesOf(client, stack),
    drift: (stack, logicalId) => driftOf(client, stack, logicalId),
    template: (stack) => templateOf(client, stack),
    async stackPolicy(stack) {
      const answer = await client.send(new GetStackPolicyCommand({StackName: stack}))
      return answer.StackPolicyBody === '' ? undefined : answer.StackPolicyBody
    },
    async setStackPolicy(stack, policy) {
      await client.send(new SetStackPolicyCommand({StackName: stack, StackPolicyBody: policy}))
    },
    async setTerminationProtection(stack, enabled) {
      await client.send(
        new UpdateTerminationProtectionCommand({StackName: stack, EnableTerminationProtection: enabled}),
      )
    },
    async deleteStack(stack, token, {retain = [], roleArn} = {}) {
      const call = new DeleteStackCommand({
        StackName: stack,
        ClientRequestToken: token,
        ...(retain.length === 0 ? {} : {RetainResources: [...retain]}),
        RoleARN: roleArn,
      })
      await onceByToken(client.send(call))
    },
    async continueRollback(stack, token, skip) {
      const call = new ContinueUpdateRollbackCommand({
        StackName: stack,
        ClientRequestToken: token,
        ...(skip.length === 0 ? {} : {ResourcesToSkip: [...skip]}),
      })
      await onceByToken(client.send(call))
    },
    async cancelUpdate(stack, token) {
      await onceByToken(client.send(new CancelUpdateStackCommand({StackName: stack, ClientRequestToken: token})))
    },
  })
}
