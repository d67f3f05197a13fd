import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../cli/aws-command.ts'
import {openWatchOutput} from '../cli/watch-output.ts'
import {exitCodes} from '../domain/exit-codes.ts'
import {recoveryPolicy} from '../domain/snapshots/age.ts'
import {watchStatus} from '../flows/status-watch.ts'
import {status} from '../flows/status.ts'
import {formatStatus} from '../ui/format/status.ts'

export default class Status extends AwsCommand {
  static override summary = 'Show whether an environment is well'

  static override description =
    'Parts, services, targets, generations, protections, database, file system, alarms, last backup, last snapshot and last proof against what `recovery` promises, lock. Ends 3 when it is not healthy. With --watch it looks every five seconds until Ctrl-C: a page that stays where it is on a terminal, everywhere else a line of JSON for each change.'

  static override examples = [
    '<%= config.bin %> status demo --local',
    '<%= config.bin %> status prod --json',
    '<%= config.bin %> status prod --watch',
  ]

  static override args = {environment: environmentArgument()}
  static override flags = {
    watch: Flags.boolean({char: 'w', description: 'Look again and again until Ctrl-C', env: 'PI_AWS_WATCH'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Status)
    await this.perform(flags, {
      interrupt: flags.watch ? 'end' : 'cancel',
      summary: true,
      format: formatStatus,
      // Each look was printed when it was made.
      ...(flags.watch ? {print: async () => undefined} : {}),
      exitCode: ({healthy}) => (flags.watch ? exitCodes.cancelled : healthy ? exitCodes.ok : exitCodes.checkFailed),
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, args.environment, reporter)
        const asked = {environment, policy: recoveryPolicy(configuration.recovery)}
        if (!flags.watch) return status(asked, ports)
        const out = await openWatchOutput(this.outputKind(flags), formatStatus, this.argv)
        try {
          return await watchStatus(asked, ports, run, (result, changed) => out.show(result, changed))
        } finally {
          out.close()
        }
      },
    })
  }
}
