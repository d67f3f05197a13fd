import {numberAt, ofType, propertyAt} from '../datasheet/read.ts'
import type {ExpandedResource} from '../expansion.ts'
import {listOf, textOf} from '../expression.ts'
import {anywhere} from './amounts.ts'
import type {Demand} from './demand.ts'
import type {Amounts} from './model.ts'

const tebibyte = 1024 // GiB

/** Families whose On-Demand instances share one quota (EC2 user guide, On-Demand Instances, vCPU limits). */
const standardFamilies = /^(a|c|d|h|i|m|r|t|z)\d/i

/** Whether an instance type counts against the quota of standard instances. */
export function isStandard(instanceType: string): boolean {
  return standardFamilies.test(instanceType) && !/^(dl|hpc|inf|trn|im4|is4)/i.test(instanceType)
}

/** vCPU of an instance type of the families m, c and r: two for `large`, four for each `xlarge` (EC2 instance types). */
export function vcpuOf(instanceType: string): number {
  const size = instanceType.split('.')[1] ?? ''
  if (size === 'large') return 2
  const match = /^(\d*)xlarge$/.exec(size)
  return match === null ? 0 : 4 * Number(match[1] === '' ? 1 : match[1])
}

/** Network interfaces of an instance of those families (EC2 user guide, IP addresses per network interface). */
export function interfacesOf(instanceType: string): number {
  const vcpu = vcpuOf(instanceType)
  if (vcpu <= 2) return 3
  if (vcpu <= 8) return 4
  return vcpu <= 48 ? 8 : 15
}

interface Group {
  readonly group: ExpandedResource
  readonly type: string
  readonly min: number
  readonly max: number
  /** GiB of one instance's disks. */
  readonly disk: number
}

function groupsOf(all: readonly ExpandedResource[]): readonly Group[] {
  return ofType(all, 'AutoScaling::AutoScalingGroup').map((group) => {
    const wanted = textOf(propertyAt(group.properties, 'LaunchTemplate', 'LaunchTemplateId'))
    const template = ofType(all, 'EC2::LaunchTemplate').find(({reference}) => reference === wanted)
    const data = propertyAt(template?.properties, 'LaunchTemplateData')
    return {
      group,
      type: textOf(propertyAt(data, 'InstanceType')),
      min: numberAt(group.properties, 'MinSize'),
      max: numberAt(group.properties, 'MaxSize'),
      disk: listOf(propertyAt(data, 'BlockDeviceMappings')).reduce<number>(
        (sum, device) => sum + numberAt(device, 'Ebs', 'VolumeSize'),
        0,
      ),
    }
  })
}

/** Tasks that one instance takes: one interface is its own, and each task has one. */
function tasksOn(type: string): number {
  return interfacesOf(type) - 1
}

/** Instances that a group comes to. A deploy starts no more than its tasks call for; any other mode may fill the group. */
function instancesOf({mode, tasks}: Demand, {type, min, max}: Group): number {
  if (mode !== 'deploy') return max
  const own = tasks.services.filter(({capacity}) => capacity === 'ec2')
  const count = own.reduce((sum, service) => sum + (tasks.counts.get(service.reference) ?? 0), 0)
  const vcpu = own.reduce((sum, service) => sum + (tasks.counts.get(service.reference) ?? 0) * service.vcpu, 0)
  const called = Math.max(Math.ceil(count / tasksOn(type)), Math.ceil(vcpu / Math.max(1, vcpuOf(type))))
  return Math.min(max, Math.max(min, called))
}

function added(demand: Demand, of: (group: Group) => number): Amounts {
  const {standing} = demand
  const sums = groupsOf(demand.all).map((group) => {
    const name = standing.physical.get(group.group.reference)
    const running = name === undefined ? 0 : (standing.instances.get(name) ?? 0)
    return Math.max(0, instancesOf(demand, group) - running) * of(group)
  })
  return anywhere(sums.reduce((sum, amount) => sum + amount, 0))
}

/** vCPU of On-Demand instances that are to be started. */
export function instanceVcpu(demand: Demand): Amounts {
  return added(demand, ({type}) => vcpuOf(type))
}

/** TiB of the disks of instances that are to be started. */
export function diskSpace(demand: Demand): Amounts {
  return added(demand, ({disk}) => disk / tebibyte)
}

/** Tasks that need an interface on the environment's own instances. */
export function tasksOnInstances({tasks}: Demand): Amounts {
  const own = tasks.services.filter(({capacity}) => capacity === 'ec2')
  return anywhere(own.reduce((sum, {reference}) => sum + (tasks.counts.get(reference) ?? 0), 0))
}

/** Tasks that the largest number of instances can take. */
export function roomOnInstances({all}: Demand): Amounts {
  return anywhere(groupsOf(all).reduce((sum, {type, max}) => sum + max * tasksOn(type), 0))
}
