import {AwsCommand} from '../../cli/aws-command.ts'
import {changeFlags} from '../../cli/flags.ts'
import {targetArgument} from '../../cli/operation-argument.ts'
import {wireAssets} from '../../cli/wire.ts'
import {waitForOperation} from '../../flows/ops/wait.ts'
import {formatOpsWait} from '../../ui/format/ops.ts'

export default class OpsWait extends AwsCommand {
  static override summary = 'Wait until an operation ends, and end as it does'
  static override description = `Without an id it is the newest that has not ended. While another process drives it, it is only looked at.
One that --no-wait or --timeout handed over is gone on with; one that was paused, or whose process died, ends 13.`
  static override examples = [
    '<%= config.bin %> ops wait demo --local',
    '<%= config.bin %> ops wait 20261122T101500Z-deploy-1a2b3c -e prod --timeout 30m',
  ]
  static override args = {target: targetArgument()}
  static override flags = {timeout: changeFlags.timeout, 'cfn-role-arn': changeFlags['cfn-role-arn']}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(OpsWait)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatOpsWait,
      exitCode: ({exitCode}) => exitCode,
      work: async (run, reporter) => {
        const session = await this.open(flags, args.target?.environment, reporter)
        return waitForOperation(
          {
            environment: session.environment,
            configuration: session.configuration,
            opId: args.target?.opId,
            cloudFormationRoleArn: flags['cfn-role-arn'],
            placeholderSecrets: session.local,
            assetsFolder: session.assetsFolder,
          },
          session.ports,
          run,
          () => wireAssets(session.ports),
          (name) => this.openCounterpart(flags, name, reporter),
        )
      },
    })
  }
}
