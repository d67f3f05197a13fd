import {AwsCommand} from '../../cli/aws-command.ts'
import {changeFlags} from '../../cli/flags.ts'
import {operationArgument} from '../../cli/operation-argument.ts'
import {abortOperation} from '../../flows/ops/abort.ts'
import {formatOpsAbort} from '../../ui/format/ops.ts'

export default class OpsAbort extends AwsCommand {
  static override summary = 'Give an unfinished operation up'
  static override description =
    'Stack updates that run are stopped and rolled back; what was already changed stays. A snapshot or a restore is given up with everything that it made.'
  static override examples = ['<%= config.bin %> ops abort 20261122T101500Z-deploy-1a2b3c --environment prod']
  static override args = {operation: operationArgument({required: true})}
  static override flags = {timeout: changeFlags.timeout, 'cfn-role-arn': changeFlags['cfn-role-arn']}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(OpsAbort)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatOpsAbort,
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, undefined, reporter)
        return abortOperation(
          {
            environment,
            account: configuration.account,
            opId: args.operation,
            cloudFormationRoleArn: flags['cfn-role-arn'],
          },
          ports,
          run,
          (name) => this.openCounterpart(flags, name, reporter),
        )
      },
    })
  }
}
