import {serviceNames} from '../../domain/configuration.ts'
import {RolledBackError} from '../../domain/errors.ts'
import {nextLook} from '../../domain/looks.ts'
import type {Generation} from '../../domain/names.ts'
import {capital} from '../../domain/parameters.ts'
import {stackName} from '../../domain/parts.ts'
import type {GenerationPair} from '../../domain/snapshots/pair.ts'
import {mergedOutputs, stackOf} from '../landscape.ts'
import type {Scribe} from '../ledger/once.ts'
import type {StackDescription} from '../ports.ts'
import {readSite, type Site} from '../snapshot/site.ts'
import type {TreeFunction} from '../snapshot/tree.ts'
import {protect} from '../stack/protect.ts'
import {reported} from '../steps.ts'
import {together} from '../together.ts'
import type {RestorePorts} from './options.ts'
import type {StackShaper} from './shape-stack.ts'

/** How long targets may take to be healthy once CloudFormation calls the services stable (ms). */
const healthLimit = 900_000

/** Moves an app from one pair of generations to another, and looks whether it stands there. */
export class Flipper {
  readonly #ports: RestorePorts
  readonly #scribe: Scribe
  readonly #site: Site
  readonly #shaper: StackShaper
  readonly #tree: TreeFunction

  constructor(ports: RestorePorts, scribe: Scribe, site: Site, shaper: StackShaper, tree: TreeFunction) {
    this.#ports = ports
    this.#scribe = scribe
    this.#site = site
    this.#shaper = shaper
    this.#tree = tree
  }

  /** Takes the services to zero by their template: users get a page that says so. What ran comes back by the release. */
  async quiesce(): Promise<void> {
    const step = {step: 'quiesced', title: 'App: services to zero', part: 'app'} as const
    await this.#shaper.change(step, this.#site.app, {...(await liveCounts(this.#ports, this.#site)), Quiesced: 'true'})
  }

  /** Points the app at a pair, with nothing running, and tells the function. */
  async flip(pair: GenerationPair, direction: 'to' | 'from', step = 'flip'): Promise<void> {
    const parameters = await this.#parametersOf(pair, direction)
    const [database, files] = [pair.database[direction], pair.files[direction]]
    const title = `App: database ${database}, files ${files}`
    await this.#shaper.change({step, title, part: 'app'}, this.#site.app, {...parameters, Quiesced: 'true'})
    await this.#activate(files)
  }

  /** Points the app at what it had before, and brings it up, in one change. */
  async back(pair: GenerationPair): Promise<void> {
    const parameters = await this.#parametersOf(pair, 'from')
    const title = `App: back to database ${pair.database.from}, files ${pair.files.from}`
    await this.#shaper.change({step: 'back', title, part: 'app'}, this.#site.app, {...parameters, Quiesced: 'false'})
    await this.#activate(pair.files.from)
  }

  /** Brings the services up, and waits until users are served. @throws what a failed stack throws; RolledBackError PROOF_FAILED */
  async release(step = 'released'): Promise<void> {
    const title = 'App: release'
    await this.#shaper.change({step, title, part: 'app'}, this.#site.app, {Quiesced: 'false'})
    await this.#untilHealthy()
  }

  /**
   * Has everything around the app follow it to the pair that it is on: guards and backups of both databases, and backups,
   * alarms and graphs. These stacks know nothing of each other and are changed side by side; each comes to its end before
   * the failure of one is told.
   */
  async settle(pair: GenerationPair, direction: 'to' | 'from'): Promise<void> {
    // Read before the first of them changes: a database that is being changed does not stand.
    const site = await readSite(this.#ports, this.#site.environment, this.#site.caller)
    const other = direction === 'to' ? 'from' : 'to'
    await (pair.database.from === pair.database.to
      ? this.#follow(site)
      : together(
          this.#guard(databaseOf(site, pair.database[direction])),
          this.#keep(databaseOf(site, pair.database[other]), pair.database[other]),
          this.#follow(site),
        ))
  }

  /** Gives the active database its guards and its backups. */
  async #guard(active: StackDescription | undefined): Promise<void> {
    if (active === undefined) return
    const step = {step: 'guard', title: 'Database: protection', part: 'database'} as const
    const stack = await this.#shaper.change(step, active, {Active: 'true', DeletionProtection: 'true'})
    await protect(this.#ports.stacks, stack)
  }

  /** The other one stays as it is, without backups and without a say. */
  async #keep(kept: StackDescription | undefined, generation: number): Promise<void> {
    if (kept === undefined) return
    const step = {step: 'keep', title: `Database: generation ${generation} is kept`, part: 'database'} as const
    await this.#shaper.change(step, kept, {Active: 'false'})
  }

  /** Has backups, alarms and graphs follow the database that is active now. */
  async #follow({landscape}: Site): Promise<void> {
    const stack = stackOf(landscape, 'operations')
    if (stack === undefined) return
    const outputs = mergedOutputs(landscape)
    const moved = Object.fromEntries(
      Object.keys(stack.parameters).flatMap((name) => {
        const value = outputs[name]
        return value === undefined || value === stack.parameters[name] ? [] : [[name, value]]
      }),
    )
    if (Object.keys(moved).length === 0) return
    await this.#shaper.change({step: 'operations', title: 'Operations', part: 'operations'}, stack, moved)
  }

  async #databaseStack(generation: number): Promise<StackDescription | undefined> {
    return this.#ports.stacks.describe(stackName(this.#site.environment, 'database', generation as Generation))
  }

  async #parametersOf(pair: GenerationPair, direction: 'to' | 'from'): Promise<Record<string, string>> {
    const database = await this.#databaseStack(pair.database[direction])
    const {TemplateId: _id, TemplateVersion: _version, ...outputs} = database?.outputs ?? {}
    return {...outputs, FilesGeneration: String(pair.files[direction])}
  }

  async #activate(generation: number): Promise<void> {
    const {operation, clock, run} = this.#scribe
    const step = {
      step: `activate-${generation}`,
      title: `Files: generation ${generation} takes uploads`,
      part: 'files' as const,
    }
    await reported({clock, report: run.report}, step, async () => {
      await operation.record(step.step, () => this.#tree.activate(generation))
      return {value: undefined, outcome: 'done'}
    })
  }

  async #untilHealthy(): Promise<void> {
    const {operation, clock, run} = this.#scribe
    const groups = ['DashboardTargetGroupArn', 'PiranaTargetGroupArn'].flatMap((name) => this.#site.outputs[name] ?? [])
    const step = {step: 'prove', title: 'App: users are served', part: 'app'} as const
    await reported({clock, report: run.report}, step, async () => {
      await operation.record(step.step, async () => {
        const begun = clock.now().getTime()
        for (;;) {
          const health = await Promise.all(groups.map((group) => this.#ports.loadBalancers.targetHealth(group)))
          if (health.every(({healthy}) => healthy > 0)) return
          if (clock.now().getTime() - begun > healthLimit) {
            const reasons = [...new Set(health.flatMap((one) => one.reasons))]
            throw new RolledBackError(
              `No target is healthy after 15 minutes: ${reasons.join('; ') || 'AWS gave no reason'}.`,
              {
                code: 'PROOF_FAILED',
              },
            )
          }
          await clock.sleep(nextLook(clock.now().getTime() - begun), operation.stop)
        }
      })
      return {value: undefined, outcome: 'done'}
    })
  }
}

function databaseOf({landscape, environment}: Site, generation: number): StackDescription | undefined {
  return landscape.stacks.find(({name}) => name === stackName(environment, 'database', generation as Generation))
}

/** The counts that services have now, so that a change of the app keeps what scaling had made of them. */
export async function liveCounts(
  {containers}: Pick<RestorePorts, 'containers'>,
  {cluster, outputs}: Pick<Site, 'cluster' | 'outputs'>,
): Promise<Record<string, string>> {
  const states = await containers.services(cluster)
  return Object.fromEntries(
    serviceNames.flatMap((service) => {
      const name = outputs[`${capital(service)}ServiceName`]
      const state = states.find((candidate) => candidate.name === name)
      return state === undefined || state.desired === 0
        ? []
        : [[`${capital(service)}StartCount`, String(state.desired)]]
    }),
  )
}
