import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {changeFlags} from '../../cli/flags.ts'
import {undoRestore} from '../../flows/restore/undo.ts'
import {formatUndo} from '../../ui/format/restore.ts'

export default class RestoreUndo extends AwsCommand {
  static override summary = 'Point the platform back at what it had before a restore'
  static override description =
    'What was restored stays beside it until restore finalize. A restore that is not committed is taken back with ops abort.'
  static override examples = ['<%= config.bin %> restore undo demo --local --yes']
  static override args = {environment: environmentArgument()}
  static override flags = {
    ...changeFlags,
    restore: Flags.string({
      description: 'Which restore, by its operation [default: the newest that stands]',
      env: 'PI_AWS_RESTORE',
      helpValue: 'OPERATION',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(RestoreUndo)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatUndo,
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, args.environment, reporter)
        return undoRestore(
          {
            environment,
            account: configuration.account,
            restore: flags.restore,
            confirmed: flags.yes,
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
