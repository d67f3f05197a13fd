import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {quotasHistory} from '../../flows/quotas/request.ts'
import {formatQuotasHistory} from '../../ui/format/quotas.ts'

export default class QuotasHistory extends AwsCommand {
  static override summary = 'List what was asked of AWS, and what became of it'

  static override description =
    "Requests of the whole account in the environment's region, and those for global services."

  static override examples = ['<%= config.bin %> quotas history demo --local']

  static override args = {environment: environmentArgument()}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(QuotasHistory)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatQuotasHistory,
      work: async (_run, reporter) => {
        const {ports} = await this.open(flags, args.environment, reporter)
        return quotasHistory({}, ports)
      },
    })
  }
}
