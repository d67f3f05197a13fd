import {NotFoundError, UsageError} from '../../domain/errors.ts'
import {isMeant, type LogGroup, logGroupsOf} from '../../domain/logs/services.ts'
import {mergedOutputs, readLandscape} from '../landscape.ts'
import type {Run} from '../run.ts'
import {AccessLogs} from './access-logs.ts'
import type {LogsOptions} from './options.ts'
import type {Pacer} from './pacer.ts'
import {PlatformEvents} from './platform-events.ts'
import type {LogsPorts} from './ports.ts'
import {beginOf, previousSources, stoppedTasks} from './previous.ts'
import {GroupSource, type Source} from './source.ts'

/** Ids remembered of all groups together, and of one at least and at most: more than one look asks for again. */
const [allIds, fewestIds, mostIds] = [120_000, 20_000, 50_000] as const

/** Finds what there is to read; each source is made once. */
export class Reader {
  readonly #options: LogsOptions
  readonly #ports: LogsPorts
  readonly #run: Run
  readonly #pacer: Pacer
  readonly #begun: number
  readonly #groups = new Map<string, Source>()
  #others: readonly Source[] | undefined
  #balancer: Source | undefined
  /** ms since 1970. */
  from: number

  constructor(options: LogsOptions, ports: LogsPorts, run: Run, pacer: Pacer, begun: number) {
    this.#options = options
    this.#ports = ports
    this.#run = run
    this.#pacer = pacer
    this.#begun = begun
    this.from = options.span.from
  }

  /** What ARNs of log groups here begin with, by those of the stacks. */
  arnPrefix = ''
  #under: ReadonlySet<Source> = new Set()
  #followed: readonly Source[] = []

  /** From now on these are followed, in the place of those. */
  follows(followed: readonly Source[], inPlaceOf: readonly Source[]): void {
    this.#followed = followed
    this.#under = new Set(inPlaceOf)
  }

  /** All that is to be followed by now. */
  async discovered(): Promise<readonly Source[]> {
    const all = await this.sources()
    return [...this.#followed, ...all.filter((source) => !this.#under.has(source) && !this.#followed.includes(source))]
  }

  get #all(): readonly Source[] {
    const balancer = this.#balancer === undefined ? [] : [this.#balancer]
    return [...this.#groups.values(), ...balancer, ...(this.#others ?? [])]
  }

  get services(): readonly string[] {
    return [...new Set(this.#all.map(({service}) => service))]
  }

  /** All sources that are there by now. */
  async sources(): Promise<readonly Source[]> {
    const {environment, services, follow, previous} = this.#options
    const landscape = await this.#pacer.call('the environment', () => readLandscape(this.#ports, environment))
    if (landscape.stacks.length === 0 && !follow) {
      throw new NotFoundError(`Environment ${environment} has no logs: nothing of it is deployed.`, {
        code: 'NO_LOG_GROUP',
        suggestions: [`pi-aws deploy ${environment}`],
      })
    }
    const [, partition, , region, account] = (landscape.stacks[0]?.id ?? '').split(':')
    this.arnPrefix = `arn:${partition ?? ''}:logs:${region ?? ''}:${account ?? ''}:log-group:`
    const outputs = mergedOutputs(landscape)
    const wanted = logGroupsOf(outputs).filter(({service}) => isMeant(service, services))
    if (previous) return this.#previous(outputs, wanted)
    // Pages of the past repeat what the page before them ended with, and nothing older.
    const most = follow ? Math.floor(allIds / Math.max(1, wanted.length)) : fewestIds
    const memory = Math.min(mostIds, Math.max(fewestIds, most))
    for (const one of wanted) if (!this.#groups.has(one.group)) this.#groups.set(one.group, this.#group(one, memory))
    this.#others ??= this.#wantsEvents() ? [this.#events()] : []
    this.#balancer ??= this.#accessLogs(outputs['AccessLogsBucket'], {region: region ?? '', account: account ?? ''})
    this.#tellMissing([
      ...wanted.map(({service}) => service),
      ...(this.#balancer === undefined ? [] : ['loadbalancer']),
    ])
    return this.#all
  }

  #group({service, group}: LogGroup, memory: number): Source {
    const {filter} = this.#options
    return new GroupSource(this.#ports.logs, {service, group, filter, memory, start: this.from, streams: undefined})
  }

  /** The balancer's files, where they are asked for and there is a bucket of them. */
  #accessLogs(bucket: string | undefined, place: {region: string; account: string}): Source | undefined {
    const {services, filter} = this.#options
    if (bucket === undefined || !services.includes('loadbalancer')) return undefined
    if (filter !== undefined) {
      throw new UsageError('--filter searches in CloudWatch, and the lines of loadbalancer lie in S3.', {
        code: 'FLAGS_DO_NOT_FIT',
        suggestions: ['Use --grep, which searches here'],
      })
    }
    const {logFiles, clock} = this.#ports
    return new AccessLogs({logFiles, clock, report: this.#run.report}, {bucket, ...place, start: this.from})
  }

  #wantsEvents(): boolean {
    const {services, filter} = this.#options
    return services.includes('events') || (services.length === 0 && filter === undefined)
  }

  #events(): Source {
    const {environment} = this.#options
    return new PlatformEvents(this.#ports, this.#run.report, {environment, start: this.from, memory: fewestIds})
  }

  async #previous(outputs: Readonly<Record<string, string>>, groups: readonly LogGroup[]): Promise<readonly Source[]> {
    const {services, since, filter, span} = this.#options
    const names = services.length === 0 ? groups.map(({service}) => service) : services
    const stopped = await stoppedTasks(this.#ports, outputs, [...new Set(names)], this.#pacer)
    if (stopped.length === 0) {
      this.#run.report({type: 'note', message: 'ECS remembers no stopped task; it forgets them after about an hour'})
    }
    if (!since) this.from = beginOf(stopped) ?? span.from
    const settings = {start: this.from, filter, memory: mostIds, now: this.#begun}
    this.#others = previousSources(this.#ports, groups, stopped, settings)
    return this.#others
  }

  #tellMissing(found: readonly string[]): void {
    const {services, environment, follow} = this.#options
    const missing = services.filter((name) => name !== 'events' && !found.includes(name))
    if (missing.length === 0 || follow) return
    throw new NotFoundError(`${missing.join(' and ')} of ${environment} has no log group yet: it is not deployed.`, {
      code: 'NO_LOG_GROUP',
      suggestions: [
        `pi-aws status ${environment}`,
        'Add --follow to wait for it',
        ...(missing.includes('network') ? ['The flow logs of an existing VPC are where its owner sends them'] : []),
      ],
    })
  }
}
