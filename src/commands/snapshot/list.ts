import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {listSnapshots} from '../../flows/snapshot/sets.ts'
import {formatSnapshotList} from '../../ui/format/snapshot.ts'

export default class SnapshotList extends AwsCommand {
  static override summary = 'List the snapshots that are whole, newest first'
  static override examples = [
    '<%= config.bin %> snapshot list prod',
    '<%= config.bin %> snapshot list demo --local --json',
  ]
  static override args = {environment: environmentArgument()}
  static override flags = {
    incomplete: Flags.boolean({
      description: 'Also those that were begun and are not whole, apart',
      env: 'PI_AWS_INCOMPLETE',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SnapshotList)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatSnapshotList,
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, args.environment, reporter)
        return listSnapshots({environment, incomplete: flags.incomplete}, ports)
      },
    })
  }
}
