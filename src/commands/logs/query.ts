import {Args, Flags} from '@oclif/core'
import {AwsCommand} from '../../cli/aws-command.ts'
import {longSpanFlags, serviceFlag, spanOfFlags, zoneOf} from '../../cli/log-flags.ts'
import {type LogsQueriesResult, logsQuery, type LogsQueryResult, savedQueries} from '../../flows/logs/query.ts'
import {csvOf, formatLogsQueries, formatLogsQuery} from '../../ui/format/logs-query.ts'

export default class LogsQuery extends AwsCommand {
  static override summary = 'Ask CloudWatch Logs Insights'

  static override description =
    'A saved query of the environment, by its name or the beginning of it, or one of your own. AWS bills what a query reads: the answer says how much that was.'

  static override examples = [
    '<%= config.bin %> logs query --list --environment demo --local',
    {description: 'What broke today', command: '<%= config.bin %> logs query errors --since 24h'},
    {
      description: 'One of your own, as a file',
      command: `<%= config.bin %> logs query --text 'fields @timestamp, @message | filter @message like /ERROR/' --csv`,
    },
  ]

  static override args = {
    name: Args.string({description: 'Saved query; --list shows them'}),
  }

  static override flags = {
    list: Flags.boolean({
      description: 'Show the saved queries',
      env: 'PI_AWS_LIST',
      exclusive: ['text', 'csv', 'rows'],
    }),
    text: Flags.string({description: 'A query of your own in the language of Insights', env: 'PI_AWS_LOGS_TEXT'}),
    service: serviceFlag({multiple: true, multipleNonGreedy: true}),
    ...longSpanFlags,
    rows: Flags.integer({
      description: 'At most so many rows [default: what the query says]',
      env: 'PI_AWS_ROWS',
      min: 1,
      max: 10_000,
    }),
    csv: Flags.boolean({description: 'Print CSV (RFC 4180) instead of a table', env: 'PI_AWS_CSV'}),
  }

  async run(): Promise<void> {
    const {args, flags} = await this.parse(LogsQuery)
    const span = spanOfFlags(flags, zoneOf(flags.utc))
    await this.perform<LogsQueryResult | LogsQueriesResult>(flags, {
      interrupt: 'cancel',
      format: (result, layout) => {
        if ('queries' in result) return formatLogsQueries(result, layout)
        return flags.csv ? csvOf(result) : formatLogsQuery(result, layout)
      },
      work: async (run, reporter) => {
        const {environment, ports} = await this.open(flags, undefined, reporter)
        if (flags.list) return savedQueries({environment}, ports)
        const {text, rows: limit} = flags
        return logsQuery({environment, span, name: args.name, text, services: flags.service ?? [], limit}, ports, run)
      },
    })
  }
}
