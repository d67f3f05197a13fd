import {statefulTypes} from './change-set.ts'

/** What CloudFormation found of one resource. `unknown`: it could not read the resource, so nothing is known of it. */
export type DriftState = 'in-sync' | 'modified' | 'deleted' | 'unknown'

/** One property that differs from the template. */
export interface PropertyDifference {
  /** JSON pointer into the resource's properties, `/Tags/0/Value`. */
  readonly path: string
  /** `added` and `removed` are said of what is there now, as against the template. */
  readonly kind: 'added' | 'removed' | 'changed'
  /** What the template says; as CloudFormation writes it, objects as JSON. */
  readonly expected: string
  /** What there is. */
  readonly actual: string
}

/**
 * How much a difference matters: what holds data, what decides who may reach what, everything else.
 */
export type DriftWeight = 'data' | 'access' | 'other'

/** What is taken for a difference that nobody made by hand. */
const movesByItself: Readonly<Record<string, RegExp>> = {
  // Storage grows by itself, minor versions follow the major one, and passwords are never told.
  'AWS::RDS::DBInstance': /^\/(AllocatedStorage|EngineVersion|MasterUserPassword)$/,
  // Auto scaling and `service scale` move it within its bounds, which are compared.
  'AWS::ECS::Service': /^\/DesiredCount$/,
  'AWS::AutoScaling::AutoScalingGroup': /^\/DesiredCapacity$/,
}

/** True for a property that AWS, or pi-aws at work, moves past the template. */
export function isMoving(type: string, path: string): boolean {
  return movesByItself[type]?.test(path) ?? false
}

const decidesAccess =
  /^AWS::(IAM|WAFv2)::|^AWS::EC2::(SecurityGroup|NetworkAcl|Route|Subnet|VPC)|^AWS::EFS::AccessPoint$|^AWS::ElasticLoadBalancingV2::Listener|(::|Bucket|Topic|Queue)(Policy|Permission)$/

/** How much it matters that a resource of this type differs. */
export function weightOf(type: string): DriftWeight {
  if (statefulTypes.includes(type)) return 'data'
  return decidesAccess.test(type) ? 'access' : 'other'
}

const secretProperty = /password|secret(string)?$|token$|private_?key/i

/** The same difference, with values that may be secrets left out. */
export function withoutSecrets(difference: PropertyDifference): PropertyDifference {
  return secretProperty.test(difference.path) ? {...difference, expected: '[removed]', actual: '[removed]'} : difference
}

/** What ranking looks at. */
interface Ranked {
  readonly weight: DriftWeight
  readonly state: DriftState
}

const weights: readonly DriftWeight[] = ['data', 'access', 'other']
const states: readonly DriftState[] = ['deleted', 'modified', 'unknown', 'in-sync']

/** Orders by what matters most: what holds data first, and what is gone before what only differs. */
export function byWeight(one: Ranked, other: Ranked): number {
  return (
    weights.indexOf(one.weight) - weights.indexOf(other.weight) ||
    states.indexOf(one.state) - states.indexOf(other.state)
  )
}

/** What is said of a stack, or of all. Whatever could not be compared keeps it from being in sync. */
export type DriftVerdict = 'in-sync' | 'drifted' | 'unknown'

/** The verdict over several: one that drifted decides, and then one that is not known. */
export function verdictOver(verdicts: readonly DriftVerdict[]): DriftVerdict {
  if (verdicts.includes('drifted')) return 'drifted'
  return verdicts.includes('unknown') ? 'unknown' : 'in-sync'
}
