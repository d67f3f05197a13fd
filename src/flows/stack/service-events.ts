import type {StackEvent} from '../../domain/change-set.ts'
import type {Report} from '../events.ts'
import type {Containers} from '../ports.ts'
import {parseServiceArn} from './service-failure.ts'

/** Pause between two looks at ECS (ms): its services speak seldom. */
const lookEvery = 5000

/** Tells what ECS says about the services that a stack operation waits for: it knows first why one does not come up. */
export class ServiceEvents {
  readonly #containers: Containers
  readonly #report: Report
  readonly #begun: string
  readonly #services = new Map<string, Set<string>>()
  readonly #told = new Set<string>()
  #last: number

  /** @param now time of the operation's start; what ECS said before is old */
  constructor(containers: Containers, report: Report, now: Date) {
    this.#containers = containers
    this.#report = report
    this.#begun = now.toISOString()
    this.#last = now.getTime()
  }

  /** Remembers the services that are being created or updated. */
  note(event: StackEvent): void {
    const target = event.type === 'AWS::ECS::Service' ? parseServiceArn(event.physicalId) : undefined
    if (target === undefined) return
    const services = this.#services.get(target.cluster) ?? new Set()
    this.#services.set(target.cluster, services)
    if (event.status.endsWith('_IN_PROGRESS')) services.add(target.service)
    else services.delete(target.service)
  }

  /** Looks when it is time and a service is waited for. Never fails: the stack's own events decide. */
  async look(now: number): Promise<void> {
    if (now - this.#last < lookEvery) return
    this.#last = now
    for (const [cluster, services] of this.#services) {
      if (services.size === 0) continue
      const states = await this.#containers.services(cluster).catch(() => [])
      for (const state of states) if (services.has(state.name)) this.#tell(state.name, state.events)
    }
  }

  #tell(
    service: string,
    events: readonly {readonly id: string; readonly at: string; readonly message: string}[],
  ): void {
    for (const event of events.toReversed()) {
      if (event.at < this.#begun || this.#told.has(event.id)) continue
      this.#told.add(event.id)
      this.#report({type: 'service.event', service, message: event.message, at: event.at})
    }
  }
}
