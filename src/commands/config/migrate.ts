import {BaseCommand} from '../../cli/base-command.ts'
import {configurationPath} from '../../cli/config-file.ts'
import {awsFlags, configDryRunFlag} from '../../cli/flags.ts'
import {wireConfigurationFiles} from '../../cli/wire.ts'
import {configMigrate} from '../../flows/config/change.ts'
import {formatConfigMigrate} from '../../ui/format/config.ts'

export default class ConfigMigrate extends BaseCommand {
  static override summary = 'Bring pi-aws.yaml to the format of this pi-aws, and keep its comments'

  static override description = 'A file of the present format stays as it is. One that a newer pi-aws wrote is refused.'

  static override examples = [
    '<%= config.bin %> config migrate',
    {description: 'Only look', command: '<%= config.bin %> config migrate --dry-run'},
  ]

  static override flags = {'dry-run': configDryRunFlag, config: awsFlags.config}

  async run(): Promise<void> {
    const {flags} = await this.parse(ConfigMigrate)
    await this.perform(flags, {
      interrupt: 'end',
      format: formatConfigMigrate,
      work: async () =>
        configMigrate(
          {path: configurationPath(flags, this.config.root), dryRun: flags['dry-run']},
          {configurationFiles: await wireConfigurationFiles()},
        ),
    })
  }
}
