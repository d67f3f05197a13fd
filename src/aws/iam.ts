import {
  CreateServiceLinkedRoleCommand,
  GetRoleCommand,
  IAMClient,
  paginateListRoles,
  paginateSimulatePrincipalPolicy,
} from '@aws-sdk/client-iam'
import {NotFoundError} from '../domain/errors.ts'
import type {Permissions, SimulationRequest} from '../flows/preflight/ports.ts'
import {isNamed, translateErrors} from './errors.ts'
import type {ClientConfig} from './settings.ts'

/** Actions of one call; the request stays far below IAM's limit of a form. */
const batchSize = 100

/** IAM by its API, which is one for the whole partition. */
export function createPermissions(config: ClientConfig): Permissions {
  const client = new IAMClient(config)

  /** The simulation wants the role itself, with its path, and not the session of it that STS tells. */
  async function sourceOf(arn: string): Promise<string> {
    const session = /^arn:([^:]+):sts::(\d{12}):assumed-role\/([^/]+)\//.exec(arn)
    if (session === null) return arn
    const [, partition, account, name] = session
    try {
      const {Role: role} = await client.send(new GetRoleCommand({RoleName: name}))
      if (role?.Arn !== undefined) return role.Arn
    } catch (error) {
      // Without the right to look it is most often a role without a path.
      if (!isNamed(error, 'AccessDenied', 'NoSuchEntity')) throw error
    }
    return `arn:${partition}:iam::${account}:role/${name}`
  }

  async function deniedOf(
    principal: string,
    actions: readonly string[],
    resources: readonly string[],
    {context, undecided = 'denied'}: Pick<SimulationRequest, 'context' | 'undecided'>,
  ): Promise<readonly string[]> {
    const denied: string[] = []
    const pages = paginateSimulatePrincipalPolicy(
      {client},
      {
        PolicySourceArn: principal,
        ActionNames: [...actions],
        ResourceArns: [...resources],
        ContextEntries: Object.entries(context).map(([key, value]) => ({
          ContextKeyName: key,
          ContextKeyValues: [value],
          ContextKeyType: 'string' as const,
        })),
      },
    )
    for await (const page of pages) {
      for (const row of page.EvaluationResults ?? []) {
        const {EvalActionName: action = '', EvalDecision: decision, MissingContextValues: missing = []} = row
        const open = decision === 'implicitDeny' && missing.length > 0 && undecided === 'allowed'
        if (decision !== 'allowed' && !open) denied.push(action)
      }
    }
    return denied
  }

  return translateErrors<Permissions>(
    {
      async denied({principal, actions, resources, ...more}) {
        const source = await sourceOf(principal)
        const batches: string[][] = []
        for (let start = 0; start < actions.length; start += batchSize)
          batches.push(actions.slice(start, start + batchSize))
        try {
          return (await Promise.all(batches.map((batch) => deniedOf(source, batch, resources, more)))).flat()
        } catch (error) {
          // The account itself has no policies and cannot be simulated; nothing of IAM denies it anything.
          if (isNamed(error, 'InvalidInput') && source.endsWith(':root')) return []
          if (!isNamed(error, 'NoSuchEntity')) throw error
          throw new NotFoundError(`IAM does not know ${source}: its permissions cannot be looked at.`, {
            code: 'PRINCIPAL_NOT_FOUND',
            cause: error,
          })
        }
      },
      async linkedRoles() {
        const names: string[] = []
        for await (const page of paginateListRoles({client}, {PathPrefix: '/aws-service-role/'}))
          for (const {RoleName: name} of page.Roles ?? []) if (name !== undefined) names.push(name)
        return names
      },
      async createLinkedRole(service) {
        try {
          await client.send(new CreateServiceLinkedRoleCommand({AWSServiceName: service}))
        } catch (error) {
          // A role that was made since we looked: "has been taken in this account".
          if (!(isNamed(error, 'InvalidInput') && (error as Error).message.includes('taken'))) throw error
        }
      },
    },
    {
      denied: 'iam:SimulatePrincipalPolicy',
      linkedRoles: 'iam:ListRoles',
      createLinkedRole: 'iam:CreateServiceLinkedRole',
    },
  )
}
