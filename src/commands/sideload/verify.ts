import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {changeFlags} from '../../cli/flags.ts'
import {exitCodes} from '../../domain/exit-codes.ts'
import {isVerified, verify} from '../../flows/sideload/verify.ts'
import {formatVerify} from '../../ui/format/sideload.ts'

export default class SideloadVerify extends AwsCommand {
  static override summary = 'Prove that the file system holds what the newest bundle says'
  static override description = `The function compares file by file and changes nothing. Something differs or cannot be told: exit code 3.`
  static override examples = [
    '<%= config.bin %> sideload verify demo --local',
    {description: 'Read and hash every file', command: '<%= config.bin %> sideload verify prod --thorough'},
  ]
  static override args = {environment: environmentArgument()}
  static override flags = {
    timeout: changeFlags.timeout,
    thorough: Flags.boolean({
      description: 'Hash also the files that nobody touched since they were loaded',
      env: 'PI_AWS_THOROUGH',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(SideloadVerify)
    await this.perform(flags, {
      interrupt: 'pause',
      timeoutMs: flags.timeout,
      format: formatVerify,
      exitCode: (result) => (isVerified(result) ? exitCodes.ok : exitCodes.checkFailed),
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, args.environment, reporter)
        const {account} = configuration
        return verify({environment, account, thorough: flags.thorough, resume: undefined}, ports, run)
      },
    })
  }
}
