import type {EnvironmentName} from '../../domain/names.ts'
import type {CurrentEnvironment} from './ports.ts'

/** What scripts get from `env use --json`. */
export interface EnvUseResult {
  readonly path: string
  /** Absent where the choice was taken back. */
  readonly environment?: string
  /** What was chosen before. */
  readonly was?: string
}

/** Chooses the environment of a pi-aws.yaml that is meant where none is named; undefined takes the choice back. */
export async function useEnvironment(
  {path, environment}: {readonly path: string; readonly environment: EnvironmentName | undefined},
  chosen: CurrentEnvironment,
): Promise<EnvUseResult> {
  const was = await chosen.read(path)
  await chosen.write(path, environment)
  return {path, ...(environment === undefined ? {} : {environment}), ...(was === undefined ? {} : {was})}
}
