import {AwsCommand} from '../cli/aws-command.ts'
import {expressions, logFlags, reorderOf, servicesArgument, spanOfFlags, zoneOf} from '../cli/log-flags.ts'
import {openLogOutput} from '../cli/log-output.ts'
import {exitCodes} from '../domain/exit-codes.ts'
import {isoIn} from '../domain/logs/moments.ts'
import {logs} from '../flows/logs/logs.ts'
import type {LogsResult} from '../flows/logs/options.ts'
import type {LogOutput} from '../cli/log-output.ts'

export default class Logs extends AwsCommand {
  static override summary = 'Print what services write and what AWS tells, as one stream'

  static override description =
    'In order of time and nothing twice; stack traces are joined. While following, a line later than --reorder, up to five minutes, stands behind newer ones, with < before it. Control characters are made visible on a terminal. Ctrl-C ends with 130.'

  static override examples = [
    '<%= config.bin %> logs --environment demo --local',
    {
      description: 'What broke today',
      command: '<%= config.bin %> logs dashboard --since 08:00 --grep "error|exception"',
    },
    {description: 'Keep it open', command: '<%= config.bin %> logs --follow --exclude /pi/version'},
    {description: 'At once, for a while', command: '<%= config.bin %> logs dashboard --live'},
    {description: 'Why a task died', command: '<%= config.bin %> logs scheduler --previous'},
  ]

  static override args = {service: servicesArgument({multiple: true})}
  static override flags = logFlags

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Logs)
    const zone = zoneOf(flags.utc)
    const span = spanOfFlags(flags, zone)
    const search = {grep: expressions('--grep', flags.grep), exclude: expressions('--exclude', flags.exclude)}
    const highlight = expressions('--highlight', flags.highlight, 'g')
    let out: LogOutput | undefined
    await this.perform<LogsResult>(flags, {
      interrupt: 'end',
      format: () => '',
      print: async (_output, result) => out?.end(result),
      exitCode: ({cancelled}) => (cancelled ? exitCodes.cancelled : exitCodes.ok),
      work: async (run, reporter) => {
        const {environment, ports} = await this.open(flags, undefined, reporter)
        const {live, filter, limit, previous} = flags
        const follow = flags.follow || live
        const reorder = reorderOf(flags)
        out = await openLogOutput(this.outputKind(flags), {
          ...flags,
          services: args.service ?? [],
          follow,
          zone,
          highlight,
        })
        const since = flags.since !== logFlags.since.default
        run.report({type: 'note', message: `Logs of ${environment} from ${isoIn(span.from, zone)} (${zone.name})`})
        const result = await logs(
          {
            ...{environment, span, since, follow, live, previous, reorder, services: args.service ?? [], ...search},
            ...(filter === undefined ? {} : {filter}),
            ...(limit === undefined ? {} : {limit}),
          },
          {...ports, sink: out.sink},
          run,
        )
        if (result.cancelled)
          run.report({
            type: 'note',
            message: `Cancelled after ${result.lines} ${result.lines === 1 ? 'line' : 'lines'}.`,
          })
        return result
      },
    })
  }
}
