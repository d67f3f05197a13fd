import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {printTunnelResult, tunnelWatch} from '../../cli/tunnel.ts'
import {wireTunnel} from '../../cli/wire.ts'
import {usualTunnelPort} from '../../domain/tunnel.ts'
import type {TunnelResult} from '../../flows/tunnel/options.ts'
import {holdTunnel, printTunnel} from '../../flows/tunnel/tunnel.ts'

export default class DbTunnel extends AwsCommand {
  static override summary = 'Reach the private database from this machine, through a task'

  static override description = `A session of Systems Manager forwards a port of this machine, on 127.0.0.1 only, through a task that may reach the database. It says host, port and user and how to log in, and stays until Ctrl-C (exit code 130) or until the session ends; both end the session. The password stays in Secrets Manager.
It needs the Session Manager plugin of AWS on this machine, and ExecEnabled in the environment's parameters. With --json it prints one line when the tunnel is open.`

  static override examples = [
    '<%= config.bin %> db tunnel demo --local --print',
    {description: 'At another port', command: '<%= config.bin %> db tunnel prod --port 3307'},
  ]

  static override args = {environment: environmentArgument()}
  static override flags = {
    port: Flags.integer({
      description: 'Port of this machine',
      default: usualTunnelPort,
      min: 1,
      max: 65_535,
      env: 'PI_AWS_DB_PORT',
    }),
    print: Flags.boolean({
      description: 'Only say what would be opened, and how the AWS CLI does it',
      env: 'PI_AWS_DB_PRINT',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(DbTunnel)
    const output = this.outputKind(flags)
    await this.perform<TunnelResult>(flags, {
      interrupt: 'end',
      format: () => '',
      print: async (kind, result) => printTunnelResult(kind, result, this.argv),
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, args.environment, reporter)
        const asked = {environment, account: configuration.account, port: flags.port, profile: flags.profile}
        if (flags.print) return printTunnel(asked, ports)
        return holdTunnel(asked, {...(await wireTunnel(ports)), tunnelWatch: tunnelWatch(output, this.argv)}, run)
      },
    })
  }
}
