import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {opsList} from '../../flows/ops/ops.ts'
import {formatOpsList} from '../../ui/format/ops.ts'

export default class OpsList extends AwsCommand {
  static override summary = 'List the journaled operations of an environment'
  static override examples = ['<%= config.bin %> ops list demo --local']
  static override args = {environment: environmentArgument()}
  static override flags = {
    limit: Flags.integer({description: 'How many at most', env: 'PI_AWS_LIMIT', default: 20, min: 1, max: 1000}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(OpsList)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatOpsList,
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, args.environment, reporter)
        return opsList({environment, limit: flags.limit}, ports)
      },
    })
  }
}
