import {Args, Flags} from '@oclif/core'
import {AwsCommand} from '../../cli/aws-command.ts'
import {filesLs} from '../../flows/files/files.ts'
import {formatFilesLs} from '../../ui/format/files.ts'

export default class FilesLs extends AwsCommand {
  static override summary = 'List a folder of the file system, as the platform sees it'
  static override description = 'The side-load function looks into the active generation. Names of keys are shown, too.'
  static override examples = [
    '<%= config.bin %> files ls --environment demo --local',
    '<%= config.bin %> files ls themes --recursive --environment prod',
  ]
  static override args = {path: Args.string({description: 'Folder below the active generation; all of it without'})}
  static override flags = {
    recursive: Flags.boolean({
      char: 'R',
      description: 'Also what the folders in it hold, at any depth',
      env: 'PI_AWS_RECURSIVE',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(FilesLs)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatFilesLs,
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, undefined, reporter)
        const {account} = configuration
        return filesLs({environment, account, path: args.path ?? '', recursive: flags.recursive}, ports, run)
      },
    })
  }
}
