import {Args} from '@oclif/core'
import {type EnvironmentName, isOpId, type OpId, parseEnvironmentName, parseOpId} from '../domain/names.ts'

/** First argument of commands that work on one operation. */
export const operationArgument = Args.custom<OpId>({
  description: 'Id of the operation, as ops list shows it',
  required: true,
  parse: async (text) => parseOpId(text),
})

/** One operation, or an environment whose newest is meant. */
export interface Target {
  readonly opId?: OpId
  readonly environment?: EnvironmentName
}

/** First argument of commands that mean the newest operation unless one is named. */
export const targetArgument = Args.custom<Target>({
  description: 'Id of the operation, or the environment whose newest is meant',
  parse: async (text) => (isOpId(text) ? {opId: text} : {environment: parseEnvironmentName(text)}),
})
