import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../cli/aws-command.ts'
import {changeFlags, confirmFlag, noWaitFlag} from '../cli/flags.ts'
import {destroy} from '../flows/destroy/destroy.ts'
import {formatDestroy} from '../ui/format/destroy.ts'

export default class Destroy extends AwsCommand {
  static override summary = 'Take an environment down; its data stay'

  static override description = `Services to zero, a final database snapshot, then every stack but foundation and file system.
A later deploy brings the same data back. --with-data removes these too.`

  static override examples = [
    '<%= config.bin %> destroy staging --confirm staging',
    {
      description: 'Everything, data included',
      command: '<%= config.bin %> destroy staging --confirm staging --with-data --confirm-data staging',
    },
  ]

  static override args = {environment: environmentArgument()}

  static override flags = {
    ...changeFlags,
    'no-wait': noWaitFlag,
    confirm: confirmFlag,
    'with-data': Flags.boolean({
      description: 'Also file system, snapshots, buckets, secrets, vault and key',
      env: 'PI_AWS_WITH_DATA',
    }),
    'confirm-data': Flags.string({
      description: "The environment's name once more, for its data",
      env: 'PI_AWS_CONFIRM_DATA',
      helpValue: 'ENVIRONMENT',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Destroy)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatDestroy,
      work: async (run, reporter) => {
        const {environment, configuration, ports, local} = await this.open(flags, args.environment, reporter)
        return destroy(
          {
            environment,
            account: configuration.account,
            confirm: flags.confirm,
            confirmed: local && flags.yes && flags.confirm === undefined,
            withData: flags['with-data'],
            confirmData: flags['confirm-data'],
            mirror: configuration.images.mirror,
            cloudFormationRoleArn: flags['cfn-role-arn'],
            wait: !flags['no-wait'],
            resume: undefined,
          },
          ports,
          run,
        )
      },
    })
  }
}
