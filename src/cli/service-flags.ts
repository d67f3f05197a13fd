import {Args, Flags} from '@oclif/core'
import {type ServiceName, serviceNames} from '../domain/configuration.ts'
import {UsageError} from '../domain/errors.ts'
import {exitCodes, type ExitCode} from '../domain/exit-codes.ts'
import type {ServiceChangeResult} from '../flows/service/options.ts'
import {changeFlags} from './flags.ts'
import {nearest} from '../domain/nearest.ts'

/** One service of the platform. */
export const serviceArgument = Args.custom<ServiceName>({
  description: `Service: ${serviceNames.join(', ')}`,
  parse: async (text) => {
    const found = serviceNames.find((service) => service === text)
    if (found !== undefined) return found
    const near = nearest(text, serviceNames)
    throw new UsageError(`Unknown service: "${text}".`, {
      code: 'UNKNOWN_SERVICE',
      suggestions: [
        ...(near === undefined ? [] : [`Did you mean ${near}?`]),
        `Services: ${serviceNames.join(', ')}`,
        'The environment is given by --environment',
      ],
    })
  },
})

/** Most tasks of a service that are asked for by hand. */
const mostTasks = 50

/** Number of tasks. oclif's own integers are refused as if pi-aws were at fault, where they are arguments. */
export const taskCountArgument = Args.custom<number>({
  description: 'How many tasks',
  parse: async (text) => {
    const count = /^\d{1,3}$/.test(text) ? Number(text) : Infinity
    if (count <= mostTasks) return count
    throw new UsageError(`Invalid number of tasks: "${text}" is no whole number from 0 to ${mostTasks}.`, {
      code: 'INVALID_COUNT',
      suggestions: ['What its scaling allows stands in pi-aws.yaml, and in pi-aws service list'],
    })
  },
})

/** On every command that changes a service. */
export const serviceChangeFlags = {
  timeout: changeFlags.timeout,
  'dry-run': Flags.boolean({
    description: 'Say what would be done, and do nothing',
    env: 'PI_AWS_SERVICE_DRY_RUN',
  }),
  'no-wait': Flags.boolean({
    description: 'Return as soon as ECS knows, exit code 8',
    env: 'PI_AWS_SERVICE_NO_WAIT',
  }),
}

/** 8 while ECS is still at work. */
export function serviceExit({state}: ServiceChangeResult): ExitCode {
  return state === 'running' ? exitCodes.pending : exitCodes.ok
}
