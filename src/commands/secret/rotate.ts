import {Args, Flags} from '@oclif/core'
import {AwsCommand} from '../../cli/aws-command.ts'
import {changeFlags} from '../../cli/flags.ts'
import {secretFlags} from '../../cli/preflight-flags.ts'
import {newSecretValue} from '../../cli/secret-input.ts'
import {type RotatableSecret, rotatable} from '../../domain/rotation.ts'
import {rotateSecret} from '../../flows/rotate/rotate.ts'
import {formatRotate} from '../../ui/format/rotate.ts'

export default class SecretRotate extends AwsCommand {
  static override summary = 'Change a secret while the platform runs, and take it back when that fails'

  static override description = `database: a new password, made here, for the platform's own user of the database; licence and registry: the value that you bring. The services that read it get new tasks, each waited for. When anything fails, the former version comes back everywhere, exit code 14. No value is ever shown.
The master user of the database belongs to its stack and is not changed.`

  static override examples = [
    '<%= config.bin %> secret rotate database --environment demo --local --yes',
    '<%= config.bin %> secret rotate licence --environment prod --licence-file licence.txt',
    '<%= config.bin %> secret rotate registry --environment prod --dry-run',
  ]

  static override args = {
    secret: Args.string({description: 'Which one', options: [...rotatable], required: true}),
  }

  static override flags = {
    ...changeFlags,
    ...secretFlags,
    'dry-run': Flags.boolean({description: 'Only say what would be done', env: 'PI_AWS_SECRET_DRY_RUN'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SecretRotate)
    const secret = args.secret as RotatableSecret
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatRotate,
      work: async (run, reporter) => {
        const {environment, configuration, ports, local} = await this.open(flags, undefined, reporter)
        const value = flags['dry-run'] ? undefined : await newSecretValue(secret, flags, ports.ask)
        return rotateSecret(
          {
            ...{environment, account: configuration.account, secret, value},
            ...{dryRun: flags['dry-run'], confirmed: flags.yes, embedded: local, resume: undefined},
          },
          ports,
          run,
        )
      },
    })
  }
}
