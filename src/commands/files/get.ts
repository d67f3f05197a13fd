import {Args, Flags} from '@oclif/core'
import {AwsCommand} from '../../cli/aws-command.ts'
import {wireFiles} from '../../cli/wire.ts'
import {filesGet} from '../../flows/files/files.ts'
import {formatFilesGet} from '../../ui/format/files.ts'

export default class FilesGet extends AwsCommand {
  static override summary = 'Bring one file of the file system to this machine'
  static override description =
    'Read by the side-load function from the active generation. What lies below keys is refused.'
  static override examples = [
    '<%= config.bin %> files get svg/Köln.svg --environment demo --local',
    '<%= config.bin %> files get svg/logo.svg --out logo.svg --environment prod',
  ]
  static override args = {path: Args.string({description: 'File below the active generation', required: true})}
  static override flags = {
    out: Flags.string({
      description: 'Where to write it, replacing what is there; its own name in this folder without',
      env: 'PI_AWS_FILES_OUT',
      helpValue: 'FILE',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(FilesGet)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatFilesGet,
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, undefined, reporter)
        const {account} = configuration
        return filesGet({environment, account, path: args.path, out: flags.out}, await wireFiles(ports), run)
      },
    })
  }
}
