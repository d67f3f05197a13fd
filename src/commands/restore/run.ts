import {Flags} from '@oclif/core'
import {AwsCommand} from '../../cli/aws-command.ts'
import {changeFlags, confirmFlag} from '../../cli/flags.ts'
import {readRestorePlan} from '../../cli/restore-plan-file.ts'
import {restoreFlags, safetyOf} from '../../cli/restore-flags.ts'
import {snapshotArgument} from '../../cli/snapshot-argument.ts'
import {parseEnvironmentName} from '../../domain/names.ts'
import {restoreInto} from '../../flows/restore/into.ts'
import type {RestoreOptions} from '../../flows/restore/options.ts'
import {restore} from '../../flows/restore/run.ts'
import {formatRestore} from '../../ui/format/restore.ts'

export default class RestoreRun extends AwsCommand {
  static override summary = 'Bring a snapshot back beside what lives, and point the platform at it'
  static override description =
    'A snapshot of the present is taken first. What was there before stays beside it until restore finalize; until then restore undo is a flip away.'
  static override examples = [
    '<%= config.bin %> restore run latest --environment demo --local --yes',
    '<%= config.bin %> restore run 20261122t1015 -e prod --only database --confirm prod',
    '<%= config.bin %> restore run latest -e prod --into staging --confirm staging',
  ]
  static override args = {snapshot: snapshotArgument({required: true})}
  static override flags = {
    ...changeFlags,
    ...restoreFlags,
    confirm: confirmFlag,
    into: Flags.string({
      description: 'Environment of pi-aws.yaml that gets the data; the snapshot is copied there first, under its key',
      env: 'PI_AWS_RESTORE_INTO',
      helpValue: 'NAME',
    }),
    plan: Flags.string({
      description: 'Only if nothing changed since this plan was made',
      env: 'PI_AWS_RESTORE_PLAN',
      helpValue: 'FILE',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(RestoreRun)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatRestore,
      work: async (run, reporter) => {
        const source = await this.open(flags, undefined, reporter)
        const into = flags.into === undefined ? undefined : parseEnvironmentName(flags.into)
        const target = into === undefined ? source : await this.openOther(flags, into, reporter)
        const {environment, configuration, ports, local} = target
        const options: RestoreOptions = {
          environment,
          account: configuration.account,
          configuration,
          ref: args.snapshot,
          only: flags.only ?? [],
          vaulted: flags.vaulted,
          ...safetyOf(flags),
          confirm: flags.confirm,
          confirmed: local && flags.yes && flags.confirm === undefined,
          plan: flags.plan === undefined ? undefined : await readRestorePlan(flags.plan),
          cloudFormationRoleArn: flags['cfn-role-arn'],
          resume: undefined,
        }
        if (into === undefined) return restore(options, ports, run)
        const from = {environment: source.environment, account: source.configuration.account}
        return restoreInto(from, options, {source: source.ports, target: ports}, run)
      },
    })
  }
}
