import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {changeFlags, confirmFlag} from '../../cli/flags.ts'
import {finalizeRestore} from '../../flows/restore/finalize.ts'
import {formatFinalize} from '../../ui/format/restore.ts'

export default class RestoreFinalize extends AwsCommand {
  static override summary = 'Remove what restores left beside the active generations'
  static override description =
    'Each database that goes leaves a last snapshot. From then on there is no way back but a snapshot.'
  static override examples = ['<%= config.bin %> restore finalize prod --confirm prod']
  static override args = {environment: environmentArgument()}
  static override flags = {
    ...changeFlags,
    confirm: confirmFlag,
    now: Flags.boolean({description: 'Also when the last restore is younger than a day', env: 'PI_AWS_RESTORE_NOW'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(RestoreFinalize)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatFinalize,
      work: async (run, reporter) => {
        const {environment, configuration, ports, local} = await this.open(flags, args.environment, reporter)
        return finalizeRestore(
          {
            environment,
            account: configuration.account,
            now: flags.now,
            confirm: flags.confirm,
            confirmed: local && flags.yes && flags.confirm === undefined,
            cloudFormationRoleArn: flags['cfn-role-arn'],
            resume: undefined,
          },
          ports,
          run,
        )
      },
    })
  }
}
