import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {changeFlags, noWaitFlag, parseDuration} from '../../cli/flags.ts'
import {isVaulted, vaultedFlag} from '../../cli/vaulted-flag.ts'
import {createSnapshot} from '../../flows/snapshot/create.ts'
import {formatSnapshotCreate} from '../../ui/format/snapshot.ts'

/** Minutes that services may be at zero unless somebody says otherwise. */
const usualQuiesce = '15m'

export default class SnapshotCreate extends AwsCommand {
  static override summary = 'Take a recovery set: database, files, assets and configuration under one id'
  static override description =
    'With strict, services go to zero while both halves are captured, and come up again whatever happens. With live, nothing stops, and the time that the halves are apart is measured and stated.'
  static override examples = [
    '<%= config.bin %> snapshot create demo --local',
    '<%= config.bin %> snapshot create prod --consistency live --note "before the new theme"',
    '<%= config.bin %> snapshot create prod --vaulted',
  ]
  static override args = {environment: environmentArgument()}
  static override flags = {
    timeout: changeFlags.timeout,
    'no-wait': noWaitFlag,
    consistency: Flags.string({
      description: 'Whether the writers stop while the set is captured',
      options: ['strict', 'live'],
      default: 'strict',
      env: 'PI_AWS_CONSISTENCY',
    }),
    note: Flags.string({description: 'What the set is for; lists show it', default: '', env: 'PI_AWS_NOTE'}),
    tag: Flags.string({
      description: 'Tag that retention may keep it by (may be repeated)',
      multiple: true,
      multipleNonGreedy: true,
      env: 'PI_AWS_TAG',
    }),
    vaulted: vaultedFlag,
    'max-quiesce': Flags.custom<number>({
      description: `How long services may be at zero; what is not captured by then is captured live [default: ${usualQuiesce}]`,
      env: 'PI_AWS_MAX_QUIESCE',
      parse: async (text) => parseDuration(text),
    })(),
  }

  async run(): Promise<void> {
    const {args, flags, metadata} = await this.parse(SnapshotCreate)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatSnapshotCreate,
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, args.environment, reporter)
        return createSnapshot(
          {
            environment,
            account: configuration.account,
            consistency: flags.consistency as 'strict' | 'live',
            note: flags.note,
            tags: flags.tag ?? [],
            maxQuiesceMs: flags['max-quiesce'] ?? parseDuration(usualQuiesce),
            vaulted: isVaulted({flags, metadata}, configuration),
            resume: undefined,
            wait: !flags['no-wait'],
          },
          ports,
          run,
        )
      },
    })
  }
}
