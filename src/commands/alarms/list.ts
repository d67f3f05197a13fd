import {AwsCommand, environmentArgument} from '../../cli/aws-command.ts'
import {exitCodeFlag} from '../../cli/flags.ts'
import {exitCodes} from '../../domain/exit-codes.ts'
import {listAlarms} from '../../flows/alarms/list.ts'
import type {AlarmsResult} from '../../flows/alarms/options.ts'
import {formatAlarms} from '../../ui/format/alarms.ts'

export default class AlarmsList extends AwsCommand {
  static override summary = 'List the alarms: what fires, since when, and what is silenced'
  static override examples = [
    '<%= config.bin %> alarms list demo --local',
    {description: 'For a script: 3 while one fires', command: '<%= config.bin %> alarms list prod --exit-code --json'},
  ]

  static override args = {environment: environmentArgument()}
  static override flags = {'exit-code': exitCodeFlag}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(AlarmsList)
    await this.perform<AlarmsResult>(flags, {
      interrupt: 'cancel',
      format: formatAlarms,
      exitCode: ({alarms}) =>
        flags['exit-code'] && alarms.some(({state, overdue}) => state === 'ALARM' || overdue === true)
          ? exitCodes.checkFailed
          : exitCodes.ok,
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, args.environment, reporter)
        return listAlarms(environment, ports)
      },
    })
  }
}
