import {BaseCommand} from '../../cli/base-command.ts'
import {configurationPath, readConfiguration} from '../../cli/config-file.ts'
import {awsFlags} from '../../cli/flags.ts'
import {wirePackage} from '../../cli/wire.ts'
import {exitCodes} from '../../domain/exit-codes.ts'
import {configValidate} from '../../flows/config/look.ts'
import {formatConfigValidate} from '../../ui/format/config.ts'

export default class ConfigValidate extends BaseCommand {
  static override summary = 'Check pi-aws.yaml: every key, every value, every environment'

  static override description = `No AWS is asked; preflight does that. Ends 2 when the file cannot be understood, with file, line and key,
and 3 when a template would refuse a value.`

  static override examples = [
    '<%= config.bin %> config validate --local',
    {description: 'Another file', command: '<%= config.bin %> config validate --config staging.yaml'},
  ]

  static override flags = {config: awsFlags.config, local: awsFlags.local}

  async run(): Promise<void> {
    const {flags} = await this.parse(ConfigValidate)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatConfigValidate,
      exitCode: ({ok}) => (ok ? exitCodes.ok : exitCodes.checkFailed),
      work: async () =>
        configValidate(await readConfiguration(configurationPath(flags, this.config.root)), {
          packageFiles: await wirePackage(this.config.root),
        }),
    })
  }
}
