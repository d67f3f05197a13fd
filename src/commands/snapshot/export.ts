import {Flags} from '@oclif/core'
import {AwsCommand} from '../../cli/aws-command.ts'
import {snapshotArgument} from '../../cli/snapshot-argument.ts'
import {wireAssets, wireFiles} from '../../cli/wire.ts'
import {exportSnapshot} from '../../flows/snapshot/export.ts'
import {formatSnapshotExport} from '../../ui/format/snapshot-copies.ts'

export default class SnapshotExport extends AwsCommand {
  static override summary = 'Bring the plain files of a snapshot into a folder'
  static override description =
    'Manifest, assets, templates and environment files come, each compared with its hash before it gets its name; SHA256SUMS, which sha256sum --check reads, comes last. Database and files of the snapshot only exist inside AWS and are named, not brought.'
  static override examples = ['<%= config.bin %> snapshot export latest --out ./set --environment demo --local']
  static override args = {snapshot: snapshotArgument({required: true})}
  static override flags = {
    out: Flags.string({
      description: 'Folder to fill; made when it is missing',
      required: true,
      env: 'PI_AWS_SNAPSHOT_OUT',
      helpValue: 'FOLDER',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SnapshotExport)
    await this.perform(flags, {
      interrupt: 'pause',
      format: formatSnapshotExport,
      work: async (run, reporter) => {
        const {environment, ports} = await this.open(flags, undefined, reporter)
        return exportSnapshot(
          {environment, ref: args.snapshot, folder: flags.out},
          await wireFiles(await wireAssets(ports)),
          run,
        )
      },
    })
  }
}
