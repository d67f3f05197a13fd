/** A deployment of a service as ECS tells it while it has tasks. */
export interface Deployment {
  readonly id: string
  /** PRIMARY: the newest; ACTIVE: one that is being replaced. */
  readonly status: string
  readonly taskDefinition: string
  /** IN_PROGRESS, COMPLETED, FAILED. */
  readonly state: string
  readonly reason: string
  readonly desired: number
  readonly running: number
  readonly pending: number
  /** Tasks that did not start or did not stay, as far as ECS counts them. */
  readonly failed: number
  /** ISO 8601 UTC. */
  readonly createdAt: string
}

/** What ECS did when a deployment failed: it runs what ran before; it could not start that either; nothing. */
export type Ending = 'rolled back' | 'stuck' | 'left'

/** How a deployment stands. */
export type Rollout =
  | {readonly kind: 'done'}
  | {readonly kind: 'running'; readonly text: string}
  | {readonly kind: 'failed'; readonly reason: string; readonly ending: Ending}

/** The deployment that ECS works towards. */
export function primaryOf(deployments: readonly Deployment[]): Deployment | undefined {
  return deployments.find(({status}) => status === 'PRIMARY')
}

function counts({desired, running, pending, failed}: Deployment): string {
  const more = [...(pending === 0 ? [] : [`${pending} starting`]), ...(failed === 0 ? [] : [`${failed} failed`])]
  return [`${running} of ${desired} tasks run`, ...more].join(', ')
}

/** A deployment that is waited for. */
export interface Awaited {
  readonly id: string
  /** Why it failed, as an earlier look told; ECS may have dropped it since. */
  readonly failed?: string
}

/**
 * How a deployment stands that is waited for. ECS drops one with its last task, so that one which is not listed any more
 * was replaced: by what ran before it when it failed, else by a newer one.
 */
export function rolloutOf(deployments: readonly Deployment[], {id, failed}: Awaited): Rollout {
  const primary = primaryOf(deployments)
  const own = deployments.find((deployment) => deployment.id === id)
  if (primary === undefined) return {kind: 'running', text: 'ECS names no deployment yet'}
  if (own === primary) {
    if (own.state === 'FAILED') return {kind: 'failed', reason: own.reason, ending: 'left'}
    if (own.state === 'COMPLETED' && own.running >= own.desired && own.pending === 0) return {kind: 'done'}
    return {kind: 'running', text: counts(own)}
  }
  const reason = own?.state === 'FAILED' ? own.reason : failed
  if (reason === undefined && !/roll/i.test(primary.reason))
    return {kind: 'failed', reason: `a newer deployment (${primary.id}) took its place`, ending: 'left'}
  return wayBack(deployments, reason ?? primary.reason)
}

/** How the way back to what ran before stands. */
export function wayBack(deployments: readonly Deployment[], reason: string): Rollout {
  const primary = primaryOf(deployments)
  if (primary?.state === 'COMPLETED') return {kind: 'failed', reason, ending: 'rolled back'}
  if (primary?.state === 'FAILED') return {kind: 'failed', reason, ending: 'stuck'}
  const text = primary === undefined ? 'ECS names no deployment yet' : counts(primary)
  return {kind: 'running', text: `going back to the former tasks: ${text}`}
}

/** Whether as many tasks run as are wanted, and nothing is under way. */
export function isSettled(deployments: readonly Deployment[], desired: number): boolean {
  const primary = primaryOf(deployments)
  return primary !== undefined && primary.state !== 'IN_PROGRESS' && sumOf(deployments, desired)
}

function sumOf(deployments: readonly Deployment[], desired: number): boolean {
  const [running, pending] = [
    deployments.reduce((sum, one) => sum + one.running, 0),
    deployments.reduce((sum, one) => sum + one.pending, 0),
  ]
  return running === desired && pending === 0
}
