import {Flags} from '@oclif/core'
import {environmentArgument} from '../cli/aws-command.ts'
import {BaseCommand} from '../cli/base-command.ts'
import {openConfiguration} from '../cli/config-file.ts'
import {awsFlags, environmentFlag} from '../cli/flags.ts'
import {wirePackage} from '../cli/wire.ts'
import {datasheet} from '../flows/datasheet.ts'
import {formatDatasheet} from '../ui/format/datasheet.ts'

export default class DatasheetCommand extends BaseCommand {
  static override summary = 'Print what a configuration installs: sizes, ports, limits, what drives cost'

  static override description = 'Read off the templates and pi-aws.yaml; no AWS is asked, and nothing need be deployed.'

  static override examples = [
    '<%= config.bin %> datasheet demo --local',
    {description: 'As a document', command: '<%= config.bin %> datasheet prod --markdown > datasheet.md'},
  ]

  static override args = {environment: environmentArgument()}

  static override flags = {
    markdown: Flags.boolean({description: 'As Markdown instead of plain text', env: 'PI_AWS_MARKDOWN'}),
    environment: environmentFlag(),
    config: awsFlags.config,
    local: awsFlags.local,
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(DatasheetCommand)
    await this.perform(flags, {
      interrupt: 'cancel',
      summary: true,
      format: formatDatasheet(flags.markdown),
      work: async () => {
        const {name, configuration} = await openConfiguration(flags, args.environment, this.config.root)
        return datasheet({environment: name, configuration}, {packageFiles: await wirePackage(this.config.root)})
      },
    })
  }
}
