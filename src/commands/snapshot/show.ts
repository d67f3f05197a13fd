import {AwsCommand} from '../../cli/aws-command.ts'
import {snapshotArgument} from '../../cli/snapshot-argument.ts'
import {showSnapshot} from '../../flows/snapshot/sets.ts'
import {formatSnapshotShow} from '../../ui/format/snapshot.ts'

export default class SnapshotShow extends AwsCommand {
  static override summary = 'Show one snapshot with everything that its manifest names'
  static override examples = ['<%= config.bin %> snapshot show latest --environment prod']
  static override args = {snapshot: snapshotArgument({required: true})}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SnapshotShow)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatSnapshotShow,
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, undefined, reporter)
        return showSnapshot({environment, ref: args.snapshot}, ports)
      },
    })
  }
}
