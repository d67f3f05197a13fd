import {alternatives, at, items, mapOf, references, textOf, type Json, type Template} from '../load.ts'
import {eachResource, finding, resources, type Rule} from './rule.ts'

/** The number that a value stands for: itself, or the default of the parameter it names, or a preset's. */
function numberOf(value: Json | undefined, template: Template, preset: Readonly<Record<string, string>>): number | undefined {
  const name = textOf(at(value, 'Ref'))
  const text = name === '' ? textOf(value) : (preset[name] ?? textOf(template.parameters[name]?.['Default']))
  return text === '' ? undefined : Number(text)
}

/** Scaling that can scale: for the defaults and for every preset. */
export const scalingScales = (presets: Readonly<Record<string, Readonly<Record<string, string>>>>): Rule => ({
  name: 'scaling-scales',
  why: 'With as many tasks at most as at least, scaling is a resource that never does anything.',
  check: (templates) => [
    ...[...resources(templates, 'AWS::CloudFormation::Stack')].flatMap(({template, resource}) => {
      const parameters = mapOf(resource.properties['Parameters'])
      if (parameters['Scalable'] !== 'true') return []
      return Object.entries({defaults: {}, ...presets}).flatMap(([name, preset]) => {
        const [min, max] = [numberOf(parameters['MinCount'], template, preset), numberOf(parameters['MaxCount'], template, preset)]
        return min === undefined || max === undefined || max <= min ? [finding(template, resource.id, `at most ${max ?? '?'} and at least ${min ?? '?'} tasks (${name})`)] : []
      })
    }),
    ...eachResource(['AWS::ApplicationAutoScaling::ScalableTarget'], ({id, properties}, template) => {
      const [min, max] = [properties['MinCapacity'], properties['MaxCapacity']].map((value) => alternatives(value).at(-1))
      const [low, high] = [numberOf(min, template, {}), numberOf(max, template, {})]
      if (textOf(at(min, 'Ref')) === '' && low !== undefined && high !== undefined && high <= low) return 'cannot scale'
      return template.resources.some((one) => one.type.endsWith('::ScalingPolicy') && references(one.properties['ScalingTargetId'] ?? null).has(id))
        ? undefined
        : 'has no policy, so that nothing scales it'
    })(templates),
  ],
})

const quiescedFirst = (value: Json | undefined, wanted: Json): boolean =>
  at(value, 'Fn::If', 0) === 'IsQuiesced' && at(value, 'Fn::If', 1) === wanted

export const quietMeansZero: Rule = {
  name: 'quiet-means-zero',
  why: 'One task that starts in the middle of a restore writes into the data that is being replaced.',
  check: (templates) => [
    ...eachResource(['AWS::ECS::Service'], ({properties}) => {
      if (!quiescedFirst(properties['DesiredCount'], 0)) return 'desired count is not 0 while quiesced'
      return at(properties, 'DesiredCount', 'Fn::If', 2, 'Ref') === 'StartCount' ? undefined : 'a release resets a scaled count'
    })(templates),
    ...eachResource(['AWS::ApplicationAutoScaling::ScalableTarget'], ({properties}) => {
      if (!quiescedFirst(properties['MinCapacity'], 0)) return 'floor is not 0 while quiesced'
      const suspended = ['DynamicScalingInSuspended', 'DynamicScalingOutSuspended', 'ScheduledScalingSuspended']
      return suspended.every((name) => quiescedFirst(at(properties, 'SuspendedState', name), true)) ? undefined : 'scales while quiesced'
    })(templates),
    ...eachResource(['AWS::ElasticLoadBalancingV2::Listener'], ({id, properties}) => {
      if (id !== 'Listener') return undefined
      const action = items(properties['DefaultActions'])[0]
      return at(action, 'FixedResponseConfig', 'StatusCode') === '503' ? undefined : 'no 503 page while quiesced'
    })(templates),
  ],
}

export const deploymentsReturn: Rule = {
  name: 'deployments-return',
  why: 'Without the breaker an image that cannot start keeps the stack waiting for hours; a launch type shuts out capacity providers for good.',
  check: eachResource(['AWS::ECS::Service'], ({properties}) => {
    const breaker = at(properties, 'DeploymentConfiguration', 'DeploymentCircuitBreaker')
    if (at(breaker, 'Enable') !== true || at(breaker, 'Rollback') !== true) return 'no circuit breaker with rollback'
    if (properties['LaunchType'] !== undefined) return 'LaunchType instead of a capacity provider strategy'
    return items(properties['CapacityProviderStrategy']).length > 0 ? undefined : 'no capacity provider strategy'
  }),
}

const isScheduler = (parameters: Readonly<Record<string, Json>>) => parameters['Service'] === 'scheduler'

export const oneScheduler: Rule = {
  name: 'one-scheduler',
  why: 'Two schedulers, even for a minute of a rolling update, may run every job twice.',
  check: (templates) => [
    ...eachResource(['AWS::CloudFormation::Stack'], ({properties}) => {
      const parameters = mapOf(properties['Parameters'])
      if (!isScheduler(parameters)) return undefined
      if (parameters['Overlap'] !== 'false') return 'old and new tasks overlap'
      return parameters['Scalable'] === undefined || parameters['Scalable'] === 'false' ? undefined : 'scales'
    })(templates),
    ...templates
      .filter((template) => 'HasSpot' in template.conditions)
      .filter((template) => !JSON.stringify(template.conditions['HasSpot']).includes('{"Fn::Not":[{"Condition":"IsScheduler"}]}'))
      .map((template) => finding(template, 'HasSpot', 'the scheduler may run on Spot')),
    ...eachResource(['AWS::ECS::Service'], ({properties}) => {
      const [low, high] = ['MinimumHealthyPercent', 'MaximumPercent'].map((name) => at(properties, 'DeploymentConfiguration', name, 'Fn::If', 2))
      return low === 0 && high === 100 ? undefined : 'without overlap it is not 0 % at least and 100 % at most'
    })(templates),
  ],
}

export const instancesLeave: Rule = {
  name: 'instances-leave',
  why: 'Termination protection that ECS manages outlives the group, and the stack cannot be deleted.',
  check: (templates) => [
    ...eachResource(['AWS::ECS::CapacityProvider'], ({properties}) => {
      const group = at(properties, 'AutoScalingGroupProvider')
      if (at(group, 'ManagedTerminationProtection') !== 'DISABLED') return 'managed termination protection'
      if (at(group, 'ManagedDraining') !== 'ENABLED') return 'instances are taken without draining'
      return at(group, 'ManagedScaling', 'Status') === 'ENABLED' ? undefined : 'tasks call for no instance'
    })(templates),
    ...eachResource(['AWS::EC2::LaunchTemplate'], ({properties}) =>
      JSON.stringify(properties).includes('{{resolve:ssm') ? 'its image changes with every new AMI, so that nothing-to-change is never true' : undefined,
    )(templates),
  ],
}
