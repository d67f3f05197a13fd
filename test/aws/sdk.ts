import {type AwsSettings, clientConfig} from '../../src/aws/settings.ts'
import type {FailedError} from '../../src/domain/errors.ts'

export const settings: AwsSettings = {region: 'eu-west-1', local: true, userAgent: 'pi-aws/0.0.0'}

/** What adapters are made with where their client is a mock. */
export const config = clientConfig(settings)

/** An error as the SDK throws it. */
export function sdkError(
  name: string,
  message = '',
  metadata: {requestId?: string; httpStatusCode?: number} = {},
): Error {
  return Object.assign(new Error(message), {name, $fault: 'client', $metadata: metadata})
}

interface Calls {
  calls(): readonly {readonly args: readonly {readonly input: unknown}[]}[]
}

/** Inputs of all calls of a mocked client, in their order, without members that are undefined. */
export function inputs(mock: Calls): unknown[] {
  return mock.calls().map(({args}) => JSON.parse(JSON.stringify(args[0]?.input)) as unknown)
}

/** For assert.rejects: one of our errors, by class name, code and a part of its message. */
export function saying(name: string, code: string, part: RegExp = /./): (error: unknown) => boolean {
  return (error) => {
    const {name: actualName, code: actualCode, message} = error as FailedError
    if (actualName === name && actualCode === code && part.test(message)) return true
    throw error
  }
}
