import {Args} from '@oclif/core'
import {AwsCommand} from '../../cli/aws-command.ts'
import {historyFlags, spanOfFlags, zoneOf} from '../../cli/log-flags.ts'
import {alarmHistory} from '../../flows/alarms/list.ts'
import type {AlarmHistoryResult} from '../../flows/alarms/options.ts'
import {formatAlarmHistory} from '../../ui/format/alarms.ts'

export default class AlarmsHistory extends AwsCommand {
  static override summary = 'Show what became of the alarms: states, what they told, changes to them'
  static override description = 'Newest first. CloudWatch remembers 30 days.'
  static override examples = [
    '<%= config.bin %> alarms history --environment demo --local',
    {description: 'One of them', command: '<%= config.bin %> alarms history FreeStorage --since 14d'},
  ]

  static override args = {name: Args.string({description: 'Alarm, or a piece of its name; all without'})}
  static override flags = historyFlags

  async run(): Promise<void> {
    const {args, flags} = await this.parse(AlarmsHistory)
    const {from} = spanOfFlags({since: flags.since, until: undefined}, zoneOf(flags.utc))
    await this.perform<AlarmHistoryResult>(flags, {
      interrupt: 'cancel',
      format: formatAlarmHistory,
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, undefined, reporter)
        return alarmHistory({environment, name: args.name, from}, ports)
      },
    })
  }
}
