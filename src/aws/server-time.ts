import type {S3Client} from '@aws-sdk/client-s3'
import {FailedError} from '../domain/errors.ts'

/**
 * The SDK keeps an answer's Date header to itself. This has the client note it for each answer.
 * @returns reads the noted time; throws FailedError NO_SERVER_TIME where there was none, since a lock must not be judged by our own clock
 */
export function readServerTimes(client: S3Client): (answer: object) => Date {
  const times = new WeakMap<object, Date>()
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const {headers} = result.response as {headers?: Record<string, string>}
      const date = new Date(headers?.['date'] ?? NaN)
      if (result.output !== undefined && !Number.isNaN(date.getTime())) times.set(result.output, date)
      return result
    },
    // Before the deserializer in this step, so that the output exists when the answer comes back.
    {step: 'deserialize', name: 'readServerTime', priority: 'high'},
  )
  return (answer) => {
    const time = times.get(answer)
    if (time !== undefined) return time
    throw new FailedError('The answer of S3 bears no date.', {code: 'NO_SERVER_TIME'})
  }
}
