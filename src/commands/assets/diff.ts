import {AwsCommand} from '../../cli/aws-command.ts'
import {folderArgument, placesAsked, placesFlags} from '../../cli/asset-flags.ts'
import {exitCodeFlag} from '../../cli/flags.ts'
import {wireAssets} from '../../cli/wire.ts'
import {exitCodes} from '../../domain/exit-codes.ts'
import {differs} from '../../domain/assets/places.ts'
import {assetsDiff} from '../../flows/assets/places.ts'
import {assetsDiffLines} from '../../ui/format/asset-lines.ts'
import {formatAssetsDiff} from '../../ui/format/assets.ts'

export default class AssetsDiff extends AwsCommand {
  static override summary = 'Show what differs between folder, bucket and EFS'

  static override description = `All are compared by content: the function reads what was touched in EFS since it was loaded. Nothing differs: exit
code 0, with --exit-code otherwise 3.`

  static override examples = [
    '<%= config.bin %> assets diff --environment demo --local',
    '<%= config.bin %> assets diff ./assets --json',
  ]
  static override args = {folder: folderArgument()}
  static override flags = {
    ...placesFlags,
    'exit-code': exitCodeFlag,
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(AssetsDiff)
    await this.perform(flags, {
      interrupt: 'cancel',
      lines: assetsDiffLines,
      format: formatAssetsDiff,
      exitCode: (result) => (flags['exit-code'] && differs(result) ? exitCodes.checkFailed : exitCodes.ok),
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, undefined, reporter)
        const asked = placesAsked(flags, args.folder, {environment, account: configuration.account})
        return assetsDiff(asked, await wireAssets(ports), run)
      },
    })
  }
}
