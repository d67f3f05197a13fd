import {GetFunctionConfigurationCommand, InvokeCommand, LambdaClient, type State} from '@aws-sdk/client-lambda'
import {FailedError, NotFoundError} from '../domain/errors.ts'
import type {Functions, FunctionState} from '../flows/ports.ts'
import {isNamed, translateErrors} from './errors.ts'
import {present} from './present.ts'
import type {ClientConfig} from './settings.ts'

/** Lambda's longest run is 15 minutes; the answer must still get back. */
const invokeTimeoutMs = 15 * 60_000 + 30_000

/**
 * What an invocation of a function in a network meets while it is being made, waked up after idle weeks, or mounting its files
 * (API reference, Invoke, Errors). Nothing ran: waiting and asking again is right.
 */
const notReady = [
  'ResourceNotReady',
  'ResourceConflict',
  'ENINotReady',
  'EFSMountConnectivity',
  'EFSMountFailure',
  'EFSMountTimeout',
  'SnapStartNotReady',
]

/** Lambda by its API. Invocations have a client of their own: a retry of the SDK would run the function a second time. */
export function createFunctions(config: ClientConfig): Functions {
  const client = new LambdaClient(config)
  const {retryStrategy: _unused, ...withoutRetry} = config
  const invoker = new LambdaClient({
    ...withoutRetry,
    maxAttempts: 1,
    requestHandler: {...config.requestHandler, requestTimeout: invokeTimeoutMs},
  })

  return translateErrors<Functions>({
    async state(functionName) {
      try {
        const answer = await client.send(new GetFunctionConfigurationCommand({FunctionName: functionName}))
        return {state: stateOf(answer.State), ...present({reason: answer.StateReason})}
      } catch (error) {
        if (isNamed(error, 'ResourceNotFound')) return undefined
        throw error
      }
    },
    async invoke(functionName, payload, limitMs = invokeTimeoutMs) {
      const request = new InvokeCommand({FunctionName: functionName, Payload: Buffer.from(JSON.stringify(payload))})
      const answer = await invoker.send(request, {requestTimeout: limitMs}).catch((error: unknown) => {
        throw invocationError(functionName, error)
      })
      const result = parse(functionName, answer.Payload?.transformToString() ?? '')
      if (answer.FunctionError !== undefined) throw functionFailed(functionName, result)
      return result
    },
    async begin(functionName, payload) {
      const Payload = Buffer.from(JSON.stringify(payload))
      const request = new InvokeCommand({FunctionName: functionName, InvocationType: 'Event', Payload})
      await invoker.send(request).catch((error: unknown) => {
        throw invocationError(functionName, error)
      })
    },
  })
}

/** A function without a state is one of an older kind, which is always ready. */
function stateOf(state: State | undefined): FunctionState {
  if (state === undefined) return 'Active'
  return state === 'Active' || state === 'Pending' || state === 'Failed' ? state : 'Inactive'
}

function invocationError(functionName: string, error: unknown): unknown {
  if (isNamed(error, ...notReady)) {
    return new FailedError(
      `The function ${functionName} is not ready: ${error instanceof Error ? error.message : 'no reason given'}`,
      {
        code: 'FUNCTION_NOT_READY',
        suggestions: ['Run the same command again in a few minutes'],
        cause: error,
      },
    )
  }
  if (isNamed(error, 'ResourceNotFound')) {
    return new NotFoundError(`There is no function ${functionName}.`, {code: 'FUNCTION_NOT_FOUND', cause: error})
  }
  return error
}

function parse(functionName: string, text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new FailedError(`The function ${functionName} gave an answer that is not JSON.`, {
      code: 'FUNCTION_FAILED',
      cause,
    })
  }
}

/** Lambda reports what a function threw as {errorType, errorMessage, trace}. */
function functionFailed(functionName: string, result: unknown): FailedError {
  const {errorType, errorMessage} = (result ?? {}) as {errorType?: string; errorMessage?: string}
  const said = [errorType, errorMessage].filter((text) => text !== undefined && text !== '').join(': ')
  return new FailedError(`The function ${functionName} failed: ${said === '' ? 'it gave no reason' : said}`, {
    code: 'FUNCTION_FAILED',
    cause: result,
  })
}
