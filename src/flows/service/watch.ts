import {FailedError, OperatorNeededError, PendingError, RolledBackError} from '../../domain/errors.ts'
import type {ServiceName} from '../../domain/configuration.ts'
import {endText, isOrderly, meaningOf} from '../../domain/diagnosis/task-ends.ts'
import {isSettled, type Rollout, rolloutOf, wayBack} from '../../domain/services/rollout.ts'
import type {Ports, StoppedTask} from '../ports.ts'
import type {Run} from '../run.ts'
import type {ServicePlace} from './place.ts'
import {detailOf, nameIn} from './place.ts'
import type {ServiceDetail} from './ports.ts'

export type WatchPorts = Pick<Ports, 'serviceControl' | 'containers' | 'logs' | 'clock'>

/** Pauses between two looks (ms): soon at first, for a service that is small. */
const [firstPause, longestPause] = [500, 5000] as const

/** What is waited for: a deployment, or as many tasks as were asked for. */
export type Goal =
  | {readonly kind: 'deployment'; readonly id: string}
  /** The end of a way back: whatever ECS runs then. */
  | {readonly kind: 'back'}
  | {readonly kind: 'count'; readonly count: number}

/** Waits for ECS and tells what it says meanwhile. */
export class ServiceWatch {
  readonly #ports: WatchPorts
  readonly #run: Run
  readonly #place: ServicePlace
  readonly #service: ServiceName
  readonly #told = new Set<string>()
  #cause: string | undefined
  #failed: string | undefined
  #text = ''

  constructor(ports: WatchPorts, run: Run, place: ServicePlace, service: ServiceName) {
    this.#ports = ports
    this.#run = run
    this.#place = place
    this.#service = service
  }

  /** What ECS tells before anything is begun is old: known by its ids, since clocks differ. */
  async begin({events}: ServiceDetail): Promise<void> {
    for (const {id} of events) this.#told.add(id)
    for (const {arn} of await this.#stopped()) this.#told.add(arn)
  }

  /**
   * Resolves when the goal is reached.
   * @throws RolledBackError DEPLOYMENT_ROLLED_BACK, OperatorNeededError DEPLOYMENT_STUCK, FailedError DEPLOYMENT_FAILED with
   * the first cause; PendingError NOT_WAITED
   */
  async until(goal: Goal): Promise<void> {
    for (let pause: number = firstPause; ; pause = Math.min(pause * 1.5, longestPause)) {
      const detail = await detailOf(this.#ports, this.#place, this.#service)
      this.#tellEvents(detail)
      const rollout = this.#rollout(goal, detail)
      if (rollout.kind === 'done') return
      await this.#lookAtTasks()
      if (rollout.kind === 'failed') throw this.#failure(rollout)
      if (rollout.text !== this.#text) {
        this.#text = rollout.text
        this.#run.report({type: 'note', message: `${this.#service}: ${rollout.text}`})
      }
      await this.#rest(pause)
    }
  }

  #rollout(goal: Goal, {deployments}: ServiceDetail): Rollout {
    switch (goal.kind) {
      case 'deployment': {
        const own = deployments.find(({id}) => id === goal.id)
        if (own?.state === 'FAILED') this.#failed = own.reason
        return rolloutOf(deployments, {id: goal.id, ...(this.#failed === undefined ? {} : {failed: this.#failed})})
      }
      case 'back': {
        const rollout = wayBack(deployments, 'the former tasks do not start')
        return rollout.kind === 'failed' && rollout.ending === 'rolled back' ? {kind: 'done'} : rollout
      }
      case 'count': {
        if (isSettled(deployments, goal.count)) return {kind: 'done'}
        const running = deployments.reduce((sum, one) => sum + one.running, 0)
        return {kind: 'running', text: `${running} tasks run, ${goal.count} are wanted`}
      }
    }
  }

  async #rest(ms: number): Promise<void> {
    try {
      await this.#ports.clock.sleep(ms, this.#run.pause)
    } catch (error) {
      if (!this.#run.pause.aborted) throw error
      const {environment} = this.#place
      throw new PendingError(`The wait for ${this.#service} ended; ECS goes on.`, {
        code: 'NOT_WAITED',
        suggestions: [`pi-aws service deployments ${this.#service} --environment ${environment}`],
        cause: error,
      })
    }
  }

  #tellEvents({events}: ServiceDetail): void {
    for (const {id, at, message} of events.toReversed()) {
      if (this.#told.has(id)) continue
      this.#told.add(id)
      this.#run.report({type: 'service.event', service: this.#service, message, at})
    }
  }

  /** Tasks that ended otherwise than they should: the first of them is the first cause. */
  async #lookAtTasks(): Promise<void> {
    const stopped = await this.#stopped()
    for (const task of stopped.toReversed()) {
      const end = {reason: task.stoppedReason, containers: task.containers}
      if (this.#told.has(task.arn) || isOrderly(end)) continue
      this.#told.add(task.arn)
      const text = endText(end)
      const why = meaningOf(text)?.why
      const lines = await this.#lastLines(task)
      const written = lines.length === 0 ? '' : `. It last wrote: ${lines.join(' | ')}`
      this.#cause ??= `${why === undefined ? text : `${why} (${text})`}${written}`
      this.#run.report({type: 'warning', code: 'TASK_STOPPED', message: `A task of ${this.#service} stopped: ${text}`})
    }
  }

  /** An explanation that cannot be had is left out. */
  #stopped(): Promise<readonly StoppedTask[]> {
    const {cluster} = this.#place
    return this.#ports.containers.stoppedTasks(cluster, nameIn(this.#place, this.#service)).catch(() => [])
  }

  async #lastLines(task: StoppedTask): Promise<readonly string[]> {
    const group = this.#place.outputs[`${this.#service.slice(0, 1).toUpperCase()}${this.#service.slice(1)}LogGroup`]
    if (group === undefined || this.#cause !== undefined) return []
    const id = task.arn.slice(task.arn.lastIndexOf('/') + 1)
    const streamPrefix = `${this.#service}/${this.#service}/${id}`
    return this.#ports.logs.tail(group, {streamPrefix, limit: 5}).catch(() => [])
  }

  #failure({reason: words, ending}: Extract<Rollout, {kind: 'failed'}>): Error {
    const reason = words.replace(/\.$/, '')
    const cause = this.#cause === undefined ? '' : ` First cause: ${this.#cause}`
    const {environment} = this.#place
    const what = `The deployment of ${this.#service} failed`
    const suggestions = [
      `pi-aws logs ${this.#service} --previous --environment ${environment}`,
      `pi-aws diagnose ${environment}`,
    ]
    switch (ending) {
      case 'rolled back':
        return new RolledBackError(`${what} and ECS went back to the former tasks: ${reason}.${cause}`, {
          code: 'DEPLOYMENT_ROLLED_BACK',
          suggestions,
        })
      case 'stuck':
        return new OperatorNeededError(`${what}, and the former tasks do not start either: ${reason}.${cause}`, {
          code: 'DEPLOYMENT_STUCK',
          suggestions: ['Mend the first cause, then restart the service again', ...suggestions],
        })
      case 'left':
        return new FailedError(`${what}: ${reason}.${cause}`, {code: 'DEPLOYMENT_FAILED', suggestions})
    }
  }
}
