import {AwsCommand, environmentArgument} from '../cli/aws-command.ts'
import {exitCodes} from '../domain/exit-codes.ts'
import {sideloadStatus} from '../flows/sideload/status.ts'
import {formatSideload} from '../ui/format/sideload.ts'

export default class Sideload extends AwsCommand {
  static override summary = 'Show how the newest side-load stands'
  static override description = 'The same as sideload status: one that failed ends 3.'
  static override examples = ['<%= config.bin %> sideload demo --local']
  static override args = {environment: environmentArgument()}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Sideload)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatSideload,
      exitCode: ({state}) => (state === 'failed' ? exitCodes.checkFailed : exitCodes.ok),
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, args.environment, reporter)
        return sideloadStatus({environment, opId: undefined}, ports)
      },
    })
  }
}
