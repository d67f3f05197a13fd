import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {opsUnlock} from '../../flows/ops/ops.ts'
import {formatOpsUnlock} from '../../ui/format/ops.ts'

export default class OpsUnlock extends AwsCommand {
  static override summary = 'Break the lock of a holder that is dead'
  static override examples = ['<%= config.bin %> ops unlock prod']
  static override args = {environment: environmentArgument()}
  static override flags = {
    force: Flags.boolean({description: 'Also a lock whose holder may be alive', env: 'PI_AWS_FORCE'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(OpsUnlock)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatOpsUnlock,
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, args.environment, reporter)
        return opsUnlock({environment, force: flags.force}, ports)
      },
    })
  }
}
