/**
 * What a deploy of one stack costs beyond what CloudFormation itself takes: wall time less the imposed durations of
 * change set and stack, and the requests (in all, and meanwhile the stack is being made), beside `aws cloudformation deploy` against the same imitation in the same run.
 * `aws` is taken from PI_AWS_BENCH_AWS or PATH; where it is missing only our own figures are told.
 *
 *   node bench/deploy-overhead.ts
 */
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import {build} from 'esbuild'
import {fakeCloudFormation, type Imposed} from './overhead/fake-cloudformation.ts'

const root = join(import.meta.dirname, '..')
const template = 'Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n'

/** Durations that no poll interval divides. */
const paces: readonly Imposed[] = [
  {changeSet: 1300, stack: 2300},
  {changeSet: 2700, stack: 7700},
  {changeSet: 4100, stack: 19_100},
  {changeSet: 3300, stack: 41_300},
]

/** What is aimed at. */
const limits = {ofPeer: 0.15, seconds: 2, requestsPerSecond: 1.2} as const

interface Outcome {
  readonly overhead: number
  readonly requests: number
  /** Those while the stack was being made. */
  readonly running: number
}

async function measure(
  command: string,
  argv: (url: string) => readonly string[],
  imposed: Imposed,
): Promise<Outcome | undefined> {
  const server = await fakeCloudFormation(imposed)
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_DEFAULT_REGION: 'eu-west-1',
  }
  const begun = performance.now()
  try {
    const child = spawn(command, argv(server.url), {cwd: root, env, stdio: ['ignore', 'ignore', 'inherit']})
    const [status] = (await once(child, 'exit')) as [number | null]
    if (status !== 0) throw new Error(`${command} ended with ${status}`)
    const wall = performance.now() - begun
    const {requests, requestsWhileRunning: running} = server
    return {overhead: (wall - imposed.changeSet - imposed.stack) / 1000, requests, running}
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  } finally {
    server.close()
  }
}

function row(values: readonly string[]): string {
  return `${values.map((value) => value.padStart(12)).join('')}\n`
}

function words(outcome: Outcome | undefined): readonly string[] {
  if (outcome === undefined) return ['-', '-', '-']
  return [outcome.overhead.toFixed(2), String(outcome.requests), String(outcome.running)]
}

const scratch = await mkdtemp(join(tmpdir(), 'pi-aws-bench-'))
try {
  const ours = join(scratch, 'one-stack.mjs')
  const body = join(scratch, 'template.yaml')
  await writeFile(body, template)
  await build({
    entryPoints: [join(root, 'bench', 'overhead', 'one-stack.ts')],
    banner: {js: "import {createRequire} from 'node:module';const require = createRequire(import.meta.url)"},
    bundle: true,
    format: 'esm',
    logLevel: 'warning',
    mainFields: ['module', 'main'],
    outfile: ours,
    platform: 'node',
    target: 'node22',
  })
  const aws = process.env['PI_AWS_BENCH_AWS'] || 'aws'
  const peer = (url: string) => [
    'cloudformation',
    'deploy',
    '--endpoint-url',
    url,
    '--stack-name',
    'pi-bench-network',
    '--template-file',
    body,
  ]
  // Each has a server of its own, and next to nothing to compute once it has started: they run side by side.
  const rows = await Promise.all(
    paces.map(async (imposed, index) => {
      await wait(index * 2000)
      return {
        imposed,
        mine: await measure(process.execPath, (url) => [ours, url, template], imposed),
        theirs: await measure(aws, peer, imposed),
      }
    }),
  )
  process.stdout.write(
    row(['change set', 'stack', 'pi-aws s', 'requests', 'meanwhile', 'aws s', 'requests', 'meanwhile', 'ratio']),
  )
  let missed = 0
  for (const {imposed, mine, theirs} of rows) {
    if (mine === undefined) throw new Error('node did not start')
    const ratio = theirs === undefined ? undefined : mine.overhead / theirs.overhead
    // The first look comes at once and belongs to no second.
    const mayAsk = 1 + (limits.requestsPerSecond * imposed.stack) / 1000
    if (mine.overhead > limits.seconds || mine.running > mayAsk || (ratio ?? 0) > limits.ofPeer) missed += 1
    const durations = [imposed.changeSet, imposed.stack].map((ms) => (ms / 1000).toFixed(1))
    process.stdout.write(row([...durations, ...words(mine), ...words(theirs), ratio?.toFixed(3) ?? '-']))
  }
  if (rows.every(({theirs}) => theirs === undefined))
    process.stdout.write(`no ${aws} here: set PI_AWS_BENCH_AWS to compare\n`)
  process.exitCode = missed === 0 ? 0 : 1
} finally {
  await rm(scratch, {recursive: true, force: true})
}
