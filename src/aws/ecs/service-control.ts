import {
  type Deployment as EcsDeployment,
  DescribeServicesCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  type Service,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import {FailedError, RefusedError} from '../../domain/errors.ts'
import type {Deployment} from '../../domain/services/rollout.ts'
import type {ServiceControl, ServiceDetail} from '../../flows/service/ports.ts'
import {serviceState} from '../ecs.ts'
import {isNamed, translateErrors} from '../errors.ts'
import {present} from '../present.ts'
import type {ClientConfig} from '../settings.ts'

/** Most that one call takes (API reference, DescribeServices). */
const servicesPerCall = 10
const historyLength = 20

/** Single services of ECS by its API. */
export function createServiceControl(config: ClientConfig): ServiceControl {
  const client = new ECSClient(config)
  return translateErrors<ServiceControl>({
    async describe(cluster, services) {
      const found: ServiceDetail[] = []
      for (let from = 0; from < services.length; from += servicesPerCall) {
        const names = services.slice(from, from + servicesPerCall)
        const answer = await client.send(new DescribeServicesCommand({cluster, services: names}))
        found.push(...(answer.services ?? []).map(detailOf))
      }
      return found
    },
    async redeploy(cluster, service) {
      const answer = await client.send(new UpdateServiceCommand({cluster, service, forceNewDeployment: true}))
      const primary = answer.service?.deployments?.find(({status}) => status === 'PRIMARY')
      if (primary?.id !== undefined) return primary.id
      throw new FailedError(`ECS began no deployment of ${service}.`, {code: 'NO_DEPLOYMENT'})
    },
    async history(cluster, service) {
      const query = {cluster, service, maxResults: historyLength}
      const {serviceDeployments = []} = await client.send(new ListServiceDeploymentsCommand(query))
      return serviceDeployments.map((one) => ({
        arn: one.serviceDeploymentArn ?? '',
        status: one.status ?? '',
        createdAt: (one.createdAt ?? one.startedAt)?.toISOString() ?? '',
        ...present({reason: one.statusReason, finishedAt: one.finishedAt?.toISOString()}),
      }))
    },
    async stop(serviceDeploymentArn) {
      try {
        await client.send(new StopServiceDeploymentCommand({serviceDeploymentArn, stopType: 'ROLLBACK'}))
      } catch (error) {
        if (isNamed(error, 'ConflictException', 'ServiceDeploymentNotFoundException')) {
          throw new RefusedError('The deployment has ended already; nothing was changed.', {
            code: 'DEPLOYMENT_ENDED',
            cause: error,
          })
        }
        if (!isNamed(error, 'InvalidParameterException', 'UnsupportedFeatureException')) throw error
        const why = error instanceof Error ? error.message : String(error)
        throw new RefusedError(`ECS cannot go back from this deployment: ${why}`, {
          code: 'NOTHING_TO_GO_BACK_TO',
          cause: error,
        })
      }
    },
  })
}

function detailOf(service: Service): ServiceDetail {
  return {
    ...serviceState(service),
    taskDefinition: service.taskDefinition ?? '',
    capacityProvider: service.capacityProviderStrategy?.[0]?.capacityProvider ?? 'FARGATE',
    execEnabled: service.enableExecuteCommand ?? false,
    securityGroups: service.networkConfiguration?.awsvpcConfiguration?.securityGroups ?? [],
    deployments: (service.deployments ?? []).map(deploymentOf),
  }
}

function deploymentOf(deployment: EcsDeployment): Deployment {
  return {
    id: deployment.id ?? '',
    status: deployment.status ?? '',
    taskDefinition: deployment.taskDefinition ?? '',
    state: deployment.rolloutState ?? '',
    reason: deployment.rolloutStateReason ?? '',
    desired: deployment.desiredCount ?? 0,
    running: deployment.runningCount ?? 0,
    pending: deployment.pendingCount ?? 0,
    failed: deployment.failedTasks ?? 0,
    createdAt: deployment.createdAt?.toISOString() ?? '',
  }
}
