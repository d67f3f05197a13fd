import type {EnvironmentConfiguration} from '../../domain/configuration.ts'
import {type EnvironmentState, ownStacks, stateOf} from '../../domain/environments.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import type {Part} from '../../domain/parts.ts'
import {partOf} from '../../domain/landscape.ts'
import {requireAccount} from '../account.ts'
import {readLandscape, stackOf} from '../landscape.ts'
import type {Ports} from '../ports.ts'

/** What scripts get from `env show --json`. */
export interface EnvShowResult {
  readonly environment: string
  readonly account: string
  readonly region: string
  readonly preset: string
  readonly state: EnvironmentState
  /** Release of the platform: what the file says, and what is deployed. */
  readonly tag: {readonly configured?: string; readonly deployed?: string}
  readonly generations: {readonly database: number; readonly files: number}
  readonly stacks: readonly {
    readonly part: Part
    readonly stack: string
    readonly status: string
    /** Version of its template. */
    readonly version?: string
    /** When it was last changed. */
    readonly updatedAt: string
  }[]
}

/**
 * Where an environment lives, how it stands and in which versions.
 * @throws RefusedError WRONG_ACCOUNT
 */
export async function showEnvironment(
  {
    environment,
    configuration,
  }: {readonly environment: EnvironmentName; readonly configuration: EnvironmentConfiguration},
  ports: Pick<Ports, 'identity' | 'stacks' | 'objects'>,
): Promise<EnvShowResult> {
  const caller = await ports.identity.caller()
  requireAccount(caller, environment, configuration.account)
  const landscape = await readLandscape(ports, environment)
  const own = ownStacks(environment, landscape.stacks)
  const deployed = stackOf(landscape, 'app')?.parameters['ImageTag']
  const configured = configuration.images.tag
  return {
    environment,
    account: caller.account,
    region: caller.region,
    preset: configuration.preset,
    state: stateOf(own),
    tag: {...(configured === undefined ? {} : {configured}), ...(deployed === undefined ? {} : {deployed})},
    generations: landscape.generations,
    stacks: own.map(({name, status, outputs, createdAt, updatedAt}) => {
      const version = outputs['TemplateVersion']
      return {
        // Stacks of the environment are parts of it.
        part: partOf(environment, name) as Part,
        stack: name,
        status,
        ...(version === undefined ? {} : {version}),
        updatedAt: updatedAt ?? createdAt,
      }
    }),
  }
}
