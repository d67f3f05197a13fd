import {Args} from '@oclif/core'
import {categoryFlag} from '../../cli/asset-flags.ts'
import {AwsCommand} from '../../cli/aws-command.ts'
import {wireAssets} from '../../cli/wire.ts'
import {downloadAssets} from '../../flows/assets/download.ts'
import {formatAssetsDownload} from '../../ui/format/assets.ts'

export default class AssetsDownload extends AwsCommand {
  static override summary = 'Bring the uploaded assets into a folder'
  static override description =
    'Each file is compared with its hash before it gets its name. What the folder holds besides stays.'
  static override examples = ['<%= config.bin %> assets download ./assets --environment demo --local']
  static override args = {folder: Args.string({description: 'Folder to fill; made when it is missing', required: true})}
  static override flags = {category: categoryFlag()}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(AssetsDownload)
    await this.perform(flags, {
      interrupt: 'pause',
      format: formatAssetsDownload,
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, undefined, reporter)
        return downloadAssets(
          {environment, account: configuration.account, folder: args.folder, categories: flags.category ?? []},
          await wireAssets(ports),
          run,
        )
      },
    })
  }
}
