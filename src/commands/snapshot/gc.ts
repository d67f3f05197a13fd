import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {changeFlags} from '../../cli/flags.ts'
import {collectGarbage} from '../../flows/snapshot/gc.ts'
import {formatSnapshotGc} from '../../ui/format/snapshot.ts'

export default class SnapshotGc extends AwsCommand {
  static override summary = 'Remove what snapshots left that were never whole'
  static override description =
    'Whole snapshots are not touched, and neither is what an unfinished operation may still need.'
  static override examples = ['<%= config.bin %> snapshot gc demo --local']
  static override args = {environment: environmentArgument()}
  static override flags = {timeout: changeFlags.timeout}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SnapshotGc)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatSnapshotGc,
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, args.environment, reporter)
        return collectGarbage({environment, account: configuration.account, resume: undefined}, ports, run)
      },
    })
  }
}
