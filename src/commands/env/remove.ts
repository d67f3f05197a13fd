import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {ownConfigurationPath} from '../../cli/config-file.ts'
import {changeFlags} from '../../cli/flags.ts'
import {wireConfigurationFiles, wireCurrentEnvironment} from '../../cli/wire.ts'
import {type EnvRemoveResult, removeEnvironment} from '../../flows/environments/remove.ts'
import {formatEnvRemove} from '../../ui/format/environments.ts'
import {UsageError} from '../../domain/errors.ts'

export default class EnvRemove extends AwsCommand {
  static override summary = 'Take an environment out of pi-aws.yaml; AWS stays as it is'

  static override description = 'Refused while stacks of it stand, or while nobody can tell: destroy takes them down.'

  static override examples = ['<%= config.bin %> env remove staging --yes']

  static override args = {environment: environmentArgument({required: true})}

  static override flags = {
    yes: changeFlags.yes,
    forget: Flags.boolean({
      description: 'Also while stacks of it stand: nothing looks after them then',
      env: 'PI_AWS_FORGET',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(EnvRemove)
    const path = ownConfigurationPath(flags, this.config.root)
    if (path === undefined) {
      throw new UsageError('The example of the package stays as it is: name your own file.', {
        code: 'CONFIG_MISSING',
        suggestions: ['--config pi-aws.yaml'],
      })
    }
    await this.perform<EnvRemoveResult>(flags, {
      interrupt: 'end',
      format: formatEnvRemove,
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, args.environment, reporter)
        return removeEnvironment(
          {
            path,
            environment,
            forget: flags.forget,
            confirmed: flags.yes,
          },
          {
            configurationFiles: await wireConfigurationFiles(),
            currentEnvironment: await wireCurrentEnvironment(),
            ask: ports.ask,
            place: async () => ports,
          },
        )
      },
    })
  }
}
