import {FailedError, RefusedError} from '../../domain/errors.ts'
import {saysOpen} from '../../domain/tunnel.ts'
import {requirePlugin} from '../exec/plugin.ts'
import type {SessionPlugin} from '../exec/ports.ts'
import type {Ports} from '../ports.ts'
import type {Run} from '../run.ts'
import type {TunnelOptions, TunnelResult} from './options.ts'
import {planTunnel, type PlanPorts} from './plan.ts'
import type {TcpPorts, TunnelWatch} from './ports.ts'

export type TunnelPorts = PlanPorts &
  Pick<Ports, 'portForwarding'> & {
    readonly sessionPlugin: SessionPlugin
    readonly tcpPorts: TcpPorts
    readonly tunnelWatch: TunnelWatch
  }

/** How many of the plugin's last lines an error quotes. */
const quotedLines = 3

/** What `db tunnel --print` says. @throws as `planTunnel` */
export async function printTunnel(options: TunnelOptions, ports: PlanPorts): Promise<TunnelResult> {
  const {tunnel} = await planTunnel(options, ports)
  return {...tunnel, state: 'planned'}
}

/**
 * Opens a tunnel to the database and holds it until it is ended here or there. The session is ended in either case.
 * @throws as `planTunnel`; RefusedError NO_PLUGIN, OLD_PLUGIN, PORT_TAKEN, TARGET_NOT_CONNECTED; FailedError TUNNEL_FAILED
 * where it was never open, TUNNEL_BROKEN where it ended ill; the reason of the run's end where that was asked for
 */
export async function holdTunnel(options: TunnelOptions, ports: TunnelPorts, run: Run): Promise<TunnelResult> {
  const {tunnel, request, region, endpoint} = await planTunnel(options, ports)
  const {environment, port} = tunnel
  await requirePlugin(ports.sessionPlugin, [`pi-aws db tunnel ${environment} --print`])
  if (!(await ports.tcpPorts.isFree(port))) {
    throw new RefusedError(`Port ${port} of this machine is taken; nothing was opened.`, {
      code: 'PORT_TAKEN',
      suggestions: [`pi-aws db tunnel ${environment} --port ${await ports.tcpPorts.free()}`],
    })
  }
  run.pause.throwIfAborted()
  const grant = await ports.portForwarding.begin(request)
  const said: string[] = []
  let told: Promise<void> | undefined
  try {
    const code = await ports.sessionPlugin.forward(
      {grant, region, request, endpoint},
      {
        stop: run.pause,
        onLine(line) {
          if (told === undefined && saysOpen(line)) {
            told = ports.tunnelWatch.opened(tunnel)
            return
          }
          said.push(line)
          if (told !== undefined) run.report({type: 'note', message: `Session Manager: ${line}`})
        },
      },
    )
    const open = told !== undefined
    await told
    run.pause.throwIfAborted()
    if (open && code === 0) return {...tunnel, state: 'closed'}
    throw ended(environment, open, code, said.slice(-quotedLines).join('; '))
  } finally {
    await endSession(grant.sessionId, ports, run)
  }
}

function ended(environment: string, open: boolean, code: number, words: string): FailedError {
  const why = words === '' ? `the Session Manager plugin ended with ${code}` : words
  return open
    ? new FailedError(`The tunnel broke: ${why}.`, {
        code: 'TUNNEL_BROKEN',
        suggestions: [`pi-aws db tunnel ${environment}`],
      })
    : new FailedError(`The tunnel was not opened: ${why}.`, {
        code: 'TUNNEL_FAILED',
        suggestions: [`pi-aws diagnose ${environment}`, `pi-aws db tunnel ${environment} --print`],
      })
}

/** What stays open is closed by Systems Manager itself some time later: no reason to hide how the tunnel ended. */
async function endSession(sessionId: string, {portForwarding}: TunnelPorts, run: Run): Promise<void> {
  try {
    await portForwarding.end(sessionId)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    run.report({type: 'note', message: `Session ${sessionId} was not ended here and ends by itself: ${why}`})
  }
}
