import type {Identity, Stacks} from '../ports.ts'

/** What listing environments asks of AWS in one region. */
export interface Place {
  readonly identity: Identity
  readonly stacks: Stacks
}

/** The environment that a person chose for a pi-aws.yaml, on this machine. */
export interface CurrentEnvironment {
  /** Undefined where none was chosen, or what was written is not readable. */
  read(path: string): Promise<string | undefined>
  /** Undefined takes the choice back. */
  write(path: string, environment: string | undefined): Promise<void>
}
