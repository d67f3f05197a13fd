import {partOf} from '../../domain/landscape.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import {inProgress} from '../../domain/stack-status.ts'
import type {Report} from '../events.ts'
import {type Landscape, readLandscape} from '../landscape.ts'
import type {Objects} from '../ports.ts'
import {type FollowPorts, follow} from '../stack/follow.ts'

/** Waits until CloudFormation works on no stack of the environment any more: what is half-way can be neither changed nor saved. */
export async function settledLandscape(
  ports: FollowPorts & {readonly objects: Objects},
  environment: EnvironmentName,
  stop: AbortSignal,
  report: Report,
): Promise<Landscape> {
  for (;;) {
    const landscape = await readLandscape(ports, environment)
    const working = landscape.stacks.find((stack) => inProgress(stack.status))
    const part = working === undefined ? undefined : partOf(environment, working.name)
    if (working === undefined || part === undefined) return landscape
    report({type: 'note', message: `Stack ${working.name} is ${working.status}. Waiting for it to end.`})
    await follow(ports, {part, stackId: working.id, stackName: working.name, expected: 0, stop}, report)
  }
}
