import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {askUnlessSilent} from '../../cli/missing-value.ts'
import {readSecretFile} from '../../cli/secret-input.ts'
import {setLicence} from '../../flows/secrets.ts'
import {formatSecret} from '../../ui/format/secret.ts'

export default class LicenceSet extends AwsCommand {
  static override summary = 'Write the Panintelligence licence into its secret'
  static override description =
    'Read from a file, from stdin or from a hidden prompt; several lines are joined into one.'
  static override examples = [
    '<%= config.bin %> licence set prod --file licence.txt',
    'cat licence.txt | <%= config.bin %> licence set prod --file -',
  ]
  static override args = {environment: environmentArgument()}
  static override flags = {
    file: Flags.string({
      description: 'File with the licence, - for stdin',
      env: 'PI_AWS_LICENCE_FILE',
      helpValue: 'FILE',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(LicenceSet)
    const given = flags.file === undefined ? undefined : await readSecretFile(flags.file)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatSecret('Licence', 'So that tasks start with it: pi-aws deploy ENVIRONMENT'),
      work: async (run, reporter) => {
        const {environment, ports} = await this.open(flags, args.environment, reporter)
        const licence =
          given ??
          (await askUnlessSilent(ports.ask, '--file', (ask) => ask.secret('Panintelligence licence (not shown)')))
        return setLicence({environment, licence}, ports, run)
      },
    })
  }
}
