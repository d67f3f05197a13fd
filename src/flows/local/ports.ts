import type {Clock, Holder, Machine, PackageFiles} from '../ports.ts'

/** What the folder of an embedded AWS remembers while no server runs. */
export interface LocalMemory {
  /** Names this embedded AWS. Its server answers with it, whatever its process id. */
  readonly instanceId: string
  readonly port?: number
  readonly region?: string
}

/** server.json: the server that was started last and not stopped since. It may be long gone. */
export interface ServerRecord {
  readonly pid: number
  readonly port: number
  readonly instanceId: string
  readonly region: string
  /** ISO 8601 UTC. */
  readonly startedAt: string
  /** Of the pi-aws that started it. */
  readonly version: string
}

/** Right to change the embedded AWS of a folder; one process has it at a time. */
export interface LocalLock {
  release(): Promise<void>
}

/** The folder of one embedded AWS. */
export interface LocalState {
  readonly dir: string
  /**
   * Undefined when the folder is missing or empty.
   * @throws RefusedError LOCAL_FOLDER_NOT_OURS when it holds something else
   */
  memory(): Promise<LocalMemory | undefined>
  /**
   * Makes the folder ours, or finds that it is; refuses what `memory` refuses.
   * @param id what to name it when it is new
   */
  claim(id: string): Promise<LocalMemory>
  remember(port: number, region: string): Promise<void>
  server(): Promise<ServerRecord | undefined>
  recordServer(record: ServerRecord): Promise<void>
  forgetServer(): Promise<void>
  /** Takes the lock, or says who has it; the lock of a process that is gone is taken over. */
  tryLock(): Promise<LocalLock | {readonly holder: Holder}>
  /** The last lines of the server's log, oldest first. */
  lastLines(count: number): Promise<readonly string[]>
  /** Removes every file in the file systems; the server keeps running. */
  clearFileSystems(): Promise<void>
  /** Removes records, objects and file systems of a server that does not run. True when there were any. */
  clearData(): Promise<boolean>
  /** Removes the folder; false when there is none. Refuses what `memory` refuses. */
  remove(): Promise<boolean>
}

/** What a server of ours says about itself. */
export interface LocalHealth {
  readonly instanceId: string
  readonly pid: number
  readonly version: string
  readonly ministack: string
  readonly pace: number
}

/** What a port of the loopback interface answers. */
export type PortAnswer =
  | {readonly kind: 'health'; readonly health: LocalHealth}
  /** Another program answered. */
  | {readonly kind: 'foreign'}
  /** Nobody listens. */
  | {readonly kind: 'refused'}
  /** Somebody listens and did not answer in time. */
  | {readonly kind: 'silent'}

export interface SpawnRequest {
  readonly python: string
  readonly port: number
  readonly stateDir: string
  readonly region: string
  readonly instanceId: string
  readonly pace: number
}

/** A server process that we have just started; being our child, it can be ended without a question. */
export interface SpawnedServer {
  /** How it ended, such as `exit code 1`; undefined while it runs. */
  ended(): string | undefined
  kill(): void
}

/** Processes and ports; everything on the loopback interface. */
export interface LocalServer {
  ask(port: number): Promise<PortAnswer>
  /** Whether a process of this id runs that was started for the instance; on systems that cannot tell, whether it runs. */
  runs(pid: number, instanceId: string): Promise<boolean>
  isFree(port: number): Promise<boolean>
  freePort(): Promise<number>
  spawn(request: SpawnRequest): Promise<SpawnedServer>
  /** Asks a process to end. Only for a process id that has just answered with our instance id. */
  terminate(pid: number): void
  /** 0 is instant, 1 as slow as AWS. */
  setPace(port: number, pace: number): Promise<void>
  /** Forgets every record, object and planned fault. */
  reset(port: number): Promise<void>
}

/** How a Python environment would be made. */
export interface PythonPlan {
  readonly interpreter: string
  readonly version: string
  readonly tool: 'uv' | 'pip'
  readonly packages: number
  /** Where it will be. */
  readonly dir: string
}

/** The private Python environment in which ministack is installed. */
export interface PythonEnvironment {
  /** The interpreter of a complete environment for the pinned packages; undefined when there is none. */
  ready(): Promise<string | undefined>
  /** @throws NotFoundError PYTHON_MISSING when no Python is found that serves */
  plan(): Promise<PythonPlan>
  /** Resolves to the interpreter. @throws FailedError PYTHON_ENVIRONMENT_FAILED */
  make(plan: PythonPlan, progress: (message: string) => void, signal: AbortSignal): Promise<string>
  /** Removes all environments that we made. Resolves to their paths. */
  remove(): Promise<readonly string[]>
}

/** What the flows of the embedded AWS are given; each takes the members it uses. */
export interface LocalPorts {
  readonly clock: Clock
  readonly machine: Pick<Machine, 'randomHex'>
  readonly packageFiles: Pick<PackageFiles, 'version'>
  readonly state: LocalState
  readonly server: LocalServer
  readonly python: PythonEnvironment
}

/** What is known of the embedded AWS; `pid` and what follows only while it runs. */
export interface LocalStatus {
  readonly running: boolean
  readonly endpoint: string | null
  readonly region: string
  readonly accountId: string
  readonly stateDir: string
  readonly pid?: number
  readonly port?: number
  /** 0 is instant, 1 as slow as AWS. */
  readonly pace?: number
  /** Of the embedded AWS itself. */
  readonly version?: string
}

/** What start, stop and reset come to; `changed` is false when it was so already. */
export type LocalChange = LocalStatus & {readonly changed: boolean}

/** What a purge comes to. */
export interface LocalRemoval {
  readonly changed: boolean
  readonly stateDir: string
  /** Paths of the folders that are gone. */
  readonly removed: readonly string[]
}
