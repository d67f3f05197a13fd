import type {SessionGrant, SessionRequest} from '../exec/ports.ts'

/** Sessions of Systems Manager that forward a port. */
export interface PortForwarding {
  /** Has a session opened. @throws RefusedError TARGET_NOT_CONNECTED where the container takes none */
  begin(request: SessionRequest): Promise<SessionGrant>
  /** Ends a session; one that has ended already is fine. */
  end(sessionId: string): Promise<void>
}

/** The ports of this machine. */
export interface TcpPorts {
  /** Whether a program could listen there, on the loopback interface. */
  isFree(port: number): Promise<boolean>
  /** One that is free now. */
  free(): Promise<number>
}

/** Who is told that a tunnel is open. */
export interface TunnelWatch {
  opened(tunnel: Tunnel): Promise<void>
}

/** A way from a port of this machine to the database, and what a client needs to use it. */
export interface Tunnel {
  readonly environment: string
  /** Always 127.0.0.1. */
  readonly host: string
  readonly port: number
  /** Name of the schema. */
  readonly schema: string
  readonly user: string
  /** ARN of the secret with the password, `{username, password}`. */
  readonly secretArn: string
  /** The database as the VPC knows it. */
  readonly remoteHost: string
  readonly remotePort: number
  /** The service through whose task it goes. */
  readonly service: string
  /** Id of that task. */
  readonly task: string
  /** Logs in with the client of MariaDB; the password is neither shown nor an argument. */
  readonly loginCommand: string
  /** Opens the same tunnel by the AWS CLI. */
  readonly sessionCommand: string
}
