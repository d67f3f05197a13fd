import type {DatasheetResult} from '../../flows/datasheet.ts'
import {type Column, formatBytes} from './layout.ts'

/** One chapter of the data sheet: facts above a table, either may be missing, and a remark below. */
export interface Section {
  readonly title: string
  readonly facts: readonly (readonly [name: string, value: string])[]
  readonly table?: {readonly columns: readonly Column[]; readonly rows: readonly (readonly string[])[]}
  readonly remark?: string
}

/** A blank at which no line is broken. */
export const unbroken = '\u00a0'

function column(head: string, align: 'left' | 'right' = 'left'): Column {
  return {head, align}
}

/** `2`, or `1-4` where it may grow. */
function span(min: number, max: number): string {
  return min === max ? String(max) : `${min}-${max}`
}

/** A size without needless decimals: configured sizes are round. */
function size(bytes: number): string {
  return formatBytes(bytes).replace('.0 ', ' ')
}

function overview(result: DatasheetResult): Section {
  return {
    title: 'Environment',
    facts: [
      ['Account', result.account ?? 'any: pi-aws.yaml names none'],
      ['Preset', result.preset],
      ['Compute', result.compute],
      ['Resources', `${result.resources.total} in ${result.resources.stacks} stacks`],
    ],
  }
}

function services({services: rows}: DatasheetResult): Section {
  const table = {
    columns: [
      column('Service'),
      column('vCPU', 'right'),
      column('Memory', 'right'),
      column('Tasks', 'right'),
      column('Peak', 'right'),
      column('Port', 'right'),
      column('Image'),
    ],
    rows: rows.map((row) => [
      row.name,
      String(row.vcpu),
      size(row.memoryBytes),
      span(row.min, row.max),
      String(row.peak),
      String(row.port),
      row.image,
    ]),
  }
  return {
    title: 'Services',
    facts: [],
    table,
    remark: 'Peak: most tasks at one time, while a release replaces them at full load.',
  }
}

function network({network: facts}: DatasheetResult): Section {
  return {
    title: 'Network',
    facts: [
      [
        'VPC',
        facts.existingVpc === undefined
          ? `${facts.cidr}, made for it`
          : `${facts.existingVpc} (${facts.cidr}), existing`,
      ],
      ['Zones', String(facts.zones)],
      [
        'NAT gateways',
        facts.natGateways === 0 ? 'none: the existing VPC has its own way out' : String(facts.natGateways),
      ],
      ...facts.tiers.map(({tier, subnets}): [string, string] => [
        `${tier.replace(/^./, (first) => first.toUpperCase())} tier`,
        subnets.join(', '),
      ]),
    ],
  }
}

function open(result: DatasheetResult): Section {
  const clients = (port: number): string =>
    result.ports.find((row) => row.port === port && row.to === 'load balancer')?.from.join(', ') ?? 'nobody'
  const {exposed} = result
  return {
    title: 'Public',
    facts: [],
    table: {
      columns: [column('Port', 'right'), column('Protocol'), column('Does'), column('Open to'), column('Host names')],
      rows: result.public.map(({port, protocol, does, hosts}) => [
        String(port),
        protocol,
        does,
        clients(port),
        does === 'redirects' ? 'any' : hosts.join(', ') || 'the one that AWS gives',
      ]),
    },
    remark:
      exposed.length === 0
        ? 'This is the load balancer. Nothing else can be reached from outside.'
        : `These have public addresses besides the load balancer: ${exposed.join(', ')}.`,
  }
}

function ports(result: DatasheetResult): Section {
  return {
    title: 'Who may reach what',
    facts: [],
    table: {
      columns: [column('Port', 'right'), column('Of'), column('From')],
      rows: result.ports.flatMap(({to, port, from}) => from.map((source) => [String(port), to, source])),
    },
  }
}

function outbound(result: DatasheetResult): Section {
  return {
    title: 'Ways out',
    facts: [],
    table: {
      columns: [column('Port', 'right'), column('From'), column('To'), column('For')],
      rows: result.outbound.map(({from, port, to, what}) => [String(port), from, to, what]),
    },
  }
}

function data({database, files, backup}: DatasheetResult): Section {
  return {
    title: 'Data',
    facts: [
      [
        'Database',
        `${database.engine} ${database.version} on ${database.class}, ${database.standby ? 'with a standby in another zone' : 'without a standby'}`,
      ],
      ['Database storage', `${size(database.storageBytes)}, grows to ${size(database.maxStorageBytes)}`],
      [
        'Automated backups',
        `${database.backupDays} days, made ${database.backupWindow} UTC; maintenance ${database.maintenanceWindow} UTC`,
      ],
      [
        'File system',
        `${files.throughput} throughput, ${files.mountTargets} mount targets, ${files.accessPoints} access points; grows by itself`,
      ],
      ['Backup plan', backup === undefined ? 'none' : `${backup.schedule} UTC, kept ${backup.keepDays} days`],
    ],
  }
}

function encryption(result: DatasheetResult): Section {
  return {
    title: 'Encryption',
    facts: result.encryption.map(({what, count, how}) => [count === 1 ? what : `${what} (${count})`, how]),
  }
}

function limits(result: DatasheetResult): Section {
  return {title: 'Limits', facts: result.limits.map(({what, value}) => [what, value])}
}

function costs(result: DatasheetResult): Section {
  return {
    title: 'What drives cost',
    facts: [],
    table: {
      columns: [column('Driver'), column('Count', 'right'), column('Unit'), column('Charged by')],
      rows: result.costs.map(({driver, min, max, unit, chargedBy}) => [driver, span(min, max), unit, chargedBy]),
    },
    remark: 'No prices: they differ by region and change. calculator.aws takes these counts.',
  }
}

function resources(result: DatasheetResult): Section {
  const services = new Map<string, string[]>()
  for (const {type, count} of result.resources.byType) {
    const [, service = type, name = type] = type.split('::')
    services.set(service, [...(services.get(service) ?? []), `${name}${unbroken}${count}`])
  }
  return {title: 'Resources', facts: [...services].map(([service, names]) => [service, names.join(', ')])}
}

/** The chapters in the order in which they are read. */
export function sectionsOf(result: DatasheetResult): readonly Section[] {
  return [overview, services, network, open, ports, outbound, data, encryption, limits, costs, resources].map((make) =>
    make(result),
  )
}
