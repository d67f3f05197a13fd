import {FailedError} from '../../domain/errors.ts'
import {settled} from './look.ts'
import type {LocalPorts} from './ports.ts'
import {endpointAt} from './status.ts'

type EndpointPorts = Pick<LocalPorts, 'clock' | 'server' | 'state'>

/**
 * The endpoint of the embedded AWS, verified by its own answer; undefined when it does not run.
 * @throws FailedError LOCAL_NOT_ANSWERING
 */
export async function localEndpoint(ports: EndpointPorts): Promise<string | undefined> {
  const seen = await settled(ports)
  return seen.state === 'running' ? endpointAt(seen.port) : undefined
}

/**
 * The endpoint for a command that was asked to work on the embedded AWS.
 * @throws FailedError LOCAL_NOT_RUNNING, LOCAL_NOT_ANSWERING
 */
export async function requireLocalEndpoint(ports: EndpointPorts): Promise<string> {
  const endpoint = await localEndpoint(ports)
  if (endpoint === undefined) {
    throw new FailedError('The embedded AWS does not run.', {
      code: 'LOCAL_NOT_RUNNING',
      suggestions: ['pi-aws local start'],
    })
  }
  return endpoint
}
