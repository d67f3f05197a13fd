import type {EnvironmentName} from '../../domain/names.ts'
import type {Tunnel} from './ports.ts'

export interface TunnelOptions {
  readonly environment: EnvironmentName
  readonly account: string | undefined
  /** Port of this machine. */
  readonly port: number
  /** Profile of the AWS configuration, for the commands that are shown. */
  readonly profile: string | undefined
}

/** planned: nothing was opened; open: it can be used now; closed: the session has ended by itself. */
export type TunnelResult = Tunnel & {readonly state: 'planned' | 'open' | 'closed'}
