import type {EnvironmentName, OpId} from '../domain/names.ts'
import type {Part} from '../domain/parts.ts'

/**
 * How a step ended well. `adopted`: its effect was found from an earlier, interrupted run. `running`: AWS goes on with
 * it, and nobody waits here any more.
 */
export type StepOutcome = 'done' | 'unchanged' | 'adopted' | 'skipped' | 'running'

/**
 * What flows tell while they work: the one vocabulary of the terminal, of CI logs and of `--output ndjson`.
 * Times are ISO 8601 UTC, durations milliseconds.
 */
export type FlowEvent =
  | {
      readonly type: 'operation.started'
      readonly opId: OpId
      readonly kind: string
      readonly environment: EnvironmentName
    }
  | {readonly type: 'operation.paused'; readonly opId: OpId; readonly reason: string}
  | {readonly type: 'step.started'; readonly step: string; readonly title: string; readonly part?: Part}
  | {
      readonly type: 'step.finished'
      readonly step: string
      readonly title: string
      readonly part?: Part
      readonly outcome: StepOutcome
      readonly durationMs: number
      readonly detail?: string
    }
  | {
      readonly type: 'step.failed'
      readonly step: string
      readonly title: string
      readonly part?: Part
      readonly durationMs: number
      readonly message: string
    }
  | {
      readonly type: 'stack.event'
      readonly part: Part
      readonly stack: string
      readonly logicalId: string
      readonly resourceType: string
      readonly status: string
      readonly reason?: string
      readonly at: string
    }
  /** How far a stack operation is: resources that reached their end, of those the change set names (children included). */
  | {
      readonly type: 'stack.progress'
      readonly part: Part
      readonly stack: string
      readonly done: number
      readonly total: number
    }
  /** How far a transfer of files is. What was skipped counts as done. */
  | {
      readonly type: 'transfer.progress'
      readonly filesDone: number
      readonly filesTotal: number
      readonly bytesDone: number
      readonly bytesTotal: number
      readonly bytesPerSecond: number
    }
  /** What became of one path in EFS. */
  | {readonly type: 'file.result'; readonly path: string; readonly result: string; readonly reason?: string}
  /** What a service of ECS says about itself while a stack waits for it. */
  | {readonly type: 'service.event'; readonly service: string; readonly message: string; readonly at: string}
  | {readonly type: 'note'; readonly message: string}
  | {readonly type: 'warning'; readonly code: string; readonly message: string}

/** Receives events; it never throws and never waits. */
export type Report = (event: FlowEvent) => void
