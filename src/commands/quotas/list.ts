import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {quotasList} from '../../flows/quotas/list.ts'
import {formatQuotasList} from '../../ui/format/quotas.ts'

export default class QuotasList extends AwsCommand {
  static override summary = 'List the quotas that an environment can meet, with the limits of the account'

  static override description =
    "A limit is the applied value, else AWS's default, else the service's own word, else what ships with pi-aws (stale)."

  static override examples = ['<%= config.bin %> quotas list demo --local', '<%= config.bin %> quotas list prod --json']

  static override args = {environment: environmentArgument()}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(QuotasList)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatQuotasList,
      work: async (_run, reporter) => {
        const {configuration, ports} = await this.open(flags, args.environment, reporter)
        return quotasList({region: configuration.region}, ports)
      },
    })
  }
}
