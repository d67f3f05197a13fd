import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {type Part, parts} from '../src/domain/parts.ts'
import {parseTemplate, type Template} from '../src/domain/template.ts'

/** What of a part is drawn, and what it is called there; a part has much else, such as roles, rules and policies. */
const drawn: Readonly<Record<string, string>> = {
  'AWS::KMS::Key': 'KMS key',
  'AWS::S3::Bucket': 'S3 buckets',
  'AWS::SecretsManager::Secret': 'secrets',
  'AWS::SNS::Topic': 'SNS topic',
  'AWS::Backup::BackupVault': 'backup vault',
  'AWS::EC2::VPC': 'VPC',
  'AWS::EC2::Subnet': 'subnets',
  'AWS::EC2::NatGateway': 'NAT gateways',
  'AWS::EC2::VPCEndpoint': 'S3 endpoint',
  'AWS::EC2::FlowLog': 'flow logs',
  'AWS::ServiceDiscovery::PrivateDnsNamespace': 'private names',
  'AWS::EFS::FileSystem': 'EFS file system',
  'AWS::Lambda::Function': 'side-load function',
  'AWS::SQS::Queue': 'dead letters',
  'AWS::RDS::DBInstance': 'RDS MariaDB',
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 'load balancer',
  'AWS::WAFv2::WebACL': 'web ACL',
  'AWS::ECS::Cluster': 'ECS cluster',
  'AWS::ECS::Service': 'ECS services',
  'AWS::CloudWatch::Alarm': 'alarms',
  'AWS::CloudWatch::Dashboard': 'dashboard',
  'AWS::Backup::BackupPlan': 'backup plan',
}

/** Where each part stands: column, row. */
const places: Readonly<Record<Part, readonly [column: number, row: number]>> = {
  foundation: [0, 0],
  network: [1, 0],
  files: [2, 0],
  database: [2, 1],
  app: [3, 0],
  operations: [4, 0],
}
const [boxWidth, lineHeight, columnGap, rowGap, margin] = [168, 18, 46, 28, 16]

interface Box {
  readonly part: Part
  readonly lines: readonly string[]
  readonly x: number
  readonly y: number
  readonly height: number
}

function templateAt(root: string, file: string): Template {
  return parseTemplate(readFileSync(join(root, 'templates', file), 'utf8'))
}

/** Types of a part's resources -> how many, those of its child stacks for each time that a child is used. */
function typesOf(root: string, file: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const {Type, Properties} of Object.values(templateAt(root, file).Resources)) {
    const child = /([a-z-]+\/[a-z-]+\.yaml)/.exec(JSON.stringify(Properties?.['TemplateURL'] ?? ''))?.[1]
    const inside = child === undefined ? new Map([[Type, 1]]) : typesOf(root, child)
    for (const [type, count] of inside) counts.set(type, (counts.get(type) ?? 0) + count)
  }
  return counts
}

function linesOf(root: string, part: Part): readonly string[] {
  const counts = typesOf(root, `${part}.yaml`)
  return Object.entries(drawn).flatMap(([type, name]) => {
    const count = counts.get(type) ?? 0
    return count === 0 ? [] : [count === 1 ? name : `${count} ${name}`]
  })
}

/** How many outputs of one part are parameters of another, which takes them by their equal names. */
function handedOver(root: string, from: Part, to: Part): number {
  const outputs = new Set(Object.keys(templateAt(root, `${from}.yaml`).Outputs))
  return Object.keys(templateAt(root, `${to}.yaml`).Parameters).filter((name) => outputs.has(name)).length
}

function boxesOf(root: string): readonly Box[] {
  const below = new Map<number, number>()
  return parts.map((part) => {
    const lines = linesOf(root, part)
    const [column] = places[part]
    const y = below.get(column) ?? margin
    const height = 40 + lines.length * lineHeight
    below.set(column, y + height + rowGap)
    return {part, lines, x: margin + column * (boxWidth + columnGap), y, height}
  })
}

const middle = ({y, height}: Box): number => y + height / 2

/** An arrow from one box to another in a column further right, bent where it leaves and where it arrives. */
function arrow(from: Box, to: Box, count: number, offset: number): string {
  const [x1, y1, x2] = [from.x + boxWidth, middle(from) + offset, to.x - 4]
  const y2 = Math.min(Math.max(y1, to.y + 20 + offset), to.y + to.height - 12)
  const bend = (x2 - x1) / 2
  const label = `<text x="${x2 - 6}" y="${y2 - 4}" class="count">${count}</text>`
  return `<path d="M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}" class="arrow"/>${label}`
}

function drawing({part, lines, x, y, height}: Box): string {
  const rows = lines.map((line, index) => `<text x="${x + 14}" y="${y + 46 + index * lineHeight}">${line}</text>`)
  return [
    `<rect x="${x}" y="${y}" width="${boxWidth}" height="${height}" rx="8"/>`,
    `<text x="${x + 14}" y="${y + 24}" class="part">${part}</text>`,
    ...rows,
  ].join('\n')
}

/**
 * The six parts with what they are made of, and from which to which outputs go (neighbours only: every part takes some of
 * the foundation's), as an SVG that follows from the templates alone.
 */
export function architecturePicture(root: string): string {
  const boxes = boxesOf(root)
  const width = margin * 2 + 5 * boxWidth + 4 * columnGap
  const height = Math.max(...boxes.map((box) => box.y + box.height)) + margin
  const arrows = boxes.flatMap((to) =>
    boxes.flatMap((from, index) => {
      const count = handedOver(root, from.part, to.part)
      const isNeighbour = places[to.part][0] - places[from.part][0] === 1
      return count > 0 && isNeighbour ? [arrow(from, to, count, (index - 2) * 5)] : []
    }),
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="The six stacks of an environment">`,
    '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="6" refY="3" orient="auto"><path d="M0 0 L6 3 L0 6 z" fill="#57606a"/></marker></defs>',
    '<style>text{font:13px system-ui,sans-serif;fill:#24292f}.part{font-weight:600;font-size:15px}.count{font-size:11px;fill:#57606a;text-anchor:end}rect{fill:#f6f8fa;stroke:#8c959f}.arrow{fill:none;stroke:#57606a;marker-end:url(#tip)}</style>',
    `<rect width="${width}" height="${height}" style="fill:#ffffff;stroke:none"/>`,
    ...arrows,
    ...boxes.map(drawing),
    '</svg>',
    '',
  ].join('\n')
}
