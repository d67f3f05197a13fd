import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../cli/aws-command.ts'
import {outputs} from '../flows/outputs.ts'
import {formatOutputs} from '../ui/format/outputs.ts'

export default class Outputs extends AwsCommand {
  static override summary = 'Print the outputs of all parts: addresses, names, ARNs'

  static override examples = [
    '<%= config.bin %> outputs demo --local',
    {description: 'One value, for a script', command: '<%= config.bin %> outputs prod --name Url'},
  ]

  static override args = {environment: environmentArgument()}

  static override flags = {
    name: Flags.string({description: 'Only this output; in text just its value', env: 'PI_AWS_NAME'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Outputs)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatOutputs(flags.name),
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, args.environment, reporter)
        return outputs({environment, name: flags.name}, ports)
      },
    })
  }
}
