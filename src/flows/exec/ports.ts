/** A task that runs, with the ids by which sessions find its containers. */
export interface RunningTask {
  readonly arn: string
  /** ISO 8601 UTC. */
  readonly startedAt: string
  /** Whether it was started such that sessions may be opened in it. */
  readonly execEnabled: boolean
  readonly containers: readonly {readonly name: string; readonly runtimeId: string}[]
}

/** What a session is joined with; the token is a secret of some minutes. */
export interface SessionGrant {
  readonly sessionId: string
  readonly streamUrl: string
  readonly tokenValue: string
}

/** Single tasks of ECS. */
export interface TaskControl {
  /** Tasks of a service that run, newest first. */
  running(cluster: string, service: string): Promise<readonly RunningTask[]>
  /** One that has stopped already is fine. */
  stop(cluster: string, taskArn: string, reason: string): Promise<void>
  /** Has ECS open a session in a container. @throws RefusedError EXEC_OFF where its task takes none */
  openSession(cluster: string, taskArn: string, container: string, command: string): Promise<SessionGrant>
}

/** What a session is joined by on this machine. */
export interface SessionPlugin {
  /** Its version; undefined where it is not installed. */
  version(): Promise<string | undefined>
  /** Joins a session with this terminal and resolves to the exit code when it ends. */
  join(session: JoinedSession): Promise<number>
  /** Runs a session that needs no terminal, until it ends or is stopped; resolves to the exit code. */
  forward(session: JoinedSession, how: ForwardingOptions): Promise<number>
  /** `darwin`, `linux`, `win32` ... */
  readonly system: string
}

export interface ForwardingOptions {
  /** Ends the session. */
  readonly stop: AbortSignal
  /** What the plugin says, a line at a time. */
  readonly onLine: (line: string) => void
}

export interface JoinedSession {
  readonly grant: SessionGrant
  readonly region: string
  /** What Systems Manager was asked for, as JSON would have it; its target is `ecs:<cluster>_<task>_<runtime id>`. */
  readonly request: SessionRequest
  /** URL of Systems Manager in the region. */
  readonly endpoint: string
}

/** What a session is begun with. */
export interface SessionRequest {
  readonly Target: string
  readonly DocumentName?: string
  readonly Parameters?: Readonly<Record<string, readonly string[]>>
}

/** Where the lines of a command go. */
export interface CommandOutput {
  write(lines: readonly string[]): void
}
