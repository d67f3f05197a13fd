import type {Ask, Holder, Ports} from '../../../src/flows/ports.ts'
import type {Answers} from './answers.ts'
import type {World} from './world.ts'

/** The ports that AWS answers. */
type AwsPorts = Omit<Ports, 'clock' | 'machine' | 'packageFiles' | 'ask'>
/** The same, answering at once. */
export type AwsAnswers = {readonly [K in keyof AwsPorts]: Answers<AwsPorts[K]>}

/** The end of a process: nothing that it does afterwards reaches anybody. */
export class Killed extends Error {
  constructor() {
    super('killed')
  }
}

export interface ProcessOptions {
  readonly pid: number
  readonly host: string
  readonly user: string
  /** Dies at this call of AWS: by its number, counted from 1, or at the first one of which something is true. */
  readonly killAt?: {readonly call: number | ((call: OwnCall) => boolean); readonly when: 'before' | 'after'}
  /** Looks at each call before it is made; may throw what AWS would answer. */
  readonly onCall?: (call: OwnCall) => void
  /** The same behind its effect: what it throws is an answer that was lost on the way. */
  readonly onAnswer?: (call: OwnCall) => void
  /** Whether a call comes to AWS twice, as one does that is sent again because its answer was lost: the second answer counts. */
  readonly twice?: (call: OwnCall) => boolean
}

export interface OwnCall {
  /** From 1. */
  readonly number: number
  /** `stacks.describe` and the like. */
  readonly name: string
  readonly args: readonly unknown[]
}

/** Has AWS answer nobody: a refusal is an answer too. */
function ignoring(answer: () => unknown): void {
  try {
    answer()
  } catch {
    // Nobody hears of it.
  }
}

/** A run of the command line: its ports, its place in the world, its death. */
export class FakeProcess {
  readonly #world: World
  readonly #options: ProcessOptions
  readonly ports: Ports
  calls = 0
  dead = false
  ask: Ask = {
    possible: false,
    confirm: async () => false,
    text: async () => '',
    secret: async () => '',
  }

  constructor(world: World, options: ProcessOptions) {
    this.#world = world
    this.#options = options
    world.alive.add(options.pid)
    const clock = world.clock.for(this)
    const aws = Object.fromEntries(
      Object.entries(world.aws).map(([name, port]) => [name, this.wrap(name, port as object)]),
    )
    this.ports = {
      ...(aws as unknown as AwsPorts),
      clock: {
        now: () => this.living(clock.now()),
        sleep: async (ms, signal) => {
          this.living(undefined)
          await clock.sleep(ms, signal)
          this.living(undefined)
        },
      },
      machine: {
        holder: () => this.living(this.holder),
        mayBeAlive: (holder) => this.living(holder.host !== options.host || world.alive.has(holder.pid)),
        randomHex: (digits) => this.living(world.hex(options.pid, digits)),
      },
      packageFiles: {
        version: world.version,
        templates: async () => this.living(world.templates),
        lambdaZip: async () => this.living(world.zip),
      },
      ask: {
        get possible() {
          return self.ask.possible
        },
        confirm: (question) => this.ask.confirm(question),
        text: (question) => this.ask.text(question),
        secret: (question) => this.ask.secret(question),
      },
    }
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- for the getter above
    const self = this
  }

  get holder(): Holder {
    const {host, pid, user} = this.#options
    return {host, pid, user}
  }

  /** SIGKILL, also from outside. */
  kill(): Killed {
    const killed = new Killed()
    this.dead = true
    this.#world.alive.delete(this.#options.pid)
    this.#world.clock.wakeAll(this, killed)
    return killed
  }

  /** Ends like a process that is done. */
  leave(): void {
    this.#world.alive.delete(this.#options.pid)
  }

  /** Gives a value, to one who lives. */
  living<T>(value: T): T {
    if (this.dead) throw new Killed()
    return value
  }

  /** Methods that answer at once as calls of AWS: counted, logged, and maybe the last. */
  wrap(port: string, methods: object): object {
    const entries = Object.entries(methods).map(([method, answer]: [string, (...args: unknown[]) => unknown]) => {
      if (method === 'url' || method === 'requests') return [method, answer]
      return [method, async (...args: unknown[]): Promise<unknown> => this.#call(port, method, answer, args)]
    })
    return Object.fromEntries(entries) as object
  }

  #call(port: string, method: string, answer: (...args: unknown[]) => unknown, args: readonly unknown[]): unknown {
    this.living(undefined)
    const {killAt, onCall, onAnswer, twice, pid} = this.#options
    this.calls += 1
    const call = {number: this.calls, name: `${port}.${method}`, args}
    const isLast = typeof killAt?.call === 'function' ? killAt.call(call) : killAt?.call === this.calls
    const doomed = isLast ? killAt?.when : undefined
    if (doomed === 'before') throw this.kill()
    onCall?.(call)
    this.living(undefined)
    this.#world.log.push({process: pid, port, method, args})
    this.#world.tick()
    if (doomed === undefined) {
      if (twice?.(call) === true) ignoring(() => answer(...args))
      const value = answer(...args)
      onAnswer?.(call)
      return value
    }
    ignoring(() => answer(...args))
    throw this.kill()
  }
}
