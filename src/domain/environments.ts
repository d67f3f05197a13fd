import {partOf} from './landscape.ts'
import {type EnvironmentName, parseEnvironmentName} from './names.ts'
import {type StackStatus, statusTable} from './stack-status.ts'

/**
 * How an environment stands, as its stacks tell. `kept`: its data alone are there, as `destroy` leaves them; `elsewhere`: it
 * lives in another account than these credentials'; `unknown`: nobody could ask.
 */
export type EnvironmentState = 'deployed' | 'changing' | 'failed' | 'kept' | 'absent' | 'elsewhere' | 'unknown'

interface StackLike {
  readonly name: string
  readonly status: StackStatus
}

/** The stacks that are parts of an environment; those of `prod-eu` are none of `prod`. */
export function ownStacks<S extends StackLike>(environment: EnvironmentName, stacks: readonly S[]): readonly S[] {
  return stacks.filter(({name, status}) => status !== 'REVIEW_IN_PROGRESS' && partOf(environment, name) !== undefined)
}

/** @param stacks those of the environment alone */
export function stateOf(stacks: readonly StackLike[]): EnvironmentState {
  if (stacks.length === 0) return 'absent'
  const healths = stacks.map(({status}) => statusTable[status].health)
  if (healths.includes('working')) return 'changing'
  if (healths.includes('unhealthy')) return 'failed'
  return stacks.some(({name}) => name.endsWith('-app')) ? 'deployed' : 'kept'
}

/** Names of all environments among stacks: each has a foundation. */
export function environmentsAmong(stacks: readonly StackLike[]): readonly EnvironmentName[] {
  return stacks.flatMap(({name}) => {
    const found = /^pi-(.+)-foundation$/.exec(name)?.[1]
    try {
      return found === undefined ? [] : [parseEnvironmentName(found)]
    } catch {
      // Somebody else's stack whose name looks like one of ours.
      return []
    }
  })
}
