import {AwsCommand} from '../../cli/aws-command.ts'
import {folderArgument, placesAsked, placesFlags} from '../../cli/asset-flags.ts'
import {wireAssets} from '../../cli/wire.ts'
import {assetsList} from '../../flows/assets/places.ts'
import {assetsListLines} from '../../ui/format/asset-lines.ts'
import {formatAssetsList} from '../../ui/format/assets.ts'

export default class AssetsList extends AwsCommand {
  static override summary = 'List assets with the places that have them'

  static override examples = [
    '<%= config.bin %> assets list --environment demo --local',
    '<%= config.bin %> assets list ./assets --json',
  ]
  static override args = {folder: folderArgument()}
  static override flags = placesFlags

  async run(): Promise<void> {
    const {args, flags} = await this.parse(AssetsList)
    await this.perform(flags, {
      interrupt: 'cancel',
      lines: assetsListLines,
      format: formatAssetsList,
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, undefined, reporter)
        const asked = placesAsked(flags, args.folder, {environment, account: configuration.account})
        return assetsList(asked, await wireAssets(ports), run)
      },
    })
  }
}
