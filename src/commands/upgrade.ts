import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../cli/aws-command.ts'
import {ownConfigurationPath} from '../cli/config-file.ts'
import {changeFlags, confirmFlag, noWaitFlag, parseDuration} from '../cli/flags.ts'
import {wireAssets, wireUpgrade} from '../cli/wire.ts'
import {exitCodeWith} from '../domain/leftovers.ts'
import {upgrade} from '../flows/upgrade/upgrade.ts'
import {formatUpgrade} from '../ui/format/upgrade.ts'

/** How long the snapshot before may keep services at zero. */
const maxQuiesce = '15m'

export default class Upgrade extends AwsCommand {
  static override summary = 'Move to another release of the platform, or back, after a snapshot'

  static override description = `Looks for every image in its registry, shows what changes and what users notice, takes a snapshot, writes the tag into pi-aws.yaml, deploys and waits until the new tasks are healthy. Without --tag it goes to the tag of pi-aws.yaml.
Going back by --rollback brings the images of before; what a release did to the data comes back by restore run alone.`

  static override examples = [
    '<%= config.bin %> upgrade demo --local --tag 2026_11 --yes',
    {description: 'See it first', command: '<%= config.bin %> upgrade prod --tag 2026_11 --dry-run'},
    {description: 'The templates of this pi-aws', command: '<%= config.bin %> upgrade prod --to-template'},
    {description: 'To the tag before', command: '<%= config.bin %> upgrade prod --rollback'},
  ]

  static override args = {environment: environmentArgument()}

  static override flags = {
    ...changeFlags,
    'no-wait': noWaitFlag,
    confirm: confirmFlag,
    tag: Flags.string({
      description: 'Release to go to [default: images.tag of pi-aws.yaml]',
      env: 'PI_AWS_UPGRADE_TAG',
    }),
    'to-template': Flags.boolean({
      description: 'Also move to the templates of this pi-aws, where they are of other versions',
      env: 'PI_AWS_UPGRADE_TO_TEMPLATE',
    }),
    rollback: Flags.boolean({
      description: 'Go to the tag before the one that runs; the data stay as they are',
      env: 'PI_AWS_UPGRADE_ROLLBACK',
      exclusive: ['tag'],
    }),
    'snapshot-first': Flags.boolean({
      description: 'Take a snapshot before anything is changed',
      env: 'PI_AWS_UPGRADE_SNAPSHOT_FIRST',
      allowNo: true,
      default: true,
    }),
    consistency: Flags.string({
      description: 'Whether the writers stop while the set is captured',
      options: ['strict', 'live'],
      default: 'strict',
      env: 'PI_AWS_CONSISTENCY',
    }),
    'dry-run': Flags.boolean({description: 'Only show what would be done', env: 'PI_AWS_UPGRADE_DRY_RUN'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Upgrade)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatUpgrade,
      exitCode: ({leftovers}) => exitCodeWith(leftovers),
      work: async (run, reporter) => {
        const session = await this.open(flags, args.environment, reporter)
        const {environment, configuration, ports, local, assetsFolder} = session
        return upgrade(
          {
            ...{environment, configuration, assetsFolder, embedded: local},
            tag: flags.tag,
            toTemplate: flags['to-template'],
            rollback: flags.rollback,
            snapshotFirst: flags['snapshot-first'],
            consistency: flags.consistency as 'strict' | 'live',
            maxQuiesceMs: parseDuration(maxQuiesce),
            dryRun: flags['dry-run'],
            confirmed: flags.yes,
            wait: !flags['no-wait'],
            confirm: flags.confirm,
            cloudFormationRoleArn: flags['cfn-role-arn'],
            file: ownConfigurationPath(flags, this.config.root),
          },
          await wireUpgrade(ports),
          run,
          () => wireAssets(ports),
        )
      },
    })
  }
}
