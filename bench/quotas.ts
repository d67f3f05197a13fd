/**
 * A whole check of quotas beside the Python package aws-quota-checker on the same embedded account, on which one
 * environment is deployed: calls, wall time, and where the two count differently on the quotas that both know. Starts
 * an embedded AWS of its own, in a folder of its own, and stops it again.
 *
 *   npm run build && PI_AWS_BENCH_QUOTA_CHECKER=/path/to/aws-quota-checker node bench/quotas.ts
 */
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {countedWay} from './quotas/counted-way.ts'
import {ownTimes} from './quotas/paging.ts'

const root = join(import.meta.dirname, '..')
const peer = process.env['PI_AWS_BENCH_QUOTA_CHECKER']
const home = await mkdtemp(join(tmpdir(), 'pi-aws-bench-'))

/**
 * What is aimed at: calls and time for each quota, as a part of the peer's; the whole check, in times of the slowest
 * service's calls by themselves.
 */
const limits = {calls: 0.6, seconds: 0.8, slowest: 2.5} as const

/** How late answers come, in milliseconds: on this machine, and from a region not far away. */
const delays = [0, 100] as const

/** The peer's check -> what its line begins with, and our key. */
const both: Readonly<Record<string, readonly [description: string, key: string]>> = {
  ec2_on_demand_standard_count: ['Running On-Demand Standard', 'instance-vcpu'],
  ec2_eip_count: ['EC2 VPC Elastic IPs', 'elastic-ips'],
  vpc_count: ['VPCs per Region', 'vpcs'],
  ig_count: ['VPC internet gateways', 'internet-gateways'],
  ni_count: ['VPC network interfaces', 'network-interfaces'],
  sg_count: ['VPC security groups', 'security-groups'],
  vpc_rules_per_sg: ['Rules per VPC security group', 'group-rules'],
  vpc_route_tables_per_vpc: ['Route Tables per VPC', 'route-tables'],
  vpc_subnets_per_vpc: ['Subnets per VPC', 'subnets'],
  vpc_acls_per_vpc: ['Network ACLs per VPC', 'network-acls'],
  vpc_rules_per_acl: ['Rules per Network ACL', 'acl-rules'],
  elb_alb_count: ['Application Load Balancers', 'load-balancers'],
  elb_listeners_per_alb: ['Listeners per Application', 'listeners'],
  elb_target_group_count: ['Target Groups per Region', 'target-groups'],
  cf_stack_count: ['Cloud Formation Stack', 'stacks'],
  ecs_count: ['ECS', 'clusters'],
  iam_role_count: ['IAM roles', 'roles'],
  rds_instances: ['RDS instances', 'databases'],
  rds_parameter_groups: ['RDS parameter groups', 'database-parameter-groups'],
  rds_instance_snapshots: ['Manual DB instance snapshots', 'manual-snapshots'],
  secretsmanager_secrets_count: ['Secrets', 'secrets'],
  s3_bucket_count: ['S3 Buckets', 'buckets'],
  route53_hosted_zone_count: ['Route53 Hosted Zones', 'hosted-zones'],
  asg_count: ['Auto Scaling groups', 'auto-scaling-groups'],
}

interface Ran {
  readonly out: string
  readonly seconds: number
}

async function run(program: string, argv: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> {
  const begun = performance.now()
  const child = spawn(program, argv, {cwd: home, env, stdio: ['ignore', 'pipe', 'ignore']})
  const [out] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return {out, seconds: (performance.now() - begun) / 1000}
}

const cli = (...argv: readonly string[]): Promise<Ran> =>
  run(process.execPath, [join(root, 'bin', 'run.js'), ...argv], {...process.env, PI_AWS_HOME: home})

interface Row {
  readonly key: string
  readonly used: number | null
  readonly limit: number | null
}

const tell = (line: string): boolean => process.stdout.write(`${line}\n`)
const number = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(1))

try {
  const started = JSON.parse((await cli('local', 'start', '--pace', '0', '--json')).out) as {endpoint: string}
  await cli('deploy', 'demo', '--local', '--yes')
  const way = await countedWay(started.endpoint)
  const credentials = {AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_DEFAULT_REGION: 'eu-west-1'}
  const check = (mode: string): Promise<Ran> =>
    run(
      process.execPath,
      [
        ...[join(root, 'bin', 'run.js'), 'quotas', 'check', 'demo', '--for', mode, '--json'],
        ...['--config', join(root, 'examples', 'pi-aws.yaml'), '--endpoint-url', way.url],
      ],
      {...process.env, ...credentials, PI_AWS_HOME: home},
    )
  const near = await cli('quotas', 'check', 'demo', '--local', '--for', 'update', '--json')
  tell(`without a limit of calls a second: ${number(near.seconds)} s`)
  const env = {...process.env, ...credentials, AWS_ENDPOINT_URL: way.url, HOME: home}
  const theirs = (what: string): Promise<Ran> => run(peer ?? '', ['check', what, '--region', 'eu-west-1'], env)
  const known = Object.keys(both).length
  let rows: readonly Row[] = []
  let lines: readonly string[] = []
  for (const delay of delays) {
    way.delay(delay)
    tell(`answers come ${delay} ms late`)
    way.taken()
    const ours = await check('update')
    const calls = way.taken()
    rows = (JSON.parse(ours.out) as {rows: readonly Row[]}).rows
    tell(`  pi-aws: ${rows.length} quotas, ${calls.length} calls, ${number(ours.seconds)} s at AWS's pace`)
    const times = await ownTimes(calls, way.url)
    const ratio = ours.seconds / (times[0]?.seconds ?? Number.NaN)
    const slow = times.slice(0, 3).map(({service, calls: own, seconds}) => `${service} ${own} in ${number(seconds)} s`)
    tell(`  ${ratio.toFixed(2)} times the slowest service by itself: ${slow.join(', ')}`)
    if (!(ratio <= limits.slowest)) process.exitCode = 1
    if (peer === undefined) continue
    way.taken()
    const checked = await theirs(Object.keys(both).join(','))
    const taken = way.taken().length
    lines = checked.out.split('\n')
    tell(`  aws-quota-checker: ${known} quotas, ${taken} calls, ${number(checked.seconds)} s`)
    const part = (own: number, other: number): number => own / rows.length / (other / known)
    const [ofCalls, ofTime] = [part(calls.length, taken), part(ours.seconds, checked.seconds)]
    tell(`  for each quota, part of its calls and time: ${ofCalls.toFixed(2)}, ${ofTime.toFixed(2)}`)
    if (delay > 0 && (ofCalls > limits.calls || ofTime > limits.seconds)) process.exitCode = 1
  }
  way.delay(0)
  if (peer === undefined) {
    tell('aws-quota-checker is not installed: set PI_AWS_BENCH_QUOTA_CHECKER to compare with it')
  } else {
    way.taken()
    const whole = await theirs('all')
    const answers = whole.out.split('\n').filter((line) => line.includes(']: '))
    const open = answers.filter((line) => line.includes('?'))
    tell(
      `aws-quota-checker, all that it knows: ${answers.length} answers, ${open.length} of them open, ${way.taken().length} calls, ${number(whole.seconds)} s`,
    )
    if (process.argv.includes('--show')) for (const line of open) tell(`  ${line}`)
    tell('')
    // What only a restore draws on is counted in that mode.
    const more = JSON.parse((await check('restore')).out) as {rows: readonly Row[]}
    for (const [description, key] of Object.values(both)) {
      const found = lines.filter((line) => line.startsWith(description))
      const counts = found.map((line) => Number(/: (\d+(?:\.\d+)?)\/[^ ]+ /.exec(line)?.[1] ?? Number.NaN))
      const most = counts.length === 0 ? 'no answer' : String(Math.max(...counts))
      const own = [...rows, ...more.rows].find((row) => row.key === key)
      const mark = String(own?.used ?? 'not met') === most ? ' ' : '*'
      tell(`${mark} ${key.padEnd(28)} pi-aws ${String(own?.used ?? 'not met').padStart(8)}   peer ${most}`)
    }
  }
  way.close()
} finally {
  await cli('local', 'stop')
  await rm(home, {recursive: true, force: true})
}
