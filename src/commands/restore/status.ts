import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {restoreStatus} from '../../flows/restore/status.ts'
import {formatRestoreStatus} from '../../ui/format/restore.ts'

export default class RestoreStatus extends AwsCommand {
  static override summary = 'Show how far restores are, and what can be undone'
  static override examples = ['<%= config.bin %> restore status prod']
  static override args = {environment: environmentArgument()}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(RestoreStatus)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatRestoreStatus,
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, args.environment, reporter)
        return restoreStatus({environment}, ports)
      },
    })
  }
}
