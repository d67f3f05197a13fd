import type {TunnelResult} from '../../flows/tunnel/options.ts'
import type {Layout} from './layout.ts'

/** Where the database can be reached, how one logs in, and what is there to end it. */
export function formatTunnel(tunnel: TunnelResult, layout: Layout): string {
  const planned = tunnel.state === 'planned'
  return [
    layout.heading(
      planned
        ? `A tunnel to the database of ${tunnel.environment}; nothing is open`
        : `The database of ${tunnel.environment} is open here`,
    ),
    layout.keyValues([
      ['Host', tunnel.host],
      ['Port', String(tunnel.port)],
      ['Schema', tunnel.schema],
      ['User', tunnel.user],
      ['Password', `in ${tunnel.secretArn}`],
      ['Database', `${tunnel.remoteHost}:${tunnel.remotePort}`],
      ['Through', `task ${tunnel.task} of ${tunnel.service}`],
    ]),
    'Log in; the password is neither shown nor an argument (needs aws, jq and mariadb):',
    `  ${tunnel.loginCommand}`,
    '',
    ...(planned
      ? ['By the AWS CLI, without pi-aws:', `  ${tunnel.sessionCommand}`]
      : ['Ctrl-C closes it. What is done through it is not recorded in the log "session".']),
    '',
  ].join('\n')
}
