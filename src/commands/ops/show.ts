import {AwsCommand} from '../../cli/aws-command.ts'
import {operationArgument} from '../../cli/operation-argument.ts'
import {opsShow} from '../../flows/ops/ops.ts'
import {formatOpsShow} from '../../ui/format/ops.ts'

export default class OpsShow extends AwsCommand {
  static override summary = 'Show one operation with its journal'
  static override examples = ['<%= config.bin %> ops show 20261122T101500Z-deploy-1a2b3c --environment prod']
  static override args = {operation: operationArgument({required: true})}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(OpsShow)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatOpsShow,
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, undefined, reporter)
        return opsShow({environment, opId: args.operation}, ports)
      },
    })
  }
}
