import type {Check} from '../../../src/domain/checks.ts'
import type {PreflightOptions} from '../../../src/flows/preflight/context.ts'
import {preflight, type PreflightResult} from '../../../src/flows/preflight/preflight.ts'
import {configured, demo, type Ended, must, runFlow, type RunOptions} from '../../helpers/fake-aws/scenario.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

/** The whole preflight on a fake account, with credentials for everything unless a test says otherwise. */
export function run(
  world: World,
  more: Partial<PreflightOptions> = {},
  options: RunOptions = {},
): Promise<Ended<PreflightResult>> {
  const asked: PreflightOptions = {
    environment: demo,
    configuration: configured(),
    parts: [],
    secrets: {licence: 'LICENCE-1', registry: {username: 'robot', password: 'token'}},
    embedded: false,
    cloudFormationRoleArn: undefined,
    createLinkedRoles: false,
    skip: [],
    strict: false,
    ...more,
  }
  return runFlow(world, (ports, run) => preflight(asked, ports, run), options)
}

/** The answer of one row. */
export async function answer(
  name: string,
  world: World,
  more: Partial<PreflightOptions> = {},
  options: RunOptions = {},
): Promise<Check> {
  const {checks} = must(await run(world, more, options))
  return checks.find((check) => check.name === name) as Check
}
