import {type BundleEntry, bytesOf, sameEntries} from '../../domain/assets/bundle.ts'
import {mergeBundle} from '../../domain/assets/merge.ts'
import {assetKey} from '../../domain/assets/paths.ts'
import type {EnvironmentName, OpId} from '../../domain/names.ts'
import {beginOperation, type Operation} from '../ledger/operation.ts'
import type {Ports} from '../ports.ts'
import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import {commitBundle, mustBeSame} from './commit.ts'
import {type Latest, latestEntries, readLatest} from './latest.ts'
import {type Look, look, type LookOptions} from './look.ts'
import {assetPlace, type AssetPlace} from './place.ts'
import type {AssetPorts, IndexPlace} from './ports.ts'
import {transfer, type Transferred} from './transfer.ts'

export interface UploadAssetsOptions extends LookOptions {
  readonly environment: EnvironmentName
  /** The only account that the environment may live in, if the configuration names one. */
  readonly account: string | undefined
  readonly dryRun: boolean
  readonly resume: OpId | undefined
}

/** One path that an upload changes, or would change. */
export interface AssetChange {
  readonly path: string
  readonly change: 'sent' | 'removed'
  /** Bytes. */
  readonly size: number
}

export interface UploadAssetsResult {
  readonly environment: string
  /** The operation that wrote the bundle: this one, or with nothing to change the earlier one; empty in a dry run without a bundle. */
  readonly opId: string
  readonly dryRun: boolean
  /** True when a new bundle was written, or would be. */
  readonly changed: boolean
  /** Key of the bundle's manifest in the assets bucket; empty while there is none. */
  readonly manifestKey: string
  /** Files that were sent. */
  readonly sent: number
  /** Files that the bucket held already. */
  readonly skipped: number
  /** Files and folders that are left out of the bundle because the folder no longer holds them. */
  readonly removed: number
  /** Bytes that were sent. */
  readonly bytes: number
  /** Requests to AWS, of any kind. */
  readonly requests: number
  readonly seconds: number
  /** What would be done, in a dry run only. */
  readonly changes?: readonly AssetChange[]
}

export type UploadPorts = AssetPorts &
  Pick<Ports, 'stacks' | 'identity' | 'objects' | 'clock' | 'machine' | 'packageFiles'>

/**
 * Brings a folder with assets into the assets bucket and writes the bundle's manifest last. Nothing changed: nothing is
 * written, not even a lock.
 * @throws RefusedError UNFIT_ASSETS, ENTRY_CONFLICT, NO_FOUNDATION, WRONG_ACCOUNT; LockedError LOCKED, BUNDLE_MOVED;
 * FailedError UNREADABLE_ASSETS; PausedError after the first Ctrl-C
 */
export async function uploadAssets(
  options: UploadAssetsOptions,
  ports: UploadPorts,
  run: Run,
): Promise<UploadAssetsResult> {
  return new Upload(options, ports, run).perform()
}

class Upload {
  readonly #options: UploadAssetsOptions
  readonly #ports: UploadPorts
  readonly #run: Run
  readonly #begunMs: number
  /** The operation, once something must be written. */
  #operation: Promise<Operation> | undefined

  constructor(options: UploadAssetsOptions, ports: UploadPorts, run: Run) {
    this.#options = options
    this.#ports = ports
    this.#run = run
    this.#begunMs = ports.clock.now().getTime()
  }

  async perform(): Promise<UploadAssetsResult> {
    const {assetFolder, objects} = this.#ports
    const folder = await assetFolder.resolve(this.#options.folder)
    const place = await assetPlace(this.#options.environment, this.#options.account, this.#ports)
    const latest = await readLatest(objects, place)
    try {
      return await this.#perform({...this.#options, folder}, place, latest)
    } catch (error) {
      // An operation that could not begin has nothing to end, and its error is the one that is being thrown.
      const operation = await this.#operation?.catch(() => undefined)
      throw operation === undefined ? error : await operation.end(error)
    }
  }

  async #perform(
    options: UploadAssetsOptions,
    place: AssetPlace,
    latest: Latest | undefined,
  ): Promise<UploadAssetsResult> {
    const indexPlace: IndexPlace = {folder: options.folder, bucket: place.assets.bucket, environment: place.environment}
    if (options.resume !== undefined) await this.#begin(options, place, latest)
    const {entries: previous, looked} = await this.#look(options, place, latest, indexPlace)
    const moved = await this.#send(options, place, latest, indexPlace, previous, looked)
    const {entries, removed} = mergeBundle(previous, [...looked.settled, ...moved.entries], {
      ...options,
      categories: looked.categories,
    })
    const unchanged = latest !== undefined && sameEntries(previous, entries)
    const counts = {
      sent: moved.sent.length,
      skipped: looked.settled.filter(({kind}) => kind === 'file').length + moved.entries.length - moved.sent.length,
      removed: removed.length,
      bytes: bytesOf(moved.sent),
    }
    if (options.dryRun) return this.#result(latest, !unchanged, counts, changesOf(moved.sent, removed))
    const marks = new Map([...looked.marks, ...moved.marks])
    if (unchanged && this.#operation === undefined) {
      if (looked.toRead.length > 0) await this.#remember(indexPlace, latest, entries, marks)
      return this.#result(latest, false, counts)
    }
    const operation = await this.#begin(options, place, latest)
    operation.checkpoint()
    const committed = unchanged ? latest : await this.#commit(place, operation, entries, latest)
    await this.#remember(indexPlace, committed, entries, marks)
    const result = {...this.#result(committed, !unchanged, counts), opId: operation.opId}
    await operation.commit(result)
    return {...result, ...this.#effort()}
  }

  async #look(
    options: UploadAssetsOptions,
    place: AssetPlace,
    latest: Latest | undefined,
    indexPlace: IndexPlace,
  ): Promise<{readonly entries: readonly BundleEntry[]; readonly looked: Look}> {
    return reported(
      {clock: this.#ports.clock, report: this.#run.report},
      {step: 'look', title: 'Look through the folder'},
      async () => {
        const remembered = await this.#ports.assetIndexes.load(indexPlace)
        // Only an index of this very bundle can say what the bucket holds.
        const index = latest !== undefined && remembered?.etag === latest.etag ? remembered : undefined
        const entries = index?.entries ?? (await latestEntries(this.#ports.objects, place, latest))
        const looked = await look(options, this.#ports, entries, index, this.#run.report)
        const detail = `${looked.settled.length + looked.toRead.length} files and folders, ${looked.toRead.length} to read`
        return {value: {entries, looked}, outcome: looked.toRead.length === 0 ? 'unchanged' : 'done', detail}
      },
    )
  }

  async #send(
    options: UploadAssetsOptions,
    place: AssetPlace,
    latest: Latest | undefined,
    index: IndexPlace,
    previous: readonly BundleEntry[],
    {toRead}: Look,
  ): Promise<Transferred> {
    if (toRead.length === 0) return {entries: [], marks: new Map(), sent: []}
    const title = options.dryRun ? 'Compare files' : 'Send files'
    return reported({clock: this.#ports.clock, report: this.#run.report}, {step: 'send', title}, async () => {
      const before = new Map(previous.map((entry) => [entry.path, entry]))
      const maySend = async (): Promise<void> => {
        const operation = await this.#begin(options, place, latest)
        operation.checkpoint()
      }
      const {folder, dryRun, checksum} = options
      const current = checksum ? await this.#ports.assetBucket.current(place.assets, assetKey('')) : undefined
      const value = await transfer(
        {folder, bucket: place.assets, index, toRead, before, current, maySend, dryRun},
        this.#ports,
        this.#run,
      )
      const detail = `${value.sent.length} of ${toRead.length} files ${dryRun ? 'would be sent' : 'sent'}`
      return {value, outcome: value.sent.length === 0 ? 'unchanged' : 'done', detail}
    })
  }

  /** Takes the lock and opens the journal, once; what was read before it must still stand. */
  #begin(options: UploadAssetsOptions, place: AssetPlace, latest: Latest | undefined): Promise<Operation> {
    this.#operation ??= (async () => {
      const {folder, categories, prune, checksum, followSymlinks, resume, environment} = options
      const operation = await beginOperation(
        this.#ports,
        {
          kind: 'upload',
          environment,
          caller: place.caller,
          bucket: place.recordsBucket,
          options: {folder, categories, prune, checksum, followSymlinks},
          ...(resume === undefined ? {} : {resume}),
        },
        this.#run,
      )
      try {
        mustBeSame(environment, latest, await readLatest(this.#ports.objects, place))
      } catch (error) {
        throw await operation.end(error)
      }
      return operation
    })()
    return this.#operation
  }

  async #commit(
    place: AssetPlace,
    operation: Operation,
    entries: readonly BundleEntry[],
    latest: Latest | undefined,
  ): Promise<Latest> {
    return reported(
      {clock: this.#ports.clock, report: this.#run.report},
      {step: 'commit', title: 'Write the manifest'},
      async () => ({
        value: await commitBundle(this.#ports, place, operation, entries, latest),
        outcome: 'done',
        detail: `${entries.length} entries`,
      }),
    )
  }

  /** A memory that cannot be kept costs time at the next upload and nothing else. */
  async #remember(
    place: IndexPlace,
    {etag}: Latest,
    entries: readonly BundleEntry[],
    marks: ReadonlyMap<string, string>,
  ): Promise<void> {
    const {assetIndexes} = this.#ports
    try {
      await assetIndexes.save(place, {etag, indexedAtMs: this.#begunMs, entries, marks})
      await assetIndexes.forgetSent(place)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#run.report({
        type: 'warning',
        code: 'INDEX_NOT_SAVED',
        message: `The next upload will read every file again: the index could not be saved (${reason}).`,
      })
    }
  }

  #result(
    latest: Latest | undefined,
    changed: boolean,
    counts: Pick<UploadAssetsResult, 'sent' | 'skipped' | 'removed' | 'bytes'>,
    changes?: readonly AssetChange[],
  ): UploadAssetsResult {
    return {
      environment: this.#options.environment,
      opId: latest?.pointer.id ?? '',
      dryRun: this.#options.dryRun,
      changed,
      manifestKey: latest?.pointer.key ?? '',
      ...counts,
      ...this.#effort(),
      ...(changes === undefined ? {} : {changes}),
    }
  }

  #effort(): Pick<UploadAssetsResult, 'requests' | 'seconds'> {
    return {
      requests: this.#ports.assetBucket.requests(),
      seconds: (this.#ports.clock.now().getTime() - this.#begunMs) / 1000,
    }
  }
}

function changesOf(sent: readonly BundleEntry[], removed: readonly BundleEntry[]): readonly AssetChange[] {
  return [
    ...sent.map(({path, size}) => ({path, size, change: 'sent' as const})),
    ...removed.map(({path, size}) => ({path, size, change: 'removed' as const})),
  ]
}
