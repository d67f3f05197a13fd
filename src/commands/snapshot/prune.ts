import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {changeFlags, confirmFlag} from '../../cli/flags.ts'
import {pruneSnapshots} from '../../flows/snapshot/prune.ts'
import {formatSnapshotPrune} from '../../ui/format/snapshot.ts'

function keep(what: string, variable: string) {
  return Flags.integer({
    description: `How many to keep: ${what}`,
    default: 0,
    min: 0,
    max: 10_000,
    env: `PI_AWS_KEEP_${variable}`,
    helpGroup: 'KEEP',
  })
}

export default class SnapshotPrune extends AwsCommand {
  static override summary = 'Delete the snapshots that no rule keeps'
  static override description =
    'The last good and the last proven snapshot always stay, and so does what the vault has locked.'
  static override examples = [
    '<%= config.bin %> snapshot prune demo --local --keep-last 3 --dry-run',
    '<%= config.bin %> snapshot prune prod --keep-daily 7 --keep-weekly 4 --confirm prod',
  ]
  static override args = {environment: environmentArgument()}
  static override flags = {
    yes: changeFlags.yes,
    timeout: changeFlags.timeout,
    confirm: confirmFlag,
    'dry-run': Flags.boolean({description: 'Only say what would stay, and why', env: 'PI_AWS_SNAPSHOT_DRY_RUN'}),
    'keep-last': keep('the newest', 'LAST'),
    'keep-hourly': keep('one an hour', 'HOURLY'),
    'keep-daily': keep('one a day', 'DAILY'),
    'keep-weekly': keep('one a week', 'WEEKLY'),
    'keep-monthly': keep('one a month', 'MONTHLY'),
    'keep-yearly': keep('one a year', 'YEARLY'),
    'keep-tag': Flags.string({
      description: 'Keep all with this tag (may be repeated)',
      multiple: true,
      multipleNonGreedy: true,
      env: 'PI_AWS_KEEP_TAG',
      helpGroup: 'KEEP',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SnapshotPrune)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatSnapshotPrune,
      work: async (run, reporter) => {
        const {environment, configuration, ports, local} = await this.open(flags, args.environment, reporter)
        return pruneSnapshots(
          {
            environment,
            account: configuration.account,
            policy: {
              last: flags['keep-last'],
              hourly: flags['keep-hourly'],
              daily: flags['keep-daily'],
              weekly: flags['keep-weekly'],
              monthly: flags['keep-monthly'],
              yearly: flags['keep-yearly'],
              tags: flags['keep-tag'] ?? [],
            },
            dryRun: flags['dry-run'],
            confirm: flags.confirm,
            confirmed: local && flags.yes && flags.confirm === undefined,
            resume: undefined,
          },
          ports,
          run,
        )
      },
    })
  }
}
