import type {Deployment} from '../../domain/services/rollout.ts'
import type {TaskControl} from '../exec/ports.ts'
import type {Repositories} from '../mirror/ports.ts'
import type {PortForwarding} from '../tunnel/ports.ts'

/** A service with what is being rolled out. */
export interface ServiceDetail {
  readonly name: string
  readonly arn: string
  readonly desired: number
  readonly running: number
  readonly pending: number
  /** Newest first. */
  readonly events: readonly {readonly id: string; readonly at: string; readonly message: string}[]
  /** ARN of what its tasks are made from. */
  readonly taskDefinition: string
  /** Where its tasks are placed first. */
  readonly capacityProvider: string
  /** Whether sessions may be opened in its tasks. */
  readonly execEnabled: boolean
  /** Ids of the security groups that its tasks are in. */
  readonly securityGroups: readonly string[]
  /** Newest first. */
  readonly deployments: readonly Deployment[]
}

/** A deployment that ECS remembers, also after its last task; 90 days. */
export interface PastDeployment {
  readonly arn: string
  /** PENDING, IN_PROGRESS, SUCCESSFUL, STOPPED, ROLLBACK_IN_PROGRESS, ROLLBACK_SUCCESSFUL, ROLLBACK_FAILED ... */
  readonly status: string
  readonly reason?: string
  /** ISO 8601 UTC. */
  readonly createdAt: string
  readonly finishedAt?: string
}

/** What can be done with single services of ECS. */
export interface ServiceControl {
  /** Those of a cluster's services that are named; what ECS does not know is left out. */
  describe(cluster: string, services: readonly string[]): Promise<readonly ServiceDetail[]>
  /** Replaces all tasks by new ones from the same task definition. Resolves to the id of the deployment. */
  redeploy(cluster: string, service: string): Promise<string>
  /** Newest first, 20 at most. */
  history(cluster: string, service: string): Promise<readonly PastDeployment[]>
  /**
   * Has ECS give a deployment up and go back to the one before it.
   * @throws RefusedError NOTHING_TO_GO_BACK_TO, DEPLOYMENT_ENDED
   */
  stop(deploymentArn: string): Promise<void>
}

/** What is known of services and tasks one by one. */
export interface ServicesAndTasks {
  readonly serviceControl: ServiceControl
  readonly taskControl: TaskControl
  readonly portForwarding: PortForwarding
  readonly repositories: Repositories
}
