import {Args, Flags} from '@oclif/core'
import {categoryFlag, followSymlinksFlag} from '../../cli/asset-flags.ts'
import {AwsCommand} from '../../cli/aws-command.ts'
import {wireAssets} from '../../cli/wire.ts'
import {categories} from '../../domain/assets/paths.ts'
import {uploadAssets} from '../../flows/assets/upload.ts'
import {formatUploadAssets} from '../../ui/format/upload-assets.ts'

export default class UploadAssets extends AwsCommand {
  static override summary = 'Bring a folder with assets into the assets bucket'

  static override description = `The folder holds ${categories.join(', ')}, or some of them. Files that changed are sent; the bundle's manifest is
written last, so that there is never half an upload. Nothing changed: nothing is written. Broken off: run it again.`

  static override examples = [
    '<%= config.bin %> upload assets examples/assets --environment demo --local',
    {
      description: 'See first what would be done',
      command: '<%= config.bin %> upload assets ./assets --prune --dry-run',
    },
  ]

  static override args = {folder: Args.string({description: 'Folder that holds the categories', required: true})}

  static override flags = {
    category: categoryFlag(),
    prune: Flags.boolean({description: 'Leave out of the bundle what is gone from the folder', env: 'PI_AWS_PRUNE'}),
    'dry-run': Flags.boolean({description: 'Only say what would be sent, skipped and left out', env: 'PI_AWS_DRY_RUN'}),
    checksum: Flags.boolean({
      description: 'Compare every file by content, touched or not, and send what does not stand in the bucket any more',
      env: 'PI_AWS_CHECKSUM',
    }),
    'follow-symlinks': followSymlinksFlag,
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(UploadAssets)
    await this.perform(flags, {
      interrupt: 'pause',
      format: formatUploadAssets,
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, undefined, reporter)
        return uploadAssets(
          {
            environment,
            account: configuration.account,
            folder: args.folder,
            categories: flags.category ?? [],
            prune: flags.prune,
            dryRun: flags['dry-run'],
            checksum: flags.checksum,
            followSymlinks: flags['follow-symlinks'],
            resume: undefined,
          },
          await wireAssets(ports),
          run,
        )
      },
    })
  }
}
