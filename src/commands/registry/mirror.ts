import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {ownConfigurationPath} from '../../cli/config-file.ts'
import {wireMirror} from '../../cli/wire.ts'
import {parseTag} from '../../domain/images.ts'
import {mirrorImages} from '../../flows/mirror/mirror.ts'
import {formatMirror} from '../../ui/format/mirror.ts'

export default class RegistryMirror extends AwsCommand {
  static override summary = 'Copy the images of a release to ECR of the account, by digest'

  static override description = `Every image that tasks use goes from its registry to a repository pi-ENVIRONMENT/NAME of ECR, byte for byte and with all its architectures, without Docker. What is there already is not sent again, so that a run that was broken off goes on. Then pi-aws.yaml says what was copied (images.mirror), and deploy has tasks pull it by digest, with their role.
The source is logged in to with what registry login stored. An upgrade needs its release in the mirror first.`

  static override examples = [
    '<%= config.bin %> registry mirror prod --dry-run',
    {description: 'The next release, before upgrade', command: '<%= config.bin %> registry mirror prod --tag 2026_11'},
  ]

  static override args = {environment: environmentArgument()}
  static override flags = {
    tag: Flags.string({
      description: 'Release to copy [default: the one that a deploy brings]',
      env: 'PI_AWS_REGISTRY_TAG',
      parse: async (text) => parseTag(text),
    }),
    'dry-run': Flags.boolean({description: 'Only say what would be sent', env: 'PI_AWS_REGISTRY_DRY_RUN'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(RegistryMirror)
    await this.perform(flags, {
      interrupt: 'end',
      format: formatMirror,
      work: async (run, reporter) => {
        const {environment, configuration, ports, local} = await this.open(flags, args.environment, reporter)
        return mirrorImages(
          {
            ...{environment, configuration, tag: flags.tag, dryRun: flags['dry-run'], embedded: local},
            file: ownConfigurationPath(flags, this.config.root),
          },
          await wireMirror(ports),
          run,
        )
      },
    })
  }
}
