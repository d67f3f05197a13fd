import {AwsCommand} from '../../cli/aws-command.ts'
import {folderArgument, placesAsked, placesFlags} from '../../cli/asset-flags.ts'
import {wireAssets} from '../../cli/wire.ts'
import {assetsStatus} from '../../flows/assets/places.ts'
import {assetsStatusLines} from '../../ui/format/asset-lines.ts'
import {formatAssetsStatus} from '../../ui/format/assets.ts'

export default class AssetsStatus extends AwsCommand {
  static override summary = 'Show how folder, bucket and EFS stand'

  static override examples = [
    '<%= config.bin %> assets status --environment demo --local',
    '<%= config.bin %> assets status ./assets --json',
  ]
  static override args = {folder: folderArgument()}
  static override flags = placesFlags

  async run(): Promise<void> {
    const {args, flags} = await this.parse(AssetsStatus)
    await this.perform(flags, {
      interrupt: 'cancel',
      lines: assetsStatusLines,
      format: formatAssetsStatus,
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, undefined, reporter)
        const asked = placesAsked(flags, args.folder, {environment, account: configuration.account})
        return assetsStatus(asked, await wireAssets(ports), run)
      },
    })
  }
}
