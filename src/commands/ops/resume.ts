import {AwsCommand} from '../../cli/aws-command.ts'
import {changeFlags} from '../../cli/flags.ts'
import {operationArgument} from '../../cli/operation-argument.ts'
import {wireAssets} from '../../cli/wire.ts'
import {exitCodes} from '../../domain/exit-codes.ts'
import {exitCodeWith} from '../../domain/leftovers.ts'
import {resume} from '../../flows/ops/resume.ts'
import {formatResume} from '../../ui/format/ops.ts'

export default class OpsResume extends AwsCommand {
  static override summary = 'Go on with an operation that was paused, failed or killed'
  static override examples = ['<%= config.bin %> ops resume 20261122T101500Z-deploy-1a2b3c --environment prod']
  static override args = {operation: operationArgument({required: true})}
  static override flags = changeFlags

  async run(): Promise<void> {
    const {args, flags} = await this.parse(OpsResume)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatResume,
      exitCode: (resumed) => (resumed.kind === 'deploy' ? exitCodeWith(resumed.result.leftovers) : exitCodes.ok),
      work: async (run, reporter) => {
        const {environment, configuration, ports, local, assetsFolder} = await this.open(flags, undefined, reporter)
        return resume(
          {
            environment,
            configuration,
            opId: args.operation,
            cloudFormationRoleArn: flags['cfn-role-arn'],
            placeholderSecrets: local,
            assetsFolder,
          },
          ports,
          run,
          () => wireAssets(ports),
          (name) => this.openCounterpart(flags, name, reporter),
        )
      },
    })
  }
}
