import * as z from 'zod'
import {leftQuiesced} from '../../domain/ledger.ts'
import type {Generation} from '../../domain/names.ts'
import {databaseSnapshotName, frozenPath} from '../../domain/snapshots/keys.ts'
import type {SnapshotId} from '../../domain/snapshots/id.ts'
import type {Consistency} from '../../domain/snapshots/manifest.ts'
import {once, resultOf, type Scribe, timesOf} from '../ledger/once.ts'
import {reported} from '../steps.ts'
import {together} from '../together.ts'
import {askDatabase, beginDatabaseCopy, type DatabaseCopy, databaseCopySchema} from './capture-database.ts'
import {beginBackup, untilNotSaved} from './capture-files.ts'
import {beginVaultedCopy, isYetToSave, untilFree, untilMoment, vaultedToken} from './capture-vaulted.ts'
import type {SnapshotPorts} from './options.ts'
import {type Counts, countsSchema, quiesceServices, readCounts} from './quiesce.ts'
import {downMs, quiescedSince, releaseLeft} from './release.ts'
import type {Site} from './site.ts'
import {TreeFunction, treeSchema} from './tree.ts'

/** What both halves were captured as; what follows needs no service to be down. */
export const capturedSchema = z.object({
  consistency: z.enum(['strict', 'live']),
  weakened: z.string(),
  database: databaseCopySchema,
  counts: z.object({tables: z.number(), rows: z.number()}).optional(),
  tree: treeSchema,
  /** The tree to save, relative to the root. */
  path: z.string(),
  /** Which try it was: names of its children. */
  attempt: z.number().int(),
})
export type Captured = z.infer<typeof capturedSchema>

const factsSchema = z.object({tables: z.number().optional(), rows: z.number().optional()})

export interface CaptureRequest {
  readonly id: SnapshotId
  readonly consistency: Consistency
  readonly maxQuiesceMs: number
  /** Whether AWS Backup takes the database into the vault too. */
  readonly vaulted: boolean
}

/** The time that services may be down is over. */
class QuiesceOver extends Error {}

/** Captures database and files of one set, with the writers at zero or beside them. */
export class SetCapture {
  readonly #ports: SnapshotPorts
  readonly #scribe: Scribe
  readonly #site: Site
  readonly #request: CaptureRequest

  constructor(ports: SnapshotPorts, scribe: Scribe, site: Site, request: CaptureRequest) {
    this.#ports = ports
    this.#scribe = scribe
    this.#site = site
    this.#request = request
  }

  get #operation(): Scribe['operation'] {
    return this.#scribe.operation
  }

  get #files(): Generation {
    return this.#site.landscape.generations.files
  }

  /** ms that the services were at zero so far, by the journal. */
  get downMs(): number {
    return downMs(this.#operation.journal.entries)
  }

  /**
   * What was captured, by this run or an earlier one. Services are up again afterwards, whatever happened, unless the
   * lock was lost or the process died: then whoever goes on with the operation releases them.
   */
  async captured(): Promise<Captured> {
    const known = resultOf(this.#operation, 'captured', capturedSchema)
    if (known !== undefined) {
      if (leftQuiesced(this.#operation.journal.entries)) await this.#release()
      return known
    }
    const strict = this.#request.consistency === 'strict' ? await this.#strict() : undefined
    if (typeof strict === 'object') return strict
    return this.#live(strict ?? '')
  }

  /** @returns the halves, or why the set cannot be strict */
  async #strict(): Promise<Captured | string> {
    const weak = resultOf(this.#operation, 'weakened', z.string())
    if (weak !== undefined) {
      if (leftQuiesced(this.#operation.journal.entries)) await this.#release()
      return weak
    }
    // A release that was begun ended that try: what was captured by then may be older than what comes now.
    const begun = timesOf(this.#operation, 'release', 'intent')
    if (leftQuiesced(this.#operation.journal.entries) && begun > timesOf(this.#operation, 'release', 'done'))
      await this.#release()
    const attempt = timesOf(this.#operation, 'release', 'intent') + 1
    // Waiting for somebody else's backup is no reason for services to be down.
    const {stop: asked} = this.#operation
    if (this.#request.vaulted) await untilFree(this.#ports, this.#site, {stop: asked, report: this.#scribe.run.report})
    const counts = await this.#step(`counts-${attempt}`, 'Services: what is running', countsSchema, () =>
      readCounts(this.#ports, this.#site.cluster),
    )
    try {
      return await this.#withinBound(async (stop) => {
        await this.#quiesce(counts, stop)
        return await this.#halves(attempt, stop)
      })
    } catch (error) {
      if (!(error instanceof QuiesceOver)) throw error
      await this.#operation.journal.write('weakened', 'done', {result: error.message})
      return error.message
    } finally {
      if (leftQuiesced(this.#operation.journal.entries)) await this.#release()
    }
  }

  async #quiesce(counts: Counts, stop: AbortSignal): Promise<void> {
    const step = {step: 'quiesce', title: 'Services: to zero'}
    await reported({clock: this.#scribe.clock, report: this.#scribe.run.report}, step, async () => {
      const wasDown = leftQuiesced(this.#operation.journal.entries)
      const work = () => quiesceServices(this.#ports, this.#site.cluster, counts, stop)
      // Another intent would begin to count the time anew.
      await (wasDown ? work() : this.#operation.record('quiesce', work))
      return {value: undefined, outcome: wasDown ? 'adopted' : 'done'}
    })
  }

  /** Database and files side by side, with nobody writing. */
  async #halves(attempt: number, stop: AbortSignal): Promise<Captured> {
    const {id} = this.#request
    const counts = await this.#mark(attempt, stop)
    const name = attempt === 1 ? id : `${id}-${attempt}`
    const [database, tree] = await together(
      this.#database(attempt, stop, false),
      this.#step(`freeze-${attempt}`, 'Files: frozen copy', treeSchema, () =>
        this.#tree(stop).freeze(this.#files, id, name),
      ),
    )
    return this.#note({consistency: 'strict', weakened: '', database, counts, tree, path: frozenPath(name), attempt})
  }

  /** Beside whoever writes: both halves begin as close together as can be. */
  async #live(weakened: string): Promise<Captured> {
    const attempt = timesOf(this.#operation, 'release', 'intent') + 1
    const {stop} = this.#operation
    const {id} = this.#request
    await untilNotSaved(this.#ports, this.#site.fileSystemArn, this.#jobOf(attempt), {
      stop,
      report: this.#scribe.run.report,
    })
    const counts = await this.#mark(attempt, stop)
    const tree = await this.#step(`seal-${attempt}`, 'Files: count and hash', treeSchema, () =>
      this.#tree(stop).seal(this.#files, id),
    )
    const [database] = await together(this.#database(attempt, stop, true), this.beginBackup(attempt))
    const path = `gen/${this.#files}`
    return this.#note({consistency: 'live', weakened, database, counts, tree, path, attempt})
  }

  async #note(halves: Omit<Captured, 'counts'> & {readonly counts: Captured['counts']}): Promise<Captured> {
    const {counts, ...rest} = halves
    const captured: Captured = {...rest, ...(counts === undefined ? {} : {counts})}
    await this.#operation.journal.write('captured', 'done', {result: captured})
    return captured
  }

  /** Has AWS Backup save the file system, once for each try. Resolves to the job's id. */
  async beginBackup(attempt: number): Promise<string> {
    const {id} = this.#request
    return this.#step(`backup-${attempt}`, 'Files: backup begun', z.string(), async () => {
      const {stop} = this.#operation
      await untilNotSaved(this.#ports, this.#site.fileSystemArn, undefined, {stop, report: this.#scribe.run.report})
      const {fileSystemArn: resourceArn} = this.#site
      return beginBackup(this.#ports.backups, this.#site, {resourceArn, token: `${id}-${attempt}`, tags: this.#tags})
    })
  }

  #jobOf(attempt: number): string | undefined {
    return resultOf(this.#operation, `backup-${attempt}`, z.string())
  }

  get #tags(): Readonly<Record<string, string>> {
    return {'pi:environment': this.#site.environment, 'pi:snapshot': this.#request.id}
  }

  #tree(stop: AbortSignal): TreeFunction {
    const between = (): void => {
      this.#operation.checkpoint()
      if (stop.aborted && stop.reason instanceof QuiesceOver) throw stop.reason
    }
    return new TreeFunction(this.#ports, this.#site.functionName, {stop, between})
  }

  /** The job that saves the database of a try. */
  vaultedJobOf(attempt: number): string | undefined {
    return resultOf(this.#operation, `vault-${attempt}`, z.string())
  }

  /** A backup of the database begins when AWS Backup gets to it: only then its moment is known. */
  async #vaulted(attempt: number, stop: AbortSignal, live: boolean): Promise<DatabaseCopy> {
    const jobId = await this.#step(`vault-${attempt}`, 'Database: backup begun', z.string(), async () => {
      // Nobody can stop a backup of a database: one that still waits serves a live set as well as another would.
      const earlier = live ? this.vaultedJobOf(attempt - 1) : undefined
      if (earlier !== undefined && (await isYetToSave(this.#ports, earlier))) return earlier
      const token = vaultedToken(this.#request.id, attempt)
      const {report} = this.#scribe.run
      return beginVaultedCopy(this.#ports, this.#site, {token, tags: this.#tags, stop, report})
    })
    return this.#step(`database-${attempt}`, 'Database: moment of the backup', databaseCopySchema, () =>
      untilMoment(this.#ports, jobId, stop),
    )
  }

  #database(attempt: number, stop: AbortSignal, live: boolean): Promise<DatabaseCopy> {
    if (this.#request.vaulted) return this.#vaulted(attempt, stop, live)
    const {environment, instance} = this.#site
    const name = databaseSnapshotName(environment, this.#request.id, attempt)
    return this.#step(`database-${attempt}`, 'Database: snapshot begun', databaseCopySchema, () =>
      beginDatabaseCopy(this.#ports, {instance, name, tags: this.#tags, stop}),
    )
  }

  /** Puts the canary into the database and has what is in it counted. Where nobody can ask it, that is said. */
  async #mark(attempt: number, stop: AbortSignal): Promise<Captured['counts']> {
    const {outputs} = this.#site
    const facts = await this.#step(`mark-${attempt}`, 'Database: canary', factsSchema, () =>
      askDatabase(this.#ports, this.#site, {
        taskDefinition: outputs['CheckTaskDefinitionArn'] ?? '',
        logGroup: outputs['CheckLogGroup'],
        title: 'The check of the database',
        canary: this.#request.id,
        mode: 'mark',
        startedBy: this.#operation.token(`mark-${attempt}`),
        stop,
      }),
    )
    if (facts.tables !== undefined && facts.rows !== undefined) return {tables: facts.tables, rows: facts.rows}
    const message =
      'The check task counted nothing in the database: a restore of this set can be compared by its canary alone.'
    this.#scribe.run.report({type: 'warning', code: 'DATABASE_UNCOUNTED', message})
    return undefined
  }

  #step<T>(step: string, title: string, schema: z.ZodType<T>, work: () => Promise<T>): Promise<T> {
    return once(this.#scribe, {step, title}, schema, work)
  }

  #release(): Promise<void> {
    return releaseLeft(this.#ports, this.#scribe, this.#site.cluster)
  }

  /** Runs something that ends when the services have been down for too long, by the time of the first intent. */
  async #withinBound<T>(work: (stop: AbortSignal) => Promise<T>): Promise<T> {
    const {clock} = this.#scribe
    const over = new AbortController()
    const ended = new AbortController()
    const since = quiescedSince(this.#operation.journal.entries) ?? clock.now().getTime()
    const left = since + this.#request.maxQuiesceMs - clock.now().getTime()
    const minutes = Math.round(this.#request.maxQuiesceMs / 6000) / 10
    const reason = new QuiesceOver(`the services would have been at zero for more than ${minutes} minutes`)
    void clock.sleep(Math.max(0, left), ended.signal).then(
      () => over.abort(reason),
      () => undefined,
    )
    try {
      return await work(AbortSignal.any([this.#operation.stop, over.signal]))
    } finally {
      ended.abort()
    }
  }
}
