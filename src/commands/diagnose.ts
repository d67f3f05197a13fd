import {Flags} from '@oclif/core'
import {AwsCommand, environmentArgument} from '../cli/aws-command.ts'
import {wireBundle} from '../cli/wire.ts'
import {exitCodes} from '../domain/exit-codes.ts'
import {diagnose, diagnoseInto} from '../flows/diagnose/diagnose.ts'
import {formatDiagnose} from '../ui/format/diagnose.ts'

export default class Diagnose extends AwsCommand {
  static override summary = 'Say what is wrong and what broke first'

  static override description =
    'Looks at once at failed operations with their first cause, stopped tasks, images, targets, alarms and silences of them that are over, errors in logs, certificate, zone, database, file system and backups; explains and proposes the command. Changes nothing. Ends 3 when something is wrong, or could not be looked at.'

  static override examples = [
    '<%= config.bin %> diagnose demo --local',
    {description: 'For somebody who helps', command: '<%= config.bin %> diagnose prod --bundle prod.zip'},
  ]

  static override args = {environment: environmentArgument()}

  static override flags = {
    bundle: Flags.string({
      description: 'Also write an archive (zip) of what was looked at and the last hour of logs, secrets removed',
      env: 'PI_AWS_BUNDLE',
    }),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Diagnose)
    await this.perform(flags, {
      interrupt: 'cancel',
      summary: true,
      format: formatDiagnose,
      exitCode: (result) => (result.healthy ? exitCodes.ok : exitCodes.checkFailed),
      work: async (run, reporter) => {
        const {environment, configuration, ports} = await this.open(flags, args.environment, reporter)
        const options = {environment, domain: configuration.domain}
        if (flags.bundle === undefined) return diagnose(options, ports)
        const bundle = {file: flags.bundle, configuration, version: ports.packageFiles.version}
        return diagnoseInto({...options, ...bundle}, await wireBundle(ports), run)
      },
    })
  }
}
