import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {showEnvironment} from '../../flows/environments/show.ts'
import {formatEnvShow} from '../../ui/format/environments.ts'

export default class EnvShow extends AwsCommand {
  static override summary = 'Show where an environment lives, how it stands and in which versions'

  static override examples = ['<%= config.bin %> env show demo --local']

  static override args = {environment: environmentArgument()}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(EnvShow)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatEnvShow,
      work: async (_run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, args.environment, reporter)
        return showEnvironment({environment, configuration}, ports)
      },
    })
  }
}
