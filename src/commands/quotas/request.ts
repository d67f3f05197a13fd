import {Args, Flags} from '@oclif/core'
import {AwsCommand} from '../../cli/aws-command.ts'
import {quotasRequest} from '../../flows/quotas/request.ts'
import {formatQuotasRequest} from '../../ui/format/quotas.ts'

export default class QuotasRequest extends AwsCommand {
  static override summary = 'Ask AWS for a higher quota'

  static override description = 'A request that is open already is shown, and not made again.'

  static override examples = [
    '<%= config.bin %> quotas request fargate-vcpu --to 16 --environment prod',
    {description: 'For what every mode needs', command: '<%= config.bin %> quotas request vpcs --environment prod'},
  ]

  static override args = {
    key: Args.string({description: 'Which quota; quotas list shows the keys', required: true}),
  }

  static override flags = {
    to: Flags.integer({
      description: 'Value to ask for [default: what the environment needs at most]',
      min: 1,
      env: 'PI_AWS_TO',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(QuotasRequest)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatQuotasRequest,
      work: async (_run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, undefined, reporter)
        return quotasRequest({environment, configuration, key: args.key, to: flags.to}, ports)
      },
    })
  }
}
