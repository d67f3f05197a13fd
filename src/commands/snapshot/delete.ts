import {Flags} from '@oclif/core'
import {AwsCommand} from '../../cli/aws-command.ts'
import {changeFlags, confirmFlag} from '../../cli/flags.ts'
import {snapshotArgument} from '../../cli/snapshot-argument.ts'
import {deleteSnapshot} from '../../flows/snapshot/delete.ts'
import {formatSnapshotDelete} from '../../ui/format/snapshot.ts'

export default class SnapshotDelete extends AwsCommand {
  static override summary = 'Delete one snapshot with everything that it has in AWS'
  static override examples = ['<%= config.bin %> snapshot delete 20261122t1015 --environment prod --confirm prod']
  static override args = {snapshot: snapshotArgument({required: true})}
  static override flags = {
    yes: changeFlags.yes,
    timeout: changeFlags.timeout,
    confirm: confirmFlag,
    last: Flags.boolean({description: 'Also when it is the last good one', env: 'PI_AWS_LAST'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SnapshotDelete)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatSnapshotDelete,
      work: async (run, reporter) => {
        const {environment, configuration, ports, local} = await this.open(flags, undefined, reporter)
        return deleteSnapshot(
          {
            environment,
            account: configuration.account,
            ref: args.snapshot,
            confirm: flags.confirm,
            confirmed: local && flags.yes && flags.confirm === undefined,
            last: flags.last,
            resume: undefined,
          },
          ports,
          run,
        )
      },
    })
  }
}
