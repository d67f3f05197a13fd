import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {askUnlessSilent} from '../../cli/missing-value.ts'
import {readSecretFile} from '../../cli/secret-input.ts'
import {loginRegistry} from '../../flows/secrets.ts'
import {formatSecret} from '../../ui/format/secret.ts'

export default class RegistryLogin extends AwsCommand {
  static override summary = 'Write the credentials of the image registry into their secret'
  static override description = 'The token is read from a file, from stdin or from a hidden prompt.'
  static override examples = ['<%= config.bin %> registry login prod --username someone --password-file token.txt']
  static override args = {environment: environmentArgument()}
  static override flags = {
    username: Flags.string({description: 'User name at the image registry', env: 'PI_AWS_REGISTRY_USERNAME'}),
    'password-file': Flags.string({
      description: 'File with the token of the image registry, - for stdin',
      env: 'PI_AWS_REGISTRY_PASSWORD_FILE',
      helpValue: 'FILE',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(RegistryLogin)
    const given = flags['password-file'] === undefined ? undefined : await readSecretFile(flags['password-file'])
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatSecret('Registry credentials', 'So that tasks pull with them: pi-aws deploy ENVIRONMENT'),
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, args.environment, reporter)
        const username =
          flags.username ??
          (await askUnlessSilent(ports.ask, '--username', (ask) => ask.text('User name at the image registry')))
        const password =
          given ??
          (await askUnlessSilent(ports.ask, '--password-file', (ask) =>
            ask.secret('Token of the image registry (not shown)'),
          ))
        return loginRegistry({environment, username, password}, ports)
      },
    })
  }
}
