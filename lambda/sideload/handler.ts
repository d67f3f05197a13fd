import {setTimeout as pause} from 'node:timers/promises'
import {asSideloadError} from './errors.ts'
import {arrivalsOf, isNotification} from './events.ts'
import {nodeFiles, type Files} from './files.ts'
import {activate, roots} from './operations/roots.ts'
import {arrive, type Arrived} from './operations/arrive.ts'
import {diff} from './operations/diff.ts'
import {discard} from './operations/discard.ts'
import {examine} from './operations/examine.ts'
import {freeze, seal, unseal} from './operations/freeze.ts'
import {health} from './operations/health.ts'
import {list} from './operations/list.ts'
import {prepare} from './operations/prepare.ts'
import {promote} from './operations/promote.ts'
import {prune} from './operations/prune.ts'
import {read} from './operations/read.ts'
import {sideload} from './operations/sideload.ts'
import {verify} from './operations/verify.ts'
import {parseRequest, type Request} from './request.ts'
import {readBuckets, readSettings} from './settings.ts'
import type {Room} from './slice/slice.ts'
import type {ObjectStore} from './store.ts'
import {usualSizes} from './transfer/sizes.ts'

export interface Failure {
  readonly ok: false
  readonly error: {readonly code: string; readonly message: string}
}

export type Answer = Failure | (object & {readonly ok: true; readonly arrived?: readonly Arrived[]})

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly files: Files
  /** Makes the client of the buckets, which only some operations need. */
  readonly store: () => Promise<ObjectStore>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly pause: (ms: number) => Promise<void>
  /** Milliseconds until the invocation is ended from outside. */
  readonly remainingMs: () => number
  /** Takes one line of the function's log. */
  readonly log: (line: string) => void
}

/**
 * Answers the command line, always with an object, so that a refusal arrives with its code; and loads what an event
 * says has arrived.
 * @throws SideloadError for an event that could not be loaded, so that it ends in the dead-letter queue
 */
export async function answer(event: unknown, surroundings: Surroundings): Promise<Answer> {
  if (isNotification(event)) return arriveAll(event, surroundings)
  const {log} = surroundings
  let operation = 'unknown'
  try {
    const request = parseRequest(event)
    operation = request.operation
    const result = await run(request, surroundings)
    log(JSON.stringify({level: 'info', operation, ok: true, ...told(result)}))
    return {ok: true, ...result}
  } catch (error) {
    const {code, message} = asSideloadError(error)
    log(JSON.stringify({level: 'error', operation, ok: false, code, message}))
    return {ok: false, error: {code, message}}
  }
}

async function arriveAll(event: unknown, surroundings: Surroundings): Promise<Answer> {
  const {log} = surroundings
  try {
    const arrived: Arrived[] = []
    for (const arrival of arrivalsOf(event)) {
      const result = await arrive(arrival, await roomOf(surroundings))
      log(JSON.stringify({level: 'info', operation: 'arrive', ok: true, ...result}))
      arrived.push(result)
    }
    return {ok: true, arrived}
  } catch (error) {
    const failure = asSideloadError(error)
    const {code, message} = failure
    log(JSON.stringify({level: 'error', operation: 'arrive', ok: false, code, message}))
    throw failure
  }
}

async function run(request: Request, surroundings: Surroundings): Promise<object> {
  const {files, environment, now} = surroundings
  const settings = readSettings(environment)
  switch (request.operation) {
    case 'health':
      return health(settings, files)
    case 'prepare':
      return prepare(settings, files, request.generation)
    case 'list':
      return list(settings, files, request)
    case 'read':
      return read(settings, files, request)
    case 'roots':
      return roots(settings, files)
    case 'activate':
      return activate(settings, files, request.generation)
    case 'promote':
      return promote(settings, files, request, now)
    case 'freeze':
      return freeze(settings, files, request, now)
    case 'seal':
      return seal(settings, files, request, now)
    case 'unseal':
      return unseal(settings, files, request)
    case 'examine':
      return examine(settings, files, request, now)
    case 'discard':
      return discard(settings, files, request, now)
    case 'sideload':
      return sideload(request, await roomOf(surroundings))
    case 'verify':
      return verify(request, await roomOf(surroundings))
    case 'diff':
      return diff(request, await roomOf(surroundings))
    case 'prune':
      return prune(request, await roomOf(surroundings))
  }
}

async function roomOf({environment, files, store, now, pause, remainingMs}: Surroundings): Promise<Room> {
  const [settings, buckets] = [readSettings(environment), readBuckets(environment)]
  return {settings, buckets, files, store: await store(), now, pause, remainingMs, sizes: usualSizes}
}

/** What of an answer is worth a line in the log. */
function told(result: object): object {
  const {opId, sliceId, state, counts} = result as Readonly<Record<string, unknown>>
  return {opId, sliceId, state, counts}
}

/** The part of Lambda's context that counts here. */
interface Context {
  getRemainingTimeInMillis(): number
}

/** Milliseconds, where nobody says how long the invocation may take. */
const unlimitedMs = 15 * 60_000

let client: Promise<ObjectStore> | undefined

async function bucketClient(): Promise<ObjectStore> {
  client ??= import('./s3.ts').then(({s3Store}) => s3Store(process.env['AWS_ENDPOINT_URL']))
  return client
}

/**
 * Where there are buckets the SDK is loaded while the function starts: Lambda gives that phase a whole processor, and an
 * invocation about half of one (Lambda developer guide, memory and runtime environment). Whoever calls hears of a failure.
 */
if (process.env['ASSETS_BUCKET'] !== undefined) bucketClient().catch(() => undefined)

/** What Lambda calls. */
export async function handler(event: unknown, context?: Context): Promise<Answer> {
  // Files and folders get the modes that they are made with, without a call for each.
  process.umask(0)
  return answer(event, {
    environment: process.env,
    files: nodeFiles,
    store: bucketClient,
    now: Date.now,
    pause: async (ms) => pause(ms),
    remainingMs: () => context?.getRemainingTimeInMillis() ?? unlimitedMs,
    log: (line) => process.stdout.write(`${line}\n`),
  })
}
