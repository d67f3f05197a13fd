import {Flags} from '@oclif/core'
import {AwsCommand} from '../../cli/aws-command.ts'
import {changeFlags} from '../../cli/flags.ts'
import {snapshotArgument} from '../../cli/snapshot-argument.ts'
import {parseEnvironmentName} from '../../domain/names.ts'
import {copySnapshot} from '../../flows/snapshot/copy.ts'
import {formatSnapshotCopy} from '../../ui/format/snapshot-copies.ts'

export default class SnapshotCopy extends AwsCommand {
  static override summary = 'Copy a snapshot into another environment, under its key'
  static override description =
    'Database, files, assets and configuration get into the records and the vault of the other environment, of this region and account or of its own, and need nothing of this one afterwards. The copy keeps the id of the snapshot.'
  static override examples = [
    '<%= config.bin %> snapshot copy latest --environment prod --into standby',
    '<%= config.bin %> snapshot copy 20261122t1015 --environment demo --into staging --local',
  ]
  static override args = {snapshot: snapshotArgument({required: true})}
  static override flags = {
    timeout: changeFlags.timeout,
    into: Flags.string({
      description: 'Environment of pi-aws.yaml that gets the copy',
      required: true,
      env: 'PI_AWS_SNAPSHOT_INTO',
      helpValue: 'NAME',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SnapshotCopy)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatSnapshotCopy,
      work: async (run, reporter) => {
        const into = parseEnvironmentName(flags.into)
        const source = await this.open(flags, undefined, reporter)
        const target = await this.openOther(flags, into, reporter)
        return copySnapshot(
          {
            environment: source.environment,
            account: source.configuration.account,
            ref: args.snapshot,
            target: {environment: into, account: target.configuration.account},
          },
          {source: source.ports, target: target.ports},
          run,
        )
      },
    })
  }
}
