/** What makes a configuration wrong although each of its keys is right. */
export interface Incoherence {
  readonly path: readonly (string | number)[]
  readonly message: string
}

interface ServiceSizes {
  readonly cpu?: number | undefined
  readonly memory?: number | undefined
  readonly min?: number | undefined
  readonly max?: number | undefined
}

/** The part of an environment that is looked at here. */
export interface SizedEnvironment {
  readonly compute: string
  readonly services: Readonly<Record<string, ServiceSizes | undefined>>
  readonly database: {readonly storage?: number | undefined; readonly maxStorage?: number | undefined}
  readonly network: {
    readonly existing?:
      | {
          readonly publicSubnets: readonly string[]
          readonly applicationSubnets: readonly string[]
          readonly dataSubnets: readonly string[]
        }
      | undefined
  }
}

/** MiB that Fargate takes with so many CPU units: first, last, step (ECS developer guide, "Task CPU and memory"). */
const fargateMemory: Readonly<Record<number, readonly [first: number, last: number, step: number]>> = {
  256: [512, 2048, 512],
  512: [1024, 4096, 1024],
  1024: [2048, 8192, 1024],
  2048: [4096, 16_384, 1024],
  4096: [8192, 30_720, 1024],
  8192: [16_384, 61_440, 4096],
}

function fargateTakes(cpu: number, memory: number): boolean {
  const [first, last, step] = fargateMemory[cpu] ?? [0, 0, 1]
  // 256 units know 512, 1024 and 2048, but not 1536.
  return memory >= first && memory <= last && memory % step === 0 && !(cpu === 256 && memory === 1536)
}

/** Both or neither: one alone would be measured against a preset's other. */
function halves(
  path: readonly string[],
  values: Readonly<Record<string, unknown>>,
  names: readonly [string, string],
): readonly Incoherence[] {
  const [given, missing] = values[names[0]] === undefined ? [names[1], names[0]] : names
  if (values[given] === undefined || values[missing] !== undefined) return []
  return [{path: [...path, given], message: `needs ${missing} beside it: the two are one choice`}]
}

function serviceFaults(name: string, sizes: ServiceSizes, compute: string): readonly Incoherence[] {
  const path = ['services', name]
  const {cpu, memory, min, max} = sizes
  const faults = [...halves(path, {cpu, memory}, ['cpu', 'memory']), ...halves(path, {min, max}, ['min', 'max'])]
  if (min !== undefined && max !== undefined && min > max) {
    faults.push({path: [...path, 'min'], message: `is ${min}, more than max, which is ${max}`})
  }
  if (compute !== 'ec2' && cpu !== undefined && memory !== undefined && !fargateTakes(cpu, memory)) {
    const [first, last, step] = fargateMemory[cpu] ?? [0, 0, 0]
    faults.push({
      path: [...path, 'memory'],
      message: `Fargate takes no ${memory} MiB with ${cpu} CPU units, but ${first} to ${last} in steps of ${step}`,
    })
  }
  return faults
}

/** RDS lets storage grow only to at least a tenth more than it begins with (API reference, MaxAllocatedStorage). */
function databaseFaults({storage, maxStorage}: SizedEnvironment['database']): readonly Incoherence[] {
  const faults = halves(['database'], {storage, maxStorage}, ['storage', 'maxStorage'])
  if (storage === undefined || maxStorage === undefined || maxStorage * 10 >= storage * 11) return faults
  return [
    ...faults,
    {
      path: ['database', 'maxStorage'],
      message: `must be at least ${Math.ceil((storage * 11) / 10)}, a tenth more than storage`,
    },
  ]
}

function networkFaults({existing}: SizedEnvironment['network']): readonly Incoherence[] {
  if (existing === undefined) return []
  const {publicSubnets, applicationSubnets, dataSubnets} = existing
  const tiers = {publicSubnets, applicationSubnets, dataSubnets}
  const twice = Object.entries(tiers).flatMap(([key, ids]): readonly Incoherence[] =>
    new Set(ids).size === ids.length ? [] : [{path: ['network', 'existing', key], message: 'names a subnet twice'}],
  )
  if (applicationSubnets.length === dataSubnets.length) return twice
  return [
    ...twice,
    {path: ['network', 'existing', 'dataSubnets'], message: 'must be as many as applicationSubnets: one for each zone'},
  ]
}

/** Everything that does not fit together in an environment. */
export function incoherencesOf(environment: SizedEnvironment): readonly Incoherence[] {
  const {services, compute, database, network} = environment
  return [
    ...Object.entries(services).flatMap(([name, sizes]) =>
      sizes === undefined ? [] : serviceFaults(name, sizes, compute),
    ),
    ...databaseFaults(database),
    ...networkFaults(network),
  ]
}
