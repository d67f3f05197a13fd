import {AwsCommand} from '../../cli/aws-command.ts'
import {targetArgument} from '../../cli/operation-argument.ts'
import {sideloadCancel} from '../../flows/sideload/status.ts'
import {formatOpsAbort} from '../../ui/format/ops.ts'

export default class SideloadCancel extends AwsCommand {
  static override summary = 'Give an unfinished side-load up'
  static override description = `What is loaded stays. One that another process drives is refused with 11: press Ctrl-C there.
Slices that were handed over to the function end by themselves within two minutes.`
  static override examples = [
    '<%= config.bin %> sideload cancel demo --local',
    '<%= config.bin %> sideload cancel 20261122T101500Z-sideload-1a2b3c --environment prod',
  ]
  static override args = {target: targetArgument()}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SideloadCancel)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatOpsAbort,
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, args.target?.environment, reporter)
        return sideloadCancel({environment, opId: args.target?.opId}, ports)
      },
    })
  }
}
