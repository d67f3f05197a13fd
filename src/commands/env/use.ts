import {Flags} from '@oclif/core'
import {environmentArgument} from '../../cli/aws-command.ts'
import {BaseCommand} from '../../cli/base-command.ts'
import {configurationPath, pickEnvironment, readConfiguration} from '../../cli/config-file.ts'
import {awsFlags} from '../../cli/flags.ts'
import {wireCurrentEnvironment} from '../../cli/wire.ts'
import {UsageError} from '../../domain/errors.ts'
import {type EnvUseResult, useEnvironment} from '../../flows/environments/use.ts'
import {formatEnvUse} from '../../ui/format/environments.ts'

export default class EnvUse extends BaseCommand {
  static override summary = 'Choose the environment that commands mean where none is named'

  static override description =
    'Kept on this machine for this pi-aws.yaml, and heeded on a terminal alone: --environment, PI_AWS_ENVIRONMENT and the argument go before, and a pipeline never sees it.'

  static override examples = [
    '<%= config.bin %> env use prod',
    {description: 'Take the choice back', command: '<%= config.bin %> env use --none'},
  ]

  static override args = {environment: environmentArgument()}

  static override flags = {
    none: Flags.boolean({description: 'Take the choice back', env: 'PI_AWS_ENV_NONE'}),
    config: awsFlags.config,
    local: awsFlags.local,
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(EnvUse)
    if ((args.environment === undefined) !== flags.none) {
      throw new UsageError('Environment missing: env use takes its name, or --none.', {
        code: 'ENVIRONMENT_MISSING',
        suggestions: ['pi-aws env list', 'pi-aws env use --none'],
      })
    }
    await this.perform<EnvUseResult>(flags, {
      interrupt: 'end',
      format: formatEnvUse,
      work: async () => {
        const file = await readConfiguration(configurationPath(flags, this.config.root))
        const name = args.environment === undefined ? undefined : pickEnvironment(file, args.environment).name
        return useEnvironment({path: file.path, environment: name}, await wireCurrentEnvironment())
      },
    })
  }
}
