import {AwsCommand} from '../../cli/aws-command.ts'
import {changeFlags} from '../../cli/flags.ts'
import {targetArgument} from '../../cli/operation-argument.ts'
import {sideloadExit} from '../../cli/sideload-exit.ts'
import {sideloadWait} from '../../flows/sideload/status.ts'
import {formatSideload} from '../../ui/format/sideload.ts'

export default class SideloadWait extends AwsCommand {
  static override summary = 'Wait until a side-load ends, and drive it where nobody else does'
  static override description = `While another process drives it, it is only looked at. One that was handed over, paused or broken off is gone on with.`
  static override examples = [
    '<%= config.bin %> sideload wait demo --local',
    '<%= config.bin %> sideload wait 20261122T101500Z-sideload-1a2b3c --environment prod',
  ]
  static override args = {target: targetArgument()}
  static override flags = {timeout: changeFlags.timeout}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SideloadWait)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatSideload,
      exitCode: sideloadExit,
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, args.target?.environment, reporter)
        return sideloadWait({environment, account: configuration.account, opId: args.target?.opId}, ports, run)
      },
    })
  }
}
