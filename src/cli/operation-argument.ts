import {Args} from '@oclif/core'
import {type OpId, parseOpId} from '../domain/names.ts'

/** First argument of commands that work on one operation. */
export const operationArgument = Args.custom<OpId>({
  description: 'Id of the operation, as ops list shows it',
  required: true,
  parse: async (text) => parseOpId(text),
})
