import type {FlowEvent} from '../../../src/flows/events.ts'
import type {
  LocalHealth,
  LocalMemory,
  LocalPorts,
  PortAnswer,
  PythonPlan,
  ServerRecord,
  SpawnRequest,
} from '../../../src/flows/local/ports.ts'
import type {Holder} from '../../../src/flows/ports.ts'
import type {Run} from '../../../src/flows/run.ts'

/** A machine in which an embedded AWS can live, with its own time: sleeping moves the clock and runs what is due. */
export class FakeWorld {
  time = Date.parse('2026-01-02T03:04:05.000Z')
  due: {at: number; act: () => void}[] = []
  events: FlowEvent[] = []
  calls: string[] = []
  abort = new AbortController()

  memory: LocalMemory | undefined
  record: ServerRecord | undefined
  /** Error that the folder answers with. */
  folderError: Error | undefined
  lockHolder: Holder | undefined
  locked = false
  log: string[] = []
  data = false
  folder = false

  /** What listens where. */
  ports = new Map<number, PortAnswer>()
  /** Running processes: id -> instance id in its command line. */
  processes = new Map<number, string>()
  nextPid = 100
  spawned: SpawnRequest[] = []
  /** What a new server does; the default answers after 1.5 s. */
  boot: (request: SpawnRequest, pid: number) => void = (request, pid) => {
    this.after(1500, () => this.ports.set(request.port, healthy(pid, request.instanceId, request.pace)))
  }
  ends = new Map<number, string>()
  killed: number[] = []
  /** What SIGTERM does; the default ends the process after 300 ms. */
  term: (pid: number) => void = (pid) => this.after(300, () => this.end(pid))

  environment: string | undefined = '/cache/python/bin/python'
  environments: string[] = []
  makeError: Error | undefined

  after(ms: number, act: () => void): void {
    this.due.push({at: this.time + ms, act})
  }

  end(pid: number, how = 'exit code 0'): void {
    this.processes.delete(pid)
    this.ends.set(pid, how)
    for (const [port, answer] of this.ports) {
      if (answer.kind === 'health' && answer.health.pid === pid) this.ports.delete(port)
    }
  }

  /** A server of ours that runs since before. */
  running(port = 4566, pace = 0): number {
    const pid = this.nextPid++
    this.memory = {instanceId: 'id-1', port, region: 'eu-west-1'}
    this.folder = true
    const startedAt = new Date(this.time).toISOString()
    this.record = {pid, port, instanceId: 'id-1', region: 'eu-west-1', startedAt, version: '0.1.0'}
    this.processes.set(pid, 'id-1')
    this.ports.set(port, healthy(pid, 'id-1', pace))
    return pid
  }

  get run(): Run {
    return {report: (event) => this.events.push(event), pause: this.abort.signal}
  }

  get localPorts(): LocalPorts {
    return {
      clock: {
        now: () => new Date(this.time),
        sleep: async (ms, signal) => {
          signal?.throwIfAborted()
          this.time += ms
          const now = this.due.filter(({at}) => at <= this.time)
          this.due = this.due.filter(({at}) => at > this.time)
          for (const {act} of now) act()
          await Promise.resolve()
          signal?.throwIfAborted()
        },
      },
      machine: {randomHex: (digits) => 'a'.repeat(digits)},
      packageFiles: {version: '0.1.0'},
      state: this.#state(),
      server: this.#server(),
      python: this.#python(),
    }
  }

  #state(): LocalPorts['state'] {
    return {
      dir: '/state/local',
      memory: async () => {
        if (this.folderError !== undefined) throw this.folderError
        return this.memory
      },
      claim: async () => {
        if (this.folderError !== undefined) throw this.folderError
        this.folder = true
        return (this.memory ??= {instanceId: 'id-1'})
      },
      remember: async (port, region) => {
        this.memory = {instanceId: this.memory?.instanceId ?? 'lost', port, region}
      },
      server: async () => this.record,
      recordServer: async (record) => void (this.record = record),
      forgetServer: async () => void (this.record = undefined),
      tryLock: async () => {
        if (this.lockHolder !== undefined) return {holder: this.lockHolder}
        if (this.locked) return {holder: {host: 'here', pid: 1, user: 'me'}}
        this.locked = true
        return {
          release: async () => {
            this.locked = false
          },
        }
      },
      lastLines: async (count) => this.log.slice(-count),
      clearFileSystems: async () => void this.calls.push('clearFileSystems'),
      clearData: async () => {
        this.calls.push('clearData')
        return this.data
      },
      remove: async () => {
        if (this.folderError !== undefined) throw this.folderError
        this.calls.push('remove')
        const there = this.folder
        this.folder = false
        this.memory = undefined
        this.record = undefined
        return there
      },
    }
  }

  #server(): LocalPorts['server'] {
    return {
      ask: async (port) => this.ports.get(port) ?? {kind: 'refused'},
      runs: async (pid, instanceId) => this.processes.get(pid) === instanceId,
      isFree: async (port) => !this.ports.has(port),
      freePort: async () => 40_000 + this.spawned.length,
      spawn: async (request) => {
        this.spawned.push(request)
        const pid = this.nextPid++
        this.processes.set(pid, request.instanceId)
        this.boot(request, pid)
        return {
          ended: () => this.ends.get(pid),
          kill: () => {
            this.killed.push(pid)
            this.end(pid, 'signal SIGKILL')
          },
        }
      },
      terminate: (pid) => {
        this.calls.push(`terminate ${pid}`)
        this.term(pid)
      },
      setPace: async (port, pace) => void this.calls.push(`pace ${port} ${pace}`),
      reset: async (port) => void this.calls.push(`reset ${port}`),
    }
  }

  #python(): LocalPorts['python'] {
    return {
      ready: async () => this.environment,
      plan: async (): Promise<PythonPlan> => {
        const dir = '/cache/python/key'
        return {interpreter: 'python3', version: '3.12.1', tool: 'pip', packages: 49, dir}
      },
      make: async (_plan, progress, signal) => {
        this.calls.push('make')
        progress('10 of 49 packages')
        signal.throwIfAborted()
        if (this.makeError !== undefined) throw this.makeError
        return '/cache/python/key/bin/python'
      },
      remove: async () => this.environments.splice(0),
    }
  }
}

export function healthy(pid: number, instanceId: string, pace = 0): {kind: 'health'; health: LocalHealth} {
  return {kind: 'health', health: {pid, instanceId, pace, version: '1.0.0', ministack: '1.5.33'}}
}

/** Texts of the notes that were reported. */
export function notes(world: FakeWorld): string[] {
  return world.events.flatMap((event) => (event.type === 'note' ? [event.message] : []))
}
