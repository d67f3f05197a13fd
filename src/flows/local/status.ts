import {type Seen, settled} from './look.ts'
import type {LocalPorts, LocalStatus} from './ports.ts'

/** The account of the embedded AWS. */
export const localAccountId = '000000000000'
/** The region of the embedded AWS when nobody asks for another. */
export const defaultLocalRegion = 'eu-west-1'

/** The base URL of the embedded AWS at a port. */
export function endpointAt(port: number): string {
  return `http://127.0.0.1:${port}`
}

/** The status that a look amounts to. */
export function statusOf(seen: Exclude<Seen, {readonly state: 'unresponsive'}>, stateDir: string): LocalStatus {
  const still = {accountId: localAccountId, stateDir}
  if (seen.state === 'absent') {
    return {running: false, endpoint: null, region: seen.memory?.region ?? defaultLocalRegion, ...still}
  }
  const {memory, record, port, health} = seen
  return {
    running: true,
    endpoint: endpointAt(port),
    region: record?.region ?? memory.region ?? defaultLocalRegion,
    ...still,
    pid: health.pid,
    port,
    pace: health.pace,
    version: health.version,
  }
}

/**
 * Whether the embedded AWS runs, and where. Changes nothing.
 * @throws FailedError LOCAL_NOT_ANSWERING
 */
export async function localStatus(
  ports: Pick<LocalPorts, 'clock' | 'server' | 'state'>,
  signal?: AbortSignal,
): Promise<LocalStatus> {
  return statusOf(await settled(ports, signal), ports.state.dir)
}
