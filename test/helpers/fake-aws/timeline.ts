import type {StackEvent} from '../../../src/domain/change-set.ts'
import type {StackStatus} from '../../../src/domain/stack-status.ts'
import {keptTypes} from './laws.ts'
import type {Due, Effect, FakeResource, FakeStack} from './state.ts'
import type {World} from './world.ts'

/** A failure that a test arranged, or that the world's laws ask for. */
export interface Failure {
  readonly logicalId: string
  readonly reason: string
  /** What it is, where a test cares. */
  readonly type?: string
  /** Logical ids that a failed creation leaves behind. */
  readonly remains?: readonly string[]
  /** Where it ends instead of the usual rolled-back status. */
  readonly ends?: StackStatus
}

type Verb = 'CREATE' | 'UPDATE' | 'DELETE'
type Row = Pick<FakeResource, 'logicalId' | 'type' | 'physicalId'>

/** Writes what CloudFormation will do to a stack, step by step, into its timeline. */
export class Timeline {
  readonly #world: World
  readonly #stack: FakeStack
  readonly #token: string | undefined
  #at: number

  constructor(world: World, stack: FakeStack, token?: string) {
    this.#world = world
    this.#stack = stack
    this.#token = token
    this.#at = world.clock.time
  }

  create(rows: readonly Row[], duration: number, failure: Failure | undefined): void {
    this.#status('CREATE_IN_PROGRESS')
    if (failure === undefined) {
      this.#work('CREATE', rows, duration)
      this.#status('CREATE_COMPLETE', {effect: 'created'})
      return
    }
    this.#fail('CREATE', rows, duration / 2, failure)
    if (failure.ends === 'CREATE_FAILED') {
      this.#status('CREATE_FAILED')
      return
    }
    this.#status('ROLLBACK_IN_PROGRESS', {reason: `The following resource(s) failed to create: [${failure.logicalId}]`})
    this.#pass(duration / 2)
    for (const row of rows) {
      if (failure.remains?.includes(row.logicalId) === true) this.#resource(row, 'DELETE_FAILED')
      else this.#resource(row, 'DELETE_COMPLETE')
    }
    this.#status(failure.ends ?? 'ROLLBACK_COMPLETE')
  }

  update(
    rows: readonly Row[],
    removed: readonly Row[],
    duration: number,
    failure: Failure | undefined,
    back: Failure | undefined,
    left: Failure | undefined,
  ): void {
    this.#status('UPDATE_IN_PROGRESS')
    if (failure !== undefined) {
      this.#fail('UPDATE', [...rows, ...removed], duration / 2, failure)
      this.rollBack(duration / 2, back, `The following resource(s) failed to update: [${failure.logicalId}]`)
      return
    }
    this.#work('UPDATE', rows, duration - 200)
    this.#status('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS')
    this.#work('DELETE', removed, 200)
    if (left !== undefined) {
      // What was replaced is no resource of the stack any more: only events tell of it.
      const row = {
        logicalId: left.logicalId,
        type: left.type ?? 'AWS::Test::Thing',
        physicalId: `old-${left.logicalId}`,
      }
      for (const [status, reason] of [['DELETE_IN_PROGRESS'], ['DELETE_FAILED', left.reason]] as const)
        this.#due({event: this.#event(row, status, reason)})
    }
    this.#status('UPDATE_COMPLETE', {effect: 'updated'})
  }

  rollBack(duration: number, failure: Failure | undefined, reason?: string): void {
    this.#status('UPDATE_ROLLBACK_IN_PROGRESS', reason === undefined ? {} : {reason})
    this.#pass(duration - 200)
    if (failure !== undefined) {
      this.#fail(
        'UPDATE',
        [{logicalId: failure.logicalId, type: failure.type ?? 'AWS::Test::Thing', physicalId: 'thing'}],
        200,
        failure,
      )
      this.#status('UPDATE_ROLLBACK_FAILED')
      return
    }
    this.#status('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS')
    this.#pass(200)
    this.#status('UPDATE_ROLLBACK_COMPLETE')
  }

  remove(rows: readonly Row[], duration: number, failure: Failure | undefined): void {
    this.#status('DELETE_IN_PROGRESS')
    const going = rows.filter((row) => row.logicalId !== failure?.logicalId)
    this.#work('DELETE', going, duration)
    if (failure === undefined) this.#status('DELETE_COMPLETE', {effect: 'deleted'})
    else {
      const row = rows.find(({logicalId}) => logicalId === failure.logicalId)
      this.#resource(
        row ?? {logicalId: failure.logicalId, type: 'AWS::Test::Thing', physicalId: 'thing'},
        'DELETE_FAILED',
        failure.reason,
      )
      this.#status('DELETE_FAILED', {reason: `The following resource(s) failed to delete: [${failure.logicalId}].`})
    }
  }

  #work(verb: Verb, rows: readonly Row[], duration: number): void {
    const step = duration / (rows.length + 1)
    for (const row of rows) {
      const kept = verb === 'DELETE' && keptTypes.includes(row.type)
      if (!kept) this.#resource(row, `${verb}_IN_PROGRESS`)
      this.#pass(step)
      this.#resource(row, kept ? 'DELETE_SKIPPED' : `${verb}_COMPLETE`)
    }
    this.#pass(step)
  }

  #fail(verb: Verb, rows: readonly Row[], duration: number, failure: Failure): void {
    for (const row of rows) this.#resource(row, `${verb}_IN_PROGRESS`)
    this.#pass(duration)
    const failed = rows.find(({logicalId}) => logicalId === failure.logicalId)
    this.#resource(
      failed ?? {logicalId: failure.logicalId, type: 'AWS::Test::Thing', physicalId: ''},
      `${verb}_FAILED`,
      failure.reason,
    )
    this.#pass(1)
    for (const row of rows) {
      if (row.logicalId !== failure.logicalId) {
        this.#resource(row, `${verb}_FAILED`, `Resource ${verb === 'CREATE' ? 'creation' : 'update'} cancelled`)
      }
    }
  }

  #pass(ms: number): void {
    this.#at += Math.max(0, ms)
  }

  #status(status: StackStatus, more: {readonly effect?: Effect; readonly reason?: string} = {}): void {
    const {id, name} = this.#stack
    const event = this.#event(
      {logicalId: name, physicalId: id, type: 'AWS::CloudFormation::Stack'},
      status,
      more.reason,
    )
    const {effect, reason} = more
    this.#due({
      status,
      event,
      ...(effect === undefined ? {} : {effect}),
      ...(reason === undefined ? {} : {statusReason: reason}),
    })
  }

  #resource(row: Row, status: string, reason?: string): void {
    const resource = {...row, status, ...(reason === undefined ? {} : {reason})}
    this.#due({event: this.#event(row, status, reason), resource})
  }

  #event(row: Row, status: string, reason: string | undefined): StackEvent {
    return {
      id: `event-${String(this.#world.count('event')).padStart(7, '0')}`,
      stackId: this.#stack.id,
      stackName: this.#stack.name,
      logicalId: row.logicalId,
      physicalId: row.physicalId,
      type: row.type,
      status,
      ...(reason === undefined ? {} : {reason}),
      at: new Date(this.#at).toISOString(),
      ...(this.#token === undefined ? {} : {token: this.#token}),
    }
  }

  #due(due: Omit<Due, 'at'>): void {
    this.#stack.timeline.push({at: this.#at, ...due})
  }
}
