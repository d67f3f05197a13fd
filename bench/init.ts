/**
 * How long `init` takes to its first question, and to each list after the answer before it, in a pseudo-terminal. Beside
 * the first question, back to back in each round: `node -e` that prints a word, and a bare question of inquirer, with and
 * without oclif. The lists come from the embedded AWS over a loopback proxy that makes each call wait like a network.
 *
 *   npm run build && PI_AWS_PYTHON_ENV=/folder/with/python node bench/init.ts [ROUNDS] [DELAY_MS]
 */
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {Embedded, packageRoot} from '../test/helpers/e2e.ts'
import {keys, Terminal} from '../test/helpers/pty/terminal.ts'
import {type Call, countedWay} from './quotas/counted-way.ts'

const [rounds = 11, delay = 300] = process.argv.slice(2).map(Number)
/** How long the first question is read and answered (ms). */
const reading = 1000
/** ms from start to the first question, and what a list may take beyond its slowest call. */
const limits = {first: 500, list: 100} as const

const cloud = await Embedded.start()
const way = await countedWay(cloud.endpoint)
const home = mkdtempSync(join(tmpdir(), 'pi-aws-bench-init-'))
const env: NodeJS.ProcessEnv = {
  ...{PATH: process.env['PATH'], LANG: 'C.UTF-8', HOME: home, PI_AWS_HOME: home},
  ...{AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench', AWS_REGION: 'eu-west-1'},
}
const script = (name: string): readonly string[] => [process.execPath, join(packageRoot, 'bench', 'init', name)]
const cli = [process.execPath, join(packageRoot, 'bin', 'run.js'), 'init', '--endpoint-url', way.url]

/** Starts something in a terminal; resolves to the ms until something is seen, the terminal's own start included. */
async function until(program: readonly string[], seen: RegExp | string): Promise<[number, Terminal]> {
  const begun = performance.now()
  const terminal = new Terminal([], {cwd: home, env, program})
  await terminal.sees(seen)
  return [performance.now() - begun, terminal]
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

const firsts: readonly (readonly [name: string, program: readonly string[], seen: string])[] = [
  ['node -e', [process.execPath, '-e', 'console.log("? Name")'], '? Name'],
  ['bare inquirer', script('bare-inquirer.js'), '? Name'],
  ['bare oclif and inquirer', script('bare-oclif.js'), '? Name'],
  ['init', cli, '? Name of the environment'],
]

async function firstQuestion(): Promise<boolean> {
  const times = new Map(firsts.map(([name]) => [name, [] as number[]]))
  for (let round = 0; round <= rounds; round++) {
    for (const [name, program, seen] of firsts) {
      const [time, terminal] = await until(program, seen)
      terminal.type(keys.interrupt)
      await terminal.ended
      // The first round fills the caches.
      if (round > 0) times.get(name)?.push(time)
    }
  }
  const floor = times.get('node -e') ?? []
  for (const [name, own] of times) {
    const ratio = median(own.map((time, round) => time / (floor[round] ?? Number.NaN)))
    process.stdout.write(
      `${name.padEnd(26)} ${median(own).toFixed(0).padStart(5)} ms ${ratio.toFixed(2).padStart(6)}\n`,
    )
  }
  return median(times.get('init') ?? []) <= limits.first
}

/** Questions in their order, what answers each, and what of AWS its list needs. */
const steps: readonly (readonly [question: RegExp, answer: string, list: RegExp | undefined])[] = [
  [/\? Region[^]*navigate/, keys.enter, /DescribeRegions/],
  [/\? Size[^]*navigate/, keys.enter, undefined],
  [/\? What tasks run on[^]*navigate/, keys.enter, undefined],
  [/\? Network[^]*navigate/, keys.enter, /DescribeVpcs/],
  [/\? Address range of the VPC/, keys.enter, undefined],
  [/\? Availability zones[^]*navigate/, keys.enter, /DescribeAvailabilityZones/],
  [/\? NAT gateways[^]*navigate/, keys.enter, undefined],
  [/\? Public name of the dashboard/, `bi.example.com${keys.enter}`, undefined],
  [/\? Route 53 zone[^]*navigate/, keys.interrupt, /hostedzone/],
]

/** ms of the slowest of the calls that a list needs, told by their actions or, of Route 53, by their path. */
function slowest(calls: readonly Call[], wanted: RegExp): number {
  const own = calls.filter(({action, path}) => wanted.test(action) || wanted.test(path))
  return Math.max(0, ...own.map(({begun, ended}) => ended - begun))
}

/** Somebody who answers all but the first question at once: the worst case for what is looked up meanwhile. */
async function lists(): Promise<boolean> {
  way.delay(delay)
  const beyond = new Map<string, number[]>()
  for (let round = 0; round < 5; round++) {
    way.taken()
    const [, terminal] = await until(cli, '? Name of the environment')
    // Nobody types a name in no time: this is five letters a second.
    await pause(reading)
    terminal.type(`prod${keys.enter}`)
    for (const [question, answer, list] of steps) {
      const begun = performance.now()
      await terminal.sees(question)
      const time = performance.now() - begun
      const name = /\? ([A-Z][A-Za-z ]+)/.exec(question.source.replaceAll('\\', ''))?.[1] ?? ''
      const api = list === undefined ? 0 : slowest(way.taken(), list)
      beyond.set(name, [...(beyond.get(name) ?? []), list === undefined ? time : time - api])
      terminal.type(answer)
    }
    await terminal.ended
    rmSync(join(home, 'init'), {recursive: true, force: true})
  }
  way.delay(0)
  let fine = true
  process.stdout.write(
    `\nms to each question for somebody who takes ${reading} ms for the first one and none for the others, ${delay} ms a call; of lists, beyond their calls\n`,
  )
  for (const [name, times] of beyond) {
    const own = median(times)
    fine &&= own <= limits.list
    process.stdout.write(`${name.padEnd(30)} ${own.toFixed(0).padStart(5)} ms\n`)
  }
  return fine
}

try {
  const [first, rest] = [await firstQuestion(), await lists()]
  process.exitCode = first && rest ? 0 : 1
} finally {
  way.close()
  await cloud.stop()
  rmSync(home, {recursive: true, force: true})
}
