import {AwsCommand} from '../../cli/aws-command.ts'
import {targetArgument} from '../../cli/operation-argument.ts'
import {exitCodes} from '../../domain/exit-codes.ts'
import {sideloadStatus} from '../../flows/sideload/status.ts'
import {formatSideload} from '../../ui/format/sideload.ts'

export default class SideloadStatus extends AwsCommand {
  static override summary = 'Show how a side-load stands, with what became of each file'
  static override description =
    'Its journal and its results are read; the function is not invoked. One that failed ends 3.'
  static override examples = [
    '<%= config.bin %> sideload status demo --local',
    '<%= config.bin %> sideload status 20261122T101500Z-sideload-1a2b3c --environment prod',
  ]
  static override args = {target: targetArgument()}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SideloadStatus)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatSideload,
      exitCode: ({state}) => (state === 'failed' ? exitCodes.checkFailed : exitCodes.ok),
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, args.target?.environment, reporter)
        return sideloadStatus({environment, opId: args.target?.opId}, ports)
      },
    })
  }
}
