import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../cli/base-command.ts'
import {configurationPath, openConfiguration} from '../../cli/config-file.ts'
import {awsFlags, configDryRunFlag, environmentFlag} from '../../cli/flags.ts'
import {wireConfigurationFiles} from '../../cli/wire.ts'
import {UsageError} from '../../domain/errors.ts'
import {configSet} from '../../flows/config/change.ts'
import {formatConfigSet} from '../../ui/format/config.ts'

export default class ConfigSet extends BaseCommand {
  static override summary = 'Change one key of pi-aws.yaml, and keep its comments'

  static override description = `Nothing is written unless the whole file is in order afterwards. Secrets have no place in it:
licence set and registry login bring them to Secrets Manager.`

  static override examples = [
    '<%= config.bin %> config set database.multiAz true --environment prod',
    {description: 'For all environments', command: '<%= config.bin %> config set network.zones 3 --shared'},
    {
      description: 'Back to what is built in',
      command: '<%= config.bin %> config set logDays --unset --environment prod',
    },
  ]

  static override args = {
    key: Args.string({description: 'Key with dots: preset, database.multiAz, tags."cost.centre"', required: true}),
    value: Args.string({description: 'Its value, as in YAML: true, 3, text, [a, b]'}),
  }

  static override flags = {
    environment: environmentFlag(),
    shared: Flags.boolean({
      description: 'Change what all environments share',
      env: 'PI_AWS_CONFIG_SHARED',
      exclusive: ['environment'],
    }),
    unset: Flags.boolean({description: 'Take the key out', env: 'PI_AWS_CONFIG_UNSET'}),
    'dry-run': configDryRunFlag,
    config: awsFlags.config,
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(ConfigSet)
    if ((args.value === undefined) !== flags.unset) {
      throw new UsageError('Value missing: config set takes a key and a value, or a key and --unset.', {
        code: 'VALUE_MISSING',
        suggestions: [`pi-aws config set ${args.key} VALUE`, `pi-aws config set ${args.key} --unset`],
      })
    }
    await this.perform(flags, {
      interrupt: 'end',
      format: formatConfigSet,
      work: async () =>
        configSet(
          {
            path: configurationPath(flags, this.config.root),
            environment: flags.shared
              ? undefined
              : (await openConfiguration({...flags, local: false}, undefined, this.config.root)).name,
            key: args.key,
            value: args.value,
            dryRun: flags['dry-run'],
          },
          {configurationFiles: await wireConfigurationFiles()},
        ),
    })
  }
}
