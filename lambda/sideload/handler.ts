import {asSideloadError, SideloadError} from './errors.ts'
import {nodeFiles, type Files} from './files.ts'
import {health} from './operations/health.ts'
import {list} from './operations/list.ts'
import {prepare} from './operations/prepare.ts'
import {isNotification, parseRequest, type Request} from './request.ts'
import {readSettings, type Settings} from './settings.ts'

export interface Failure {
  readonly ok: false
  readonly error: {readonly code: string; readonly message: string}
}

export type Answer = Failure | ({readonly ok: true} & object)

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly files: Files
  /** Takes one line of the function's log. */
  readonly log: (line: string) => void
}

/**
 * Answers the command line: always with an object, so that a refusal arrives with its code.
 * @throws SideloadError NOT_SUPPORTED_YET for a notification, so that it ends in the dead-letter queue
 */
export async function answer(event: unknown, {environment, files, log}: Surroundings): Promise<Answer> {
  if (isNotification(event)) {
    throw new SideloadError('NOT_SUPPORTED_YET', 'this version loads nothing by itself: use the command line')
  }
  let operation = 'unknown'
  try {
    const request = parseRequest(event)
    operation = request.operation
    const result = await run(request, readSettings(environment), files)
    log(JSON.stringify({level: 'info', operation, ok: true}))
    return {ok: true, ...result}
  } catch (error) {
    const {code, message} = asSideloadError(error)
    log(JSON.stringify({level: 'error', operation, ok: false, code, message}))
    return {ok: false, error: {code, message}}
  }
}

async function run(request: Request, settings: Settings, files: Files): Promise<object> {
  switch (request.operation) {
    case 'health':
      return health(settings, files)
    case 'prepare':
      return prepare(settings, files, request.generation)
    case 'list':
      return list(settings, files, request)
  }
}

/** What Lambda calls. */
export async function handler(event: unknown): Promise<Answer> {
  return answer(event, {environment: process.env, files: nodeFiles, log: (line) => process.stdout.write(`${line}\n`)})
}
