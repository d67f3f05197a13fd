import assert from 'node:assert/strict'
import {randomInt} from 'node:crypto'
import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {setTimeout as pause} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import type {ErrorJson} from './e2e-results.ts'

/** Root of the package under test: this one, or where PI_AWS_TEST_PACKAGE says (an installed tarball, say). */
export const packageRoot = process.env['PI_AWS_TEST_PACKAGE'] ?? fileURLToPath(new URL('../..', import.meta.url))

/** How a spawned command ended. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** What it printed with --json, or the last line of ndjson. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller says what it expects
  json<T>(): T
  /** The error it printed with --json. */
  error(): ErrorJson['error']
}

export interface SpawnOptions {
  /** Beside, or instead of, the clean environment that commands get. */
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** Written to stdin, which is then closed. */
  readonly stdin?: string
  /** Root of another package to run. */
  readonly package?: string
  /** ms until the command is killed and the test fails. */
  readonly limit?: number
}

/** One event of `--output ndjson`. */
export type EventLine = Readonly<Record<string, unknown>> & {readonly type: string}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<Ended>
  /** Events so far (ndjson). */
  readonly events: readonly EventLine[]
  /** Waits for an event; fails when the command ends before it came. */
  until(wanted: (event: EventLine, count: number) => boolean): Promise<void>
}

/** What a machine has that knows neither AWS nor an operator. */
export function cleanEnvironment(home: string): NodeJS.ProcessEnv {
  const {PATH, PI_AWS_PYTHON_ENV, PI_AWS_PYTHON, PI_AWS_CACHE, NODE_V8_COVERAGE, TMPDIR, LANG} = process.env
  const nowhere = join(home, 'nowhere')
  return Object.fromEntries(
    Object.entries({
      ...{PATH, PI_AWS_PYTHON_ENV, PI_AWS_PYTHON, PI_AWS_CACHE, NODE_V8_COVERAGE, TMPDIR, LANG},
      HOME: home,
      PI_AWS_HOME: home,
      AWS_CONFIG_FILE: nowhere,
      AWS_SHARED_CREDENTIALS_FILE: nowhere,
      AWS_EC2_METADATA_DISABLED: 'true',
    }).filter(([, value]) => value !== undefined),
  )
}

function lastJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return JSON.parse(text.trim().split('\n').at(-1) ?? '')
  }
}

/** Starts a command of the package that is built here. */
export function start(home: string, args: readonly string[], options: SpawnOptions = {}): Running {
  const env = {...cleanEnvironment(home), ...options.env}
  const child = spawn(process.execPath, [join(options.package ?? packageRoot, 'bin', 'run.js'), ...args], {
    cwd: options.cwd ?? home,
    env,
  })
  const events: EventLine[] = []
  let [stdout, stderr] = ['', '']
  const waiting = new Set<() => void>()
  const told = (): void => {
    for (const look of waiting) look()
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  // A reader that goes away is what some tests are about.
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined)
  if (args.includes('ndjson')) {
    createInterface({input: child.stdout}).on('line', (line) => {
      events.push(JSON.parse(line) as EventLine)
      told()
    })
  }
  child.stdin.end(options.stdin ?? '')
  const limit = options.limit ?? 90_000
  const ended = new Promise<Ended>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`pi-aws ${args.join(' ')} did not end within ${limit} ms.\n${stdout}\n${stderr}`))
    }, limit)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      const text = `pi-aws ${args.join(' ')}: exit ${code ?? signal}\n${stdout}\n${stderr}`
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as in Ended
      const json = <T>(): T => {
        assert.notEqual(stdout, '', text)
        return lastJson(stdout) as T
      }
      resolve({
        ...{code, signal, stdout, stderr, json},
        error: () => {
          const {error} = json<Partial<ErrorJson>>()
          assert.ok(error !== undefined, text)
          return error
        },
      })
      told()
    })
  })
  ended.catch(() => undefined)
  return {
    child,
    ended,
    events,
    async until(wanted) {
      let seen = 0
      const met = new Promise<void>((resolve, reject) => {
        const look = (): void => {
          while (seen < events.length) {
            seen += 1
            const event = events[seen - 1]
            if (event !== undefined && wanted(event, seen)) resolve()
          }
          if (child.exitCode !== null) reject(new Error(`The command ended after ${events.length} events.\n${stderr}`))
        }
        waiting.add(look)
        look()
      })
      await Promise.race([met, ended.then(() => met)])
    },
  }
}

/** What a new account has too little of for several environments at once. */
const grownQuotas = [
  {service: 'fargate', code: 'L-3032A538', value: 200},
  {service: 'fargate', code: 'L-36FBB829', value: 200},
  {service: 'ec2', code: 'L-1216C47A', value: 200},
  {service: 'ec2', code: 'L-0263D0A3', value: 50},
  {service: 'vpc', code: 'L-F678F1CE', value: 50},
  {service: 'vpc', code: 'L-A4707A72', value: 50},
  {service: 'vpc', code: 'L-FE5A380F', value: 50},
]

interface Client {
  destroy(): void
}
interface ClientSettings {
  region: string
  endpoint: string
  credentials: {accessKeyId: string; secretAccessKey: string}
  forcePathStyle: boolean
}
type ClientClass<C extends Client> = new (settings: ClientSettings) => C

/** An embedded AWS of its own in a temporary folder, and the command line beside it. */
export class Embedded {
  readonly home: string
  endpoint = ''
  stateDir = ''
  pid = 0
  readonly #clients = new Map<unknown, Map<string, Client>>()

  constructor() {
    this.home = mkdtempSync(join(tmpdir(), 'pi-aws-e2e-'))
  }

  /** @param account one whose quotas were raised long ago, or one with AWS's defaults */
  static async start(pace = 0, account: 'grown account' | 'new account' = 'grown account'): Promise<Embedded> {
    const cloud = new Embedded()
    const {endpoint, stateDir, pid} = await cloud.ok<{endpoint: string; stateDir: string; pid: number}>(
      'local',
      'start',
      ...['--pace', `${pace}`, '--port', `${await freePort()}`],
    )
    Object.assign(cloud, {endpoint, stateDir, pid})
    if (account === 'grown account') for (const quota of grownQuotas) await cloud.#control('quotas', quota)
    return cloud
  }

  /** Ends the server and removes every trace; safe where the start failed. */
  async stop(): Promise<void> {
    for (const regions of this.#clients.values()) for (const client of regions.values()) client.destroy()
    await this.run(['local', 'purge', '--json'])
    rmSync(this.home, {recursive: true, force: true, maxRetries: 5})
  }

  spawn(args: readonly string[], options: SpawnOptions = {}): Running {
    return start(this.home, args, options)
  }

  run(args: readonly string[], options: SpawnOptions = {}): Promise<Ended> {
    return this.spawn(args, options).ended
  }

  /** Runs a command with --json that must end 0, and gives its result. */
  async ok<T>(...args: string[]): Promise<T> {
    const ended = await this.run([...args, '--json'])
    assert.equal(ended.code, 0, `pi-aws ${args.join(' ')}\n${ended.stdout}\n${ended.stderr}`)
    return ended.json<T>()
  }

  /** Runs a command with --json that must end with `code`, and gives its error. */
  async fails(code: number, args: readonly string[], options: SpawnOptions = {}): Promise<ErrorJson['error']> {
    const ended = await this.run([...args, '--json'], options)
    assert.equal(ended.code, code, `pi-aws ${args.join(' ')}\n${ended.stdout}\n${ended.stderr}`)
    const error = ended.error()
    assert.equal(error.exitCode, code)
    return error
  }

  /** Writes a configuration file and gives its path. JSON is YAML. */
  config(environments: Readonly<Record<string, object>>, name = 'pi-aws.yaml'): string {
    const full: Record<string, object> = {}
    for (const [key, value] of Object.entries(environments)) {
      full[key] = {region: 'eu-west-1', domain: {httpOnly: true}, ...value}
    }
    return this.write(name, JSON.stringify({version: 1, environments: full}))
  }

  write(name: string, text: string): string {
    const folder = join(this.home, 'operator')
    mkdirSync(folder, {recursive: true})
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }

  /**
   * An SDK client of the embedded AWS; it knows nothing of our adapters.
   * @param account twelve digits; the usual one without
   */
  client<C extends Client>(Class: ClientClass<C>, region = 'eu-west-1', account = 'test'): C {
    const place = `${region} ${account}`
    const found = this.#clients.get(Class)?.get(place)
    if (found !== undefined) return found as C
    const credentials = {accessKeyId: account, secretAccessKey: 'test'}
    const made = new Class({region, endpoint: this.endpoint, credentials, forcePathStyle: true})
    const others = this.#clients.get(Class) ?? new Map<string, Client>()
    this.#clients.set(Class, others.set(place, made))
    return made
  }

  /** The next creations of a resource type fail. */
  fault(type: string, reason: string, times = 1, step: 'create' | 'update' | 'delete' = 'create'): Promise<unknown> {
    return this.#control('faults', {type, reason, times, step})
  }

  async noFaults(): Promise<void> {
    await fetch(`${this.endpoint}/_pi/faults`, {method: 'DELETE'})
  }

  /** Actions that are denied from now on, or all that are allowed to the command line. */
  permissions(order: {readonly deny?: readonly string[]; readonly allow?: readonly string[]}): Promise<unknown> {
    return this.#control('permissions', {...order, key: 'local'})
  }

  pace(pace: number): Promise<unknown> {
    return this.#control('pace', {pace})
  }

  async #control(route: string, body: object): Promise<unknown> {
    const answer = await fetch(`${this.endpoint}/_pi/${route}`, {method: 'POST', body: JSON.stringify(body)})
    assert.equal(answer.status, 200, await answer.clone().text())
    return answer.json()
  }
}

/**
 * A port that nobody listens on, below those that systems give to outgoing connections: otherwise one of these may take
 * it before it is used.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    const server = createServer()
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => {
        resolve(false)
      })
      server.listen(port, '127.0.0.1', () => {
        resolve(true)
      })
    })
    await new Promise((resolve) => server.close(resolve))
    if (free) return port
  }
}

/** Asks again and again until the answer is there; fails with the last reason when it does not come. */
export async function eventually<T>(ask: () => Promise<T | undefined>, limit = 20_000): Promise<T> {
  const deadline = Date.now() + limit
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    assert.ok(Date.now() < deadline, `it did not come true within ${limit} ms: ${ask.toString()}`)
    await pause(100)
  }
}
