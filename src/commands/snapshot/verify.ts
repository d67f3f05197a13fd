import {Flags} from '@oclif/core'
import {AwsCommand} from '../../cli/aws-command.ts'
import {snapshotArgument} from '../../cli/snapshot-argument.ts'
import {exitCodes} from '../../domain/exit-codes.ts'
import {verifySnapshot} from '../../flows/snapshot/verify.ts'
import {formatSnapshotVerify} from '../../ui/format/snapshot.ts'

export default class SnapshotVerify extends AwsCommand {
  static override summary = 'Look whether everything that a snapshot names is there and can be used'
  static override examples = ['<%= config.bin %> snapshot verify latest --environment prod --content']
  static override args = {snapshot: snapshotArgument({required: true})}
  static override flags = {
    content: Flags.boolean({
      description: 'Also read every object of the snapshot and compare its hash',
      env: 'PI_AWS_CONTENT',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SnapshotVerify)
    await this.perform(flags, {
      interrupt: 'cancel',
      format: formatSnapshotVerify,
      exitCode: ({good}) => (good ? exitCodes.ok : exitCodes.checkFailed),
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, undefined, reporter)
        return verifySnapshot({environment, ref: args.snapshot, content: flags.content}, ports)
      },
    })
  }
}
