import {forwardingDocument} from '../tunnel.ts'
import type {Needing, Needs} from './needs.ts'

/** Where the policy is for; `*` stands for any, but a partition is named. */
export interface PolicyPlace {
  readonly partition: string
  readonly region: string
  readonly account: string
  readonly environment: string
  /** IAM path of the roles. */
  readonly rolePath: string
}

export const anywhere: PolicyPlace = {partition: 'aws', region: '*', account: '*', environment: '*', rolePath: '/'}

export interface PolicyStatement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
}

export interface PolicyDocument {
  readonly Version: '2012-10-17'
  readonly Statement: readonly PolicyStatement[]
}

/** The services that our roles are for. */
export const passedTo: readonly string[] = [
  'backup.amazonaws.com',
  'ec2.amazonaws.com',
  'ecs-tasks.amazonaws.com',
  'lambda.amazonaws.com',
  'vpc-flow-logs.amazonaws.com',
]

/** Which actions share what they may touch; the first that fits takes an action. */
export interface ResourceScope {
  readonly sid: string
  readonly covers: (action: string) => boolean
  readonly resources: (place: PolicyPlace) => readonly string[]
  readonly condition?: PolicyStatement['Condition']
  /** Set where IAM's simulation would be wrong: it knows no tags of sessions that are still to be. */
  readonly beyondSimulation?: true
}

const roles = /^iam:(?!List|Simulate|CreateServiceLinkedRole|PassRole).*Role|^iam:.*InstanceProfile/

/** What CloudFormation names begins with the stack's name, and that with `pi-<environment>-`. */
export const scopes: readonly ResourceScope[] = [
  {
    sid: 'PassRolesToServices',
    covers: (action) => action === 'iam:PassRole',
    resources: ({partition, account, environment, rolePath}) => [
      `arn:${partition}:iam::${account}:role${rolePath}pi-${environment}-*`,
    ],
    condition: {StringEquals: {'iam:PassedToService': passedTo}},
  },
  {
    sid: 'ServiceLinkedRoles',
    covers: (action) => action === 'iam:CreateServiceLinkedRole',
    resources: ({partition, account}) => [`arn:${partition}:iam::${account}:role/aws-service-role/*`],
  },
  {
    sid: 'OwnRoles',
    covers: (action) => roles.test(action) && action !== 'iam:GetRole',
    resources: ({partition, account, environment, rolePath}) => [
      `arn:${partition}:iam::${account}:role${rolePath}pi-${environment}-*`,
      `arn:${partition}:iam::${account}:instance-profile/pi-${environment}-*`,
    ],
  },
  {
    sid: 'OwnBuckets',
    covers: (action) => action.startsWith('s3:'),
    resources: ({partition, environment}) => [
      `arn:${partition}:s3:::pi-${environment}-*`,
      `arn:${partition}:s3:::pi-${environment}-*/*`,
    ],
  },
  {
    sid: 'OwnStacks',
    covers: (action) => action.startsWith('cloudformation:') && !/:(Describe|List|Get)/.test(action),
    resources: ({partition, region, account, environment}) => [
      `arn:${partition}:cloudformation:${region}:${account}:stack/pi-${environment}-*/*`,
    ],
  },
  {
    sid: 'OwnRepositories',
    covers: (action) => action.startsWith('ecr:') && action !== 'ecr:GetAuthorizationToken',
    resources: ({partition, region, account, environment}) => [
      `arn:${partition}:ecr:${region}:${account}:repository/pi-${environment}/*`,
    ],
  },
  {
    sid: 'TunnelsThroughOwnTasks',
    covers: (action) => action === 'ssm:StartSession',
    // Clusters are named after their stack. AWS's own documents belong to no account.
    resources: ({partition, region, account, environment}) => [
      `arn:${partition}:ecs:${region}:${account}:task/pi-${environment}-*/*`,
      `arn:${partition}:ssm:${region}::document/${forwardingDocument}`,
    ],
    beyondSimulation: true,
  },
  {
    sid: 'OwnSessions',
    covers: (action) => action === 'ssm:TerminateSession',
    resources: ({partition, region, account}) => [`arn:${partition}:ssm:${region}:${account}:session/*`],
    // The tag that Systems Manager itself puts on a session (its guide, "Additional sample IAM policies").
    beyondSimulation: true,
    condition: {StringLike: {'ssm:resourceTag/aws:ssmmessages:session-id': ['${aws:userid}']}},
  },
  {sid: 'Rest', covers: () => true, resources: () => ['*']},
]

/** The scope of an action. */
export function scopeOf(action: string): ResourceScope {
  return scopes.find(({covers}) => covers(action)) as ResourceScope
}

/** The policy that one of those in need asks for. */
export function policyFor(actions: readonly string[], place: PolicyPlace): PolicyDocument {
  const statements = scopes.flatMap((scope): readonly PolicyStatement[] => {
    const own = actions.filter((action) => scopeOf(action) === scope)
    if (own.length === 0) return []
    return [
      {
        Sid: scope.sid,
        Effect: 'Allow',
        Action: own,
        Resource: scope.resources(place),
        ...(scope.condition === undefined ? {} : {Condition: scope.condition}),
      },
    ]
  })
  return {Version: '2012-10-17', Statement: statements}
}

/** A policy under the name that a file or a managed policy takes. */
export interface NamedPolicy {
  readonly name: string
  readonly document: PolicyDocument
}

/**
 * All policies, one for pi-aws and one for each part. Each action stands in the first that needs it, so that every
 * policy fits into IAM; only together they are what a deployer needs.
 */
export function policiesFor(needs: Needs, place: PolicyPlace): readonly NamedPolicy[] {
  const seen = new Set<string>()
  return [...needs].map(([who, actions]) => {
    const fresh = actions.filter((action) => !seen.has(action))
    for (const action of fresh) seen.add(action)
    return {name: policyName(who), document: policyFor(fresh, place)}
  })
}

function policyName(who: Needing): string {
  return who === 'pi-aws' ? 'pi-aws' : `pi-aws-${who}`
}
