import {environmentArgument} from '../../cli/aws-command.ts'
import {BaseCommand} from '../../cli/base-command.ts'
import {configurationPath, openConfiguration, readConfiguration} from '../../cli/config-file.ts'
import {awsFlags, environmentFlag} from '../../cli/flags.ts'
import {configShow} from '../../flows/config/look.ts'
import {formatConfigShow} from '../../ui/format/config.ts'

export default class ConfigShow extends BaseCommand {
  static override summary = 'Show an environment as it is understood, and who says each value'

  static override description =
    'What all environments share and what is built in is filled in, and marked. No AWS is asked.'

  static override examples = [
    '<%= config.bin %> config show demo --local',
    {
      description: 'One value for a script',
      command: '<%= config.bin %> config show prod --json | jq -r .configuration.region',
    },
  ]

  static override args = {environment: environmentArgument()}

  static override flags = {environment: environmentFlag(), config: awsFlags.config, local: awsFlags.local}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(ConfigShow)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatConfigShow,
      work: async () => {
        const {name, configuration} = await openConfiguration(flags, args.environment, this.config.root)
        const {path, written} = await readConfiguration(configurationPath(flags, this.config.root))
        return configShow({path, environment: name, configuration, written})
      },
    })
  }
}
