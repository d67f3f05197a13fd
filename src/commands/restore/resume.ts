import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {changeFlags} from '../../cli/flags.ts'
import {wireAssets} from '../../cli/wire.ts'
import {resume} from '../../flows/ops/resume.ts'
import {unfinishedRestore} from '../../flows/restore/status.ts'
import {formatResume} from '../../ui/format/ops.ts'

export default class RestoreResume extends AwsCommand {
  static override summary = 'Go on with the restore, undo or finalization that was paused, failed or killed'
  static override examples = ['<%= config.bin %> restore resume prod']
  static override args = {environment: environmentArgument()}
  static override flags = {timeout: changeFlags.timeout, 'cfn-role-arn': changeFlags['cfn-role-arn']}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(RestoreResume)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatResume,
      work: async (run, reporter) => {
        const {environment, configuration, ports, local, assetsFolder} = await this.open(
          flags,
          args.environment,
          reporter,
        )
        const asked = {
          environment,
          configuration,
          opId: await unfinishedRestore(environment, ports),
          cloudFormationRoleArn: flags['cfn-role-arn'],
          placeholderSecrets: local,
          assetsFolder,
        }
        return resume(asked, ports, run, () => wireAssets(ports))
      },
    })
  }
}
