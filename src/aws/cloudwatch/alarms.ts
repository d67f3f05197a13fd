import {
  type AlarmHistoryItem,
  CloudWatchClient,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  paginateDescribeAlarmHistory,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch'
import type {Alarm, AlarmEvent, Alarms} from '../../flows/telemetry/ports.ts'
import {translateErrors} from '../errors.ts'
import type {ClientConfig} from '../settings.ts'

const kinds: Readonly<Record<string, AlarmEvent['kind']>> = {
  StateUpdate: 'state',
  Action: 'action',
  ConfigurationUpdate: 'configuration',
}

/** Alarms of CloudWatch by its API. */
export function createAlarms(config: ClientConfig): Alarms {
  const client = new CloudWatchClient(config)
  return translateErrors<Alarms>({
    async list(prefix) {
      const alarms: Alarm[] = []
      for await (const {MetricAlarms = [], CompositeAlarms = []} of paginateDescribeAlarms(
        {client},
        {AlarmNamePrefix: prefix, AlarmTypes: ['MetricAlarm', 'CompositeAlarm']},
      )) {
        for (const alarm of [...MetricAlarms, ...CompositeAlarms]) {
          alarms.push({
            name: alarm.AlarmName ?? '',
            description: alarm.AlarmDescription ?? '',
            state: alarm.StateValue ?? 'INSUFFICIENT_DATA',
            reason: alarm.StateReason ?? '',
            since: alarm.StateUpdatedTimestamp?.toISOString() ?? '',
            acts: alarm.ActionsEnabled ?? true,
          })
        }
      }
      return alarms
    },
    async history(name, since) {
      const events: AlarmEvent[] = []
      const input = {
        AlarmName: name,
        AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const],
        StartDate: since,
        ScanBy: 'TimestampDescending' as const,
      }
      for await (const {AlarmHistoryItems = []} of paginateDescribeAlarmHistory({client}, input))
        events.push(...AlarmHistoryItems.flatMap(eventOf))
      return events
    },
    async setActions(names, acts) {
      const input = {AlarmNames: [...names]}
      await client.send(acts ? new EnableAlarmActionsCommand(input) : new DisableAlarmActionsCommand(input))
    },
  })
}

function eventOf({Timestamp, HistoryItemType, HistorySummary = ''}: AlarmHistoryItem): readonly AlarmEvent[] {
  const kind = kinds[HistoryItemType ?? '']
  if (kind === undefined || Timestamp === undefined) return []
  return [{at: Timestamp.toISOString(), kind, summary: HistorySummary}]
}
