import type {TunnelResult} from '../flows/tunnel/options.ts'
import type {TunnelWatch} from '../flows/tunnel/ports.ts'
import {type OutputKind, placeFlags, schemaVersion} from './output.ts'

/** Says on stdout that a tunnel is open: a page for people, one line of JSON for programs. */
export function tunnelWatch(output: OutputKind, argv: readonly string[]): TunnelWatch {
  return {opened: async (tunnel) => tellTunnel(output, {...tunnel, state: 'open'}, argv)}
}

/** What is left to print when the command ends: the plan of --print, and the end of what ndjson was told the begin of. */
export async function printTunnelResult(
  output: OutputKind,
  result: TunnelResult,
  argv: readonly string[],
): Promise<void> {
  if (output === 'ndjson') process.stdout.write(`${JSON.stringify({schemaVersion, type: 'result', ...result})}\n`)
  else if (result.state === 'planned') await tellTunnel(output, result, argv)
  else process.stderr.write(`The session of the tunnel to ${result.environment} has ended.\n`)
}

async function tellTunnel(output: OutputKind, tunnel: TunnelResult, argv: readonly string[]): Promise<void> {
  if (output !== 'text') {
    const type = output === 'ndjson' ? {type: 'tunnel.open'} : {}
    process.stdout.write(`${JSON.stringify({schemaVersion, ...type, ...tunnel})}\n`)
    return
  }
  const [{loadLayout}, {traitsOf}, {formatTunnel}] = await Promise.all([
    import('../ui/format/layout.ts'),
    import('../ui/theme.ts'),
    import('../ui/format/tunnel.ts'),
  ])
  process.stdout.write(formatTunnel(tunnel, await loadLayout(traitsOf(process.stdout, process.env), placeFlags(argv))))
}
