import {AwsCommand, environmentArgument} from '../cli/aws-command.ts'
import {exitCodes} from '../domain/exit-codes.ts'
import {status} from '../flows/status.ts'
import {formatStatus} from '../ui/format/status.ts'

export default class Status extends AwsCommand {
  static override summary = 'Show whether an environment is well'

  static override description =
    'Parts, services, targets, generations, protections, last backup, lock. Ends 3 when it is not healthy.'

  static override examples = ['<%= config.bin %> status demo --local', '<%= config.bin %> status prod --json']

  static override args = {environment: environmentArgument()}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Status)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatStatus,
      exitCode: (result) => (result.healthy ? exitCodes.ok : exitCodes.checkFailed),
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, args.environment, reporter)
        return status({environment}, ports)
      },
    })
  }
}
