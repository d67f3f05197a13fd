import type {EnvironmentConfiguration} from '../configuration.ts'

/** A role that belongs to a service and that the service assumes in the account. */
export interface LinkedRole {
  /** What CreateServiceLinkedRole takes. */
  readonly service: string
  readonly role: string
}

const always: readonly LinkedRole[] = [
  {service: 'ecs.amazonaws.com', role: 'AWSServiceRoleForECS'},
  {service: 'elasticloadbalancing.amazonaws.com', role: 'AWSServiceRoleForElasticLoadBalancing'},
  {service: 'rds.amazonaws.com', role: 'AWSServiceRoleForRDS'},
  {service: 'elasticfilesystem.amazonaws.com', role: 'AWSServiceRoleForAmazonElasticFileSystem'},
  {
    service: 'ecs.application-autoscaling.amazonaws.com',
    role: 'AWSServiceRoleForApplicationAutoScaling_ECSService',
  },
  {service: 'backup.amazonaws.com', role: 'AWSServiceRoleForBackup'},
]

/**
 * The service-linked roles that a configuration's services want. AWS makes most of them at first use, when that first
 * use may already need them (ECS capacity providers). Names: the services' pages on service-linked roles.
 */
export function linkedRolesOf({compute, waf}: EnvironmentConfiguration): readonly LinkedRole[] {
  return [
    ...always,
    ...(compute === 'ec2' ? [{service: 'autoscaling.amazonaws.com', role: 'AWSServiceRoleForAutoScaling'}] : []),
    ...(waf === true ? [{service: 'wafv2.amazonaws.com', role: 'AWSServiceRoleForWAFV2Logging'}] : []),
  ]
}
