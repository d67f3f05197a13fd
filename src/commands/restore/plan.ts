import {Flags} from '@oclif/core'
import {AwsCommand} from '../../cli/aws-command.ts'
import {restoreFlags, safetyOf} from '../../cli/restore-flags.ts'
import {writeRestorePlan} from '../../cli/restore-plan-file.ts'
import {snapshotArgument} from '../../cli/snapshot-argument.ts'
import {exitCodes} from '../../domain/exit-codes.ts'
import {showRestorePlan} from '../../flows/restore/plan.ts'
import {formatRestorePlan} from '../../ui/format/restore.ts'

export default class RestorePlan extends AwsCommand {
  static override summary = 'Show what a restore would do, and whether it could; change nothing'
  static override examples = [
    '<%= config.bin %> restore plan latest --environment demo --local',
    '<%= config.bin %> restore plan 20261122t1015 --environment prod --out restore.json',
  ]
  static override args = {snapshot: snapshotArgument({required: true})}
  static override flags = {
    ...restoreFlags,
    out: Flags.string({
      description: 'Write the plan to this file, for restore run --plan',
      env: 'PI_AWS_RESTORE_OUT',
      helpValue: 'FILE',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(RestorePlan)
    await this.perform(flags, {
      interrupt: 'cancel',
      summary: true,
      format: formatRestorePlan,
      exitCode: ({possible}) => (possible ? exitCodes.ok : exitCodes.checkFailed),
      work: async (_run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, undefined, reporter)
        const {safety} = safetyOf(flags)
        const asked = {
          environment,
          account: configuration.account,
          configuration,
          ref: args.snapshot,
          only: flags.only ?? [],
          vaulted: flags.vaulted,
          safety,
        }
        const plan = await showRestorePlan(asked, ports)
        if (flags.out !== undefined) await writeRestorePlan(flags.out, plan)
        return plan
      },
    })
  }
}
