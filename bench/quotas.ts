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
import {createServer, request} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'

const root = join(import.meta.dirname, '..')
const peer = process.env['PI_AWS_BENCH_QUOTA_CHECKER']
const home = await mkdtemp(join(tmpdir(), 'pi-aws-bench-'))

/** What is aimed at: calls and time for each quota, as a part of the peer's. */
const limits = {calls: 0.6, seconds: 0.8} as const

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

/** A way to the endpoint that counts the requests which go through it. */
async function counting(endpoint: string): Promise<{readonly url: string; calls: () => number; close: () => void}> {
  let calls = 0
  const server = createServer((incoming, answer) => {
    calls += 1
    const outgoing = request(
      new URL(incoming.url ?? '/', endpoint),
      {method: incoming.method, headers: incoming.headers},
      (from) => {
        answer.writeHead(from.statusCode ?? 502, from.headers)
        from.pipe(answer)
      },
    )
    outgoing.on('error', () => answer.destroy())
    incoming.pipe(outgoing)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    calls: () => calls,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

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
  const way = await counting(started.endpoint)
  const credentials = {AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_DEFAULT_REGION: 'eu-west-1'}
  const ours = await run(
    process.execPath,
    [
      ...[join(root, 'bin', 'run.js'), 'quotas', 'check', 'demo', '--for', 'update', '--json'],
      ...['--config', join(root, 'examples', 'pi-aws.yaml'), '--endpoint-url', way.url],
    ],
    {...process.env, ...credentials, PI_AWS_HOME: home},
  )
  const ourCalls = way.calls()
  const {rows} = JSON.parse(ours.out) as {rows: readonly Row[]}
  const near = await cli('quotas', 'check', 'demo', '--local', '--for', 'update', '--json')
  tell(
    `pi-aws: ${rows.length} quotas, ${ourCalls} calls, ${number(ours.seconds)} s at AWS's pace, ${number(near.seconds)} s without a limit of calls a second`,
  )
  if (peer === undefined) {
    tell('aws-quota-checker is not installed: set PI_AWS_BENCH_QUOTA_CHECKER to compare with it')
  } else {
    const before = way.calls()
    const env = {...process.env, ...credentials, AWS_ENDPOINT_URL: way.url, HOME: home}
    const theirs = await run(peer, ['check', Object.keys(both).join(','), '--region', 'eu-west-1'], env)
    const theirCalls = way.calls() - before
    tell(`aws-quota-checker: ${Object.keys(both).length} quotas, ${theirCalls} calls, ${number(theirs.seconds)} s`)
    const all = way.calls()
    const whole = await run(peer, ['check', 'all', '--region', 'eu-west-1'], env)
    tell(`aws-quota-checker, all that it knows: ${way.calls() - all} calls, ${number(whole.seconds)} s`)
    tell('')
    const lines = theirs.out.split('\n')
    for (const [description, key] of Object.values(both)) {
      const found = lines.filter((line) => line.startsWith(description))
      const counts = found.map((line) => Number(/: (\d+(?:\.\d+)?)\/[^ ]+ /.exec(line)?.[1] ?? Number.NaN))
      const most = counts.length === 0 ? 'no answer' : String(Math.max(...counts))
      const own = rows.find((row) => row.key === key)
      const mark = String(own?.used ?? 'not met') === most ? ' ' : '*'
      tell(`${mark} ${key.padEnd(28)} pi-aws ${String(own?.used ?? 'not met').padStart(8)}   peer ${most}`)
    }
    if (process.argv.includes('--show')) tell(theirs.out)
    const share = (own: number, other: number): number => own / rows.length / (other / Object.keys(both).length)
    const [calls, seconds] = [share(ourCalls, theirCalls), share(ours.seconds, theirs.seconds)]
    tell(`for each quota, as a part of the peer's: ${calls.toFixed(2)} of the calls, ${seconds.toFixed(2)} of the time`)
    process.exitCode = calls > limits.calls || seconds > limits.seconds ? 1 : 0
  }
  way.close()
} finally {
  await cli('local', 'stop')
  await rm(home, {recursive: true, force: true})
}
