import {Flags} from '@oclif/core'
import {AwsCommand} from '../../cli/aws-command.ts'
import {changeFlags} from '../../cli/flags.ts'
import {snapshotArgument} from '../../cli/snapshot-argument.ts'
import {exitCodes} from '../../domain/exit-codes.ts'
import {proveSnapshot} from '../../flows/restore/prove.ts'
import {verifySnapshot} from '../../flows/snapshot/verify.ts'
import {formatSnapshotVerify} from '../../ui/format/snapshot.ts'

export default class SnapshotVerify extends AwsCommand {
  static override summary = 'Look whether everything that a snapshot names is there and can be used'
  static override description =
    'With --prove, database and files are also brought back beside what lives, under names of their own, compared with the snapshot, and removed again. What lives is not touched; until it is over the environment is locked. Ends 3 when an answer is no.'
  static override examples = [
    '<%= config.bin %> snapshot verify latest --environment prod --content',
    '<%= config.bin %> snapshot verify latest --environment prod --prove',
  ]
  static override args = {snapshot: snapshotArgument({required: true})}
  static override flags = {
    content: Flags.boolean({
      description: 'Also read every object of the snapshot and compare its hash',
      env: 'PI_AWS_CONTENT',
    }),
    prove: Flags.boolean({
      description: 'Also restore it on trial: a database and a tree of files that are removed afterwards',
      env: 'PI_AWS_PROVE',
    }),
    timeout: changeFlags.timeout,
    'cfn-role-arn': changeFlags['cfn-role-arn'],
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SnapshotVerify)
    await this.perform(flags, {
      interrupt: flags.prove ? 'pause' : 'cancel',
      summary: true,
      timeoutMs: flags.timeout,
      format: formatSnapshotVerify,
      exitCode: ({good}) => (good ? exitCodes.ok : exitCodes.checkFailed),
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, undefined, reporter)
        const asked = {environment, ref: args.snapshot, content: flags.content}
        if (!flags.prove) return verifySnapshot(asked, ports)
        const cloudFormationRoleArn = flags['cfn-role-arn']
        return proveSnapshot(
          {...asked, account: configuration.account, cloudFormationRoleArn, resume: undefined},
          ports,
          run,
        )
      },
    })
  }
}
