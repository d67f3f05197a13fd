import {Flags} from '@oclif/core'
import {AwsCommand} from '../../cli/aws-command.ts'
import {longSpanFlags, servicesArgument, spanOfFlags, zoneOf} from '../../cli/log-flags.ts'
import {wireExport} from '../../cli/wire.ts'
import {logsExport, type LogsExportResult} from '../../flows/logs/export.ts'
import {formatLogsExport} from '../../ui/format/logs-export.ts'

export default class LogsExport extends AwsCommand {
  static override summary = 'Write what services wrote into files, one for each service and day'

  static override description =
    'Days are UTC, a line of a file is the JSON of a line of the log, in order and each once. A file is there wholly or not at all; export.json beside them keeps what they hold. The same command again goes on where it broke off, and reads again only days that were not over for an hour.'

  static override examples = [
    '<%= config.bin %> logs export --since 1d --out logs --environment demo --local',
    {
      description: 'A week of two services, packed',
      command: '<%= config.bin %> logs export dashboard events --since 7d --out week --gzip',
    },
  ]

  static override args = {service: servicesArgument({multiple: true})}
  static override flags = {
    ...longSpanFlags,
    out: Flags.string({
      description: 'Folder to write to, made where there is none',
      env: 'PI_AWS_LOGS_OUT',
      helpValue: 'FOLDER',
      required: true,
    }),
    gzip: Flags.boolean({description: 'Pack each file', env: 'PI_AWS_GZIP'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(LogsExport)
    const span = spanOfFlags(flags, zoneOf(flags.utc))
    await this.perform<LogsExportResult>(flags, {
      interrupt: 'end',
      format: formatLogsExport,
      work: async (run, reporter) => {
        const {environment, ports} = await this.open(flags, undefined, reporter)
        const options = {environment, services: args.service ?? [], span, gzip: flags.gzip}
        return logsExport(options, await wireExport(ports, flags.out), run)
      },
    })
  }
}
