import {Flags} from '@oclif/core'
import {AwsCommand} from '../../cli/aws-command.ts'
import {configurationPath, readConfiguration} from '../../cli/config-file.ts'
import {wireCurrentEnvironment} from '../../cli/wire.ts'
import {type EnvListResult, listEnvironments} from '../../flows/environments/list.ts'
import {formatEnvList} from '../../ui/format/environments.ts'

export default class EnvList extends AwsCommand {
  static override summary = 'List the environments of pi-aws.yaml, and others that the account has'

  static override description =
    'Each with account, region, state and release. What these credentials cannot see says why; environments that only the account has are marked.'

  static override examples = [
    '<%= config.bin %> env list --local',
    {description: 'Without asking AWS', command: '<%= config.bin %> env list --offline'},
  ]

  static override flags = {
    offline: Flags.boolean({description: 'Do not ask AWS', env: 'PI_AWS_OFFLINE'}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(EnvList)
    await this.perform<EnvListResult>(flags, {
      interrupt: 'cancel',
      format: formatEnvList,
      work: async (_run, reporter) => {
        const {path, configuration} = await readConfiguration(configurationPath(flags, this.config.root))
        return listEnvironments(
          {path, configuration, ask: !flags.offline},
          (region, credentials) => this.connect(flags, region, reporter, credentials),
          await wireCurrentEnvironment(),
        )
      },
    })
  }
}
