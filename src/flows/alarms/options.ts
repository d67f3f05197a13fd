import type {SilencedAlarm} from '../../domain/alarms/silences.ts'
import type {EnvironmentName, OpId} from '../../domain/names.ts'
import type {AlarmState} from '../telemetry/ports.ts'

/** Whether an alarm tells anybody: `off` is what a quiesced platform and the console make of it. */
export type AlarmActions = 'on' | 'silenced' | 'off'

export interface ListedAlarm {
  readonly name: string
  /** What it means for users. */
  readonly description: string
  readonly state: AlarmState
  /** CloudWatch's own words. */
  readonly reason: string
  /** Since when it is in that state, ISO 8601 UTC. */
  readonly since: string
  readonly actions: AlarmActions
  /** Of a silenced one: until when, ISO 8601 UTC, and whether that is over. */
  readonly silencedUntil?: string
  readonly overdue?: boolean
}

export interface AlarmsResult {
  readonly environment: string
  /** Those that fire first. */
  readonly alarms: readonly ListedAlarm[]
}

export interface AlarmHistoryResult {
  readonly environment: string
  /** ISO 8601 UTC. */
  readonly from: string
  /** Newest first. */
  readonly items: readonly {
    readonly at: string
    readonly alarm: string
    /** state: it changed; action: it told somebody; configuration: it was changed itself. */
    readonly kind: 'state' | 'action' | 'configuration'
    readonly summary: string
  }[]
}

export interface SilenceOptions {
  readonly environment: EnvironmentName
  readonly account: string | undefined
  /** Names, or pieces of them; all where there are none. */
  readonly alarms: readonly string[]
  /** When it is to be over, ms since 1970; undefined to undo. */
  readonly until: number | undefined
  /** Say what would be done, and do nothing. */
  readonly dryRun: boolean
  readonly resume: OpId | undefined
}

export interface SilenceResult {
  readonly environment: string
  readonly action: 'silence' | 'undo'
  /** planned: a dry run; unchanged: there was nothing to do. */
  readonly state: 'planned' | 'unchanged' | 'done'
  /** Of the journaled operation, where something was done. */
  readonly opId?: string
  /** ISO 8601 UTC. */
  readonly until?: string
  /** Names of those that are changed, or would be. */
  readonly changed: readonly string[]
  /** All that are silent behind it. */
  readonly silenced: readonly SilencedAlarm[]
  readonly notes: readonly string[]
}
